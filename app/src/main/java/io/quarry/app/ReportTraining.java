package io.quarry.app;

import io.quarry.app.ReportPage.Cell;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;

/** The curves of all supervised training, on one axis of tokens, and what each phase did to the held-out loss. */
final class ReportTraining {
    private ReportTraining() {}

    /** Stages that say losses, in the chain's order. */
    static Map<String, ReportFacts> stages(ReportRun run) {
        Map<String, ReportFacts> found = new LinkedHashMap<>();
        for (ReportRun.Stage stage : run.stages())
            if (stage.facts().has("losses"))
                found.put(stage.name(), stage.facts());
        return found;
    }

    static void write(ReportPage page, ReportRun run) {
        Map<String, ReportFacts> stages = stages(run);
        page.open("training", "Training",
                "Pre-training, context extension and fine-tuning, one after the other; each phase has its shade.");
        curve(page, stages, "loss", "Training loss, nats per token", "nats/token");
        curve(page, stages, "lr", "Learning rate", "");
        page.raw("<div class=\"pair\">");
        curve(page, stages, "tokensPerSecond", "Speed, tokens per second", "tokens/s");
        curve(page, stages, "gradNorm", "Norm of the gradient, before the clip", "");
        page.raw("</div>");
        page.title("Phases");
        phases(page, stages);
        page.title("Held-out loss by category");
        page.raw("<p>Nats per token, before and after each stage; less is better.</p>");
        heldOut(page, run);
        merges(page, run);
        page.close();
    }

    private static void curve(ReportPage page, Map<String, ReportFacts> stages, String fact, String title,
            String unit) {
        List<Map<String, Object>> series = new ArrayList<>();
        List<Map<String, Object>> shades = new ArrayList<>();
        double from = 0;
        for (Map.Entry<String, ReportFacts> stage : stages.entrySet()) {
            List<double[]> points = new ArrayList<>();
            double last = 0;
            for (ReportFacts row : stage.getValue().children("losses")) {
                OptionalDouble tokens = row.number("tokens");
                OptionalDouble value = row.number(fact);
                row.number("step");
                if (tokens.isPresent())
                    last = tokens.getAsDouble();
                if (tokens.isPresent() && value.isPresent())
                    points.add(new double[] {from + last, value.getAsDouble()});
            }
            double to = from + Math.max(last, stage.getValue().number("tokens").orElse(0));
            shades.add(Map.of("name", stage.getKey(), "from", from, "to", to));
            if (!points.isEmpty())
                series.add(ReportPage.series(stage.getKey(), points));
            from = to;
        }
        page.chart("training-" + fact, "lines", title, Map.of("series", series, "shades", shades, "x", "tokens", "unit",
                unit, "log", fact.equals("loss"), "scale", fact.equals("loss")));
    }

    private static void phases(ReportPage page, Map<String, ReportFacts> stages) {
        List<List<Cell>> rows = new ArrayList<>();
        stages.forEach((name, facts) -> {
            List<ReportFacts> losses = facts.children("losses");
            OptionalDouble first = losses.isEmpty() ? OptionalDouble.empty() : losses.getFirst().number("loss");
            OptionalDouble last = losses.isEmpty() ? OptionalDouble.empty() : losses.getLast().number("loss");
            rows.add(List.of(Cell.text(name), Cell.number(facts.number("tokens"), ReportNumbers::count),
                    Cell.number(first, v -> ReportNumbers.decimal(v, 3)),
                    Cell.number(last, v -> ReportNumbers.decimal(v, 3)),
                    Cell.number(facts.number("tokensPerSecond"), ReportNumbers::count),
                    Cell.number(facts.number("seconds"), ReportNumbers::duration)));
        });
        page.table(List.of("phase", "tokens", "first loss", "last loss", "tokens/s", "time"), rows);
    }

    private static void heldOut(ReportPage page, ReportRun run) {
        Map<String, ReportFacts> stages = new LinkedHashMap<>();
        Set<String> categories = new LinkedHashSet<>();
        for (ReportRun.Stage stage : run.stages())
            if ("checkpoint".equals(stage.manifest().kind()) && stage.facts().has("heldOut")) {
                stages.put(stage.name(), stage.facts().child("heldOut"));
                categories.addAll(after(stage.facts().child("heldOut")).keys());
            }
        List<String> head = new ArrayList<>(List.of("category"));
        head.addAll(stages.keySet());
        List<List<Cell>> rows = new ArrayList<>();
        List<Map<String, Object>> series = new ArrayList<>();
        for (String category : categories) {
            List<Cell> row = new ArrayList<>(List.of(Cell.text(category)));
            List<Object> points = new ArrayList<>();
            for (Map.Entry<String, ReportFacts> stage : stages.entrySet()) {
                OptionalDouble after = after(stage.getValue()).number(category);
                row.add(change(before(stage.getValue()).number(category), after));
                if (after.isPresent())
                    points.add(List.of(stage.getKey(), after.getAsDouble()));
            }
            rows.add(row);
            series.add(ReportPage.series(category, points));
        }
        page.chart("heldout", "steps", "Held-out loss after each stage, nats per token",
                Map.of("names", List.copyOf(stages.keySet()), "series", series, "unit", "nats/token"));
        page.table(head, rows);
    }

    /** A merge is measured once: its losses stand without before and after. */
    private static ReportFacts after(ReportFacts heldOut) {
        return heldOut.has("before") || heldOut.has("after") ? heldOut.child("after") : heldOut;
    }

    private static ReportFacts before(ReportFacts heldOut) {
        return heldOut.has("before") ? heldOut.child("before") : new ReportFacts("before", Map.of());
    }

    private static Cell change(OptionalDouble before, OptionalDouble after) {
        if (before.isEmpty() && after.isEmpty())
            return new Cell(ReportPage.MISSING, true);
        String was = before.isPresent()
                ? "<small>from " + ReportNumbers.decimal(before.getAsDouble(), 3) + "</small>"
                : "";
        String is = after.isPresent() ? ReportNumbers.decimal(after.getAsDouble(), 3) : ReportPage.MISSING;
        return new Cell("<b>" + is + "</b>" + was, true);
    }

    private static void merges(ReportPage page, ReportRun run) {
        List<List<Cell>> rows = new ArrayList<>();
        run.facts("merge.", "").forEach((name, facts) -> rows.add(List.of(Cell.text("merge." + name),
                Cell.text(facts.text("rule")), Cell.number(facts.number("weight"), v -> ReportNumbers.decimal(v, 2)))));
        if (!rows.isEmpty()) {
            page.title("Merges");
            page.table(List.of("merge", "rule", "share of the newer checkpoint"), rows);
        }
    }
}
