package io.quarry.train;

import io.quarry.text.TokenFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/** The loss on text that was never learned. */
final class HeldOut {
    /** Rows measured at a time. */
    private static final int BATCH_TOKENS = 16_384;

    private HeldOut() {}

    /**
     * How much is measured.
     *
     * @param tokens     from the beginning of the file; fewer if it has fewer
     * @param length     tokens of a row
     * @param vocabulary of the model
     */
    record Size(long tokens, int length, int vocabulary) {}

    /** Mean negative log-probability of a token, in nats; only of learned tokens where the file has a mask. */
    static double nats(Graph graph, Path path, Size size) throws IOException {
        try (TokenFile file = TokenFile.open(path)) {
            long end = Math.min(size.tokens, file.tokens());
            if (end < 2)
                throw new IOException(path + " has " + file.tokens() + " tokens; held-out loss needs at least 2");
            double sum = 0;
            long learned = 0;
            int most = Math.max(1, BATCH_TOKENS / size.length);
            for (long at = 0; at + 1 < end; at += (long) most * size.length) {
                int count = (int) Math.min(most, (end - 1 - at + size.length - 1) / size.length);
                Rows rows = rows(file, at, end, count, size);
                sum -= Trainer.sum(graph.logProbs(rows));
                learned += rows.learned();
            }
            if (learned == 0)
                throw new IOException(path + " has no learned token in its first " + end);
            return sum / learned;
        }
    }

    private static Rows rows(TokenFile file, long at, long end, int count, Size size) {
        int[] inputs = new int[count * size.length];
        int[] targets = new int[count * size.length];
        Arrays.fill(targets, Rows.NOT_LEARNED);
        int have = (int) Math.min(inputs.length + 1L, end - at);
        int[] tokens = new int[have];
        byte[] mask = new byte[have];
        file.copy(at, tokens, 0, have);
        file.copyMask(at, mask, 0, have);
        for (int i = 0; i + 1 < have; i++) {
            if (tokens[i] < 0 || tokens[i] >= size.vocabulary || tokens[i + 1] < 0 || tokens[i + 1] >= size.vocabulary)
                throw new IllegalArgumentException("held-out text has a token outside the vocabulary of "
                        + size.vocabulary + " near its token " + (at + i));
            inputs[i] = tokens[i];
            if (mask[i + 1] != 0)
                targets[i] = tokens[i + 1];
        }
        return new Rows(count, size.length, inputs, targets, new int[inputs.length], "held-out text");
    }
}
