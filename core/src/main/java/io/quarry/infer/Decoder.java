package io.quarry.infer;

import io.quarry.kernel.Kernels;
import io.quarry.kernel.KvType;
import io.quarry.kernel.NativeGemm;
import io.quarry.kernel.Workers;
import io.quarry.model.Architecture;
import io.quarry.model.Architecture.Mixer;
import io.quarry.model.Architecture.Position;
import io.quarry.model.ModelSpec;
import io.quarry.model.Rope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * The forward pass of every family for many sequences at once: Granite's, with what {@link Architecture} says. A row (one
 * token of one sequence) never depends on the rows beside it, bit for bit, so steps may be mixed of single tokens and
 * prompts as they come, the former first.
 *
 * <p>Letters: T rows of this step, D dim, H query heads, K key heads, d head size, F ffn, V vocabulary.
 */
final class Decoder {
    /**
     * Called with the logits of one row: those that follow {@code position} of the span's sequence. The rows of a span
     * come in order and in one thread.
     */
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
    private final Rope global;
    /** Of the layers with positions of their own; null if there are none. */
    private final Rope local;
    /** Of each layer that attends. */
    private final Attention[] attention;
    private final boolean natively;
    /** Of each other layer. */
    private final MambaMixer[] mamba;
    private final FeedForward feedForward;
    private final Scratch whole;
    private final Scratch[] slices;

    /** @param gemm see {@link Engine}; null for none */
    Decoder(ModelSpec spec, Kernels kernels, NativeGemm gemm, Workers workers) {
        this.spec = spec;
        this.kernels = kernels;
        this.workers = workers;
        this.natively = gemm != null;
        this.weights = new Weights(spec);
        this.feedForward = new FeedForward(spec, kernels);
        this.global = Rope.global(spec);
        List<Architecture.Block> blocks = spec.architecture().blocks();
        this.local = blocks.stream().anyMatch(b -> b.position() == Position.LOCAL) ? Rope.local(spec) : null;
        this.attention = new Attention[spec.layers()];
        this.mamba = new MambaMixer[spec.layers()];
        for (int l = 0; l < attention.length; l++)
            if (blocks.get(l).mixer() == Mixer.MAMBA)
                mamba[l] = new MambaMixer(spec, kernels, l);
            else
                attention[l] = new Attention(kernels, AttentionShape.of(spec, blocks.get(l), global, local), l);
        this.whole = new Scratch(spec, kernels, gemm, attending(), workers.threads());
        this.slices = new Scratch[workers.threads()];
        for (int i = 0; i < slices.length; i++)
            slices[i] = new Scratch(spec, kernels, gemm, attending(), 1);
    }

    ModelSpec spec() {
        return spec;
    }

    /** A pool of pages for the keys and values of this model. */
    KvPool pool(KvType type, long budget) {
        return new KvPool(type, shapes(), budget, spec.architecture().mamba() == null ? global::kind : null);
    }

    /** Bytes that the keys and values of so many tokens take. */
    long cacheBytes(KvType type, int tokens) {
        try (KvPool one = new KvPool(type, shapes(), 0, null)) {
            return Math.multiplyExact(one.pageBytes(), KvPool.pages(tokens));
        }
    }

    /** How each layer attends; null for one that does not. */
    private List<AttentionShape> shapes() {
        List<AttentionShape> shapes = new ArrayList<>();
        for (Attention layer : attention)
            shapes.add(layer == null ? null : layer.shape());
        return shapes;
    }

    private List<AttentionShape> attending() {
        return Arrays.stream(attention).filter(Objects::nonNull).map(Attention::shape).toList();
    }

    /** Whether a native library multiplies where there are many rows. */
    boolean natively() {
        return natively;
    }

    Kernels kernels() {
        return kernels;
    }

    void load(Weights.Source source) {
        weights.load(source);
    }

    /** Bytes of matrices that the step of one token reads. */
    long stepBytes() {
        return weights.stepBytes();
    }

