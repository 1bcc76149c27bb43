package io.quarry.kernel;

/**
 * The arithmetic of a forward pass on plain float arrays. {@link ScalarKernels} is the definition; {@link VectorKernels}
 * is the same with the Vector API and must agree with it.
 *
 * <p>Two promises that batching and tests stand on: a result of one row depends on that row alone, bit for bit, whatever
 * stands beside it; and no method allocates. Offsets ({@code at}) and strides count numbers, not bytes. Methods take
 * arrays and offsets one by one, not records of them, because they are called in the innermost loops.
 */
public sealed interface Kernels permits ScalarKernels, VectorKernels {

    /** The fastest kernels of this machine; throws with the flag to set if the JVM was started without vectors. */
    static Kernels best() {
        if (ModuleLayer.boot().findModule("jdk.incubator.vector").isEmpty())
            throw new IllegalStateException("the Vector API is not loaded: start java with"
                    + " --add-modules jdk.incubator.vector, or ask for the scalar kernels, which are slow");
        return VectorKernels.INSTANCE;
    }

    /** The plain loops, for machines and tests that ask for them. */
    static Kernels scalar() {
        return ScalarKernels.INSTANCE;
    }

    /** What runs, for people: {@code scalar} or {@code vector-512}. */
    String name();

    /** Outputs in one group of {@link Panels}. */
    int panel();

    /**
     * Multiplies rows with one group of a weight matrix: {@code y[r, c] = sum over k of x[r, k] w[k, c]}, summed in the
     * order of k with fused multiply-add.
     *
     * @param x       rows of {@code in} numbers, {@code xStride} apart
     * @param w       the group: {@code [in, panel()]} from {@code wAt}
     * @param y       results, {@code yStride} apart; {@code columns <= panel()} of each row are written
     */
    void product(float[] x, int xAt, int xStride, int rows, float[] w, int wAt, int in, float[] y, int yAt, int yStride,
            int columns);

    /** {@code y = x / sqrt(mean(x^2) + eps) * gain} over {@code n} numbers. */
    void rmsNorm(float[] x, int xAt, float[] gain, float eps, float[] y, int yAt, int n);

    /** Turns the pairs {@code (x[i], x[i + half])} by the angles whose cosines and sines begin at {@code tableAt}. */
    void rotate(float[] x, int at, int half, float[] cos, float[] sin, int tableAt);

    /** The same for the pairs {@code (x[2i], x[2i + 1])}. */
    default void rotateNeighbours(float[] x, int at, int half, float[] cos, float[] sin, int tableAt) {
        for (int i = 0; i < half; i++) {
            float a = x[at + 2 * i];
            float b = x[at + 2 * i + 1];
            x[at + 2 * i] = a * cos[tableAt + i] - b * sin[tableAt + i];
            x[at + 2 * i + 1] = b * cos[tableAt + i] + a * sin[tableAt + i];
        }
    }

    /** {@code x += scale * y} over {@code n} numbers. */
    void addScaled(float[] x, int xAt, float[] y, int yAt, float scale, int n);

    /** {@code x *= scale} over {@code n} numbers. */
    void scale(float[] x, int at, float scale, int n);

    /** {@code y[i] = silu(x[i]) * x[n + i]}: the gate stands first, then what it gates; y is not part of x. */
    void swiglu(float[] x, int xAt, float[] y, int yAt, int n);

    /** {@code y[i] = gelu(x[i]) * x[n + i]} with gelu by its tanh formula. */
    default void geglu(float[] x, int xAt, float[] y, int yAt, int n) {
        for (int i = 0; i < n; i++) {
            double v = x[xAt + i];
            double gelu = 0.5 * v * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v * v * v)));
            y[yAt + i] = (float) gelu * x[xAt + n + i];
        }
    }

    /**
     * One token of one head of a linear recurrence: {@code S = keep S + step b x^T, y = c^T S + skip x}.
     *
     * @param s    the state {@code [columns, size]} from {@code sAt}
     * @param in   x, b and c from {@code xAt}, {@code bAt} and {@code cAt}
     */
    default void recur(float[] s, int sAt, int columns, int size, float keep, float step, float[] in, int xAt, int bAt,
            int cAt, float skip, float[] y, int yAt) {
        for (int p = 0; p < size; p++)
            y[yAt + p] = skip * in[xAt + p];
        for (int n = 0; n < columns; n++) {
            int at = sAt + n * size;
            float b = step * in[bAt + n];
            float c = in[cAt + n];
            for (int p = 0; p < size; p++) {
                float now = s[at + p] * keep + b * in[xAt + p];
                s[at + p] = now;
                y[yAt + p] += c * now;
            }
        }
    }

    /** The largest of {@code n} numbers; NaN if one of them is. */
    float max(float[] x, int at, int n);

    /** The index, from {@code at}, of the first largest of {@code n} numbers. */
    int argmax(float[] x, int at, int n);

    /**
     * {@code y[i] = exp((x[i] - shift) * scale)}, and returns their sum. {@code y} may be {@code x}. The shift is meant
     * to be the largest number, so that nothing overflows; below about -87 the result is 0.
     */
    double exp(float[] x, int xAt, float shift, float scale, float[] y, int yAt, int n);

    /** Products below this many multiplications are not worth waking another thread for. */
    long WORTH_SHARING = 1 << 20;

    /**
     * Multiplies rows with a matrix, {@code y = x W^T}, shared out among workers. What a row gives depends on neither the
     * other rows nor the number of workers, bit for bit; nothing is allocated once the rows' memory has grown.
     *
     * @param y results; row r begins at {@code yAt + r * yStride}
     */
    default void matmul(Rows x, Matrix w, float[] y, int yAt, int yStride, Workers workers) {
        x.times(this, w, y, yAt, yStride, workers);
    }

    /** Multiplies rows with a whole matrix, {@code y = x W^T}, its groups shared out among workers. */
    default void matmul(float[] x, int rows, Panels w, float[] y, Workers workers) {
        int groups = w.groups();
        if (workers.threads() == 1 || (long) rows * w.inputs() * w.outputs() < WORTH_SHARING) {
            for (int g = 0; g < groups; g++)
                group(x, rows, w, y, g);
        } else {
            int parts = Math.min(groups, 4 * workers.threads());
            workers.run(parts, (part, worker) -> {
                for (int g = groups * part / parts; g < groups * (part + 1) / parts; g++)
                    group(x, rows, w, y, g);
            });
        }
    }

    private void group(float[] x, int rows, Panels w, float[] y, int g) {
        int in = w.inputs();
        int width = w.width();
        int first = g * width;
        product(x, 0, in, rows, w.data(), g * in * width, in, y, first, w.outputs(),
                Math.min(width, w.outputs() - first));
    }

    /** Turns {@code n} scores to probabilities in place. */
    default void softmax(float[] x, int at, int n) {
        double sum = exp(x, at, max(x, at, n), 1, x, at, n);
        scale(x, at, (float) (1 / sum), n);
    }
}
