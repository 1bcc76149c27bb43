package io.quarry.infer;

import io.quarry.kernel.Kernels;
import io.quarry.kernel.Workers;
import io.quarry.model.ModelSpec;
import io.quarry.model.Rope;
import java.util.List;
import java.util.function.Function;

/**
 * The forward pass of Granite for many sequences at once. A row (one token of one sequence) never depends on the rows
 * beside it, bit for bit, so steps may be mixed of prompts and single tokens as they come.
 *
 * <p>Letters: T rows of this step, D dim, H query heads, K key heads, d head size, F ffn, V vocabulary.
 */
final class Decoder {
    /** Called with the logits of one row: those that follow {@code position} of the span's sequence. */
    interface Reader {
        /**
         * Reads one row.
         *
         * @param logits V numbers from {@code at}; may be overwritten
         * @param spare  V numbers for the reader's own use
         */
        void read(Span span, int position, float[] logits, int at, float[] spare);
    }

    /** Rows per thread from which on each thread takes sequences of its own rather than parts of each product. */
    private static final int ROWS_PER_SLICE = 16;
    private static final int ROW_BLOCK = 16;
    /** Queries of one head that attention takes together in a prompt; the height of the kernels' tile. */
    private static final int QUERY_BLOCK = 8;

    private final ModelSpec spec;
    private final Kernels kernels;
    private final Workers workers;
    private final Weights weights;
    private final Rope rope;
    private final Scratch whole;
    private final Scratch[] slices;

    Decoder(ModelSpec spec, Kernels kernels, Workers workers) {
        this.spec = spec;
        this.kernels = kernels;
        this.workers = workers;
        this.weights = new Weights(spec, kernels.panel());
        this.rope = new Rope(spec);
        this.whole = new Scratch(spec, workers.threads());
        this.slices = new Scratch[workers.threads()];
        for (int i = 0; i < slices.length; i++)
            slices[i] = new Scratch(spec, 1);
    }

    ModelSpec spec() {
        return spec;
    }

    Kernels kernels() {
        return kernels;
    }

    void load(Function<String, float[]> source) {
        weights.load(source);
    }

    /** One step: puts the tokens of all spans through the model, fills their caches, hands over the logits wanted. */
    void forward(List<Span> spans, Reader reader) {
        int tokens = 0;
        int longest = 0;
        for (Span span : spans) {
            tokens += span.count;
            longest = Math.max(longest, span.count);
            rope.reach(span.from + span.count);
        }
        int parts = Math.min(2 * workers.threads(), tokens / ROWS_PER_SLICE);
        if (workers.threads() > 1 && parts > 1 && longest <= tokens / parts) {
            int each = Math.ceilDiv(tokens, parts);
            workers.run(parts, (part, worker) -> pass(slices[worker], slice(spans, part * each, (part + 1) * each),
                    Workers.NONE, reader));
        } else {
            pass(whole, spans, workers, reader);
        }
        for (Span span : spans)
            span.cache.length(span.from + span.count);
    }

    /** The spans whose first token is one of the tokens {@code [begin, end)} of the step. */
    private static List<Span> slice(List<Span> spans, int begin, int end) {
        int first = 0;
        int token = 0;
        while (first < spans.size() && token < begin)
            token += spans.get(first++).count;
        int last = first;
        while (last < spans.size() && token < end)
            token += spans.get(last++).count;
        return spans.subList(first, last);
    }

