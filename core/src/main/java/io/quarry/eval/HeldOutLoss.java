package io.quarry.eval;

import io.quarry.text.TokenFile;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Loss on text that was not trained on, in nats per token.
 *
 * @param nats      mean negative log-probability of a token
 * @param interval  95 %, over documents
 * @param tokens    scored; the first of each window has nothing before it and is not
 * @param documents they are of
 */
public record HeldOutLoss(double nats, Interval interval, long tokens, long documents) {
    private static final int BATCH = 16;

    /** Natural log-probability of each token after the first, for each text: what {@code Lm.score} gives. */
    public interface Scores extends Function<List<int[]>, List<float[]>> {}

    /**
     * Measures the first documents of a file.
     *
     * @param maxTokens enough is measured when so many are scored
     * @param window    tokens scored at once, at least 2; longer documents are cut into windows
     * @throws IllegalArgumentException if the file has no document of two tokens
     */
    public static HeldOutLoss of(TokenFile file, long maxTokens, int window, Scores scores) {
        if (window < 2)
            throw new IllegalArgumentException("a window must have at least 2 tokens, was " + window);
        List<int[]> windows = new ArrayList<>();
        List<Integer> owners = new ArrayList<>();
        int documents = 0;
        long tokens = 0;
        for (long d = 0; d < file.documents() && tokens < maxTokens; d++) {
            int[] document = file.document(d);
            if (document.length < 2)
                continue;
            for (int at = 0; at + 1 < document.length && tokens < maxTokens; at += window) {
                int[] part = Arrays.copyOfRange(document, at, Math.min(document.length, at + window));
                windows.add(part);
                owners.add(documents);
                tokens += part.length - 1;
            }
            documents++;
        }
        if (documents == 0)
            throw new IllegalArgumentException(
                    "no loss can be measured: none of " + file.documents() + " documents has two tokens");
        double[] sums = new double[documents];
        long[] counts = new long[documents];
        score(windows, owners, scores, sums, counts);
        return of(sums, counts);
    }

    private static void score(List<int[]> windows, List<Integer> owners, Scores scores, double[] sums, long[] counts) {
        for (int from = 0; from < windows.size(); from += BATCH) {
            int to = Math.min(windows.size(), from + BATCH);
            List<float[]> logProbs = scores.apply(windows.subList(from, to));
            for (int i = from; i < to; i++)
                for (float logProb : logProbs.get(i - from)) {
                    sums[owners.get(i)] -= logProb;
                    counts[owners.get(i)]++;
                }
        }
    }

    private static HeldOutLoss of(double[] sums, long[] counts) {
        long tokens = Arrays.stream(counts).sum();
        return new HeldOutLoss(Arrays.stream(sums).sum() / tokens, Interval.ratio(sums, counts), tokens, sums.length);
    }

    /** As facts of a manifest: nats, low, high. */
    public Map<String, Object> facts() {
        return Answers.fields("nats", nats, "low", interval.low(), "high", interval.high());
    }
}
