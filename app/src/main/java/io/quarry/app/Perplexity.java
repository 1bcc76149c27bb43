package io.quarry.app;

import io.quarry.infer.Engine;
import io.quarry.infer.Likelihood;
import io.quarry.infer.Lm;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * How well a text is told by a model and by the one that was made of it.
 *
 * @param tokens of the text that were scored
 * @param before perplexity of the first model; NaN if it was not measured
 * @param after  of the second
 * @param why    it was not measured; null if it was
 */
record Perplexity(int tokens, double before, double after, String why) {
    private static final String TEXT = "/perplexity.txt";

    /** A text of the user's, or the one of this program. */
    static String text(Path file) throws IOException {
        if (file != null)
            return ModelOptions.text(file);
        try (InputStream in = Perplexity.class.getResourceAsStream(TEXT)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    static Perplexity of(Path from, Path to, String text, int threads) {
        try {
            Likelihood before = measure(from, text, threads);
            Likelihood after = measure(to, text, threads);
            return new Perplexity(before.logProbs().length, before.perplexity(), after.perplexity(), null);
        } catch (IOException | UncheckedIOException | IllegalArgumentException | IllegalStateException e) {
            return new Perplexity(0, Double.NaN, Double.NaN, Failure.sentence(e)); // the model itself is written
        }
    }

    private static Likelihood measure(Path model, String text, int threads) throws IOException {
        try (Lm lm = Lm.open(model, Engine.of(threads))) {
            return lm.rolling(lm.tokenizer().encodeSequence(text), Math.max(1, lm.contextLength() / 2));
        }
    }

    boolean measured() {
        return why == null;
    }
}
