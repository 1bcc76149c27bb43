package io.quarry.app;

import io.quarry.app.ReportPage.Cell;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;

/** What the checkpoints can do: tasks, retrieval by length, loss on held-out text, each with its 95 % interval. */
final class ReportScores {
    private ReportScores() {}

    static void write(ReportPage page, ReportRun run) {
        Map<String, ReportFacts> stages = run.facts("eval.", "");
        page.open("scores", "Scores", "Measured on items no training stage has seen; whiskers are 95 % intervals.");
        tasks(page, stages);
        page.title("Retrieval by length");
        retrieval(page, stages);
        page.title("Held-out loss of the evaluated checkpoints, in nats a token");
        heldOut(page, stages);
        page.close();
    }

    private static Set<String> keys(Map<String, ReportFacts> stages, String fact) {
        Set<String> keys = new LinkedHashSet<>();
        stages.values().forEach(facts -> keys.addAll(facts.child(fact).keys()));
        return keys;
    }

    private static void tasks(ReportPage page, Map<String, ReportFacts> stages) {
        Set<String> tasks = keys(stages, "scores");
        List<Map<String, Object>> series = new ArrayList<>();
        stages.forEach((stage, facts) -> {
            List<Object> points = new ArrayList<>();
            for (String task : tasks)
                points.add(share(task, facts.child("scores").child(task)));
            if (facts.has("scores"))
                series.add(ReportPage.series(stage, points));
        });
        page.chart("scores", "intervals", "Items answered right, in percent",
                Map.of("names", List.copyOf(tasks), "series", series));
    }

    /** [name, share, low, high] in percent; [name] alone where it was not measured. */
    private static List<Object> share(String name, ReportFacts score) {
        OptionalDouble correct = score.number("correct");
        OptionalDouble total = score.number("total");
        if (correct.isEmpty() || total.isEmpty() || total.getAsDouble() == 0)
            return List.of(name);
        double share = 100 * correct.getAsDouble() / total.getAsDouble();
        OptionalDouble low = score.number("low");
        OptionalDouble high = score.number("high");
        return low.isEmpty() || high.isEmpty()
                ? List.of(name, share)
                : List.of(name, share, 100 * low.getAsDouble(), 100 * high.getAsDouble());
    }

    private static void retrieval(ReportPage page, Map<String, ReportFacts> stages) {
        List<String> lengths = new ArrayList<>(keys(stages, "retrieval"));
        lengths.sort(Comparator.comparingLong(ReportScores::length));
        List<Map<String, Object>> series = new ArrayList<>();
        List<String> head = new ArrayList<>(List.of("tokens"));
        stages.forEach((stage, facts) -> {
            if (facts.has("retrieval")) {
                head.add(stage);
                series.add(ReportPage.series(stage,
                        lengths.stream().map(n -> share(n, facts.child("retrieval").child(n))).toList()));
            }
        });
        page.chart("retrieval", "intervals", "Facts found in a document of so many tokens, in percent",
                Map.of("names", lengths, "series", series, "x", "tokens"));
        List<List<Cell>> rows = new ArrayList<>();
        for (String length : lengths) {
            List<Cell> row = new ArrayList<>(List.of(Cell.text(length)));
            for (ReportFacts facts : stages.values())
                if (facts.has("retrieval"))
                    row.add(ReportHeadline.score(facts.child("retrieval").child(length)));
            rows.add(row);
        }
        page.table(head, rows);
    }

    private static long length(String key) {
        try {
            return Long.parseLong(key);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("the facts of retrieval are by length in tokens; " + key
                    + " is no whole number", e);
        }
    }

    private static void heldOut(ReportPage page, Map<String, ReportFacts> stages) {
        List<String> head = new ArrayList<>(List.of("category"));
        stages.forEach((stage, facts) -> {
            if (facts.has("heldOut"))
                head.add(stage);
        });
        List<List<Cell>> rows = new ArrayList<>();
        if (stages.values().stream().anyMatch(facts -> facts.has(Measuring.SHORT_CONTEXT))) {
            List<Cell> row = new ArrayList<>(
                    List.of(Cell.text("all, by the shares of the last phase of pre-training")));
            for (ReportFacts facts : stages.values())
                if (facts.has("heldOut"))
                    row.add(new Cell(facts.number(Measuring.SHORT_CONTEXT).isPresent()
                            ? "<b>" + ReportNumbers.decimal(facts.number(Measuring.SHORT_CONTEXT).getAsDouble(), 3)
                                    + "</b>"
                            : ReportPage.MISSING, true));
            rows.add(row);
        }
        for (String category : keys(stages, "heldOut")) {
            List<Cell> row = new ArrayList<>(List.of(Cell.text(category)));
            for (ReportFacts facts : stages.values())
                if (facts.has("heldOut"))
                    row.add(nats(facts.child("heldOut").child(category)));
            rows.add(row);
        }
        page.table(head, rows);
    }

    private static Cell nats(ReportFacts loss) {
        OptionalDouble nats = loss.number("nats");
        OptionalDouble low = loss.number("low");
        OptionalDouble high = loss.number("high");
        if (nats.isEmpty())
            return new Cell(ReportPage.MISSING, true);
        String interval = low.isEmpty() || high.isEmpty()
                ? ""
                : " <span class=\"interval\">" + ReportNumbers.decimal(low.getAsDouble(), 3) + "&#8239;&#8211;&#8239;"
                        + ReportNumbers.decimal(high.getAsDouble(), 3) + "</span>";
        return new Cell("<b>" + ReportNumbers.decimal(nats.getAsDouble(), 3) + "</b>" + interval, true);
    }
}
