package io.quarry.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** The vector kernels of a training step against their definition, over sizes that are no multiple of a vector. */
class StepKernelsTest {
    private static final int[] SIZES = {1, 7, 15, 16, 17, 33, 64, 100, 257};
    /** Results are rounded to 8 bits: one unit in the last place, and a little for sums in another order. */
    private static final float ROUNDING = 0.01f;

    private final Random random = new Random(1);

    private float[] numbers(int count) {
        float[] numbers = new float[count];
        for (int i = 0; i < count; i++)
            numbers[i] = (float) random.nextGaussian();
        return numbers;
    }

    private static MemorySegment stored(float[] numbers) {
        MemorySegment memory = Arena.ofAuto().allocate(2L * numbers.length, 64);
        StepKernels.scalar(DType.BF16).store(numbers, 0, 1, memory, 0, numbers.length);
        return memory;
    }

    private static float[] read(MemorySegment memory) {
        float[] numbers = new float[(int) (memory.byteSize() / 2)];
        DType.BF16.widen(memory, 0, numbers, 0, numbers.length);
        return numbers;
    }

    /** Runs the same work with both kernels; work makes its arguments anew from the seed and returns all results. */
    private void agree(String what, Function<StepKernels, float[][]> work) {
        long seed = random.nextLong();
        random.setSeed(seed);
        float[][] wanted = work.apply(StepKernels.scalar(DType.BF16));
        random.setSeed(seed);
        float[][] found = work.apply(StepKernels.best());
        for (int r = 0; r < wanted.length; r++)
            for (int i = 0; i < wanted[r].length; i++)
                assertThat(found[r][i]).as(what + ", result " + r + " at " + i).isCloseTo(wanted[r][i],
                        within(ROUNDING * Math.max(1, Math.abs(wanted[r][i]))));
    }

    @Test
    void storesAndAccumulates() {
        for (int n : SIZES)
            agree("n=" + n, kernels -> {
                MemorySegment memory = stored(numbers(n + 3));
                float[] sum = numbers(n + 2);
                kernels.accumulate(memory, 1, 0.5f, sum, 2, n);
                kernels.store(numbers(n), 0, 3, memory, 2, n);
                return new float[][] {read(memory), sum};
            });
    }

    @Test
    void normsForwardAndBackward() {
        for (int dim : SIZES)
            agree("dim=" + dim, kernels -> {
                int rows = 3;
                float[] x = numbers(rows * dim);
                float[] out = new float[rows * dim];
                float[] gain = numbers(dim);
                float[] inverse = new float[rows];
                MemorySegment h = stored(new float[rows * dim]);
                kernels.addNorm(rows, x, stored(numbers(rows * dim)), 0.22f, out, gain, 1e-5f, inverse, h);
                float[] alone = new float[rows];
                MemorySegment same = stored(new float[rows * dim]);
                kernels.addNorm(rows, out, null, 0, out, gain, 1e-5f, alone, same);
                float[] dx = numbers(rows * dim);
                float[] dgain = numbers(dim);
                kernels.normBackward(rows, out, inverse, gain, stored(numbers(rows * dim)), dx, dgain);
                return new float[][] {out, inverse, alone, read(h), read(same), dx, dgain};
            });
    }

    @Test
    void splitsAndJoinsHeads() {
        for (int size : new int[] {2, 6, 32, 40, 64})
            agree("head size " + size, kernels -> {
                var heads = new StepKernels.Heads(2, 5, 3, 2, size);
                int keys = 2 * 3 * 5 * size;
                float[] cos = numbers(5 * size / 2);
                float[] sin = numbers(5 * size / 2);
                MemorySegment qkv = stored(numbers(2 * 5 * heads.width()));
                MemorySegment q = stored(new float[keys * 2]);
                MemorySegment k = stored(new float[keys]);
                MemorySegment v = stored(new float[keys]);
                kernels.split(heads, qkv, cos, sin, q, k, v);
                MemorySegment joined = stored(new float[2 * 5 * heads.width()]);
                kernels.join(heads, stored(numbers(keys * 2)), numbers(keys), numbers(keys), cos, sin, joined);
                return new float[][] {read(q), read(k), read(v), read(joined)};
            });
    }

