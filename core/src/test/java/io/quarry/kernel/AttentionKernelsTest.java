package io.quarry.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The twins of attention on pages, over awkward sizes, and both against the mathematics. */
class AttentionKernelsTest {
    private static final int SLOTS = KvLayout.SLOTS;
    private static final int[] SIZES = {1, 8, 16, 24, 32, 48, 64, 80, 96, 128, 256};
    private static final int[] ROWS = {1, 2, 3, 4, 5, 6, 7, 8, 10, 15, 16, 17, 40};
    private static final AttentionKernels SCALAR = AttentionKernels.of(Kernels.scalar());
    private static final AttentionKernels VECTOR = AttentionKernels.of(Kernels.best());
    /** Bytes before the block, so that no offset is zero by chance. */
    private static final long AT = 64;

    private static float[] random(Random random, int n) {
        float[] out = new float[n];
        for (int i = 0; i < n; i++)
            out[i] = (float) random.nextGaussian();
        return out;
    }

    /** A block whose slots hold the rows of {@code keys} and {@code values}, both [SLOTS, size]. */
    private static MemorySegment block(KvLayout layout, float[] keys, float[] values) {
        MemorySegment page = Arena.ofAuto().allocate(AT + layout.bytes() + 64, 64);
        float[] both = Arrays.copyOf(keys, keys.length + values.length);
        System.arraycopy(values, 0, both, keys.length, values.length);
        for (int j = 0; j < SLOTS; j++)
            VECTOR.store(layout, page, AT, j, both, j * layout.headDim(), keys.length + j * layout.headDim());
        return page;
    }

    private static float[] queries(AttentionKernels kernels, KvLayout layout, float[] x, int rows) {
        float[] out = new float[rows * layout.headDim()];
        for (int r = 0; r < rows; r++)
            kernels.query(layout, x, r * layout.headDim(), out, r * layout.headDim());
        return out;
    }

