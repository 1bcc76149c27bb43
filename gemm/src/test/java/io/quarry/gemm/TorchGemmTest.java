package io.quarry.gemm;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarry.infer.Engine;
import io.quarry.infer.Lm;
import io.quarry.kernel.DType;
import io.quarry.kernel.Kernels;
import io.quarry.kernel.Matrix;
import io.quarry.kernel.NativeGemm;
import io.quarry.kernel.Rows;
import io.quarry.kernel.Workers;
import io.quarry.model.ModelSpec;
import io.quarry.model.PicoGranite;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Products by LibTorch beside those in Java; on a processor without bf16 they are the same ones. */
class TorchGemmTest {
    private static final int INPUTS = 2816; // more than are multiplied at a time
    private static final int OUTPUTS = 950; // the last piece is not whole
    private static final int ROWS = 150; // a whole tile of rows and a part of one
    private static final boolean HERE = Processor.obstacle().isEmpty();
    private final Random random = new Random(1);

    private float[] numbers(int n, float size) {
        float[] out = new float[n];
        for (int i = 0; i < n; i++)
            out[i] = size * (float) random.nextGaussian();
        return out;
    }

    private Matrix matrix(DType type) {
        float[] w = numbers(OUTPUTS * INPUTS, 0.05f);
        MemorySegment file = Arena.ofAuto().allocate(type.bytes(w.length));
        type.narrow(w, 0, w.length, file, 0);
        return Matrix.pack(type, file, 0, OUTPUTS, INPUTS, Arena.ofAuto(), Workers.NONE);
    }

    private static float[] times(Rows rows, float[] x, Matrix w, Workers workers) {
        int count = x.length / w.inputs();
        float[] y = new float[count * w.outputs()];
        Kernels.best().matmul(rows.of(x, 0, count, w.inputs()), w, y, 0, w.outputs(), workers);
        return y;
    }

    /** Activations and weights are each off by at most 2^-9 of themselves, so their products by 2^-8. */
    @ParameterizedTest
    @EnumSource(value = DType.class, names = {"F32", "BF16", "Q8_0", "Q4_0", "Q4_K", "Q6_K", "MXFP4"})
    void isAsExactAsBf16(DType type) {
        Matrix w = matrix(type);
        float[] x = numbers(ROWS * INPUTS, 1);
        float[] y;
        try (Workers two = new Workers(2)) {
            y = times(new Rows(new TorchGemm()), x, w, two);
        }
        float[] row = new float[INPUTS];
        for (int o = 0; o < OUTPUTS; o += 97) {
            w.row(o, 1, row, 0);
            for (int r = 0; r < ROWS; r++) {
                double sum = 0;
                double size = 0;
                for (int k = 0; k < INPUTS; k++) {
                    sum += (double) row[k] * x[r * INPUTS + k];
                    size += Math.abs((double) row[k] * x[r * INPUTS + k]);
                }
                assertThat(Math.abs(y[r * OUTPUTS + o] - sum)).isLessThanOrEqualTo(0x1p-8 * size);
            }
        }
    }

    @Test
    void isUsedWhereItCanBe() {
        TorchGemm gemm = new TorchGemm();
        Matrix w = matrix(DType.Q4_0);
        float[] x = numbers(ROWS * INPUTS, 1);
        float[] fast = times(new Rows(gemm), x, w, Workers.NONE);
        float[] java = times(new Rows(), x, w, Workers.NONE);
        assertThat(gemm.failed()).isEqualTo(!HERE);
        assertThat(Arrays.equals(fast, java)).isEqualTo(!HERE);
    }

    /** As long as there are enough rows for it to be used. */
    @Test
    void aRowDependsOnNeitherNeighboursNorThreads() {
        Matrix w = matrix(DType.Q8_0);
        float[] x = numbers(ROWS * INPUTS, 1);
        float[] alone = times(new Rows(new TorchGemm()), x, w, Workers.NONE);
        float[] others = Arrays.copyOfRange(x, 40 * INPUTS, ROWS * INPUTS);
        try (Workers three = new Workers(3)) {
            assertThat(Arrays.mismatch(times(new Rows(new TorchGemm()), x, w, three), alone)).isEqualTo(-1);
            assertThat(Arrays.mismatch(times(new Rows(new TorchGemm()), others, w, three),
                    Arrays.copyOfRange(alone, 40 * OUTPUTS, ROWS * OUTPUTS))).isEqualTo(-1);
        }
    }

    @Test
    void isFoundOnTheClassPathAndNotLoadedBeforeItIsNeeded() {
        NativeGemm gemm = NativeGemm.find().orElseThrow();
        assertThat(gemm).isInstanceOf(TorchGemm.class);
        assertThat(gemm.failed()).isFalse();
        assertThat(Engine.of(1).name()).doesNotContain("LibTorch");
        assertThat(Engine.of(1).with(gemm).name()).endsWith(" + LibTorch bf16");
        times(new Rows(gemm), numbers(8 * INPUTS, 1), matrix(DType.Q8_0), Workers.NONE);
        assertThat(((TorchGemm) gemm).loaded()).as("eight rows do not repay it").isFalse();
    }

    /** A model scores a text almost as in Java: log-probabilities carry about three digits of bf16. */
    @Test
    void aModelSaysAlmostTheSame() {
        ModelSpec spec = new ModelSpec(300, 512, 2, 8, 4, 64, 2048, 512, 10_000, 1e-5, 12, 0.0625, 0.22, 2.5, true, 0,
                0, 1);
        int[] text = random.ints(300, 2, 300).toArray();
        float[] java = score(spec, text, Engine.of(2));
        float[] fast = score(spec, text, Engine.of(2).with(new TorchGemm()));
        double sum = 0;
        for (int i = 0; i < java.length; i++)
            sum += (java[i] - fast[i]) * (java[i] - fast[i]);
        double off = Math.sqrt(sum / java.length);
        assertThat(off).isLessThan(0.02);
        assertThat(off > 0).isEqualTo(HERE);
    }

    private static float[] score(ModelSpec spec, int[] text, Engine engine) {
        try (Lm lm = Lm.of(spec, PicoGranite.weights(spec, 3), engine.withCacheBytes(1 << 26))) {
            return lm.score(text);
        }
    }
}
