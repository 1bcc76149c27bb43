package io.quarry.kernel;

/** The definition of every kernel: plain loops, as one would write them on paper. */
final class ScalarKernels implements Kernels {
    static final ScalarKernels INSTANCE = new ScalarKernels();

    private ScalarKernels() {}

    @Override
    public String name() {
        return "scalar";
    }

    @Override
    public int panel() {
        return 8;
    }

    @Override
    public void product(float[] x, int xAt, int xStride, int rows, float[] w, int wAt, int in, float[] y, int yAt,
            int yStride, int columns) {
        for (int r = 0; r < rows; r++)
            for (int c = 0; c < columns; c++) {
                float sum = 0;
                for (int k = 0; k < in; k++)
                    sum = Math.fma(x[xAt + r * xStride + k], w[wAt + k * panel() + c], sum);
                y[yAt + r * yStride + c] = sum;
            }
    }

    @Override
    public void rmsNorm(float[] x, int xAt, float[] gain, float eps, float[] y, int yAt, int n) {
        double squares = 0;
        for (int i = 0; i < n; i++)
            squares += (double) x[xAt + i] * x[xAt + i];
        float inverse = (float) (1 / Math.sqrt(squares / n + eps));
        for (int i = 0; i < n; i++)
            y[yAt + i] = x[xAt + i] * inverse * gain[i];
    }

    @Override
    public void rotate(float[] x, int at, int half, float[] cos, float[] sin, int tableAt) {
        for (int i = 0; i < half; i++) {
            float a = x[at + i];
            float b = x[at + half + i];
            x[at + i] = a * cos[tableAt + i] - b * sin[tableAt + i];
            x[at + half + i] = b * cos[tableAt + i] + a * sin[tableAt + i];
        }
    }

    @Override
    public void addScaled(float[] x, int xAt, float[] y, int yAt, float scale, int n) {
        for (int i = 0; i < n; i++)
            x[xAt + i] = Math.fma(scale, y[yAt + i], x[xAt + i]);
    }

    @Override
    public void scale(float[] x, int at, float scale, int n) {
        for (int i = 0; i < n; i++)
            x[at + i] *= scale;
    }

    @Override
    public void swiglu(float[] x, int xAt, float[] y, int yAt, int n) {
        for (int i = 0; i < n; i++) {
            float gate = x[xAt + i];
            y[yAt + i] = (float) (gate / (1 + Math.exp(-gate))) * x[xAt + n + i];
        }
    }

    @Override
    public float max(float[] x, int at, int n) {
        float max = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < n; i++)
            max = Math.max(max, x[at + i]);
        return max;
    }

    @Override
    public int argmax(float[] x, int at, int n) {
        int best = 0;
        for (int i = 1; i < n; i++)
            if (x[at + i] > x[at + best])
                best = i;
        return best;
    }

    @Override
    public double exp(float[] x, int xAt, float shift, float scale, float[] y, int yAt, int n) {
        double sum = 0;
        for (int i = 0; i < n; i++) {
            y[yAt + i] = (float) Math.exp((x[xAt + i] - shift) * scale);
            sum += y[yAt + i];
        }
        return sum;
    }
}
