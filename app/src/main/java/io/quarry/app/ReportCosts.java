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
        List<String> names = new ArrayList<>();
        List<Double> seconds = new ArrayList<>();
        List<List<Cell>> rows = new ArrayList<>();
        for (ReportRun.Stage stage : run.stages()) {
            names.add(stage.name());
            seconds.add(stage.manifest().seconds());
            rows.add(List.of(Cell.text(stage.name()),
                    Cell.number(OptionalDouble.of(stage.manifest().seconds()), ReportNumbers::duration),
                    Cell.number(stage.facts().number("tokensPerSecond"), ReportNumbers::count),
                    Cell.number(ReportRun.peakBytes(stage.facts()), ReportNumbers::bytes)));
        }
        page.chart("costs", "bars", "Time by stage",
                Map.of("names", names, "values", seconds, "unit",
                        "s", "labels", seconds.stream().map(ReportNumbers::duration).toList()));
        page.table(List.of("stage", "time", "tokens/s", "peak memory"), rows);
        page.close();
    }
}
