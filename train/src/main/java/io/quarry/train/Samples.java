package io.quarry.train;

import io.quarry.recipe.Recipe;
import io.quarry.text.TokenFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Rows packed from whole samples, as many passes as the plan has epochs, each in a new order. Samples in one row do not
 * see each other, and only what their masks mark is learned. A sample longer than a row is left out and counted: cut, it
 * would teach answers without their question.
 */
final class Samples implements Batches {
    /** Rows open at a time: a sample goes to the first it fits in, which fills rows to about 97 %. */
    private static final int OPEN = 32;

    private final Recipe.Phase phase;
    private final List<Source> sources;
    private final Plan plan;
    /** Source and document of each sample that fits a row. */
    private final int[] source;
    private final int[] document;
    private final long left;
    private final List<int[]> rows = new ArrayList<>();

    Samples(Recipe.Phase phase, List<Source> sources, Plan plan) throws IOException {
        if (plan.epochs() < 1)
            throw new IOException("phase " + phase.name() + " learns from samples, so it must have epochs");
        this.phase = phase;
        this.sources = sources;
        this.plan = plan;
        int count = Math.toIntExact(sources.stream().mapToLong(s -> s.tokens().documents()).sum());
        int[] from = new int[count];
        int[] which = new int[count];
        int kept = 0;
        for (int s = 0; s < sources.size(); s++) {
            TokenFile file = sources.get(s).tokens();
            for (int d = 0; d < file.documents(); d++)
                if (fits(file.start(d + 1) - file.start(d) - 1)) {
                    from[kept] = s;
                    which[kept++] = d;
                }
        }
        source = Arrays.copyOf(from, kept);
        document = Arrays.copyOf(which, kept);
        left = count - kept;
        if (kept == 0)
            throw new IOException("phase " + phase.name() + ": none of " + count + " samples fits a row of "
                    + phase.sequenceLength() + " tokens");
        for (int epoch = 0; epoch < plan.epochs(); epoch++)
            pack(Batches.shuffled(kept, plan.seed() * 31 + epoch));
    }

    private boolean fits(long width) {
        return fits(width, phase.sequenceLength());
    }

    private static boolean fits(long width, int length) {
        return width >= 1 && width <= length;
    }

    /** Positions that one pass over the documents takes, those left out that do not fit a row. */
    static long fittingTokens(Source source, int length) {
        long sum = 0;
        for (long d = 0; d < source.tokens().documents(); d++) {
            long width = source.tokens().start(d + 1) - source.tokens().start(d) - 1;
            sum += fits(width, length) ? width : 0;
        }
        return sum;
    }

    /** Positions a sample takes: its last token is only a target. */
    private int width(int sample) {
        TokenFile file = sources.get(source[sample]).tokens();
        int d = document[sample];
        return (int) (file.start(d + 1) - file.start(d) - 1);
    }

    private void pack(int[] order) {
        List<Row> open = new ArrayList<>();
        for (int sample : order) {
            int width = width(sample);
            Row row = open.stream().filter(r -> r.used + width <= phase.sequenceLength()).findFirst().orElse(null);
            if (row == null) {
                if (open.size() == OPEN)
                    rows.add(open.removeFirst().samples());
                row = new Row();
                open.add(row);
            }
            row.samples.add(sample);
            row.used += width;
        }
        open.forEach(row -> rows.add(row.samples()));
    }

    @Override
    public long steps() {
        return Math.min(phase.steps(), (rows.size() + phase.rows() - 1) / phase.rows());
    }

    @Override
    public Rows at(long step) {
        int from = Math.toIntExact(step * phase.rows());
        int count = Math.min(phase.rows(), rows.size() - from);
        int length = phase.sequenceLength();
        int[] inputs = new int[count * length];
        int[] targets = new int[count * length];
        int[] first = new int[count * length];
        Arrays.fill(targets, Rows.NOT_LEARNED);
        for (int r = 0; r < count; r++) {
            int at = 0;
            for (int sample : rows.get(from + r)) {
                place(sample, r * length + at, at, inputs, targets, first);
                at += width(sample);
            }
            Arrays.fill(first, r * length + at, (r + 1) * length, at);
        }
        return new Rows(count, length, inputs, targets, first,
                "rows " + from + " to " + (from + count - 1) + " of the packed samples of " + names());
    }

    private void place(int sample, int index, int begin, int[] inputs, int[] targets, int[] first) {
        Source from = sources.get(source[sample]);
        long start = from.tokens().start(document[sample]);
        int width = width(sample);
        int[] tokens = new int[width + 1];
        byte[] learned = new byte[width + 1];
        from.tokens().copy(start, tokens, 0, width + 1);
        from.tokens().copyMask(start, learned, 0, width + 1);
        from.check(tokens, 0, width + 1, plan.vocabulary());
        for (int i = 0; i < width; i++) {
            inputs[index + i] = tokens[i];
            first[index + i] = begin;
            if (learned[i + 1] != 0)
                targets[index + i] = tokens[i + 1];
        }
    }

    private String names() {
        return String.join(", ", sources.stream().map(Source::name).toList());
    }

    @Override
    public Map<String, Object> facts() {
        return Map.of("samples", (long) source.length, "samplesLeftOut", left, "epochs", plan.epochs(), "rows",
                (long) rows.size());
    }

    @Override
    public void close() {
        sources.forEach(s -> s.tokens().close());
    }

    /** A row being packed. */
    private static final class Row {
        final List<Integer> samples = new ArrayList<>();
        int used;

        int[] samples() {
            return samples.stream().mapToInt(Integer::intValue).toArray();
        }
    }
}