    @ParameterizedTest
    @EnumSource(KvType.class)
    void twinsAgreeToTheBit(KvType type) {
        for (int size : SIZES) {
            Random random = new Random(size);
            KvLayout layout = new KvLayout(type, size);
            MemorySegment page = block(layout, random(random, SLOTS * size), random(random, SLOTS * size));
            for (int rows : ROWS) {
                AttentionSpare spare = new AttentionSpare(rows, layout.headDim());
                float[] x = random(random, rows * size);
                float[] queries = queries(VECTOR, layout, x, rows);
                assertThat(queries).containsExactly(queries(SCALAR, layout, x, rows));
                int stride = SLOTS + 5;
                float[] found = random(random, 3 + rows * stride);
                float[] expected = found.clone();
                VECTOR.scores(layout, page, AT, queries, rows, found, 3, stride, spare);
                SCALAR.scores(layout, page, AT, queries, rows, expected, 3, stride, spare);
                assertThat(found).as("scores of %d rows of %d", rows, size).containsExactly(expected);
                for (int slots : new int[] {1, 15, 16, 33, SLOTS}) {
                    float[] out = random(random, rows * layout.width());
                    float[] same = out.clone();
                    VECTOR.gather(layout, page, AT, slots, found, 3, stride, rows, out, spare);
                    SCALAR.gather(layout, page, AT, slots, found, 3, stride, rows, same, spare);
                    assertThat(out).as("%d slots for %d rows of %d", slots, rows, size).containsExactly(same);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(KvType.class)
    void areTheProductsTheyClaimToBe(KvType type) {
        double near = switch (type) {
            case F32 -> 1e-5;
            case F16 -> 1e-2;
            case Q8 -> 0.15;
        };
        for (int size : SIZES) {
            Random random = new Random(size);
            KvLayout layout = new KvLayout(type, size);
            float[] keys = random(random, SLOTS * size);
            float[] values = random(random, SLOTS * size);
            MemorySegment page = block(layout, keys, values);
            float[] query = random(random, size);
            float[] weights = random(random, SLOTS);
            float[] scores = new float[SLOTS];
            float[] out = new float[layout.width()];
            AttentionSpare spare = new AttentionSpare(1, layout.headDim());
            VECTOR.scores(layout, page, AT, queries(VECTOR, layout, query, 1), 1, scores, 0, SLOTS, spare);
            VECTOR.gather(layout, page, AT, SLOTS, weights, 0, SLOTS, 1, out, spare);
            for (int j = 0; j < SLOTS; j++) {
                double sum = 0;
                for (int d = 0; d < size; d++)
                    sum += (double) query[d] * keys[j * size + d];
                assertThat((double) scores[j]).isCloseTo(sum, within(near * Math.sqrt(size)));
            }
            for (int d = 0; d < layout.width(); d++) {
                double sum = 0;
                for (int j = 0; j < SLOTS && d < size; j++)
                    sum += (double) weights[j] * values[j * size + d];
                assertThat((double) out[d]).isCloseTo(sum, within(near * 8));
            }
        }
    }

    /** All 63,488 finite halves come through the cache as they are, the smallest ones too. */
    @Test
    void everyHalfIsKept() {
        KvLayout layout = new KvLayout(KvType.F16, 32);
        AttentionSpare spare = new AttentionSpare(1, layout.headDim());
        float[] one = {1};
        for (int first = 0; first < 1 << 16; first += 32) {
            float[] both = new float[64];
            for (int d = 0; d < 32; d++)
                both[32 + d] = Float.float16ToFloat((short) (first + d));
            if (!Float.isFinite(both[32]))
                continue;
            MemorySegment page = Arena.ofAuto().allocate(layout.bytes(), 64);
            VECTOR.store(layout, page, 0, 0, both, 0, 32);
            float[] out = new float[32];
            VECTOR.gather(layout, page, 0, 1, Arrays.copyOf(one, SLOTS), 0, SLOTS, 1, out, spare);
            for (int d = 0; d < 32; d++)
                assertThat(out[d]).isEqualTo(both[32 + d] + 0f); // sums begin at +0, so -0 becomes 0
        }
    }

    @Test
    void hugeNumbersBecomeTheLargestHalf() {
        KvLayout layout = new KvLayout(KvType.F16, 1);
        MemorySegment page = Arena.ofAuto().allocate(layout.bytes(), 64);
        VECTOR.store(layout, page, 0, 0, new float[] {1e9f, -1e9f}, 0, 1);
        float[] out = new float[32];
        float[] weights = new float[SLOTS];
        weights[0] = 1;
        VECTOR.gather(layout, page, 0, 1, weights, 0, SLOTS, 1, out, new AttentionSpare(1, layout.headDim()));
        assertThat(out[0]).isEqualTo(-65504);
    }

    @Test
    void weightsAreExponentialsAndTheirSum() {
        AttentionSpare spare = new AttentionSpare(1, 8);
        for (int n : new int[] {64, 128, 512}) {
            float[] x = random(new Random(n), n + 2);
            for (int i = 1; i < n; i += 7)
                x[i] = i % 2 == 0 ? Float.NEGATIVE_INFINITY : -300;
            float[] found = x.clone();
            float[] defined = x.clone();
            double sum = VECTOR.weigh(found, 1, n, 4, 0.7f, spare);
            assertThat(sum).isCloseTo(SCALAR.weigh(defined, 1, n, 4, 0.7f, spare), within(1e-5));
            double counted = 0;
            for (int i = 1; i <= n; i++) {
                assertThat(found[i]).isCloseTo(defined[i], within(1e-6f * defined[i]));
                assertThat((double) defined[i]).isCloseTo(Math.exp((x[i] - 4) * 0.7), within(1e-6));
                counted += found[i];
            }
            assertThat(sum).isCloseTo(counted, within(1e-5));
            assertThat(found[n + 1]).isEqualTo(x[n + 1]);
        }
    }

    @Test
    void softCapIsATanh() {
        for (int n : new int[] {1, 7, 16, 100, 513}) {
            float[] x = random(new Random(n), n + 2);
            for (int i = 0; i < n; i++)
                x[i + 1] *= 100 * (i % 7 + 1) / 7f * (i % 3);
            float[] found = x.clone();
            float[] defined = x.clone();
            VECTOR.softCap(found, 1, n, 0.25f, 50, new AttentionSpare(1, 32));
            SCALAR.softCap(defined, 1, n, 0.25f, 50, new AttentionSpare(1, 32));
            for (int i = 0; i < n; i++)
                assertThat(found[i + 1]).isCloseTo(defined[i + 1],
                        within(50 * 1e-6f * Math.max(Math.abs(defined[i + 1]) / 50, 1e-3f) + 1e-5f));
            assertThat(found[0]).isEqualTo(x[0]);
            assertThat(found[n + 1]).isEqualTo(x[n + 1]);
        }
    }
}
