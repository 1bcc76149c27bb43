package io.quarry.app;

import io.quarry.model.Quantize.Outcome;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What became of a model: every tensor with its error, sizes, perplexity; for people and for scripts. */
record Rewritten(Path from, Path out, List<Outcome> outcomes, Perplexity perplexity) {

    private long bytesBefore() {
        return outcomes.stream().mapToLong(outcome -> outcome.from().bytes(outcome.numbers())).sum();
    }

    private long bytesAfter() {
        return outcomes.stream().mapToLong(outcome -> outcome.to().bytes(outcome.numbers())).sum();
    }

    private long numbers() {
        return outcomes.stream().mapToLong(Outcome::numbers).sum();
    }

    private List<Outcome> rounded() {
        return outcomes.stream().filter(outcome -> outcome.error() > 0).toList();
    }

    /** Root mean square of the errors of what was rounded, each weight counted once. */
    private double error() {
        double sum = 0;
        long count = 0;
        for (Outcome outcome : rounded()) {
            sum += outcome.error() * outcome.error() * outcome.numbers();
            count += outcome.numbers();
        }
        return count == 0 ? 0 : Math.sqrt(sum / count);
    }

    private double bitsPerWeight() {
        return 8.0 * bytesAfter() / Math.max(1, numbers());
    }

    void print(PrintStream out) {
        List<String[]> rows = new ArrayList<>();
        for (Outcome outcome : rounded())
            rows.add(new String[] {outcome.name(), outcome.shape().toString(), outcome.from() + " to " + outcome.to(),
                percent(outcome.error()), outcome.note() == null ? "" : outcome.note()});
        Table.print(out, List.of("tensor", "shape", "type", "error", ""), rows);
        if (rounded().size() < outcomes.size())
            out.println(outcomes.size() - rounded().size() + " tensors lost nothing");
        out.printf(Locale.ROOT, "%s: weights take %s, before %s; %.2f bits each%n", out(),
                Meter.Numbers.bytes(bytesAfter()), Meter.Numbers.bytes(bytesBefore()), bitsPerWeight());
        rounded().stream().max(Comparator.comparingDouble(Outcome::error)).ifPresent(
                worst -> out.println("error " + percent(error()) + " over all that was rounded, most in "
                        + worst.name() + " (" + percent(worst.error()) + ")"));
        if (perplexity.measured())
            out.printf(Locale.ROOT, "perplexity %.4f, before %.4f (%+.2f %%), on %d tokens%n", perplexity.after(),
                    perplexity.before(), 100 * (perplexity.after() / perplexity.before() - 1), perplexity.tokens());
        else
            out.println("perplexity not measured: " + perplexity.why());
    }

    private static String percent(double error) {
        return String.format(Locale.ROOT, error < 0.001 ? "%.4f %%" : "%.2f %%", 100 * error);
    }

    Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("from", from.toString());
        json.put("path", out.toString());
        json.put("weights", numbers());
        json.put("bytesBefore", bytesBefore());
        json.put("bytesAfter", bytesAfter());
        json.put("bitsPerWeight", bitsPerWeight());
        json.put("error", error());
        List<Map<String, Object>> tensors = new ArrayList<>();
        for (Outcome outcome : outcomes) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("name", outcome.name());
            one.put("shape", outcome.shape());
            one.put("from", outcome.from().name());
            one.put("to", outcome.to().name());
            one.put("error", outcome.error());
            one.put("note", outcome.note());
            tensors.add(one);
        }
        json.put("tensors", tensors);
        json.put("perplexityTokens", perplexity.tokens());
        json.put("perplexityBefore", perplexity.measured() ? perplexity.before() : null);
        json.put("perplexityAfter", perplexity.measured() ? perplexity.after() : null);
        json.put("perplexityNotMeasured", perplexity.why());
        return json;
    }
}
