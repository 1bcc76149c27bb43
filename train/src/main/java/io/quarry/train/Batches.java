package io.quarry.train;

import io.quarry.recipe.Recipe;
import io.quarry.text.TokenFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The rows of every step: a pure function of the seed and the step, so a resumed run sees what the unbroken one saw.
 * {@link Streams} cuts endless text by a mix, {@link Samples} packs whole samples for some epochs.
 */
public sealed interface Batches extends AutoCloseable permits Streams, Samples {
    /** Steps there are in all. */
    long steps();

    /** The rows of one step, from 0. */
    Rows at(long step);

    /** Numbers for the report. */
    Map<String, Object> facts();

    @Override
    void close();

    /**
     * How rows are made.
     *
     * @param seed       of all shuffling
     * @param vocabulary ids at or over it are an error
     * @param segments   whether documents packed into one row are hidden from each other; samples always are
     * @param epochs     passes over all samples; for files with masks only
     */
    record Plan(long seed, int vocabulary, boolean segments, int epochs) {}

    /** Opens the files of a phase: whole samples for some epochs where all have masks, else streams by the mix. */
    static Batches open(Recipe.Phase phase, Map<String, Path> files, Plan plan) throws IOException {
        List<Source> sources = new ArrayList<>();
        try {
            for (Map.Entry<String, Double> part : new TreeMap<>(phase.mix()).entrySet()) {
                if (part.getValue() == 0)
                    continue;
                Path file = files.get(part.getKey());
                if (file == null)
                    throw new IOException("phase " + phase.name() + " mixes " + part.getKey()
                            + ", for which there are no tokens; there are some for " + files.keySet());
                sources.add(new Source(part.getKey(), part.getValue(), file, TokenFile.open(file)));
            }
            long masked = sources.stream().filter(s -> s.tokens.masked()).count();
            return masked == sources.size()
                    ? new Samples(phase, sources, plan)
                    : new Streams(phase, sources, plan);
        } catch (IOException | RuntimeException e) {
            sources.forEach(source -> source.tokens.close());
            throw e;
        }
    }

    /** One file of the mix. */
    record Source(String name, double share, Path file, TokenFile tokens) {
        /** Fails if an id is outside the vocabulary: a file from another tokenizer. */
        void check(int[] ids, int from, int to, int vocabulary) {
            for (int i = from; i < to; i++)
                if (ids[i] < 0 || ids[i] >= vocabulary)
                    throw new IllegalArgumentException(
                            file + " has the token " + ids[i] + ", the model's vocabulary is "
                                    + vocabulary + ": it was made with another tokenizer");
        }
    }

    /** A seeded shuffle of 0 to {@code count} without the last. */
    static int[] shuffled(int count, long seed) {
        int[] order = new int[count];
        for (int i = 0; i < count; i++)
            order[i] = i;
        var random = new java.util.SplittableRandom(seed);
        for (int i = count - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int swap = order[i];
            order[i] = order[j];
            order[j] = swap;
        }
        return order;
    }
}
