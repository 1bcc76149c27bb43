package io.quarry.app;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SequencedMap;
import java.util.Set;

/** The first screen: what the model is, what it cost, what it scores, how to talk to it. */
final class ReportHeadline {
    private ReportHeadline() {}

    static void write(ReportPage page, ReportRun run, ReportMachine machine) {
        String name = run.recipe().name();
        var parameters = run.parameters();
        page.raw("<header><p class=\"kicker\">Report of a model and of everything that made it</p><h1>"
                + ReportPage.escape(name) + "</h1>");
        OptionalDouble peak = run.peakBytes();
        OptionalDouble tokens = trainedTokens(run);
        List<ReportPage.Tile> tiles = List.of(
                new ReportPage.Tile("Parameters",
                        parameters.isPresent() ? ReportNumbers.brief(parameters.getAsLong()) : "",
                        parameters.isPresent() ? ReportNumbers.count(parameters.getAsLong()) : ""),
                new ReportPage.Tile("Total time", ReportNumbers.duration(run.seconds()),
                        run.stages().size() + (run.stages().size() == 1 ? " stage" : " stages")),
                new ReportPage.Tile("Peak memory", peak.isPresent() ? ReportNumbers.bytes(peak.getAsDouble()) : "",
                        "resident, over all stages"),
                new ReportPage.Tile("Trained on",
                        tokens.isPresent() ? ReportNumbers.brief(tokens.getAsDouble()) + " tokens" : "",
                        "all supervised phases"));
        page.tiles("tiles", tiles);
        page.raw("<p class=\"machine\">" + ReportPage.escape(machine.cpu() + ", " + machine.cores() + " cores, "
                + ReportNumbers.bytes(machine.memoryBytes()) + " memory; JDK " + machine.jdk() + "; " + machine.os())
                + "</p>");
        page.title("Talk to it");
        page.raw(ReportPage.copyable(command(run)));
        page.title("Scores by stage");
        page.raw("<p>Held-out items answered right, with 95 % intervals; the last stage first.</p>");
        scores(page, run);
        page.raw("</header>");
    }

    private static OptionalDouble trainedTokens(ReportRun run) {
        List<Double> tokens = new ArrayList<>();
        for (ReportFacts facts : ReportTraining.stages(run).values())
            facts.number("tokens").ifPresent(tokens::add);
        return tokens.isEmpty()
                ? OptionalDouble.empty()
                : OptionalDouble.of(tokens.stream().mapToDouble(Double::doubleValue).sum());
    }

    /** {@code chat} takes the last model of the folder work; a model elsewhere is named. */
    private static String command(ReportRun run) {
        if (run.model().isEmpty())
            return "./quarry chat";
        String dir = run.model().get().artifact().dir().toString().replace('\\', '/');
        return "./quarry chat" + (dir.startsWith("work/") ? "" : " '" + dir.replace("'", "'\\''") + "'");
    }

    private static void scores(ReportPage page, ReportRun run) {
        // the finished model first: a narrow window shows the first columns
        SequencedMap<String, ReportFacts> stages = new LinkedHashMap<>(run.facts("eval.", "")).reversed();
        Set<String> tasks = new LinkedHashSet<>();
        stages.values().forEach(facts -> tasks.addAll(facts.child("scores").keys()));
        List<String> head = new ArrayList<>(List.of("task"));
        head.addAll(stages.keySet());
        List<List<ReportPage.Cell>> rows = new ArrayList<>();
        for (String task : tasks) {
            List<ReportPage.Cell> row = new ArrayList<>(List.of(ReportPage.Cell.text(task)));
            for (ReportFacts facts : stages.values())
                row.add(score(facts.child("scores").child(task)));
            rows.add(row);
        }
        page.table(head, rows);
    }

    /** A score as share, interval and counts; low and high are shares. */
    static ReportPage.Cell score(ReportFacts score) {
        OptionalDouble correct = score.number("correct");
        OptionalDouble total = score.number("total");
        OptionalDouble low = score.number("low");
        OptionalDouble high = score.number("high");
        if (correct.isEmpty() || total.isEmpty() || total.getAsDouble() == 0)
            return new ReportPage.Cell(ReportPage.MISSING, true);
        String html = "<b>" + ReportNumbers.percent(correct.getAsDouble() / total.getAsDouble()) + "</b>";
        if (low.isPresent() && high.isPresent())
            html += " <span class=\"interval\">" + ReportNumbers.decimal(100 * low.getAsDouble(), 1)
                    + "&#8239;&#8211;&#8239;"
                    + ReportNumbers.decimal(100 * high.getAsDouble(), 1) + "</span>";
        html += "<small>" + ReportNumbers.count(correct.getAsDouble()) + " of "
                + ReportNumbers.count(total.getAsDouble()) + "</small>";
        return new ReportPage.Cell(html, true);
    }
}
