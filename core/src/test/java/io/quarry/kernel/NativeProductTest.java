package io.quarry.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Products of many rows by a library, here one that is written out in Java: what it is given, and when. */
class NativeProductTest {
    private final Random random = new Random(1);

    /** Sums pairs of bf16 in the order of the inputs. */
    private static final class Plain implements NativeGemm {
        boolean failed;
        int loads;

        @Override
        public String name() {
            return "plain bf16";
        }

        @Override
        public boolean ready() {
            loads++;
            return !failed;
        }

        @Override
        public boolean failed() {
            return failed;
        }

        @Override
        public void tile(int rows, int inner, MemorySegment a, int aStride, MemorySegment b, MemorySegment c,
                boolean add) {
            assertThat(rows % 16 + inner % 32).isZero();
            for (int r = 0; r < rows; r++)
                for (int o = 0; o < 64; o++) {
                    float sum = add ? c.getAtIndex(ValueLayout.JAVA_FLOAT, r * 64 + o) : 0;
                    for (int k = 0; k < inner; k++)
                        sum = Math.fma(bf16(a, (long) r * aStride + k), bf16(b, k / 2 * 128 + 2 * o + k % 2), sum);
                    c.setAtIndex(ValueLayout.JAVA_FLOAT, r * 64 + o, sum);
                }
        }

        @Override
        public void end() {}
    }

    private static float bf16(MemorySegment at, long index) {
        return Float.intBitsToFloat(at.getAtIndex(ValueLayout.JAVA_SHORT, index) << 16);
    }

    private float[] numbers(int n, float size) {
        float[] out = new float[n];
        for (int i = 0; i < n; i++)
            out[i] = size * (float) random.nextGaussian();
        return out;
    }

    private Matrix matrix(DType type, int outputs, int inputs) {
        float[] w = numbers(outputs * inputs, 0.05f);
        MemorySegment file = MemorySegment.ofArray(new byte[(int) type.bytes(w.length)]);
        type.narrow(w, 0, w.length, file, 0);
        return Matrix.pack(type, file, 0, outputs, inputs, Arena.ofAuto(), Workers.NONE);
    }

    private static float[] times(Matrix w, float[] x, int rows, Workers workers) {
        float[] y = new float[rows * (w.outputs() + 3)];
        new NativeProduct(new Plain(), 0).times(new Rows().of(x, 0, rows, w.inputs()), Kernels.best(), w, y, 1,
                w.outputs() + 3, workers);
        return y;
    }

