package io.quarry.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
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
    static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(LITTLE);

    /** Bytes of a cache line, to which panels are aligned. */
    private static final int LINE = 64;
    private static final int PAGE = 4096;

    private Memory() {}

    /** Memory for weights; the page after it can be read too, which {@link #touchNextPage} does. */
    static MemorySegment allocate(Arena arena, long bytes) {
        return arena.allocate(bytes + 2 * PAGE, LINE).asSlice(0, bytes);
    }

    /**
     * Reads two bytes from the beginning of the page after the one that {@code at} lies in, if one of the next {@code step}
     * bytes is the first of its page. Processors fetch ahead within a page only; a loop over weights that is busy with
     * arithmetic comes late to every new one, and loses a fifth to a third of its speed. The result has to be used.
     */
    static int touchNextPage(long at, long step) {
        if ((at & PAGE - 1) >= step)
            return 0;
        long next = (at | PAGE - 1) + 1;
        return ALL.get(ValueLayout.JAVA_BYTE, next) + ALL.get(ValueLayout.JAVA_BYTE, next + LINE);
    }

    /** Uses what was read ahead in a way that compilers cannot leave out. */
    static void touched(int bytes) {
        if (bytes == Integer.MIN_VALUE)
            throw new AssertionError("no sum of so few bytes can be this");
    }
}