    @Test
    void softmaxSeesWhatItMayAndNoMore() {
        for (int length : SIZES)
            agree("length " + length, kernels -> {
                var heads = new StepKernels.Heads(2, length, 2, 3, 4);
                int from = length / 3;
                var block = new StepKernels.Block(heads, from, length, 0);
                int count = 4 * (length - from) * 3 * length;
                int[] first = new int[2 * length];
                for (int i = 0; i < first.length; i++)
                    first[i] = i % length < length / 2 ? i % 2 : length / 2;
                for (int i = 0; i < length; i++)
                    first[i] = Math.min(first[i], i);
                for (int i = length; i < 2 * length; i++)
                    first[i] = Math.min(first[i], i - length);
                float[] logSums = new float[4 * length * 3];
                MemorySegment scores = stored(numbers(count));
                MemorySegment again = stored(read(scores));
                kernels.softmax(block, scores, 3, first, logSums);
                MemorySegment slopes = stored(numbers(count));
                kernels.softmaxBackward(block, again, slopes, 3, first, logSums);
                return new float[][] {read(scores), logSums, read(again), read(slopes)};
            });
    }

    @Test
    void aBlockMayBeginWhereTheFirstOfItsDocumentsBegins() {
        var heads = new StepKernels.Heads(1, 80, 1, 2, 4);
        int[] first = new int[80];
        for (int t = 0; t < 80; t++)
            first[t] = t < 40 ? 0 : t < 66 ? 40 : 66;
        int from = 50;
        for (StepKernels kernels : new StepKernels[] {StepKernels.best(), StepKernels.scalar(DType.BF16)}) {
            float[][] whole = probabilities(kernels, new StepKernels.Block(heads, from, 80, 0), first);
            float[][] part = probabilities(kernels, new StepKernels.Block(heads, from, 80, 32), first);
            for (int what = 0; what < whole.length; what++)
                for (int query = 0; query < 60; query++) {
                    assertThat(Arrays.copyOfRange(part[what], query * 48, query * 48 + 48))
                            .isEqualTo(Arrays.copyOfRange(whole[what], query * 80 + 32, query * 80 + 80));
                    assertThat(Arrays.copyOfRange(whole[what], query * 80, query * 80 + 32)).containsOnly(0);
                }
        }
        assertThatThrownBy(() -> new StepKernels.Block(heads, 50, 80, 40)).hasMessageContaining("begin with key 40");
    }

    /** Probabilities and slopes of scores that depend on query and key alone, however many keys the block holds. */
    private static float[][] probabilities(StepKernels kernels, StepKernels.Block block, int[] first) {
        int width = block.to() - block.begin();
        int queries = (block.to() - block.from()) * 2;
        float[] numbers = new float[queries * width];
        for (int i = 0; i < numbers.length; i++)
            numbers[i] = (float) Math.sin(i / width * 31 + i % width + block.begin());
        float[] logSums = new float[160];
        MemorySegment scores = stored(numbers);
        MemorySegment again = stored(numbers);
        MemorySegment slopes = stored(numbers);
        kernels.softmax(block, scores, 3, first, logSums);
        kernels.softmaxBackward(block, again, slopes, 3, first, logSums);
        return new float[][] {read(scores), read(again), read(slopes)};
    }

    @Test
    void swigluForwardAndBackward() {
        for (int ffn : SIZES)
            agree("ffn=" + ffn, kernels -> {
                float[] wide = numbers(2 * 2 * ffn);
                wide[0] = 60;
                wide[ffn / 2] = -95;
                MemorySegment gateUp = stored(wide);
                MemorySegment a = stored(new float[2 * ffn]);
                kernels.swiglu(2, ffn, gateUp, a);
                MemorySegment da = stored(numbers(2 * ffn));
                kernels.swigluBackward(2, ffn, gateUp, da);
                return new float[][] {read(a), read(gateUp), read(da)};
            });
    }

    @Test
    void logProbabilitiesForwardAndBackward() {
        for (int n : SIZES)
            for (float spread : new float[] {1, 400})
                agree("n=" + n + ", spread " + spread, kernels -> {
                    float[] logits = numbers(n + 5);
                    for (int i = 0; i < logits.length; i++)
                        logits[i] *= spread;
                    MemorySegment memory = stored(logits);
                    float sum = kernels.logSum(memory, 2, n, 0.25f);
                    kernels.logProbBackward(memory, 2, n, 0.25f, sum, n / 2, -0.7f);
                    return new float[][] {{sum}, read(memory)};
                });
    }

    @Test
    void noNumberStaysNoNumber() {
        float[] logits = numbers(40);
        logits[20] = Float.NaN;
        assertThat(StepKernels.best().logSum(stored(logits), 0, 40, 1)).isNaN();
    }
}
