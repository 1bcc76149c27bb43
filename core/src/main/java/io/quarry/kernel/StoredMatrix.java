package io.quarry.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Weights as the file holds them, row by row, widened when they are used: the slow way that every type can go. */
final class StoredMatrix extends Matrix {
    /** Inputs widened at a time: whole blocks of every type, 64 KB of floats for a panel. */
    private static final int CHUNK = 256;

    private final DType type;
    private final MemorySegment rows;
    private final long rowBytes;

    StoredMatrix(DType type, MemorySegment rows, int outputs, int inputs, Arena arena) {
        super(outputs, inputs);
        this.type = type;
        this.rows = Memory.allocate(arena, rows.byteSize()).copyFrom(rows);
        rowBytes = type.bytes(inputs);
    }

    @Override
    public long bytes() {
        return rows.byteSize();
    }

    @Override
    public void row(int row, float scale, float[] to, int at) {
        type.widen(rows, row * rowBytes, to, at, inputs());
        for (int i = 0; i < inputs(); i++)
            to[at + i] *= scale;
    }

    @Override
    int panels() {
        return Math.ceilDiv(outputs(), PANEL);
    }

    @Override
    int forms(int decoded, int prefilled) {
        return Rows.TILES;
    }

    @Override
    void panel(int panel, Rows x, Kernels kernels, Scratch scratch, float[] y, int yAt, int yStride) {
        WideKernels wide = WideKernels.of(kernels);
        long results = scratch.results(wide, x.rows);
        for (int from = 0; from < inputs(); from += CHUNK) {
            int n = Math.min(CHUNK, inputs() - from);
            widen(panel, from, n, scratch);
            wide.product(x, from, n, scratch.wide(CHUNK * PANEL), 4L * n * STRIP, results);
        }
        wide.copy(results, x.rows, columns(panel), y, yAt + panel * PANEL, yStride);
    }

    @Override
    void bf16(int piece, int from, int n, Kernels kernels, Scratch scratch, long to) {
        widen(piece, from, n, scratch);
        VectorBf16.pairs(scratch.wide(CHUNK * PANEL), 4L * n * STRIP, n, to);
    }

    /** Widens {@code n} inputs of a panel to two strips {@code [2, n, 32]}. */
    private void widen(int panel, int from, int n, Scratch scratch) {
        float[] row = scratch.row(CHUNK);
        long to = scratch.wide(CHUNK * PANEL);
        long at = panel * PANEL * rowBytes + type.bytes(from);
        for (int o = 0; o < columns(panel); o++, at += rowBytes) {
            type.widen(rows, at, row, 0, n);
            for (int i = 0; i < n; i++)
                Memory.ALL.set(Memory.FLOAT, to + 4L * strips(i, o, n), row[i]);
        }
    }
}
