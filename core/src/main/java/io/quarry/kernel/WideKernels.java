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

    /**
     * Widens {@code n} inputs of a panel of any type but F32 to floats {@code [n, 64]}.
     *
     * @param scales of Q8_0: {@code [n / 32, 64]}
     * @param from   weights of the first stream, {@code [n / 4, 64]}; the first input is a multiple of 4, of 32 for Q8_0
     * @param stream bytes from there to the same of the next stream
     */
    void widen(DType type, long scales, long from, long stream, int n, long to);

    /** Multiplies one row with a panel of any of the types: {@code y[o] = sum over k of x[k] w[k, o]}. */
    void row(DType type, long scales, long from, long stream, int n, float[] x, int xAt, float[] y);

    /**
     * Adds a tile of products: {@code y[r, o] = fma(x[k, r], w[k, o], y[r, o])} for all k in order.
     *
     * @param height rows of the tile: 1, 2, 4 or 8
     * @param w      address of weights {@code [n, 64]}
     * @param x      {@code [n, height]} from {@code xAt}
     * @param y      results {@code [height, 64]}, {@code yStride} apart
     */
    void tile(int height, long w, int n, float[] x, int xAt, float[] y, int yAt, int yStride);

    /** Adds the products of all rows' inputs {@code from..from + n} to a panel of the result, which begins at {@code from} 0. */
    default void product(Rows x, int from, int n, long w, Scratch scratch, float[] y, int yAt, int yStride,
            int columns) {
        for (int r = 0, height; r < x.rows; r += height) {
            height = x.height(x.rows - r);
            int to = yAt + r * yStride;
            int xAt = r * x.inputs + from * height;
            if (from == 0)
                for (int i = 0; i < height; i++)
                    Arrays.fill(y, to + i * yStride, to + i * yStride + columns, 0);
            if (columns == Matrix.PANEL) {
                tile(height, w, n, x.tiles, xAt, y, to, yStride);
                continue;
            }
            for (int i = 0; i < height; i++)
                System.arraycopy(y, to + i * yStride, scratch.y, i * Matrix.PANEL, columns);
            tile(height, w, n, x.tiles, xAt, scratch.y, 0, Matrix.PANEL);
            for (int i = 0; i < height; i++)
                System.arraycopy(scratch.y, i * Matrix.PANEL, y, to + i * yStride, columns);
        }
    }
}
