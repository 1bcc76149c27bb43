package io.quarry.infer;

import io.quarry.model.ModelSpec;
import java.util.ArrayList;
import java.util.List;

/** Puts given texts through the model: how likely is each token, or all logits. Takes turns with the generator. */
final class Scorer {
    /** Rows of one step. */
    private static final int STEP_ROWS = 2048;
    /** Rows of one text in one step. */
    private static final int TEXT_ROWS = 512;

    private final Decoder decoder;
    private final Generator turns;

    Scorer(Decoder decoder, Generator turns) {
        this.decoder = decoder;
        this.turns = turns;
    }

    List<float[]> score(List<int[]> texts) {
        ModelSpec spec = decoder.spec();
        List<float[]> out = new ArrayList<>(texts.size());
        for (int[] text : texts)
            out.add(new float[text.length - 1]);
        Decoder.Reader reader = (span, position, logits, at, spare) -> {
            float[] scores = (float[]) span.owner;
            if (position < scores.length)
                scores[position] = logProb(span.tokens[position + 1], logits, at, spec.vocabulary(), spare);
        };
        for (int first = 0; first < texts.size();) {
            List<Span> together = new ArrayList<>();
            int rows = 0;
            do {
                int[] text = texts.get(first);
                together.add(span(text, out.get(first++)));
                rows += Math.min(text.length, TEXT_ROWS);
            } while (first < texts.size() && rows + Math.min(texts.get(first).length, TEXT_ROWS) <= STEP_ROWS);
            run(together, reader);
        }
        return out;
    }

    float[] logits(int[] tokens) {
        int vocabulary = decoder.spec().vocabulary();
        float[] out = new float[Math.multiplyExact(tokens.length, vocabulary)];
        Span span = span(tokens, out);
        run(List.of(span), (s, position, logits, at, spare) -> System.arraycopy(logits, at, out,
                position * vocabulary, vocabulary));
        return out;
    }

    private Span span(int[] text, float[] out) {
        Span span = new Span(new KvCache(decoder.spec(), text.length, decoder.kernels().panel()), text, out);
        span.wanted = Span.Wanted.ALL;
        return span;
    }

    private void run(List<Span> spans, Decoder.Reader reader) {
        List<Span> left = new ArrayList<>(spans);
        while (!left.isEmpty()) {
            for (Span span : left) {
                span.from = span.cache.length();
                span.count = Math.min(TEXT_ROWS, span.tokens.length - span.from);
            }
            turns.between(() -> decoder.forward(left, reader));
            left.removeIf(span -> span.cache.length() == span.tokens.length);
        }
    }

    private float logProb(int token, float[] logits, int at, int n, float[] spare) {
        float max = decoder.kernels().max(logits, at, n);
        if (!Float.isFinite(max))
            throw new IllegalStateException("the model gave " + max + " as its largest logit; its weights are damaged"
                    + " or its training has diverged");
        return (float) (logits[at + token] - max - Math.log(decoder.kernels().exp(logits, at, max, 1, spare, 0, n)));
    }
}
