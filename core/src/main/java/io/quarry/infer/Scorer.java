package io.quarry.infer;

import io.quarry.kernel.Kernels;
import io.quarry.model.ModelSpec;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Puts given texts through the model: how likely is each token, or all logits. Takes turns with the generator. */
final class Scorer {
    /** Rows of one step. */
    private static final int STEP_ROWS = 2048;
    /** Rows of one text in one step. */
    private static final int TEXT_ROWS = 512;

    private final Decoder decoder;
    private final Generator turns;
    private final int mostPages;

    /**
     * A scorer.
     *
     * @param turns     whose steps it stands between, and who lends it caches
     * @param mostPages of all caches that it may borrow together
     */
    Scorer(Decoder decoder, Generator turns, int mostPages) {
        this.decoder = decoder;
        this.turns = turns;
        this.mostPages = mostPages;
    }

    /** One text on its way: the token after each position from {@code from} on is scored, so the last is not put in. */
    private static final class Text {
        final int[] tokens;
        final int from;
        final int inputs;
        final float[] logProbs;
        boolean greedy = true;

        Text(int[] tokens, int from) {
            this(tokens, from, tokens.length - 1);
        }

        Text(int[] tokens, int from, int inputs) {
            this.tokens = tokens;
            this.from = from;
            this.inputs = inputs;
            logProbs = new float[inputs - from];
        }
    }

    /** Log-probability of each token after the first. */
    List<float[]> score(List<int[]> texts) {
        return run(texts.stream().map(t -> new Text(t, 0)).toList()).stream().map(t -> t.logProbs).toList();
    }

    /** The likelihoods of texts after their contexts; each context is computed once. */
    List<Likelihood> likelihoods(List<Continuation> continuations) {
        List<Text> texts = new ArrayList<>(continuations.size());
        List<Text> first = new ArrayList<>();
        List<Text> others = new ArrayList<>();
        Set<IntBuffer> contexts = new HashSet<>();
        for (Continuation c : continuations) {
            int[] tokens = Arrays.copyOf(c.context(), Math.addExact(c.context().length, c.text().length));
            System.arraycopy(c.text(), 0, tokens, c.context().length, c.text().length);
            Text text = new Text(tokens, c.context().length - 1);
            texts.add(text);
            (contexts.add(IntBuffer.wrap(c.context())) ? first : others).add(text);
        }
        run(first);
        run(others);
        return texts.stream().map(t -> new Likelihood(t.logProbs, t.greedy)).toList();
    }

    /**
     * The likelihood of every token after the first of a text of any length: in windows of so many tokens, each of
     * which begins so far back that the first token it scores has {@code overlap} tokens before it. The last window is
     * as long as the others, as in lm-evaluation-harness.
     */
    Likelihood rolling(int[] tokens, int window, int overlap) {
        List<Text> windows = new ArrayList<>();
        for (int scored = 1; scored < tokens.length;) {
            int begin = Math.max(0, scored - overlap);
            int end = Math.min(tokens.length, begin + window + 1);
            begin = Math.max(0, end - window - 1);
            windows.add(new Text(Arrays.copyOfRange(tokens, begin, end), scored - 1 - begin));
            scored = end;
        }
        float[] logProbs = new float[tokens.length - 1];
        boolean greedy = true;
        int at = 0;
        for (Text text : run(windows)) {
            System.arraycopy(text.logProbs, 0, logProbs, at, text.logProbs.length);
            at += text.logProbs.length;
            greedy &= text.greedy;
        }
        return new Likelihood(logProbs, greedy);
    }

    float[] logits(int[] tokens) {
        int vocabulary = decoder.spec().vocabulary();
        float[] out = new float[Math.multiplyExact(tokens.length, vocabulary)];
        run(List.of(new Text(tokens, 0, tokens.length)),
                (s, position, logits, at, spare) -> System.arraycopy(logits, at, out,
                        position * vocabulary, vocabulary));
        return out;
    }

    private List<Text> run(List<Text> texts) {
        List<Text> all = texts.stream().filter(t -> t.logProbs.length > 0).toList();
        for (int first = 0; first < all.size();) {
            int from = first;
            int rows = 0;
            int pages = 0;
            do {
                Text text = all.get(first++);
                rows += Math.min(text.inputs, TEXT_ROWS);
                pages += KvPool.pages(text.inputs);
            } while (first < all.size() && rows + Math.min(all.get(first).inputs, TEXT_ROWS) <= STEP_ROWS
                    && pages + KvPool.pages(all.get(first).inputs) <= mostPages);
            run(all.subList(from, first), this::read);
        }
        return texts;
    }

    /** Puts texts through the model together. */
    private void run(List<Text> texts, Decoder.Reader reader) {
        List<KvCache> caches = turns.lend(texts.stream().map(t -> t.tokens).toList(),
                texts.stream().map(t -> t.inputs).toList(), texts.stream().map(t -> t.from).toList());
        try {
            List<Span> left = new ArrayList<>();
            for (int i = 0; i < texts.size(); i++) {
                left.add(new Span(caches.get(i), texts.get(i).tokens, texts.get(i)));
                left.get(i).readFrom = texts.get(i).from;
                left.get(i).given = Integer.MAX_VALUE;
            }
            while (!left.isEmpty()) {
                for (Span span : left) {
                    span.from = span.cache.length();
                    span.count = Math.min(TEXT_ROWS, ((Text) span.owner).inputs - span.from);
                }
                turns.between(() -> decoder.forward(left, reader));
                left.removeIf(span -> span.cache.length() == ((Text) span.owner).inputs);
            }
        } finally {
            turns.giveBack(caches);
        }
    }

    private void read(Span span, int position, float[] logits, int at, float[] spare) {
        ModelSpec spec = decoder.spec();
        Kernels kernels = decoder.kernels();
        Text text = (Text) span.owner;
        int n = spec.vocabulary();
        float max = kernels.max(logits, at, n);
        if (!Float.isFinite(max))
            throw new IllegalStateException("the model gave " + max + " as its largest logit; its weights are damaged"
                    + " or its training has diverged");
        int token = text.tokens[position + 1];
        text.greedy &= kernels.argmax(logits, at, n) == token;
        text.logProbs[position - text.from] = (float) (logits[at + token] - max
                - Math.log(kernels.exp(logits, at, max, 1, spare, 0, n)));
    }
}
