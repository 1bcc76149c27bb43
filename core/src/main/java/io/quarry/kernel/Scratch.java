package io.quarry.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * What one worker needs while it computes a panel; it grows and is kept. What kernels read over and over lies outside the
 * heap, at addresses that a register is aligned to: where one load in two crosses a cache line, as in an array, products
 * take a third longer.
 */
final class Scratch {
    private static final MemorySegment NONE = MemorySegment.NULL;
    private static final int LINE = 64;

    /** Activations of a piece, rounded, and the steps of its blocks. */
    final int[] bytes = new int[Rows.PIECE];
    final float[] steps = new float[Rows.PIECE / Rows.BLOCK];
    /** Addresses of the scales and minima of a panel, once room was made for them. */
    long scales;
    long minima;

    private MemorySegment scaleRoom = NONE;
    private MemorySegment minimumRoom = NONE;
    private MemorySegment wide = NONE;
    private MemorySegment results = NONE;
    private float[] row = {};
    /** Sums of groups of inputs: {@code [groups, height, PANEL]}. */
    final short[] sums = new short[GROUPS * 8 * Matrix.PANEL];
    /** The same, of lower bits. */
    final short[] lowSums = new short[GROUPS * 8 * Matrix.PANEL];
    /** Results of one row: {@code [PANEL]}. */
    final float[] y = new float[Matrix.PANEL];

    /** Groups whose sums are held before they are scaled: 16 KB of sums, so that all stays in the first cache. */
    static final int GROUPS = 16;

    /** Makes room for {@link #scales}. */
    void scales(int size) {
        scaleRoom = reach(scaleRoom, size);
        scales = scaleRoom.address();
    }

    /** Makes room for {@link #minima}. */
    void minima(int size) {
        minimumRoom = reach(minimumRoom, size);
        minima = minimumRoom.address();
    }

    /** Address of weights of a panel as floats. */
    long wide(int size) {
        return (wide = reach(wide, size)).address();
    }

    /** Address of the results of a panel for all rows, {@code [rows, PANEL]}, zeros. */
    long results(WideKernels kernels, int rows) {
        results = reach(results, rows * Matrix.PANEL);
        kernels.zero(results.address(), rows * Matrix.PANEL);
        return results.address();
    }

    /** Room for {@code size} floats: the old one if it has so much. */
    private static MemorySegment reach(MemorySegment old, int size) {
        long bytes = (long) Float.BYTES * size;
        return old.byteSize() >= bytes ? old : Arena.ofAuto().allocate(bytes, LINE);
    }

    float[] row(int size) {
        return row.length < size ? row = new float[size] : row;
    }
}
