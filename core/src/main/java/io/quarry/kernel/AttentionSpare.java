package io.quarry.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Room that the attention kernels compute in; one for each thread. */
public final class AttentionSpare {
    /** The keys or values of a block as floats. */
    final MemorySegment wide;
    /** Weights of a block times what they must be multiplied by: {@code [rows, SLOTS]}. */
    final float[] weights;
    /** Sums of a product, before they are added to what they belong to: two registers a row. */
    final float[] sums;
    /** A register's lanes. */
    final float[] lanes = new float[KvLayout.BLOCK];
    /** What sums are multiplied by where no scale is stored: {@code SLOTS} or {@code BLOCK} times 1. */
    final MemorySegment ones;
    /** The same for halves. */
    final MemorySegment halves;

    /**
     * Room for so much.
     *
     * @param rows    most rows of one call
     * @param headDim largest size of a head
     */
    public AttentionSpare(int rows, int headDim) {
        Arena arena = Arena.ofAuto(); // small, and lives as long as this object
        wide = arena.allocate((long) KvLayout.width(headDim) * KvLayout.SLOTS * Float.BYTES, 64);
        weights = new float[Math.multiplyExact(rows, KvLayout.SLOTS)];
        sums = new float[Math.multiplyExact(rows + 3, KvLayout.BLOCK)];
        ones = filled(arena, 1);
        halves = filled(arena, Halves.RESULT);
    }

    private static MemorySegment filled(Arena arena, float value) {
        MemorySegment all = arena.allocate(KvLayout.SLOTS * Float.BYTES, 64);
        for (int i = 0; i < KvLayout.SLOTS; i++)
            all.setAtIndex(ValueLayout.JAVA_FLOAT, i, value);
        return all;
    }
}