    private void pass(Scratch s, List<Span> spans, Workers by, Reader reader) {
        int rows = embed(s, spans); // x [T, D]
        float residual = (float) spec.residualMultiplier();
        for (int l = 0; l < spec.layers(); l++) {
            Weights.Block block = weights.block(l);
            norm(s.x, block.norm1(), s.h, rows, by); // [T, D]
            kernels.matmul(s.h, rows, block.qkv(), s.qkv, by); // [T, (H + 2K) d]
            attend(s, spans, l, by); // [T, H d]
            kernels.matmul(s.mixed, rows, block.o(), s.h, by); // [T, D]
            kernels.addScaled(s.x, 0, s.h, 0, residual, rows * spec.dim());
            norm(s.x, block.norm2(), s.h, rows, by); // [T, D]
            kernels.matmul(s.h, rows, block.gateUp(), s.gateUp, by); // [T, 2F]
            swiglu(s, rows, by); // [T, F]
            kernels.matmul(s.gated, rows, block.down(), s.h, by); // [T, D]
            kernels.addScaled(s.x, 0, s.h, 0, residual, rows * spec.dim());
        }
        read(s, spans, by, reader);
    }

    private int embed(Scratch s, List<Span> spans) {
        int rows = 0;
        for (Span span : spans)
            rows += span.count;
        s.reach(rows);
        float scale = (float) spec.embeddingMultiplier();
        int row = 0;
        for (Span span : spans)
            for (int i = 0; i < span.count; i++)
                weights.embedding().row(span.tokens[span.from + i], scale, s.x, row++ * spec.dim());
        return rows;
    }

    private void norm(float[] x, float[] gain, float[] y, int rows, Workers by) {
        int dim = spec.dim();
        blocks(rows, by, row -> kernels.rmsNorm(x, row * dim, gain, (float) spec.normEps(), y, row * dim, dim));
    }

    private void swiglu(Scratch s, int rows, Workers by) {
        int ffn = spec.ffn();
        blocks(rows, by, row -> kernels.swiglu(s.gateUp, row * 2 * ffn, s.gated, row * ffn, ffn));
    }

    /** What is done with one row. */
    private interface Row {
        void at(int row);
    }

    private static void blocks(int rows, Workers by, Row body) {
        by.run(Math.ceilDiv(rows, ROW_BLOCK), (block, worker) -> {
            int end = Math.min(rows, (block + 1) * ROW_BLOCK);
            for (int row = block * ROW_BLOCK; row < end; row++)
                body.at(row);
        });
    }

    /** Turns queries and keys, stores keys and values, then gathers values by causal attention within each sequence. */
    private void attend(Scratch s, List<Span> spans, int layer, Workers by) {
        int kvHeads = spec.kvHeads();
        int first = 0;
        for (Span span : spans) {
            int row = first;
            blocks(span.count, by, i -> turn(s, span, layer, row + i, span.from + i));
            if (by.threads() == 1 || (long) span.count * (span.from + span.count) * spec.qDim() < Kernels.WORTH_SHARING)
                for (int head = 0; head < kvHeads; head++)
                    attend(s, span, layer, row, head, 0);
            else
                by.run(kvHeads, (head, worker) -> attend(s, span, layer, row, head, worker));
            first += span.count;
        }
    }

    private void turn(Scratch s, Span span, int layer, int row, int position) {
        int half = spec.headDim() / 2;
        int at = row * (spec.qDim() + 2 * spec.kvDim());
        for (int h = 0; h < spec.heads() + spec.kvHeads(); h++)
            kernels.rotate(s.qkv, at + h * spec.headDim(), half, rope.cos(), rope.sin(), position * half);
        span.cache.store(layer, position, s.qkv, at + spec.qDim(), at + spec.qDim() + spec.kvDim());
    }

    /** One key head of one sequence with the query heads that share it. */
    private void attend(Scratch s, Span span, int layer, int row, int kvHead, int worker) {
        int group = spec.heads() / spec.kvHeads();
        int size = spec.headDim();
        int stride = spec.qDim() + 2 * spec.kvDim();
        int head = kvHead * group;
        if (span.count == 1) { // the rows of a tile are the heads of one token
            tile(s, span, layer, kvHead, worker, new Tile(row * stride + head * size, size, group, span.from, 0,
                    row * spec.qDim() + head * size, size));
            return;
        }
        for (int h = head; h < head + group; h++) // the rows of a tile are the tokens of one head
            for (int t = 0; t < span.count; t += QUERY_BLOCK)
                tile(s, span, layer, kvHead, worker,
                        new Tile((row + t) * stride + h * size, stride, Math.min(QUERY_BLOCK, span.count - t),
                                span.from + t, 1, (row + t) * spec.qDim() + h * size, spec.qDim()));
    }

