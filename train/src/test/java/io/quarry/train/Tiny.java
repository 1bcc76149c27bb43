package io.quarry.train;

import io.quarry.model.ModelSpec;
import io.quarry.recipe.Recipe;
import io.quarry.recipe.Schedule;
import io.quarry.text.TokenFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;

/** A Granite of a few thousand parameters, and texts it can learn. */
final class Tiny {
    static final ModelSpec SPEC = spec(64);
    static final Recipe.Optimizer ADAMW = new Recipe.Optimizer(0.9, 0.95, 1e-8, 0.1, 1.0);

    private Tiny() {}

    static ModelSpec spec(int context) {
        return new ModelSpec(80, 32, 2, 4, 2, 8, 48, context, 10_000, 1e-5, 12, 0.125, 0.22, 2, true, 0, 0, 1);
    }

    static Recipe.Phase phase(long tokens, int length, int batchTokens, Map<String, Double> mix) {
        return new Recipe.Phase("p", tokens, length, batchTokens, mix, new Schedule("linear", 3e-3, 0, 3, null));
    }

    /** Documents that count upwards from a random number: what comes next is easy to learn. */
    static Path counting(Path file, int documents, int length, long seed) throws IOException {
        Random random = new Random(seed);
        try (TokenFile.Writer out = new TokenFile.Writer(file, false)) {
            for (int d = 0; d < documents; d++)
                out.add(count(random.nextInt(70), 2 + random.nextInt(length)));
        }
        return file;
    }

    /** Samples of which only the second half is learned. */
    static Path samples(Path file, int documents, int length, long seed) throws IOException {
        Random random = new Random(seed);
        try (TokenFile.Writer out = new TokenFile.Writer(file, true)) {
            for (int d = 0; d < documents; d++) {
                int[] tokens = count(random.nextInt(70), 4 + random.nextInt(length));
                byte[] learned = new byte[tokens.length];
                java.util.Arrays.fill(learned, tokens.length / 2, tokens.length, (byte) 1);
                out.add(tokens, learned);
            }
        }
        return file;
    }

    private static int[] count(int from, int length) {
        int[] tokens = new int[length];
        for (int i = 0; i + 1 < length; i++)
            tokens[i] = 2 + (from + i) % 78;
        return tokens;
    }

    /** Random rows with two documents each and a quarter of the tokens not learned. */
    static Rows rows(int rows, int length, long seed) {
        Random random = new Random(seed);
        int size = rows * length;
        int[] inputs = new int[size];
        int[] targets = new int[size];
        int[] first = new int[size];
        for (int i = 0; i < size; i++) {
            inputs[i] = random.nextInt(SPEC.vocabulary());
            targets[i] = random.nextInt(4) == 0 ? Rows.NOT_LEARNED : random.nextInt(SPEC.vocabulary());
            first[i] = i % length < length / 3 ? 0 : length / 3;
        }
        return new Rows(rows, length, inputs, targets, first, "random");
    }
}
