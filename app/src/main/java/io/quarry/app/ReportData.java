package io.quarry.app;

import io.quarry.app.ReportPage.Cell;
import io.quarry.app.ReportPage.Tile;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/** Which text went in, under which licence, and what became of it. */
final class ReportData {
    private ReportData() {}

    static void write(ReportPage page, ReportRun run) {
        ReportFacts curate = run.facts("curate");
        List<ReportFacts> sources = run.facts("sources").children("sources");
        page.open("data", "Data", "Every document has a source, every source a licence; what was left out is counted"
                + " by reason.");
        flow(page, sources, curate);
        balance(page, curate);
        page.title("Sources");
        sources(page, sources);
        page.title("Licences");
        share(page, "licence", curate.child("byLicence"));
        page.title("Languages");
        share(page, "language", curate.child("byLanguage"));
        page.title("Categories");
        share(page, "category", curate.child("byCategory"));
        page.details("Kept documents by source", shareTable("source", curate.child("bySource")));
        page.title("Left out, by reason");
        drops(page, curate);
        page.title("Tokens by category");
        tokens(page, run.facts("tokens"));
        page.close();
    }

    /** Sources, categories, what was kept and dropped, splits; the width of a band counts documents. */
    private static void flow(ReportPage page, List<ReportFacts> sources, ReportFacts curate) {
        List<Map<String, Object>> links = new ArrayList<>();
        for (ReportFacts source : sources)
            link(links, 0, source.text("name").orElse("unnamed source"), source.text("category").orElse("no category"),
                    source.number("documents"));
        ReportFacts kept = curate.child("byCategory");
        for (String category : kept.keys())
            link(links, 1, category, "kept", kept.child(category).number("documents"));
        dropped(curate).forEach((category, reasons) -> reasons.forEach(
                (reason, count) -> link(links, 1, category, reason, OptionalDouble.of(count))));
        ReportFacts splits = curate.child("splits");
        for (String split : splits.keys())
            link(links, 2, "kept", split, splits.child(split).number("documents"));
        page.chart("flow", "sankey", "From sources to training text, in documents", Map.of("links", links));
    }

    /** Counts by category and reason; where the fact is by reason first, it is turned round. */
    private static Map<String, Map<String, Double>> dropped(ReportFacts curate) {
        ReportFacts drops = curate.child("dropsByCategory");
        boolean reasonFirst = curate.child("drops").keys().containsAll(drops.keys());
        Map<String, Map<String, Double>> dropped = new LinkedHashMap<>();
        for (String outer : drops.keys())
            drops.child(outer).numbers().forEach((inner, count) -> dropped
                    .computeIfAbsent(reasonFirst ? inner : outer, category -> new LinkedHashMap<>())
                    .put(reasonFirst ? outer : inner, count));
        return dropped;
    }

    private static void link(List<Map<String, Object>> links, int depth, String from, String to, OptionalDouble value) {
        if (value.isPresent() && value.getAsDouble() > 0)
            links.add(Map.of("depth", depth, "from", from, "to", to, "value", value.getAsDouble()));
    }

    private static void balance(ReportPage page, ReportFacts curate) {
        page.tiles("tiles small",
                List.of(Tile.of("Documents read", curate.child("in").number("documents"), ReportNumbers::count),
                        Tile.of("Text read", curate.child("in").number("bytes"), ReportNumbers::bytes),
                        Tile.of("Documents kept", curate.child("out").number("documents"), ReportNumbers::count),
                        Tile.of("Text kept", curate.child("out").number("bytes"), ReportNumbers::bytes)));
    }

