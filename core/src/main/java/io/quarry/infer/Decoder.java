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

    private final ModelSpec spec;
    private final Kernels kernels;
    private final Workers workers;
    private final Weights weights;
    /** Of each layer. */
    private final Attention[] attention;
    private final Scratch whole;
    private final Scratch[] slices;

    Decoder(ModelSpec spec, Kernels kernels, Workers workers) {
        this.spec = spec;
        this.kernels = kernels;
        this.workers = workers;
        this.weights = new Weights(spec, kernels.panel());
        this.attention = new Attention[spec.layers()];
        AttentionShape shape = AttentionShape.of(spec, new Rope(spec));
        for (int l = 0; l < attention.length; l++)
            attention[l] = new Attention(kernels, shape, l);
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
            reach(span.from + span.count);
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

    /** Makes every layer's table of angles long enough, before threads read them. */
    private void reach(int positions) {
        for (Attention layer : attention)
            if (layer.shape().rope() != null)
                layer.shape().rope().reach(positions);
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
            attention[l].attend(s, spans, by); // [T, H d]
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
    interface Row {
        void at(int row);
    }

    /** Does something with each row, blocks of rows shared out. */
    static void blocks(int rows, Workers by, Row body) {
        by.run(Math.ceilDiv(rows, ROW_BLOCK), (block, worker) -> {
            int end = Math.min(rows, (block + 1) * ROW_BLOCK);
            for (int row = block * ROW_BLOCK; row < end; row++)
                body.at(row);
        });
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
