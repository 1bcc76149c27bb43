package io.quarry.train;

import io.quarry.recipe.Recipe;
import io.quarry.text.TokenFile;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Rows cut from endless streams of text, one stream per category of the mix. A stream is the documents of a file in an
 * order shuffled anew for every pass over it, end to end; a row is its next piece, so every token is learned once a pass.
 * Which stream a row comes from: always the one furthest behind its share, so shares are exact to one row at any time.
 *
 * <p>A file with masks among them is a stream of rows packed from whole documents instead: a conversation that is cut
 * teaches answers whose question, or whose document, stands in another row.
 */
final class Streams implements Batches {
    private final Recipe.Phase phase;
    private final List<Source> sources;
    private final Plan plan;
    private final Pass[] passes;
    /** For each source with masks its packed rows, one a step; null for text. */
    private final Samples[] packed;
    /** Rows taken from each stream before step {@link #counted}; a cache, found again by counting from 0. */
    private long[] taken;
    private long counted;

    Streams(Recipe.Phase phase, List<Source> sources, Plan plan) throws IOException {
        this.phase = phase;
        this.sources = sources;
        this.plan = plan;
        this.passes = new Pass[sources.size()];
        this.packed = new Samples[sources.size()];
        this.taken = new long[sources.size()];
        for (int s = 0; s < packed.length; s++) {
            Source source = sources.get(s);
            if (source.tokens().tokens() < 2)
                throw new IOException(source.file() + " has " + source.tokens().tokens() + " tokens; phase "
                        + phase.name() + " cannot learn from it");
            if (source.tokens().masked())
                packed[s] = packed(source);
        }
    }

    /** Enough rows of whole documents for the share of the source, however they fill their rows. */
    private Samples packed(Source source) throws IOException {
        int length = phase.sequenceLength();
        long rows = (long) (source.share() * phase.steps() * phase.rows()) + 2;
        Recipe.Phase one = new Recipe.Phase(phase.name(), rows * length, length, length, Map.of(source.name(), 1.0),
                phase.schedule());
        long fitting = Samples.fittingTokens(source, length);
        int epochs = Math.toIntExact(rows * length / Math.max(1, fitting) + 1);
        long seed = plan.seed() * 31 + source.name().hashCode();
        return new Samples(one, List.of(source), new Plan(seed, plan.vocabulary(), true, epochs));
    }

    @Override
    public long steps() {
        return phase.steps();
    }

    @Override
    public Rows at(long step) {
        if (step < counted) {
            taken = new long[sources.size()];
            counted = 0;
        }
        while (counted < step) {
            for (int r = 0; r < phase.rows(); r++)
                taken[next(counted, r)]++;
            counted++;
        }
        int length = phase.sequenceLength();
        int size = phase.rows() * length;
        int[] inputs = new int[size];
        int[] targets = new int[size];
        int[] first = new int[size];
        StringBuilder from = new StringBuilder();
        for (int r = 0; r < phase.rows(); r++) {
            int s = next(step, r);
            from.append(r == 0 ? "" : ", ").append(sources.get(s).name()).append(" row ").append(taken[s]);
            if (packed[s] == null)
                fill(s, taken[s]++, r, inputs, targets, first);
            else
                copy(packed[s].at(taken[s]++), r * length, inputs, targets, first);
        }
        counted = step + 1;
        return new Rows(phase.rows(), length, inputs, targets, first, from.toString());
    }

    private static void copy(Rows row, int to, int[] inputs, int[] targets, int[] first) {
        System.arraycopy(row.inputs(), 0, inputs, to, row.length());
        System.arraycopy(row.targets(), 0, targets, to, row.length());
        System.arraycopy(row.first(), 0, first, to, row.length());
    }

    /** The stream of row {@code r}: the one whose count lies furthest under its share. */
    private int next(long step, int r) {
        long row = step * phase.rows() + r + 1;
        int best = 0;
        double behind = Double.NEGATIVE_INFINITY;
        for (int s = 0; s < taken.length; s++) {
            double lack = sources.get(s).share() * row - taken[s];
            if (lack > behind + 1e-9) {
                behind = lack;
                best = s;
            }
        }
        return best;
    }

    private void fill(int s, long index, int row, int[] inputs, int[] targets, int[] first) {
        int length = phase.sequenceLength();
        int[] tokens = new int[length + 1];
        int[] begins = new int[length + 1];
        TokenFile file = sources.get(s).tokens();
        long at = index * length;
        for (int have = 0; have <= length;) {
            Pass pass = pass(s, at / file.tokens());
            long inside = at % file.tokens();
            int place = pass.place(inside);
            int document = pass.order[place];
            long skip = inside - pass.starts[place];
            int n = (int) Math.min(length + 1 - have, pass.starts[place + 1] - inside);
            file.copy(file.start(document) + skip, tokens, have, n);
            Arrays.fill(begins, have, have + n, have);
            have += n;
            at += n;
        }
        sources.get(s).check(tokens, 0, length + 1, plan.vocabulary());
        System.arraycopy(tokens, 0, inputs, row * length, length);
        System.arraycopy(tokens, 1, targets, row * length, length);
        if (plan.segments())
            System.arraycopy(begins, 0, first, row * length, length);
    }

    private Pass pass(int s, long number) {
        if (passes[s] == null || passes[s].number != number)
            passes[s] = Pass.of(sources.get(s), number, plan.seed());
        return passes[s];
    }

    @Override
    public Map<String, Object> facts() {
        Map<String, Object> passesBySource = new TreeMap<>();
        for (int s = 0; s < taken.length; s++) {
            Source source = sources.get(s);
            passesBySource.put(source.name(), (double) taken[s] * phase.sequenceLength() / source.tokens().tokens());
        }
        return Map.of("passes", passesBySource);
    }

    @Override
    public void close() {
        sources.forEach(source -> source.tokens().close());
    }

    /** One pass over a file: its documents in their order, and where each begins in the pass. */
    private record Pass(long number, int[] order, long[] starts) {
        static Pass of(Source source, long number, long seed) {
            TokenFile file = source.tokens();
            int[] order = Batches.shuffled(Math.toIntExact(file.documents()),
                    seed * 31 + source.name().hashCode() * 1_000_003L + number * 7_919);
            long[] starts = new long[order.length + 1];
            for (int i = 0; i < order.length; i++)
                starts[i + 1] = starts[i] + file.start(order[i] + 1) - file.start(order[i]);
            return new Pass(number, order, starts);
        }

        /** The place in the order of the document that holds token {@code at}; empty documents are stepped over. */
        int place(long at) {
            int place = Arrays.binarySearch(starts, at);
            if (place < 0)
                return -place - 2;
            while (starts[place + 1] == at)
                place++;
            return place;
        }
    }
}
