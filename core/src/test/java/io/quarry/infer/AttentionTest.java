package io.quarry.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.quarry.kernel.Kernels;
import io.quarry.kernel.KvType;
import io.quarry.kernel.Workers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Attention over pages against its formula, and against itself in other pieces. */
class AttentionTest {
    private static final AttentionShape PLAIN = new AttentionShape(4, 2, 16, 0.3f, 0, 0, null);
    private static final AttentionShape WINDOW = new AttentionShape(6, 2, 24, 0.2f, 100, 0, null);
    private static final AttentionShape CAPPED = new AttentionShape(3, 3, 8, 0.5f, 0, 2, null);
    private static final AttentionShape ALL = new AttentionShape(5, 1, 40, 0.1f, 700, 3, null);
    /** More segments than one thread takes together. */
    private static final int LONG = 2300;

    private static float[] random(int seed, int n) {
        Random random = new Random(seed);
        float[] out = new float[n];
        for (int i = 0; i < n; i++)
            out[i] = (float) random.nextGaussian();
        return out;
    }

    private static int stride(AttentionShape shape) {
        return shape.qDim() + 2 * shape.kvDim();
    }

    /** What the queries of {@code tokens} rows of qkv gather when they come in steps of the given sizes, by turns. */
    private static float[] attend(AttentionShape shape, KvType type, Kernels kernels, Workers workers, float[] qkv,
            int tokens, int... steps) {
        float[] out = new float[tokens * shape.qDim()];
        List<AttentionShape> layers = List.of(shape);
        try (KvPool pool = new KvPool(type, layers, 1 << 24, length -> 0)) {
            KvCache cache = new KvCache(pool);
            int[] text = new int[tokens];
            assertThat(cache.reserve(text, tokens)).isTrue();
            Span span = new Span(cache, text, null);
            AttentionRoom room = new AttentionRoom(layers, workers.threads());
            Attention attention = new Attention(kernels, shape, 0);
            for (int i = 0; span.from + span.count < tokens; i++) {
                span.from += span.count;
                span.count = Math.min(steps[i % steps.length], tokens - span.from);
                float[] mixed = new float[span.count * shape.qDim()];
                float[] rows = Arrays.copyOfRange(qkv, span.from * stride(shape),
                        (span.from + span.count) * stride(shape));
                attention.attend(room, rows, mixed, List.of(span), workers);
                System.arraycopy(mixed, 0, out, span.from * shape.qDim(), mixed.length);
            }
        }
        return out;
    }

    /** One row of the formula: softmax of the scores that are seen, times the values. */
    private static double[] formula(AttentionShape shape, float[] qkv, int token, int head) {
        int size = shape.headDim();
        int key = shape.qDim() + head / shape.group() * size;
        int first = shape.first(token);
        double[] weights = new double[token + 1 - first];
        for (int j = first; j <= token; j++) {
            double score = 0;
            for (int d = 0; d < size; d++)
                score += (double) qkv[token * stride(shape) + head * size + d] * qkv[j * stride(shape) + key + d];
            score *= shape.scale();
            weights[j - first] = shape.softCap() == 0
                    ? score
                    : shape.softCap() * Math.tanh(score / shape.softCap());
        }
        double most = Arrays.stream(weights).max().orElseThrow();
        double sum = 0;
        for (int j = 0; j < weights.length; j++)
            sum += weights[j] = Math.exp(weights[j] - most);
        double[] out = new double[size];
        for (int j = 0; j < weights.length; j++)
            for (int d = 0; d < size; d++)
                out[d] += weights[j] / sum * qkv[(first + j) * stride(shape) + key + shape.kvDim() + d];
        return out;
    }

    @Test
    void isTheFormula() {
        for (AttentionShape shape : List.of(PLAIN, WINDOW, CAPPED, ALL))
            for (KvType type : KvType.values()) {
                int tokens = 1100;
                float[] qkv = random(1, tokens * stride(shape));
                float[] found = attend(shape, type, Kernels.best(), Workers.NONE, qkv, tokens, 300);
                double near = switch (type) {
                    case F32 -> 3e-6;
                    case F16 -> 3e-3;
                    case Q8 -> 0.06;
                };
                for (int token : new int[] {0, 1, 63, 64, 99, 100, 511, 512, 700, 1099})
                    for (int head = 0; head < shape.heads(); head++) {
                        double[] expected = formula(shape, qkv, token, head);
                        for (int d = 0; d < shape.headDim(); d++)
                            assertThat((double) found[token * shape.qDim() + head * shape.headDim() + d])
                                    .as("%s %s token %d head %d number %d", shape, type, token, head, d)
                                    .isCloseTo(expected[d], within(near));
                    }
            }
    }

    @ParameterizedTest
    @EnumSource(KvType.class)
    void piecesAndThreadsDoNotChangeABit(KvType type) {
        try (Workers two = new Workers(2)) {
            for (AttentionShape shape : List.of(PLAIN, WINDOW, ALL)) {
                float[] qkv = random(2, LONG * stride(shape));
                float[] whole = attend(shape, type, Kernels.best(), Workers.NONE, qkv, LONG, LONG);
                for (int[] steps : new int[][] {{256}, {1, 8, 70, 3, 600, 1, 1}}) {
                    float[] pieces = attend(shape, type, Kernels.best(), two, qkv, LONG, steps);
                    assertThat(Arrays.mismatch(pieces, whole)).as("%s in steps of %s", shape, steps).isEqualTo(-1);
                }
            }
        }
    }

    @Test
    void neighboursDoNotChangeABit() {
        int[] lengths = {1, 5, 64, 65, 130, 700};
        List<AttentionShape> layers = List.of(WINDOW);
        try (KvPool pool = new KvPool(KvType.Q8, layers, 1 << 24, length -> 0); Workers two = new Workers(2)) {
            List<Span> spans = new ArrayList<>();
            int rows = Arrays.stream(lengths).sum();
            float[] together = new float[rows * stride(WINDOW)];
            int at = 0;
            for (int length : lengths) {
                Span span = new Span(new KvCache(pool), new int[length], null);
                span.count = length;
                span.cache.reserve(span.tokens, length);
                spans.add(span);
                System.arraycopy(random(length, length * stride(WINDOW)), 0, together, at, length * stride(WINDOW));
                at += length * stride(WINDOW);
            }
            float[] mixed = new float[rows * WINDOW.qDim()];
            new Attention(Kernels.best(), WINDOW, 0).attend(new AttentionRoom(layers, 2), together, mixed, spans, two);
            at = 0;
            for (int length : lengths) {
                float[] alone = attend(WINDOW, KvType.Q8, Kernels.best(), Workers.NONE,
                        random(length, length * stride(WINDOW)), length, length);
                assertThat(Arrays.copyOfRange(mixed, at, at += alone.length)).containsExactly(alone);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(KvType.class)
    void twinsAgree(KvType type) {
        for (AttentionShape shape : List.of(PLAIN, ALL)) {
            float[] qkv = random(3, 600 * stride(shape));
            float[] vector = attend(shape, type, Kernels.best(), Workers.NONE, qkv, 600, 200);
            float[] scalar = attend(shape, type, Kernels.scalar(), Workers.NONE, qkv, 600, 200);
            for (int i = 0; i < vector.length; i++)
                assertThat(vector[i]).isCloseTo(scalar[i], within(2e-6f));
        }
    }
}
