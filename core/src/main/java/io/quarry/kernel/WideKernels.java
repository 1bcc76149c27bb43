package io.quarry.kernel;

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
     * Widens {@code n} inputs of a panel of any type but F32 to floats, in two strips {@code [2, n, 32]}.
     *
     * @param scales of Q8_0: {@code [n / 32, 64]}
     * @param from   weights of the first stream, {@code [n / 4, 64]}; the first input is a multiple of 4, of 32 for Q8_0
     * @param stream bytes from there to the same of the next stream
     */
    void widen(DType type, long scales, long from, long stream, int n, long to);

    /** Multiplies one row with a panel of any of the types: {@code y[o] = sum over k of x[k] w[k, o]}. */
    void row(DType type, long scales, long from, long stream, int n, float[] x, int xAt, float[] y);

    /**
     * Adds a tile of products with a strip of weights: {@code y[r, o] = fma(x[k, r], w[k, o], y[r, o])} for all k in order.
     *
     * @param height rows of the tile: 1, 2, 4 or 8
     * @param w      address of weights {@code [n, 32]}, {@code next} bytes apart
     * @param x      {@code [n, height]} from {@code xAt}
     * @param y      address of results {@code [height, 32]}, 64 numbers apart
     */
    void tile(int height, long w, long next, int n, float[] x, int xAt, long y);

    /** Sets {@code n} numbers to zero, whole registers. */
    void zero(long to, int n);

    /** Copies the first {@code columns} numbers of rows that stand 64 numbers apart to rows {@code stride} apart. */
    void copy(long from, int rows, int columns, float[] y, int at, int stride);

    /**
     * Adds the products of all rows' inputs {@code from..from + n} with a panel to results.
     *
     * @param w     address of weights in two strips {@code [n, 32]}
     * @param strip bytes from one to the other
     * @param y     address of results {@code [rows, 64]}
     */
    default void product(Rows x, int from, int n, long w, long strip, long y) {
        product(x, x.tiles, 0, from, n, w, strip, y);
    }

    /** The same of the rows from {@code first} on, in another form. */
    default void product(Rows x, float[] tiles, int first, int from, int n, long w, long strip, long y) {
        for (int s = 0; s < Matrix.PANEL / Matrix.STRIP; s++)
            for (int r = first, height; r < x.rows; r += height) {
                height = x.height(r);
                tile(height, w + s * strip, 4 * Matrix.STRIP, n, tiles, r * x.inputs + from * height,
                        y + 4L * (r * Matrix.PANEL + s * Matrix.STRIP));
            }
    }
}
