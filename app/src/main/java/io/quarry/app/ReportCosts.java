package io.quarry.app;

import io.quarry.app.ReportPage.Cell;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/** What each stage took: time, memory, and how fast it was. */
final class ReportCosts {
    private ReportCosts() {}

    static void write(ReportPage page, ReportRun run) {
        page.open("costs", "Costs", "Time, speed and the highest resident memory of every stage.");
        List<String> names = run.stages().stream().map(ReportRun.Stage::name).toList();
        List<Double> seconds = run.stages().stream().map(stage -> stage.manifest().seconds()).toList();
        page.raw("<div class=\"pair\">");
        page.chart("costs", "bars", "Time by stage", Map.of("names", names, "values", seconds, "unit", "s", "labels",
                seconds.stream().map(ReportNumbers::duration).toList()));
        memory(page, run);
        page.raw("</div>");
        List<List<Cell>> rows = new ArrayList<>();
        for (ReportRun.Stage stage : run.stages())
            rows.add(List.of(Cell.text(stage.name()),
                    Cell.number(OptionalDouble.of(stage.manifest().seconds()), ReportNumbers::duration),
                    Cell.number(stage.facts().number("tokensPerSecond"), ReportNumbers::count),
                    Cell.number(ReportRun.peakBytes(stage.facts()), ReportNumbers::bytes)));
        page.table(List.of("stage", "time", "tokens/s", "peak memory"), rows);
        page.close();
    }

    private static void memory(ReportPage page, ReportRun run) {
        List<String> names = new ArrayList<>();
        List<Double> bytes = new ArrayList<>();
        for (ReportRun.Stage stage : run.stages())
            ReportRun.peakBytes(stage.facts()).ifPresent(peak -> {
                names.add(stage.name());
                bytes.add(peak);
            });
        page.chart("memory", "bars", "Peak memory by stage", Map.of("names", names, "values", bytes, "unit", "B",
                "labels", bytes.stream().map(ReportNumbers::bytes).toList()));
    }
}
