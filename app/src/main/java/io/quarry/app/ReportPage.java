package io.quarry.app;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.DoubleFunction;

/**
 * The page being written: HTML on one side, the data of its charts on the other. All text that comes from outside goes
 * through {@link #escape}; the methods here do it, only {@link #raw} does not.
 */
final class ReportPage {
    static final String MISSING = "<span class=\"missing\">not measured</span>";
    private final StringBuilder body = new StringBuilder();
    private final StringBuilder links = new StringBuilder();
    private final Map<String, Object> charts = new LinkedHashMap<>();

    /** A cell of a table, already HTML. */
    record Cell(String html, boolean number) {
        static Cell text(String text) {
            return new Cell(escape(text), false);
        }

        static Cell text(Optional<String> text) {
            return text.map(Cell::text).orElse(new Cell(MISSING, false));
        }

        static Cell code(String text) {
            return new Cell("<code>" + escape(text) + "</code>", false);
        }

        static Cell number(OptionalDouble value, DoubleFunction<String> format) {
            return new Cell(value.isPresent() ? escape(format.apply(value.getAsDouble())) : MISSING, true);
        }
    }

    /** One number to be seen at a glance; an empty value is shown as not measured. */
    record Tile(String name, String value, String remark) {
        static Tile of(String name, OptionalDouble value, DoubleFunction<String> format) {
            return new Tile(name, value.isPresent() ? format.apply(value.getAsDouble()) : "", "");
        }
    }

    /** Text as HTML, fit for element content and for quoted attributes. */
    static String escape(String text) {
        StringBuilder safe = new StringBuilder(text.length() + 16);
        text.codePoints().forEach(c -> {
            switch (c) {
                case '&' -> safe.append("&amp;");
                case '<' -> safe.append("&lt;");
                case '>' -> safe.append("&gt;");
                case '"' -> safe.append("&quot;");
                case '\'' -> safe.append("&#39;");
                case '\r' -> {
                    /* the line feed behind it ends the line */ }
                case '\n', '\t' -> safe.appendCodePoint(c);
                default -> safe.appendCodePoint(visible(c) ? c : 0xFFFD);
            }
        });
        return safe.toString();
    }

    /** Control characters, half surrogates and the marks that turn the direction of text have no place on a page. */
    private static boolean visible(int c) {
        return !Character.isISOControl(c) && Character.getType(c) != Character.SURROGATE
                && !(c >= 0x202A && c <= 0x202E) && !(c >= 0x2066 && c <= 0x2069);
    }

    ReportPage raw(String html) {
        body.append(html).append('\n');
        return this;
    }

    ReportPage open(String id, String title, String lead) {
        links.append("<a href=\"#").append(id).append("\">").append(escape(title)).append("</a>");
        return raw("<section id=\"" + id + "\"><h2>" + escape(title) + "</h2><p class=\"lead\">" + escape(lead)
                + "</p>");
    }

    ReportPage close() {
        return raw("</section>");
    }

    ReportPage title(String text) {
        return raw("<h3>" + escape(text) + "</h3>");
    }

    ReportPage missing() {
        return raw("<p>" + MISSING + "</p>");
    }

    ReportPage tiles(String look, List<Tile> tiles) {
        raw("<dl class=\"" + look + "\">");
        for (Tile tile : tiles)
            raw("<div><dt>" + escape(tile.name()) + "</dt><dd>"
                    + (tile.value().isEmpty() ? MISSING : "<b>" + escape(tile.value()) + "</b>")
                    + (tile.remark().isEmpty() ? "" : "<small>" + escape(tile.remark()) + "</small>") + "</dd></div>");
        return raw("</dl>");
    }

    /** A table; where it has no rows it says that this was not measured. */
    ReportPage table(List<String> head, List<List<Cell>> rows) {
        if (rows.isEmpty())
            return missing();
        StringBuilder html = new StringBuilder("<div class=\"scroll\"><table><thead><tr>");
        for (int i = 0; i < head.size(); i++)
            html.append(rows.getFirst().get(i).number() ? "<th class=\"n\">" : "<th>").append(escape(head.get(i)))
                    .append("</th>");
        html.append("</tr></thead><tbody>");
        for (List<Cell> row : rows) {
            html.append("<tr>");
            for (Cell cell : row)
                html.append(cell.number() ? "<td class=\"n\">" : "<td>").append(cell.html()).append("</td>");
            html.append("</tr>");
        }
        return raw(html.append("</tbody></table></div>").toString());
    }

    /** A chart drawn by report.js from the data; {@code kind} names the function there. */
    ReportPage chart(String id, String kind, String title, Map<String, Object> data) {
        boolean drawn = data.values().stream().allMatch(v -> !(v instanceof List<?> list) || !list.isEmpty());
        raw("<figure><figcaption>" + escape(title) + "</figcaption>");
        if (drawn) {
            Map<String, Object> whole = new LinkedHashMap<>(data);
            whole.put("kind", kind);
            charts.put(id, whole);
            raw("<div class=\"chart\" id=\"chart-" + id + "\" role=\"img\" aria-label=\"" + escape(title)
                    + "\"></div>");
        } else {
            missing();
        }
        return raw("</figure>");
    }

    ReportPage details(String summary, String html) {
        return raw("<details><summary>" + escape(summary) + "</summary>" + html + "</details>");
    }

    /** Text that keeps its lines, with a button that copies it. */
    static String copyable(String text) {
        return "<div class=\"copy\"><pre>" + escape(text) + "</pre></div>";
    }

    /** What was written so far, without the frame of a page. */
    String fragment() {
        return body.toString();
    }

    Map<String, Object> charts() {
        return charts;
    }

    String html() {
        return "<nav aria-label=\"Sections\"><div class=\"links\">" + links
                + "</div><button type=\"button\" id=\"theme\" title=\"Light or dark\">"
                + "<span aria-hidden=\"true\">&#9680;</span><span class=\"hidden\">Light or dark</span></button></nav>\n<main>\n"
                + body + "</main>";
    }

    /** A series of a line chart: points are [x, y] or [x, y, low, high]. */
    static Map<String, Object> series(String name, List<?> points) {
        Map<String, Object> series = new LinkedHashMap<>();
        series.put("name", name);
        series.put("points", new ArrayList<>(points));
        return series;
    }
}