    /** One step: puts the tokens of all spans through the model, fills their caches, hands over the logits wanted. */
    void forward(List<Span> spans, Reader reader) {
        int tokens = 0;
        int longest = 0;
        for (int i = 0; i < spans.size(); i++) { // here and below no iterator is made
            Span span = spans.get(i);
            tokens += span.count;
            longest = Math.max(longest, span.count);
            global.reach(span.tokens.length, span.from + span.count); // before threads read its tables
            if (local != null)
                local.reach(span.tokens.length, span.from + span.count);
        }
        int parts = Math.min(2 * workers.threads(), tokens / ROWS_PER_SLICE);
        if (workers.threads() > 1 && parts > 1 && longest <= tokens / parts) {
            int each = Math.ceilDiv(tokens, parts);
            workers.run(parts, (part, worker) -> pass(slices[worker], slice(spans, part * each, (part + 1) * each),
                    Workers.NONE, reader));
        } else {
            pass(whole, spans, workers, reader);
        }
        for (int i = 0; i < spans.size(); i++)
            spans.get(i).cache.length(spans.get(i).from + spans.get(i).count);
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
            norm(s, s.x, block.norm1(), s.h, rows, by); // [T, D]
            switch (block.mix()) {
                case Weights.Heads heads -> attend(l, heads, s, spans, rows, by);
                case Weights.Mamba w -> mamba[l].mix(w, s, spans, rows, by);
            }
            if (block.postMix() != null)
                norm(s, s.h, block.postMix(), s.h, rows, by);
            kernels.addScaled(s.x, 0, s.h, 0, residual, rows * spec.dim());
            norm(s, s.x, block.norm2(), s.h, rows, by); // [T, D]
            feedForward.forward(block, s, rows, by);
            if (block.postForward() != null)
                norm(s, s.h, block.postForward(), s.h, rows, by);
            kernels.addScaled(s.x, 0, s.h, 0, residual, rows * spec.dim());
        }
        read(s, spans, by, reader);
    }

    private void attend(int layer, Weights.Heads w, Scratch s, List<Span> spans, int rows, Workers by) {
        s.multiply(s.h, rows, w.qkv(), s.qkv, by); // [T, (H + 2K) d]
        addBias(w.bias(), s.qkv, rows);
        if (w.qNorm() != null)
            normHeads(s, 0, spec.heads(), w.qNorm(), rows, by);
        if (w.kNorm() != null)
            normHeads(s, spec.qDim(), spec.kvHeads(), w.kNorm(), rows, by);
        attention[layer].attend(s.attention, s.qkv, s.mixed, spans, by); // [T, H d]
        s.multiply(s.mixed, rows, w.o(), s.h, by); // [T, D]
        addBias(w.oBias(), s.h, rows);
    }

    private void normHeads(Scratch s, int from, int heads, float[] gain, int rows, Workers by) {
        s.work.normHeads(s.qkv, spec.qDim() + 2 * spec.kvDim(), from, heads, gain, (float) spec.normEps(), rows, by);
    }

    /** Adds a bias, if there is one, to every row. */
    static void addBias(float[] bias, float[] y, int rows) {
        if (bias != null)
            for (int row = 0; row < rows; row++)
                for (int i = 0; i < bias.length; i++)
                    y[row * bias.length + i] += bias[i];
    }

    private int embed(Scratch s, List<Span> spans) {
        int rows = 0;
        s.decoded = 0;
        for (int i = 0; i < spans.size(); i++) {
            Span span = spans.get(i);
            if (!span.prefilled() && s.decoded < rows || span.prefilled() && span.from + span.count > span.given)
                throw new IllegalArgumentException("a step takes what is decoded before what is prefilled");
            rows += span.count;
            if (!span.prefilled())
                s.decoded = rows;
        }
        s.reach(rows);
        float scale = (float) spec.embeddingMultiplier();
        int row = 0;
        for (int i = 0; i < spans.size(); i++) {
            Span span = spans.get(i);
            for (int t = 0; t < span.count; t++)
                weights.embedding().row(span.tokens[span.from + t], scale, s.x, row++ * spec.dim());
        }
        return rows;
    }

    private void norm(Scratch s, float[] x, float[] gain, float[] y, int rows, Workers by) {
        s.work.norm(x, gain, (float) spec.normEps(), y, rows, by);
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

    /**
     * Logits of the rows that are wanted, some at a time: {@code norm(x) W^T / logitsScaling}. Whoever picks a token by
     * them decodes; those of tokens that are given are prefilled.
     */
    private void read(Scratch s, List<Span> spans, Workers by, Reader reader) {
        int dim = spec.dim();
        int row = 0;
        int held = 0;
        boolean picking = true;
        for (int j = 0; j < spans.size(); j++) {
            Span span = spans.get(j);
            for (int i = 0; i < span.count; i++, row++) {
                if (span.from + i < span.readFrom)
                    continue;
                boolean picks = span.from + i + 1 >= span.given;
                if (picks != picking && held > 0) {
                    handOver(s, picking, held, by, reader);
                    held = 0;
                }
                picking = picks;
                kernels.rmsNorm(s.x, row * dim, weights.norm(), (float) spec.normEps(), s.h, held * dim, dim);
                s.spanOf[held] = span;
                s.positionOf[held++] = span.from + i;
                if (held == Scratch.LOGIT_ROWS) {
                    handOver(s, picking, held, by, reader);
                    held = 0;
                }
            }
        }
        handOver(s, picking, held, by, reader);
    }

    private void handOver(Scratch s, boolean picking, int held, Workers by, Reader reader) {
        int vocabulary = spec.vocabulary();
        s.reachLogits(held);
        s.multiply(s.h, picking ? held : 0, held, weights.head(), s.logits, by);
        kernels.scale(s.logits, 0, (float) (1 / spec.logitsScaling()), held * vocabulary);
        float cap = (float) spec.architecture().logitsSoftCap();
        if (cap > 0)
            for (int i = 0; i < held * vocabulary; i++)
                s.logits[i] = cap * (float) Math.tanh(s.logits[i] / cap);
        for (int r = 0; r < held; r++)
            reader.read(s.spanOf[r], s.positionOf[r], s.logits, r * vocabulary, s.row);
    }
}
