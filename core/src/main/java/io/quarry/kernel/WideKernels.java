package io.quarry.kernel;

import java.util.Arrays;

/**
 * The kernels of weights that are floats, or become floats exactly: every result is summed in the order of the inputs with
 * fused multiply-add. {@link ScalarWide} defines, {@link VectorWide} is fast, and the two agree bit for bit. Weights are
 * read at addresses, see {@link Memory#ALL}, in the layout of {@link FloatMatrix}.
 */
sealed interface WideKernels permits ScalarWide, VectorWide {

    static WideKernels of(Kernels kernels) {
        return switch (kernels) {
            case ScalarKernels scalar -> ScalarWide.INSTANCE;
            case VectorKernels vector -> VectorWide.INSTANCE;
        };
    }

    /** Rows of the tallest tile. */
    int tallest();

    /** Widens {@code n} inputs of a panel to floats {@code [n, 64]}; for Q8_0 whole blocks of 32. */
    void widen(DType type, long from, int n, float[] to);

    /** Multiplies one row with a panel: {@code y[o] = sum over k of x[k] w[k, o]}. */
    void row(DType type, long from, int n, float[] x, int xAt, float[] y);

    /**
     * Adds a tile of products: {@code y[r, o] = fma(x[r, k], w[k, o], y[r, o])} for all k in order.
     *
     * @param height rows of the tile: 1, 2, 4 or 8
     * @param w      weights {@code [n, 64]}
     * @param y      results {@code [height, 64]}, {@code yStride} apart
     */
    void tile(int height, float[] w, int n, float[] x, int xAt, int xStride, float[] y, int yAt, int yStride);

    /** Adds the products of all rows' inputs {@code from..from + n} to a panel of the result, which begins at {@code from} 0. */
    default void product(Rows x, int from, int n, float[] w, Scratch scratch, float[] y, int yAt, int yStride,
            int columns) {
        for (int r = 0, height; r < x.rows; r += height) {
            height = Integer.highestOneBit(Math.min(x.rows - r, tallest()));
            int to = yAt + r * yStride;
            int xAt = x.at + r * x.inputs + from;
            if (from == 0)
                for (int i = 0; i < height; i++)
                    Arrays.fill(y, to + i * yStride, to + i * yStride + columns, 0);
            if (columns == Matrix.PANEL) {
                tile(height, w, n, x.data, xAt, x.inputs, y, to, yStride);
                continue;
            }
            for (int i = 0; i < height; i++)
                System.arraycopy(y, to + i * yStride, scratch.y, i * Matrix.PANEL, columns);
            tile(height, w, n, x.data, xAt, x.inputs, scratch.y, 0, Matrix.PANEL);
            for (int i = 0; i < height; i++)
                System.arraycopy(scratch.y, i * Matrix.PANEL, y, to + i * yStride, columns);
        }
    }
}