    /** What is computed, from the definition of each weight; both roundings are those of one number. */
    private static void assertProduct(Matrix w, float[] x, int rows, float[] y) {
        float[] row = new float[w.inputs()];
        for (int o = 0; o < w.outputs(); o++) {
            w.row(o, 1, row, 0);
            for (int r = 0; r < rows; r++) {
                double sum = 0;
                double size = 0;
                for (int k = 0; k < w.inputs(); k++) {
                    // a scale and its minimum are multiplied and added in one step here, in two there: one more rounding
                    float weight = Float.intBitsToFloat(Float.floatToIntBits(row[k]) + 0x8000 & 0xFFFF0000);
                    float value = Float.intBitsToFloat(VectorBf16.round(x[r * w.inputs() + k]) << 16);
                    sum += (double) weight * value;
                    size += Math.abs((double) weight * value);
                }
                assertThat((double) y[1 + r * (w.outputs() + 3) + o]).as("row %d, output %d", r, o).isCloseTo(sum,
                        within(1e-4 * size));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void everyTypeIsWidenedAsItIsDefined(DType type) {
        for (int inputs : type.block() == 256 ? new int[] {256, 3072} : new int[] {32, 288, 2592})
            for (int outputs : new int[] {1, 64, 130}) {
                Matrix w = matrix(type, outputs, inputs);
                float[] x = numbers(3 * inputs, 1);
                assertProduct(w, x, 3, times(w, x, 3, Workers.NONE));
            }
    }

    @Test
    void stackedMatricesAndThoseOfFloatsAreWidenedToo() {
        Panels panels = new Panels(70, 96, Kernels.best().panel());
        panels.fill(0, numbers(70 * 96, 0.05f));
        Matrix w = Matrix.stack(matrix(DType.Q4_0, 65, 96), matrix(DType.Q8_0, 1, 96), panels);
        float[] x = numbers(2 * 96, 1);
        assertProduct(w, x, 2, times(w, x, 2, Workers.NONE));
    }

    @Test
    void aRowDependsOnNeitherNeighboursNorThreads() {
        Matrix w = matrix(DType.Q5_1, 200, 320);
        float[] x = numbers(150 * 320, 1);
        float[] all;
        try (Workers three = new Workers(3)) {
            all = times(w, x, 150, three);
        }
        for (int row : new int[] {0, 17, 149}) {
            float[] alone = times(w, Arrays.copyOfRange(x, row * 320, (row + 1) * 320), 1, Workers.NONE);
            assertThat(Arrays.copyOfRange(all, 1 + row * 203, 1 + row * 203 + 200))
                    .containsExactly(Arrays.copyOfRange(alone, 1, 201));
        }
    }

    @Test
    void activationsAreRoundedToEvenAndNaNStays() {
        float[] x = {1, 1.00390625f, 1.01171875f, -3.1f, Float.NaN, Float.POSITIVE_INFINITY, Float.intBitsToFloat(-1),
            0, -0f, 1e-40f, Float.MAX_VALUE, 1, 1, 1, 1, 1, 1};
        MemorySegment to = Arena.ofAuto().allocate(2L * x.length, 2);
        VectorBf16.round(x, 0, x.length, to.address());
        assertThat(bf16(to, 1)).isEqualTo(1);
        assertThat(bf16(to, 2)).isEqualTo(1.015625f);
        assertThat(bf16(to, 4)).isNaN();
        assertThat(bf16(to, 5)).isInfinite();
        assertThat(bf16(to, 6)).isNaN();
        for (int i = 0; i < x.length; i++)
            assertThat(to.getAtIndex(ValueLayout.JAVA_SHORT, i)).as("%s", x[i]).isEqualTo(VectorBf16.round(x[i]));
    }

    @Test
    void fewRowsSmallMatricesAndALibraryThatFailsAreLeftToTheKernels() {
        Plain gemm = new Plain();
        NativeProduct product = new NativeProduct(gemm, 64 * 64 * 64);
        Matrix w = matrix(DType.F32, 64, 64);
        assertThat(product.takes(Kernels.best(), w, 63)).isFalse();
        assertThat(product.takes(Kernels.best(), matrix(DType.F32, 63, 64), 64)).isFalse();
        assertThat(product.takes(Kernels.best(), matrix(DType.F32, 64, 65), 64)).isFalse();
        assertThat(product.takes(Kernels.scalar(), w, 64)).isFalse();
        assertThat(gemm.loads).as("nothing loads a library that is not needed").isZero();
        assertThat(product.takes(Kernels.best(), w, 64)).isTrue();
        gemm.failed = true;
        assertThat(product.takes(Kernels.best(), w, 64)).isFalse();
    }

    @Test
    void rowsUseTheLibraryWhereThereAreMany() {
        Plain gemm = new Plain();
        int inputs = 512, outputs = 8192, rows = 64;
        Matrix w = matrix(DType.BF16, outputs, inputs);
        float[] x = numbers(rows * inputs, 1);
        float[] plain = new float[rows * outputs];
        float[] fast = new float[rows * outputs];
        Kernels.best().matmul(new Rows().of(x, 0, rows, inputs), w, plain, 0, outputs, Workers.NONE);
        Kernels.best().matmul(new Rows(gemm).of(x, 0, rows, inputs), w, fast, 0, outputs, Workers.NONE);
        assertThat(gemm.loads).isPositive();
        assertThat(Arrays.mismatch(plain, fast)).isNotEqualTo(-1);
        double wrong = 0;
        double size = 0;
        for (int i = 0; i < plain.length; i++) {
            wrong += (plain[i] - fast[i]) * (plain[i] - fast[i]);
            size += plain[i] * plain[i];
        }
        // the weights are exact; each activation is off by 2^-9 of itself at most, 0.29 of that in the mean of squares
        assertThat(Math.sqrt(wrong / size)).isLessThan(0x1p-9);
    }
}
