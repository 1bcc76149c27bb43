package io.quarry.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Packed matrices of every type: the twins, the definition, and what a product may not depend on. */
class MatrixTest {
    private static final int[] OUTPUTS = {1, 31, 64, 65, 130};
    private static final int[] ROWS = {1, 2, 3, 5, 8, 15, 32, 43};
    private final Random random = new Random(1);

    private float[] numbers(int n, float size) {
        float[] out = new float[n];
        for (int i = 0; i < n; i++)
            out[i] = size * (float) random.nextGaussian();
        return out;
    }

    /** Weights as a file holds them, after three bytes of something else. */
    private MemorySegment file(DType type, int outputs, int inputs) {
        float[] w = numbers(outputs * inputs, 0.05f);
        MemorySegment file = MemorySegment.ofArray(new byte[(int) type.bytes(w.length) + 3]);
        type.narrow(w, 0, w.length, file, 3);
        return file;
    }

    private static Matrix pack(DType type, MemorySegment file, int outputs, int inputs) {
        return Matrix.pack(type, file, 3, outputs, inputs, Arena.ofAuto(), Workers.NONE);
    }

    private static float[] product(Kernels kernels, float[] x, int rows, Matrix w, Workers workers) {
        return product(kernels, x, rows, rows, w, workers);
    }

    /** The same of rows of which the first are decoded and the others prefilled. */
    private static float[] product(Kernels kernels, float[] x, int decoded, int rows, Matrix w, Workers workers) {
        float[] y = new float[rows * w.outputs()];
        kernels.matmul(new Rows().of(x, 0, decoded, rows, w.inputs()), w, y, 0, w.outputs(), workers);
        return y;
    }

