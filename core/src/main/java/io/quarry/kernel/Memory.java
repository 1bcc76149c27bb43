package io.quarry.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.ByteOrder;

/** Memory outside the heap, where packed weights lie: a heap that held a model would have to be sized for it. */
final class Memory {
    /**
     * All memory, at its addresses. A constant, unlike the segment of a matrix, is read without looking up what kind of
     * segment it is and whether it is still alive, which costs a quarter of the speed. Whoever reads through it has the
     * matrix in hand, and stays inside.
     */
    @SuppressWarnings("restricted")
    static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
    static final ByteOrder LITTLE = ByteOrder.LITTLE_ENDIAN;
    static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LITTLE);
    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(LITTLE);
    static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(LITTLE);
    static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(LITTLE);

    private static final MethodHandle MALLOC = function("malloc",
            FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.JAVA_LONG));
    private static final MethodHandle FREE = function("free", FunctionDescriptor.ofVoid(ValueLayout.ADDRESS));

    /** Bytes of a cache line, to which panels are aligned. */
    private static final int LINE = 64;

    private Memory() {}

    /**
     * Memory for weights, with anything in it. An
     * arena's own memory is filled with zeros by the thread that asks for it: for a whole model a second in which the others
     * wait. This is touched first by whoever packs.
     */
    @SuppressWarnings("restricted")
    static MemorySegment allocate(Arena arena, long bytes) {
        MemorySegment all;
        try {
            all = (MemorySegment) MALLOC.invokeExact(bytes + LINE);
        } catch (Throwable e) {
            throw new IllegalStateException("memory for " + bytes + " bytes of weights could not be asked for", e);
        }
        if (all.equals(MemorySegment.NULL))
            throw new OutOfMemoryError("there is no memory for " + bytes
                    + " bytes of weights; take a model that is smaller or stored in fewer bits");
        all.reinterpret(arena, Memory::free); // when the arena is closed
        long at = Math.ceilDiv(all.address(), LINE) * LINE;
        return MemorySegment.ofAddress(at).reinterpret(bytes, arena, null);
    }

    private static void free(MemorySegment all) {
        try {
            FREE.invokeExact(all);
        } catch (Throwable e) {
            throw new IllegalStateException("memory of weights could not be given back", e);
        }
    }

    @SuppressWarnings("restricted")
    private static MethodHandle function(String name, FunctionDescriptor of) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), of);
    }
}
