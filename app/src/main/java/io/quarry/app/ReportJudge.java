package io.quarry.app;

import io.quarry.app.ReportPage.Cell;
import io.quarry.app.ReportPage.Tile;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/** What the judge let through to fine-tuning, and whether it catches samples that were made bad on purpose. */
final class ReportJudge {
    private ReportJudge() {}

    static void write(ReportPage page, ReportRun run) {
        ReportFacts facts = run.facts("samples");
        page.open("judge", "Judge", "Samples pass rule filters and a judge before the model learns from them; some"
                + " were made bad on purpose, to see whether they are caught.");
        OptionalDouble candidates = facts.number("candidates");
        page.tiles("tiles small", List.of(Tile.of("Candidates", candidates, ReportNumbers::count),
                Tile.of("Accepted", facts.number("accepted"), ReportNumbers::count)));
        page.title("Verdicts");
        counts(page, "verdict", facts.child("verdicts").numbers(), candidates);
        page.title("Reasons of rejection");
        counts(page, "reason", facts.child("reasons").numbers(), candidates);
        page.title("Deliberately bad samples");
        bad(page, facts.child("bad"));
        examples(page, facts.children("examples"));
        page.close();
    }

    private static void counts(ReportPage page, String name, Map<String, Double> counts, OptionalDouble of) {
        List<List<Cell>> rows = new ArrayList<>();
        counts.entrySet().stream().sorted(Map.Entry.<String, Double>comparingByValue().reversed())
                .forEach(count -> rows.add(List.of(Cell.text(count.getKey()),
                        Cell.number(OptionalDouble.of(count.getValue()), ReportNumbers::count),
                        share(count.getValue(), of))));
        page.table(List.of(name, "samples", "share of the candidates"), rows);
    }

    private static Cell share(double part, OptionalDouble whole) {
        return ReportData.bar(whole.isPresent() && whole.getAsDouble() > 0
                ? OptionalDouble.of(part / whole.getAsDouble())
                : OptionalDouble.empty());
    }

    private static void bad(ReportPage page, ReportFacts bad) {
        List<List<Cell>> rows = new ArrayList<>();
        for (String kind : bad.keys()) {
            OptionalDouble made = bad.child(kind).number("made");
            OptionalDouble caught = bad.child(kind).number("caught");
            rows.add(List.of(Cell.text(kind), Cell.number(made, ReportNumbers::count),
                    Cell.number(caught, ReportNumbers::count),
                    caught.isPresent() ? share(caught.getAsDouble(), made) : share(0, OptionalDouble.empty())));
        }
        page.table(List.of("kind", "made", "caught", "share caught"), rows);
    }

    private static void examples(ReportPage page, List<ReportFacts> examples) {
        StringBuilder html = new StringBuilder();
        for (ReportFacts example : examples) {
            String verdict = example.text("verdict").orElse("no verdict");
            html.append("<article class=\"answer\"><header><span class=\"tag\">")
                    .append(ReportPage.escape(example.text("task").orElse("no task"))).append("</span> <span class=\"")
                    .append(verdict.equalsIgnoreCase("accept") ? "right" : "wrong").append("\">")
                    .append(ReportPage.escape(verdict)).append("</span> ")
                    .append(ReportPage.escape(example.text("reason").orElse(""))).append("</header><pre dir=\"auto\">")
                    .append(ReportPage.escape(example.text("text").orElse("not kept"))).append("</pre></article>");
        }
        if (!html.isEmpty())
            page.details("Examples of judged samples", html.toString());
    }
}