    private static void sources(ReportPage page, List<ReportFacts> sources) {
        List<List<Cell>> rows = new ArrayList<>();
        for (ReportFacts source : sources)
            rows.add(List.of(Cell.text(source.text("name")), Cell.text(source.text("version")),
                    Cell.text(source.text("licence")), Cell.text(source.text("category")),
                    Cell.number(source.number("documents"), ReportNumbers::count),
                    Cell.number(source.number("bytes"), ReportNumbers::bytes),
                    source.text("sha256").map(hash -> Cell.code(ReportNumbers.hash(hash)))
                            .orElse(Cell.text(Optional.empty()))));
        page.table(List.of("source", "version", "licence", "category", "documents", "text", "SHA-256"), rows);
    }

    private static void share(ReportPage page, String name, ReportFacts groups) {
        page.raw(shareTable(name, groups));
    }

    /** Groups by size, each with its share as a bar behind the number. */
    private static String shareTable(String name, ReportFacts groups) {
        List<String> keys = new ArrayList<>(groups.keys());
        keys.sort(Comparator.comparingDouble((String key) -> -groups.child(key).number("bytes").orElse(0)));
        double all = keys.stream().mapToDouble(key -> groups.child(key).number("bytes").orElse(0)).sum();
        List<List<Cell>> rows = new ArrayList<>();
        for (String key : keys) {
            OptionalDouble bytes = groups.child(key).number("bytes");
            rows.add(List.of(Cell.text(key), Cell.number(groups.child(key).number("documents"), ReportNumbers::count),
                    Cell.number(bytes, ReportNumbers::bytes), bar(bytes.isPresent() && all > 0
                            ? OptionalDouble.of(bytes.getAsDouble() / all)
                            : OptionalDouble.empty())));
        }
        return new ReportPage().table(List.of(name, "documents", "text", "share of text"), rows).fragment();
    }

    static Cell bar(OptionalDouble share) {
        if (share.isEmpty())
            return new Cell(ReportPage.MISSING, false);
        double width = Math.clamp(100 * share.getAsDouble(), 0, 100);
        return new Cell("<span class=\"bar\"><i style=\"width:" + ReportNumbers.decimal(width, 1) + "%\"></i></span>"
                + "<span class=\"share\">" + ReportNumbers.percent(share.getAsDouble()) + "</span>", false);
    }

    private static void drops(ReportPage page, ReportFacts curate) {
        Map<String, Double> drops = curate.child("drops").numbers();
        double all = drops.values().stream().mapToDouble(Double::doubleValue).sum();
        List<List<Cell>> rows = new ArrayList<>();
        drops.entrySet().stream().sorted(Map.Entry.<String, Double>comparingByValue().reversed())
                .forEach(drop -> rows.add(List.of(Cell.text(drop.getKey()),
                        Cell.number(OptionalDouble.of(drop.getValue()), ReportNumbers::count),
                        bar(all > 0 ? OptionalDouble.of(drop.getValue() / all) : OptionalDouble.empty()))));
        page.table(List.of("reason", "documents", "share of what was left out"), rows);
        ReportFacts samples = curate.child("dropSamples");
        for (String reason : samples.keys()) {
            StringBuilder html = new StringBuilder();
            for (String text : samples.texts(reason))
                html.append("<blockquote dir=\"auto\">").append(ReportPage.escape(shorten(text)))
                        .append("</blockquote>");
            page.details("Examples: " + reason, html.toString());
        }
    }

    /** An example is to be looked at, not read to the end. */
    static String shorten(String text) {
        return text.codePointCount(0, text.length()) <= 600
                ? text
                : text.substring(0, text.offsetByCodePoints(0, 600)) + " ...";
    }

    private static void tokens(ReportPage page, ReportFacts tokens) {
        List<List<Cell>> rows = new ArrayList<>();
        for (String category : tokens.child("tokens").keys())
            rows.add(List.of(Cell.text(category),
                    Cell.number(tokens.child("tokens").number(category), ReportNumbers::count),
                    Cell.number(tokens.child("heldOut").number(category), ReportNumbers::count)));
        page.table(List.of("category", "training tokens", "held-out tokens"), rows);
    }
}