    /**
     * Some queries that look at the same keys.
     *
     * @param from     where the first query begins, of {@code count} that are {@code stride} apart
     * @param position of the first query; the next is {@code step} further: 0 for heads, 1 for tokens
     * @param to       where the first result goes; the next is {@code toStride} further
     */
    private record Tile(int from, int stride, int count, int position, int step, int to, int toStride) {}

    private void tile(Scratch s, Span span, int layer, int kvHead, int worker, Tile t) {
        KvCache cache = span.cache;
        int panel = kernels.panel();
        int size = spec.headDim();
        int seen = t.position + (t.count - 1) * t.step + 1;
        int groups = Math.ceilDiv(seen, panel);
        int width = groups * panel + t.count; // one reciprocal sum per query behind the scores
        float[] scores = s.scores(worker, t.count * width);
        for (int g = 0; g < groups; g++)
            kernels.product(s.qkv, t.from, t.stride, t.count, cache.keys(layer), cache.keyGroup(kvHead, g), size,
                    scores, g * panel, width, panel);
        for (int q = 0; q < t.count; q++) {
            int at = q * width;
            int n = t.position + q * t.step + 1;
            double sum = kernels.exp(scores, at, kernels.max(scores, at, n), (float) spec.attentionMultiplier(),
                    scores, at, n);
            for (int i = n; i < seen; i++)
                scores[at + i] = 0;
            scores[at + width - 1] = (float) (1 / sum);
        }
        for (int g = 0; g < cache.valuePanels(); g++)
            kernels.product(scores, 0, width, t.count, cache.values(layer), cache.valueGroup(kvHead, g), seen,
                    s.mixed, t.to + g * panel, t.toStride, Math.min(panel, size - g * panel));
        for (int q = 0; q < t.count; q++)
            kernels.scale(s.mixed, t.to + q * t.toStride, scores[q * width + width - 1], size);
    }

    /** Logits of the rows that are wanted, some at a time: {@code norm(x) W^T / logitsScaling}. */
    private void read(Scratch s, List<Span> spans, Workers by, Reader reader) {
        int dim = spec.dim();
        s.reachLogits();
        Span[] spanOf = new Span[Scratch.LOGIT_ROWS];
        int[] positionOf = new int[Scratch.LOGIT_ROWS];
        int row = 0;
        int held = 0;
        for (Span span : spans)
            for (int i = 0; i < span.count; i++, row++) {
                if (span.wanted == Span.Wanted.NONE || span.wanted == Span.Wanted.LAST && i < span.count - 1)
                    continue;
                kernels.rmsNorm(s.x, row * dim, weights.norm(), (float) spec.normEps(), s.h, held * dim, dim);
                spanOf[held] = span;
                positionOf[held++] = span.from + i;
                if (held == Scratch.LOGIT_ROWS) {
                    handOver(s, spanOf, positionOf, held, by, reader);
                    held = 0;
                }
            }
        handOver(s, spanOf, positionOf, held, by, reader);
    }

    private void handOver(Scratch s, Span[] spanOf, int[] positionOf, int held, Workers by, Reader reader) {
        int vocabulary = spec.vocabulary();
        kernels.matmul(s.h, held, weights.head(), s.logits, by);
        kernels.scale(s.logits, 0, (float) (1 / spec.logitsScaling()), held * vocabulary);
        for (int r = 0; r < held; r++)
            reader.read(spanOf[r], positionOf[r], s.logits, r * vocabulary, s.row);
    }
}
