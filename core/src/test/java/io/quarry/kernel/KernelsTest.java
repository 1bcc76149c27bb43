package io.quarry.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Binds the twins over awkward sizes: the scalar loops say what is right. */
class KernelsTest {
    private static final int[] SIZES = {1, 2, 3, 4, 7, 8, 13, 15, 16, 17, 31, 32, 33, 64, 100, 257, 1000};
    private static final int AT = 5; // an offset that no register is aligned to
    private final Kernels scalar = Kernels.scalar();
    private final Kernels vector = Kernels.best();
    private final Random random = new Random(1);

    private float[] numbers(int n, float size) {
        float[] out = new float[n];
        for (int i = 0; i < n; i++)
            out[i] = size * (float) random.nextGaussian();
        return out;
    }

    private static void close(float[] found, float[] expected, float relative, String what) {
        assertThat(found).hasSameSizeAs(expected);
        for (int i = 0; i < found.length; i++) {
            float allowed = 1e-30f + relative * Math.max(1e-6f, Math.abs(expected[i]));
            if (!(Math.abs(found[i] - expected[i]) <= allowed)) // an assertion for each of millions takes seconds
                fail("%s at %d: found %s, expected %s", what, i, found[i], expected[i]);
        }
    }

    @Test
    void productsAreEqualBitForBit() {
        for (int rows : new int[] {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 21})
            for (int in : new int[] {1, 2, 7, 32, 65})
                for (int out : new int[] {1, 5, 8, 16, 31, 32, 33, 65, 100}) {
                    float[] x = numbers(rows * in, 1);
                    float[] w = numbers(out * in, 1);
                    float[] expected = matmul(scalar, x, rows, in, w, out, Workers.NONE);
                    float[] found = matmul(vector, x, rows, in, w, out, Workers.NONE);
                    assertThat(Arrays.mismatch(found, expected)).as("%d x %d x %d", rows, in, out).isEqualTo(-1);
                }
    }

    @Test
    void productsAreTheSumsOfProducts() {
        float[] y = matmul(scalar, new float[] {1, 2, 3, 4, 5, 6}, 2, 3, new float[] {1, 0, 0, 1, 10, 100}, 2,
                Workers.NONE);
        assertThat(y).containsExactly(1, 321, 4, 654);
    }

    @Test
    void sharedOutProductsAreTheSame() {
        float[] x = numbers(70 * 130, 1);
        float[] w = numbers(300 * 130, 1);
        float[] expected = matmul(vector, x, 70, 130, w, 300, Workers.NONE);
        try (Workers three = new Workers(3)) {
            for (int i = 0; i < 50; i++)
                assertThat(Arrays.mismatch(matmul(vector, x, 70, 130, w, 300, three), expected)).isEqualTo(-1);
        }
    }

    private static float[] matmul(Kernels kernels, float[] x, int rows, int in, float[] w, int out, Workers workers) {
        Panels panels = new Panels(out, in, kernels.panel());
        panels.fill(0, w);
        float[] y = new float[rows * out];
        kernels.matmul(x, rows, panels, y, workers);
        return y;
    }

    @Test
    void rowsOfPanelsAreFound() {
        float[] w = numbers(77 * 9, 1);
        Panels panels = new Panels(77, 9, vector.panel());
        panels.fill(0, w);
        float[] row = new float[9];
        for (int r = 0; r < 77; r++) {
            panels.row(r, 2, row, 0);
            for (int i = 0; i < 9; i++)
                assertThat(row[i]).isEqualTo(2 * w[r * 9 + i]);
        }
    }

    @Test
    void normsAgree() {
        for (int n : SIZES)
            for (float size : new float[] {1e-4f, 1, 1e6f}) {
                float[] x = numbers(AT + n, size);
                float[] gain = numbers(n, 1);
                float[] expected = new float[AT + n];
                float[] found = new float[AT + n];
                scalar.rmsNorm(x, AT, gain, 1e-5f, expected, AT, n);
                vector.rmsNorm(x, AT, gain, 1e-5f, found, AT, n);
                close(found, expected, 2e-6f, "n=" + n + " size=" + size);
            }
    }

    @Test
    void rotationsAgreeAndKeepLengths() {
        for (int half : SIZES) {
            float[] expected = numbers(AT + 2 * half, 1);
            float[] found = expected.clone();
            float before = expected[AT] * expected[AT] + expected[AT + half] * expected[AT + half];
            float[] cos = new float[AT + half];
            float[] sin = new float[AT + half];
            for (int i = 0; i < cos.length; i++) {
                cos[i] = (float) Math.cos(i);
                sin[i] = (float) Math.sin(i);
            }
            scalar.rotate(expected, AT, half, cos, sin, AT);
            vector.rotate(found, AT, half, cos, sin, AT);
            assertThat(found).as("half=%d", half).containsExactly(expected);
            float after = found[AT] * found[AT] + found[AT + half] * found[AT + half];
            assertThat(after).isCloseTo(before, within(1e-5f * Math.max(1, before)));
        }
    }

