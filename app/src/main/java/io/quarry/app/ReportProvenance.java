package io.quarry.app;

import io.quarry.app.ReportPage.Cell;
import io.quarry.ledger.Manifest;
import io.quarry.recipe.RecipeFile;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** What proves that this model came from that text: hashes, parents, the resolved recipe, and all other facts. */
final class ReportProvenance {
    private static final int ROW = 30;
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final YAMLMapper YAML = YAMLMapper.builder().build();

    private ReportProvenance() {}

    static void write(ReportPage page, ReportRun run) {
        page.open("provenance", "Provenance",
                "Each artifact is named by the hash of its content and knows the hashes of what it was made from.");
        page.raw(graph(run.stages()));
        page.title("Artifacts");
        table(page, run.stages());
        page.details("All hashes as text", ReportPage.copyable(hashes(run.stages())));
        page.details("The resolved recipe",
                ReportPage.copyable(YAML.writeValueAsString(JSON.readTree(RecipeFile.json(run.recipe())))));
        other(page, run.stages());
        page.close();
    }

    /** Stages from top to bottom, an arc from each parent to what was made from it. */
    private static String graph(List<ReportRun.Stage> stages) {
        Map<String, Integer> rows = new HashMap<>();
        for (int i = 0; i < stages.size(); i++)
            rows.putIfAbsent(stages.get(i).manifest().content(), i);
        StringBuilder arcs = new StringBuilder();
        StringBuilder names = new StringBuilder();
        int left = 170;
        for (int i = 0; i < stages.size(); i++) {
            Manifest manifest = stages.get(i).manifest();
            int y = ROW / 2 + i * ROW;
            for (String parent : manifest.parents().values()) {
                Integer from = rows.get(parent);
                if (from != null && from < i)
                    arcs.append(arc(left, ROW / 2 + from * ROW, y, i - from, stages.size()));
            }
            names.append("<circle cx=\"").append(left).append("\" cy=\"").append(y).append("\" r=\"5\"/><text x=\"")
                    .append(left + 16).append("\" y=\"").append(y + 5).append("\">")
                    .append(ReportPage.escape(manifest.stage())).append(" <tspan>")
                    .append(ReportPage.escape(manifest.kind())).append("</tspan></text>");
        }
        return "<div class=\"scroll\"><svg class=\"graph\" role=\"img\" aria-label=\"What was made from what\" width=\"520\""
                + " height=\"" + stages.size() * ROW + "\" viewBox=\"0 0 520 " + stages.size() * ROW + "\">" + arcs
                + names + "</svg></div>";
    }

    private static String arc(int x, int from, int to, int span, int all) {
        int reach = span == 1 ? 0 : (int) Math.round(30 + 190.0 * Math.sqrt((double) span / all));
        return "<path d=\"M" + x + " " + from + " C" + (x - reach) + " " + from + " " + (x - reach) + " " + to + " " + x
                + " " + to + "\"/>";
    }

    private static void table(ReportPage page, List<ReportRun.Stage> stages) {
        List<List<Cell>> rows = new ArrayList<>();
        for (ReportRun.Stage stage : stages) {
            Manifest manifest = stage.manifest();
            StringBuilder parents = new StringBuilder();
            manifest.parents().forEach((name, hash) -> parents.append("<div>").append(ReportPage.escape(name))
                    .append(" <code>").append(ReportPage.escape(ReportNumbers.hash(hash))).append("</code></div>"));
            double bytes = manifest.files().stream().mapToDouble(Manifest.FileEntry::bytes).sum();
            rows.add(List.of(Cell.text(manifest.stage()), Cell.text(manifest.kind()),
                    Cell.code(ReportNumbers.hash(manifest.content())), new Cell(parents.toString(), false),
                    Cell.number(java.util.OptionalDouble.of(bytes), ReportNumbers::bytes),
                    Cell.text(manifest.created())));
        }
        page.table(List.of("stage", "kind", "content", "made from", "size", "made at"), rows);
    }

    private static String hashes(List<ReportRun.Stage> stages) {
        StringBuilder text = new StringBuilder();
        for (ReportRun.Stage stage : stages) {
            Manifest manifest = stage.manifest();
            text.append(manifest.stage()).append(" (").append(manifest.kind()).append(", version ")
                    .append(manifest.version()).append(")\n  key     ").append(manifest.key()).append("\n  content ")
                    .append(manifest.content()).append("\n  recipe  ").append(manifest.recipe()).append('\n');
            manifest.parents().forEach(
                    (name, hash) -> text.append("  parent  ").append(hash).append(' ').append(name).append('\n'));
            for (Manifest.FileEntry file : manifest.files())
                text.append("  file    ").append(file.sha256()).append(' ').append(file.name()).append(" (")
                        .append(file.bytes()).append(" bytes)\n");
        }
        return text.toString();
    }

    /** Whatever no section has read: nothing that a stage wrote down is lost. */
    private static void other(ReportPage page, List<ReportRun.Stage> stages) {
        Map<String, Object> other = new LinkedHashMap<>();
        for (ReportRun.Stage stage : stages) {
            Map<String, Object> unread = stage.facts().unread();
            if (!unread.isEmpty())
                other.put(stage.name(), unread);
        }
        page.details("Other facts",
                other.isEmpty()
                        ? "<p>None: everything the stages wrote down is shown above.</p>"
                        : ReportPage.copyable(YAML.writeValueAsString(other)));
    }
}