    private static int[] inputs(DType type) {
        return type.block() == 256
                ? new int[] {256, 768}
                : type.block() == 32 ? new int[] {32, 96, 544} : new int[] {1, 7, 129};
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void twinsAgreeBitForBit(DType type) {
        for (int inputs : inputs(type))
            for (int outputs : OUTPUTS) {
                Matrix w = pack(type, file(type, outputs, inputs), outputs, inputs);
                for (int rows : ROWS) {
                    float[] x = numbers(rows * inputs, 1);
                    for (int decoded : new int[] {rows, 0, rows / 3}) {
                        float[] expected = product(Kernels.scalar(), x, decoded, rows, w, Workers.NONE);
                        float[] found = product(Kernels.best(), x, decoded, rows, w, Workers.NONE);
                        assertThat(Arrays.mismatch(found, expected))
                                .as("%d rows, %d decoded, %d x %d", rows, decoded, inputs, outputs).isEqualTo(-1);
                    }
                }
            }
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void productsAreThoseOfTheFilesNumbers(DType type) {
        int outputs = 70, inputs = 512, rows = 7, decoded = 3;
        MemorySegment file = file(type, outputs, inputs);
        float[] w = new float[outputs * inputs];
        type.widen(file, 3, w, 0, w.length);
        float[] x = numbers(rows * inputs, 1);
        Matrix matrix = pack(type, file, outputs, inputs);
        float[] y = product(Kernels.best(), x, decoded, rows, matrix, Workers.NONE);
        double[] read = matrix instanceof BlockMatrix ? rounded(x) : widened(x);
        for (int r = 0; r < rows; r++)
            for (int o = 0; o < outputs; o++) {
                double sum = 0;
                double size = 0;
                for (int k = 0; k < inputs; k++) {
                    double product = read[r * inputs + k] * w[o * inputs + k];
                    sum += product;
                    size += Math.abs(product);
                }
                assertThat((double) y[r * outputs + o]).isCloseTo(sum, within(2e-6 * size));
            }
    }

    private static double[] widened(float[] x) {
        double[] all = new double[x.length];
        for (int i = 0; i < x.length; i++)
            all[i] = x[i];
        return all;
    }

    /** Activations as kernels of whole numbers read them: 8 bits for 32 numbers. */
    private static double[] rounded(float[] x) {
        double[] all = new double[x.length];
        for (int b = 0; b < x.length; b += 32) {
            float largest = 0;
            for (int i = b; i < b + 32; i++)
                largest = Math.max(largest, Math.abs(x[i]));
            for (int i = b; i < b + 32; i++)
                all[i] = Math.rint(x[i] * (127 / largest)) * (largest / 127);
        }
        return all;
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void aRowDependsOnNeitherNeighboursNorThreads(DType type) {
        int outputs = 1000, inputs = 256, rows = 37;
        Matrix w = pack(type, file(type, outputs, inputs), outputs, inputs);
        float[] x = numbers(rows * inputs, 1);
        for (int decoded : new int[] {rows, 19, 0}) {
            float[] together = product(Kernels.best(), x, decoded, rows, w, Workers.NONE);
            try (Workers three = new Workers(3)) {
                for (int i = 0; i < 20; i++)
                    assertThat(Arrays.mismatch(product(Kernels.best(), x, decoded, rows, w, three), together))
                            .isEqualTo(-1);
            }
            for (int r = 0; r < rows; r++) {
                float[] alone = product(Kernels.best(), Arrays.copyOfRange(x, r * inputs, (r + 1) * inputs),
                        r < decoded ? 1 : 0, 1, w, Workers.NONE);
                assertThat(alone).containsExactly(Arrays.copyOfRange(together, r * outputs, (r + 1) * outputs));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void aProductHasTheSameBitsInterpretedAndCompiled(DType type) {
        int outputs = 64, inputs = 256;
        Matrix w = pack(type, file(type, outputs, inputs), outputs, inputs);
        for (int rows : new int[] {1, 7, 8})
            for (int decoded : new int[] {rows, 0}) {
                float[] x = numbers(rows * inputs, 1);
                float[] first = product(Kernels.best(), x, decoded, rows, w, Workers.NONE);
                Rows activations = new Rows();
                float[] later = new float[rows * outputs];
                for (int i = 0; i < 3_000; i++)
                    Kernels.best().matmul(activations.of(x, 0, decoded, rows, inputs), w, later, 0, outputs,
                            Workers.NONE);
                assertThat(later).containsExactly(first);
            }
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void rowsAreThoseOfTheFile(DType type) {
        int outputs = 130, inputs = 512;
        MemorySegment file = file(type, outputs, inputs);
        float[] all = new float[outputs * inputs];
        type.widen(file, 3, all, 0, all.length);
        Matrix w = pack(type, file, outputs, inputs);
        float[] row = new float[2 + inputs];
        for (int r = 0; r < outputs; r++) {
            w.row(r, 1, row, 2);
            assertThat(Arrays.copyOfRange(row, 2, row.length))
                    .containsExactly(Arrays.copyOfRange(all, r * inputs, (r + 1) * inputs));
        }
        w.row(129, 4, row, 2);
        assertThat(row[2]).isEqualTo(4 * all[129 * inputs]);
    }

    @Test
    void stackedMatricesGiveTheirProductsSideBySide() {
        Matrix q = pack(DType.Q4_K, file(DType.Q4_K, 96, 256), 96, 256);
        Matrix k = pack(DType.BF16, file(DType.BF16, 40, 256), 40, 256);
        Matrix v = pack(DType.Q6_K, file(DType.Q6_K, 7, 256), 7, 256);
        Matrix all = Matrix.stack(q, k, v);
        assertThat(all.outputs()).isEqualTo(143);
        assertThat(all.bytes()).isEqualTo(q.bytes() + k.bytes() + v.bytes());
        float[] x = numbers(3 * 256, 1);
        float[] y = product(Kernels.best(), x, 3, all, Workers.NONE);
        int first = 0;
        for (Matrix part : new Matrix[] {q, k, v}) {
            float[] own = product(Kernels.best(), x, 3, part, Workers.NONE);
            for (int r = 0; r < 3; r++)
                assertThat(Arrays.copyOfRange(y, r * 143 + first, r * 143 + first + part.outputs()))
                        .containsExactly(Arrays.copyOfRange(own, r * part.outputs(), (r + 1) * part.outputs()));
            first += part.outputs();
        }
        float[] expected = new float[256];
        float[] found = new float[256];
        v.row(6, 1, expected, 0);
        all.row(142, 1, found, 0);
        assertThat(found).containsExactly(expected);
        assertThatThrownBy(() -> Matrix.stack(q, pack(DType.F32, file(DType.F32, 2, 8), 2, 8)))
                .hasMessageContaining("256 and of 8 inputs");
    }

    @Test
    void panelsOfTheHeapAreAMatrixToo() {
        float[] w = numbers(77 * 9, 1);
        Panels panels = new Panels(77, 9, Kernels.best().panel());
        panels.fill(0, w);
        MemorySegment file = MemorySegment.ofArray(new byte[4 * w.length + 3]);
        DType.F32.narrow(w, 0, w.length, file, 3);
        float[] x = numbers(5 * 9, 1);
        assertThat(product(Kernels.best(), x, 5, panels, Workers.NONE))
                .containsExactly(product(Kernels.best(), x, 5, pack(DType.F32, file, 77, 9), Workers.NONE));
    }

    @Test
    void theLargestSumsFit() {
        for (DType type : DType.values())
            if (type.block() > 1)
                for (float sign : new float[] {1, -1}) {
                    float[] w = new float[64 * 256];
                    Arrays.fill(w, sign);
                    w[0] = -sign; // so that types with minima have a range
                    MemorySegment file = MemorySegment.ofArray(new byte[(int) type.bytes(w.length) + 3]);
                    type.narrow(w, 0, w.length, file, 3);
                    type.widen(file, 3, w, 0, w.length);
                    float[] x = new float[256];
                    Arrays.fill(x, 127);
                    double sum = 0;
                    for (int k = 0; k < 256; k++)
                        sum += 127.0 * w[256 + k];
                    float[] y = product(Kernels.best(), x, 1, pack(type, file, 64, 256), Workers.NONE);
                    assertThat((double) y[1]).as("%s of %s", type, sign).isCloseTo(sum, within(1e-6 * Math.abs(sum)));
                }
    }

    @Test
    void extremeActivationsHarmTheirRowOnly() {
        for (DType type : DType.values()) {
            int inputs = 256;
            Matrix w = pack(type, file(type, 64, inputs), 64, inputs);
            float[] x = numbers(6 * inputs, 1);
            Arrays.fill(x, inputs, 2 * inputs, 0);
            Arrays.fill(x, 2 * inputs, 3 * inputs, Float.MIN_VALUE);
            x[3 * inputs + 40] = Float.NaN;
            x[4 * inputs + 40] = Float.POSITIVE_INFINITY;
            for (int decoded : new int[] {6, 0}) {
                float[] expected = product(Kernels.scalar(), x, decoded, 6, w, Workers.NONE);
                float[] found = product(Kernels.best(), x, decoded, 6, w, Workers.NONE);
                assertThat(found).as(type.name()).containsExactly(expected);
                for (int o = 0; o < 64; o++) {
                    assertThat(found[o]).isFinite();
                    assertThat(Math.abs(found[64 + o])).isEqualTo(0);
                    assertThat(Math.abs(found[128 + o])).isLessThan(1e-37f);
                    assertThat(found[192 + o]).isNaN();
                    assertThat(Float.isFinite(found[256 + o])).isFalse();
                    assertThat(found[320 + o]).isFinite();
                }
            }
        }
    }

    @Test
    void damagedWeightsAreRefused() {
        for (DType type : new DType[] {DType.Q4_0, DType.Q4_1, DType.Q5_K, DType.Q6_K, DType.Q8_0, DType.F16}) {
            MemorySegment file = file(type, 2, 256);
            long scale = type == DType.Q6_K ? 208 : 0;
            file.set(ValueLayout.JAVA_SHORT_UNALIGNED, 3 + scale, (short) 0x7C01);
            assertThatThrownBy(() -> pack(type, file, 2, 256)).hasMessageContaining(type.name())
                    .hasMessageContaining("not finite").hasMessageContaining("damaged");
        }
    }

    @Test
    void matricesThatAreNotInTheFileAreRefused() {
        MemorySegment file = file(DType.Q4_0, 2, 64);
        assertThatThrownBy(() -> pack(DType.Q4_0, file, 3, 64)).hasMessageContaining("takes 108 bytes from byte 3")
                .hasMessageContaining("has 75");
        assertThatThrownBy(() -> pack(DType.Q4_0, file, 2, 60)).hasMessageContaining("rows of 60 inputs")
                .hasMessageContaining("blocks hold 32");
        assertThatThrownBy(() -> pack(DType.F32, file, 0, 60)).hasMessageContaining("[0, 60]");
        assertThatThrownBy(() -> pack(DType.F32, file, 1, 1 << 24)).hasMessageContaining("takes");
    }

    @Test
    void productsThatDoNotFitAreRefused() {
        Matrix w = pack(DType.Q4_0, file(DType.Q4_0, 2, 64), 2, 64);
        Rows rows = new Rows();
        assertThatThrownBy(() -> rows.of(new float[100], 0, 2, 64)).hasMessageContaining("array of 100");
        assertThatThrownBy(() -> rows.of(new float[128], 0, 3, 2, 64)).hasMessageContaining("3 of 2 rows");
        assertThatThrownBy(
                () -> Kernels.best().matmul(rows.of(new float[96], 0, 1, 96), w, new float[2], 0, 2, Workers.NONE))
                .hasMessageContaining("rows of 96 numbers").hasMessageContaining("64 inputs");
        assertThatThrownBy(
                () -> Kernels.best().matmul(rows.of(new float[128], 0, 2, 64), w, new float[3], 0, 2, Workers.NONE))
                .hasMessageContaining("array of 3");
    }
}