    @Test
    void sumsAndScalesAgree() {
        for (int n : SIZES) {
            float[] expected = numbers(AT + n, 1);
            float[] found = expected.clone();
            float[] y = numbers(AT + n, 1);
            scalar.addScaled(expected, AT, y, AT, 0.22f, n);
            vector.addScaled(found, AT, y, AT, 0.22f, n);
            scalar.scale(expected, AT, 1.7f, n);
            vector.scale(found, AT, 1.7f, n);
            assertThat(found).as("n=%d", n).containsExactly(expected);
        }
    }

    @Test
    void gatesAgree() {
        for (int n : SIZES)
            for (float size : new float[] {0.1f, 3, 60}) {
                float[] x = numbers(AT + 2 * n, size);
                float[] expected = new float[AT + n];
                float[] found = new float[AT + n];
                scalar.swiglu(x, AT, expected, AT, n);
                vector.swiglu(x, AT, found, AT, n);
                close(found, expected, 2e-6f, "n=" + n + " size=" + size);
            }
    }

    @Test
    void exponentialsAndSoftmaxAgree() {
        for (int n : SIZES)
            for (float size : new float[] {0.01f, 1, 30, 500}) {
                float[] x = numbers(AT + n, size);
                float[] expected = x.clone();
                float[] found = x.clone();
                float max = scalar.max(x, AT, n);
                assertThat(vector.max(x, AT, n)).isEqualTo(max);
                assertThat(vector.argmax(x, AT, n)).isEqualTo(scalar.argmax(x, AT, n));
                double sum = scalar.exp(x, AT, max, 0.3f, expected, AT, n);
                assertThat(vector.exp(x, AT, max, 0.3f, found, AT, n)).isCloseTo(sum, within(2e-6 * sum));
                close(found, expected, 2e-6f, "n=" + n + " size=" + size);
                scalar.softmax(expected, AT, n);
                vector.softmax(found, AT, n);
                close(found, expected, 4e-6f, "softmax n=" + n);
            }
    }

    @Test
    void exponentialsOfExtremes() {
        float[] x = {0, -0f, 1, -87, -90, -1e30f, Float.NEGATIVE_INFINITY, 80, 100, Float.POSITIVE_INFINITY, Float.NaN,
            88,
            -1e-20f, 1e-20f, 0.5f, -0.5f, 2};
        float[] found = new float[x.length];
        vector.exp(x, 0, 0, 1, found, 0, x.length);
        for (int i = 0; i < x.length; i++) {
            float expected = (float) Math.exp(x[i]);
            if (Float.isFinite(expected))
                assertThat(found[i]).as("exp(%s)", x[i]).isCloseTo(expected, within(1e-37f + 3e-7f * expected));
            else
                assertThat((Float) found[i]).as("exp(%s)", x[i]).isEqualTo((Float) expected);
        }
    }

    @Test
    void theLargestOfManyIsNaNIfOneIs() {
        for (int n : SIZES)
            for (Kernels kernels : new Kernels[] {scalar, vector}) {
                float[] x = numbers(n, 1);
                x[n / 2] = Float.NaN;
                assertThat(kernels.max(x, 0, n)).isNaN();
            }
    }

    @Test
    void theFirstOfEqualsWins() {
        for (Kernels kernels : new Kernels[] {scalar, vector})
            assertThat(kernels.argmax(new float[] {9, 1, 5, 5, 2}, 1, 4)).isEqualTo(1);
    }

    @Test
    void aSumHasTheSameBitsInterpretedAndCompiled() {
        float[] x = numbers(1000, 1);
        float[] gain = numbers(1000, 1);
        float[] first = new float[1000];
        vector.rmsNorm(x, 0, gain, 1e-5f, first, 0, 1000);
        double firstSum = vector.exp(x, 0, 1, 1, new float[1000], 0, 1000);
        float[] later = new float[1000];
        float[] spare = new float[1000];
        for (int i = 0; i < 5_000; i++) {
            vector.rmsNorm(x, 0, gain, 1e-5f, later, 0, 1000);
            assertThat(vector.exp(x, 0, 1, 1, spare, 0, 1000)).isEqualTo(firstSum);
        }
        assertThat(later).containsExactly(first);
    }
}
