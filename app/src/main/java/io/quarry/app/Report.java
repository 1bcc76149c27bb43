package io.quarry.app;

import io.quarry.ledger.Artifact;
import io.quarry.recipe.Recipe;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/**
 * Makes {@code report.html}: one file that opens offline and says what went into a model, how it was trained, what it
 * scores and what it cost. It knows only the manifests; what they do not say is shown as not measured.
 */
public final class Report {
    private static final String CHARTS = "/META-INF/resources/webjars/echarts/5.5.0/echarts.min.js";
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private Report() {}

    /**
     * Writes the report of a run.
     *
     * @param recipe    the resolved recipe
     * @param artifacts what the chain made, in the chain's order
     * @param out       the HTML file; replaced as a whole
     * @throws IllegalArgumentException if a fact has another type than the report reads; the sentence names it
     * @throws IOException              if the file cannot be written
     */
    public static void write(Recipe recipe, List<Artifact> artifacts, Path out) throws IOException {
        Path folder = out.toAbsolutePath().getParent();
        Files.createDirectories(folder);
        Artifact.writeAtomically(out, html(recipe, artifacts, ReportMachine.here()));
    }

    static String html(Recipe recipe, List<Artifact> artifacts, ReportMachine machine) throws IOException {
        ReportRun run = ReportRun.of(recipe, artifacts);
        ReportPage page = new ReportPage();
        ReportHeadline.write(page, run, machine);
        ReportData.write(page, run);
        ReportJudge.write(page, run);
        ReportTokenizer.write(page, run);
        ReportTraining.write(page, run);
        ReportScores.write(page, run);
        ReportRewards.write(page, run);
        ReportDialogues.write(page, run);
        ReportCosts.write(page, run);
        ReportProvenance.write(page, run);
        return assemble(recipe.name(), page);
    }

    /** The policy of the page admits these two scripts by their hash and nothing else, not even the network. */
    private static String assemble(String name, ReportPage page) throws IOException {
        String library = inline(resource(CHARTS));
        String script = inline(resource("/report/report.js"));
        String policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src " + hash(library)
                + " " + hash(script);
        return """
                <!DOCTYPE html>
                <html lang="en">
                <head>
                <meta charset="utf-8">
                <meta http-equiv="Content-Security-Policy" content="%s">
                <meta name="viewport" content="width=device-width, initial-scale=1">
                <meta name="color-scheme" content="light dark">
                <title>%s: report</title>
                <style>
                %s</style>
                </head>
                <body>
                %s
                <script type="application/json" id="charts">%s</script>
                <script>%s</script>
                <script>%s</script>
                </body>
                </html>
                """.formatted(policy, ReportPage.escape(name), resource("/report/report.css"), page.html(),
                json(page.charts()), library, script);
    }

    /** JSON that may stand inside a script element: nothing in it can end the element or begin a comment. */
    static String json(Map<String, Object> data) {
        return JSON.writeValueAsString(data).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
                .replace("\u2028", "\\u2028").replace("\u2029", "\\u2029");
    }

    private static String inline(String script) {
        return script.replace("</script", "<\\/script");
    }

    private static String hash(String script) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(script.getBytes(StandardCharsets.UTF_8));
            return "'sha256-" + Base64.getEncoder().encodeToString(digest) + "'";
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = Report.class.getResourceAsStream(name)) {
            if (in == null)
                throw new IOException("the class path has no " + name + ", which the report inlines");
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).replace("\r\n", "\n");
        }
    }
}
