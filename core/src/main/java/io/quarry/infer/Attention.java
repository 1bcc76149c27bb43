package io.quarry.infer;

import io.quarry.kernel.Kernels;
import io.quarry.kernel.Workers;
import java.util.List;

/**
 * Causal attention of one layer, within each sequence. A query's result depends on its sequence alone, bit for bit,
 * whatever else is in the step and however the prompt was cut into steps.
 *
 * <p>Letters: T rows of this step, H query heads, K key heads, d head size.
 */
final class Attention {
    /** Queries of one head that are taken together in a prompt; the height of the kernels' tile. */
    private static final int QUERY_BLOCK = 8;

    private final Kernels kernels;
    private final AttentionShape shape;
    private final int layer;
    /** Numbers of one row of {@code qkv}. */
    private final int stride;

    /** Attention of the layer with the given number, whose keys and values are those of that number in a cache. */
    Attention(Kernels kernels, AttentionShape shape, int layer) {
        this.kernels = kernels;
        this.shape = shape;
        this.layer = layer;
        this.stride = shape.qDim() + 2 * shape.kvDim();
    }

    AttentionShape shape() {
        return shape;
    }

    /** Turns queries and keys of {@code s.qkv}, stores keys and values, gathers values to {@code s.mixed} [T, H d]. */
    void attend(Scratch s, List<Span> spans, Workers by) {
        int kvHeads = shape.kvHeads();
        int first = 0;
        for (Span span : spans) {
            int row = first;
            Decoder.blocks(span.count, by, i -> turn(s, span, row + i, span.from + i));
            if (by.threads() == 1
                    || (long) span.count * (span.from + span.count) * shape.qDim() < Kernels.WORTH_SHARING)
                for (int head = 0; head < kvHeads; head++)
                    attend(s, span, row, head, 0);
            else
                by.run(kvHeads, (head, worker) -> attend(s, span, row, head, worker));
            first += span.count;
        }
    }

    private void turn(Scratch s, Span span, int row, int position) {
        int size = shape.headDim();
        int at = row * stride;
        if (shape.rope() != null)
            for (int h = 0; h < shape.heads() + shape.kvHeads(); h++)
                shape.rope().turn(kernels, s.qkv, at + h * size, span.tokens.length, position);
        span.cache.store(layer, position, s.qkv, at + shape.qDim(), at + shape.qDim() + shape.kvDim());
    }

    /** One key head of one sequence with the query heads that share it. */
    private void attend(Scratch s, Span span, int row, int kvHead, int worker) {
        int size = shape.headDim();
        int qDim = shape.qDim();
        int head = kvHead * shape.group();
        if (span.count == 1) { // the rows of a tile are the heads of one token
            tile(s, span, kvHead, worker, new Tile(row * stride + head * size, size, shape.group(), span.from, 0,
                    row * qDim + head * size, size));
            return;
        }
        for (int h = head; h < head + shape.group(); h++) // the rows of a tile are the tokens of one head
            for (int t = 0; t < span.count; t += QUERY_BLOCK)
                tile(s, span, kvHead, worker,
                        new Tile((row + t) * stride + h * size, stride, Math.min(QUERY_BLOCK, span.count - t),
                                span.from + t, 1, (row + t) * qDim + h * size, qDim));
    }

    /**
     * Some queries that look at the same keys.
     *
     * @param from     where the first query begins, of {@code count} that are {@code stride} apart
     * @param position of the first query; the next is {@code step} further: 0 for heads, 1 for tokens
     * @param to       where the first result goes; the next is {@code toStride} further
     */
    private record Tile(int from, int stride, int count, int position, int step, int to, int toStride) {}

    private void tile(Scratch s, Span span, int kvHead, int worker, Tile t) {
        KvCache cache = span.cache;
        int panel = kernels.panel();
        int size = shape.headDim();
        int seen = t.position + (t.count - 1) * t.step + 1;
        int groups = Math.ceilDiv(seen, panel);
        int width = groups * panel + t.count; // one reciprocal sum per query behind the scores
        float[] scores = s.scores(worker, t.count * width);
        for (int g = 0; g < groups; g++)
            kernels.product(s.qkv, t.from, t.stride, t.count, cache.keys(layer), cache.keyGroup(kvHead, g), size,
                    scores, g * panel, width, panel);
        for (int q = 0; q < t.count; q++)
            scores[q * width + width - 1] = probabilities(scores, q * width, t.position + q * t.step, seen);
        for (int g = 0; g < cache.valuePanels(); g++)
            kernels.product(scores, 0, width, t.count, cache.values(layer), cache.valueGroup(kvHead, g), seen,
                    s.mixed, t.to + g * panel, t.toStride, Math.min(panel, size - g * panel));
        for (int q = 0; q < t.count; q++)
            kernels.scale(s.mixed, t.to + q * t.toStride, scores[q * width + width - 1], size);
    }

    /**
     * Turns products q.k of a query at {@code position} to weights of values, 0 for keys it must not see.
     *
     * @return one over the sum of the weights
     */
    private float probabilities(float[] scores, int at, int position, int seen) {
        int first = shape.first(position);
        int n = position + 1 - first;
        float scale = shape.scale();
        float cap = shape.softCap();
        if (cap > 0) {
            for (int j = at + first; j <= at + position; j++)
                scores[j] = cap * (float) Math.tanh(scores[j] * scale / cap);
            scale = 1;
        }
        float max = kernels.max(scores, at + first, n);
        double sum = kernels.exp(scores, at + first, max, scale, scores, at + first, n);
        for (int j = 0; j < first; j++)
            scores[at + j] = 0;
        for (int j = position + 1; j < seen; j++)
            scores[at + j] = 0;
        return (float) (1 / sum);
    }
}
