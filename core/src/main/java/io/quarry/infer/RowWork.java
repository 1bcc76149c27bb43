package io.quarry.infer;

import io.quarry.kernel.Kernels;
import io.quarry.kernel.Workers;
import io.quarry.model.Architecture.Activation;

/** What is done with each row between the products of a step. Made once, so that a step allocates nothing. */
final class RowWork implements Workers.Task {
    private enum What {
        NORM, HEAD_NORM, GATE
    }

    /** Rows of one task. */
    private static final int BLOCK = 16;

    private final Kernels kernels;
    private What what;
    private int rows;
    private float[] from;
    private float[] to;
    private float[] gain;
    private float eps;
    private Activation activation;
    /** Numbers between two rows of what is read, the first of them that is normed, vectors of a row, their size. */
    private int stride;
    private int at;
    private int vectors;
    private int size;

    RowWork(Kernels kernels) {
        this.kernels = kernels;
    }

    /** Norms rows of {@code gain.length} numbers. */
    void norm(float[] x, float[] by, float epsilon, float[] y, int count, Workers workers) {
        from = x;
        to = y;
        gain = by;
        eps = epsilon;
        run(What.NORM, count, workers);
    }

    /** Norms some vectors of {@code gain.length} numbers of each row, in place. */
    void normHeads(float[] x, int rowStride, int first, int heads, float[] by, float epsilon, int count,
            Workers workers) {
        from = x;
        gain = by;
        eps = epsilon;
        stride = rowStride;
        at = first;
        vectors = heads;
        run(What.HEAD_NORM, count, workers);
    }

    /** Gates rows of {@code 2 width} numbers: their first half, activated, times their second. */
    void gate(Activation by, float[] x, float[] y, int width, int count, Workers workers) {
        activation = by;
        from = x;
        to = y;
        size = width;
        run(What.GATE, count, workers);
    }

    private void run(What work, int count, Workers workers) {
        what = work;
        rows = count;
        workers.run(Math.ceilDiv(count, BLOCK), this);
    }

    @Override
    public void run(int block, int worker) {
        int end = Math.min(rows, (block + 1) * BLOCK);
        for (int row = block * BLOCK; row < end; row++)
            switch (what) {
                case NORM -> kernels.rmsNorm(from, row * gain.length, gain, eps, to, row * gain.length, gain.length);
                case HEAD_NORM -> normHeads(row);
                case GATE -> gate(row);
            }
    }

    private void normHeads(int row) {
        int n = gain.length;
        for (int v = 0; v < vectors; v++)
            kernels.rmsNorm(from, row * stride + at + v * n, gain, eps, from, row * stride + at + v * n, n);
    }

    private void gate(int row) {
        if (activation == Activation.SILU)
            kernels.swiglu(from, row * 2 * size, to, row * size, size);
        else
            kernels.geglu(from, row * 2 * size, to, row * size, size);
    }
}
