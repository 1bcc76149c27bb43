package io.quarry.app;

import io.quarry.app.ReportPage.Cell;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/** How reinforcement learning went: reward, divergence, length, step by step. */
final class ReportRewards {
    private ReportRewards() {}

    static void write(ReportPage page, ReportRun run) {
        Map<String, ReportFacts> stages = run.facts("rl.", "");
        page.open("rewards", "Rewards", "Reinforcement learning with rewards that a program verifies.");
        curve(page, stages, "reward", "Mean reward", "");
        page.raw("<div class=\"pair\">");
        curve(page, stages, "correct", "Share of right answers", "");
        curve(page, stages, "kl", "Divergence from the model before the stage", "nats/token");
        curve(page, stages, "length", "Mean length of an answer", "tokens");
        curve(page, stages, "entropy", "Entropy of the answers", "nats/token");
        page.raw("</div>");
        List<List<Cell>> rows = new ArrayList<>();
        stages.forEach((name, facts) -> rows.add(row(name, facts.children("steps"))));
        page.table(List.of("stage", "steps", "first reward", "last reward", "last KL", "time"), rows);
        page.close();
    }

    private static List<Cell> row(String name, List<ReportFacts> steps) {
        List<Double> seconds = new ArrayList<>();
        steps.forEach(step -> step.number("seconds").ifPresent(seconds::add));
        OptionalDouble none = OptionalDouble.empty();
        return List.of(Cell.text(name), Cell.number(OptionalDouble.of(steps.size()), ReportNumbers::count),
                Cell.number(steps.isEmpty() ? none : steps.getFirst().number("reward"),
                        v -> ReportNumbers.decimal(v, 3)),
                Cell.number(steps.isEmpty() ? none : steps.getLast().number("reward"),
                        v -> ReportNumbers.decimal(v, 3)),
                Cell.number(steps.isEmpty() ? none : steps.getLast().number("kl"), v -> ReportNumbers.decimal(v, 4)),
                Cell.number(seconds.isEmpty()
                        ? none
                        : OptionalDouble.of(seconds.stream().mapToDouble(Double::doubleValue).sum()),
                        ReportNumbers::duration));
    }

    private static void curve(ReportPage page, Map<String, ReportFacts> stages, String fact, String title,
            String unit) {
        List<Map<String, Object>> series = new ArrayList<>();
        List<Map<String, Object>> shades = new ArrayList<>();
        double from = 0;
        for (Map.Entry<String, ReportFacts> stage : stages.entrySet()) {
            List<double[]> points = new ArrayList<>();
            double to = from;
            for (ReportFacts row : stage.getValue().children("steps")) {
                OptionalDouble step = row.number("step");
                OptionalDouble value = row.number(fact);
                if (step.isPresent())
                    to = from + step.getAsDouble();
                if (step.isPresent() && value.isPresent())
                    points.add(new double[] {to, value.getAsDouble()});
            }
            shades.add(Map.of("name", stage.getKey(), "from", from, "to", to));
            if (!points.isEmpty())
                series.add(ReportPage.series(stage.getKey(), points));
            from = to;
        }
        page.chart("rl-" + fact, "lines", title,
                Map.of("series", series, "shades", shades, "x", "steps", "unit", unit, "log", false, "scale", true));
    }
}
