package io.quarry.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicLong;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** How fast memory can be read: what no decoding of one sequence can be faster than, since it reads all weights. */
public final class Bandwidth implements AutoCloseable {
    private static final VectorSpecies<Long> L = LongVector.SPECIES_PREFERRED;
    /** Bytes a worker takes at a time. */
    private static final int PIECE = 1 << 18;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment memory;
    private final Workers workers;
    private final AtomicLong sum = new AtomicLong();
    private final Workers.Task task = this::read;

    /** Memory of about so many bytes, written once, that {@code workers} will read. */
    public Bandwidth(long bytes, Workers workers) {
        memory = Memory.allocate(arena, Math.ceilDiv(bytes, PIECE) * PIECE);
        this.workers = workers;
        workers.run(pieces(), (piece, worker) -> memory.asSlice((long) piece * PIECE, PIECE).fill((byte) piece));
    }

    private int pieces() {
        return (int) (memory.byteSize() / PIECE);
    }

    /** Reads everything once; gives bytes per nanosecond, that is, gigabytes per second. */
    public double read() {
        long begin = System.nanoTime();
        workers.run(pieces(), task);
        return (double) memory.byteSize() / (System.nanoTime() - begin);
    }

    private void read(int piece, int worker) {
        LongVector a = LongVector.zero(L), b = a, c = a, d = a;
        long at = memory.address() + (long) piece * PIECE;
        int step = L.vectorByteSize();
        for (long end = at + PIECE / 4; at < end; at += step) { // at four places, as weights are read
            a = a.add(LongVector.fromMemorySegment(L, Memory.ALL, at, Memory.LITTLE));
            b = b.add(LongVector.fromMemorySegment(L, Memory.ALL, at + PIECE / 4, Memory.LITTLE));
            c = c.add(LongVector.fromMemorySegment(L, Memory.ALL, at + PIECE / 2, Memory.LITTLE));
            d = d.add(LongVector.fromMemorySegment(L, Memory.ALL, at + PIECE / 4 * 3, Memory.LITTLE));
        }
        sum.addAndGet(a.add(b).add(c.add(d)).reduceLanes(VectorOperators.ADD));
    }

    @Override
    public void close() {
        arena.close();
    }
}
