package io.quarry.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarry.ledger.Artifact;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ReportTest {
    private static final String HOSTILE = "</script><script>alert(1)</script><img src=x onerror='alert(2)'>\"&\u2028\u202e";
    private static final List<String> SECTIONS = List.of("data", "judge", "tokenizer", "training", "scores", "rewards",
            "dialogues", "costs", "provenance");

    @Test
    void holdsAllSectionsAndAllCharts() throws IOException {
        String html = html("nano", ReportFixture.whole());
        assertThat(found(html, "(?<=<section id=\")\\w+")).isEqualTo(SECTIONS);
        JsonNode charts = charts(html);
        assertThat(charts.propertyNames()).contains("flow", "tokenizer", "training-loss", "training-lr", "heldout",
                "scores", "retrieval", "rl-reward", "rl-kl", "rl-length", "costs");
        charts.propertyNames().forEach(id -> assertThat(found(html, "id=\"chart-" + id + "\"")).hasSize(1));
        assertThat(body(html)).contains("2,196,320", "52.0 %", "Test Processor 9", "./quarry chat",
                "wordnet 3.1 glosses");
    }

    @Test
    void refersToNothingOutsideItself() throws IOException {
        String html = html("nano", ReportFixture.whole());
        String page = html.replaceAll("(?s)<script>.*?</script>", "");
        assertThat(found(page, "(?i)(src|href|action)\\s*=\\s*[\"']?\\s*([a-z]+:)?//.{20}")).isEmpty();
        assertThat(found(page, "(?i)<(link|iframe|object|embed|base|img)\\b")).isEmpty();
        assertThat(found(page, "(?i)@import|url\\(")).isEmpty();
        assertThat(found(html, "<script>[^<]{0,20}")).as("scripts without a source").hasSize(2);
        assertThat(found(html, "default-src 'none'")).as("scripts may not load anything either").hasSize(1);
    }

    @Test
    void hostileTextStaysText() throws IOException {
        Map<String, Object> dialogue = Map.of("task", HOSTILE, "prompt", HOSTILE, "answer", HOSTILE, "correct", false,
                "reason", HOSTILE);
        Map<String, Object> source = Map.of("name", HOSTILE, "version", HOSTILE, "sha256", HOSTILE, "licence", HOSTILE,
                "category", HOSTILE, "documents", 5, "bytes", 9);
        Map<String, Object> score = Map.of("correct", 1, "total", 2, "low", 0.1, "high", 0.9);
        List<Artifact> run = List.of(
                ReportFixture.artifact("sources", "sources", Map.of(), Map.of("sources", List.of(source)), 1),
                ReportFixture.artifact("curate", HOSTILE, Map.of(HOSTILE, HOSTILE), Map.of("drops", Map.of(HOSTILE, 3),
                        "dropSamples", Map.of(HOSTILE, List.of(HOSTILE)), HOSTILE, HOSTILE), 1),
                ReportFixture.artifact("eval." + HOSTILE, "scores", Map.of(),
                        Map.of("dialogues", List.of(dialogue), "scores", Map.of(HOSTILE, score)), 1));
        String html = html(HOSTILE, run);
        assertThat(found(html, "<script>[^<]{0,20}")).as("the library and the script of the report").hasSize(2);
        assertThat(found(html, "</script>")).as("their ends, and that of the data").hasSize(3);
        assertThat(found(body(html), "<img.{20}")).isEmpty();
        assertThat(found(html, "&lt;/script&gt;&lt;script&gt;alert\\(1\\)")).hasSizeGreaterThan(10);
        JsonNode link = charts(html).get("flow").get("links").get(0);
        assertThat(link.get("from").asString()).isEqualTo(HOSTILE);
        assertThat(body(html)).as("marks that turn the direction of text").doesNotContain("\u202e");
    }

    @Test
    void admitsItsScriptsByHashAlone() throws Exception {
        String html = html("nano", List.of());
        List<String> scripts = Pattern.compile("<script>(.*?)</script>", Pattern.DOTALL).matcher(html).results()
                .map(script -> script.group(1)).toList();
        assertThat(scripts).hasSize(2).allSatisfy(script -> {
            byte[] digest = java.security.MessageDigest.getInstance("SHA-256")
                    .digest(script.getBytes(java.nio.charset.StandardCharsets.UTF_8));
            String hash = "'sha256-" + java.util.Base64.getEncoder().encodeToString(digest) + "'";
            assertThat(found(html, Pattern.quote(hash))).hasSize(1);
        });
        assertThat(found(html, "script-src[^\"]*unsafe")).isEmpty();
    }

    @Test
    void whatIsMissingIsNotMeasured() throws IOException {
        String html = html("nano", List.of());
        assertThat(found(html, "(?<=<section id=\")\\w+")).isEqualTo(SECTIONS);
        assertThat(charts(html).isEmpty()).as("charts without data: " + charts(html)).isTrue();
        for (String id : SECTIONS.subList(0, 7))
            assertThat(section(html, id)).as(id).contains(ReportPage.MISSING);
        String silent = html("nano", List.of(ReportFixture.silent("curate", "documents"),
                ReportFixture.silent("tokenizer", "tokenizer"), ReportFixture.silent("pretrain.p1", "checkpoint"),
                ReportFixture.silent("samples", "samples"), ReportFixture.silent("eval.sft", "scores")));
        assertThat(section(silent, "costs")).contains(ReportPage.MISSING);
        assertThat(section(silent, "scores")).contains(ReportPage.MISSING);
        assertThat(section(silent, "data")).doesNotContainPattern("<td class=\"n\">0");
    }

    @Test
    void valuesThatAreNoNumbersAreNotMeasured() throws IOException {
        String html = html("nano", List.of(ReportFixture.artifact("tokenizer", "tokenizer", Map.of(),
                Map.of("vocabulary", "NaN", "merges", Double.POSITIVE_INFINITY), 1)));
        assertThat(section(html, "tokenizer")).contains(ReportPage.MISSING).doesNotContain("NaN", "Infinity");
    }

    @Test
    void factsOfAnotherTypeAreNamed() {
        Artifact wrong = ReportFixture.artifact("pretrain.p1", "checkpoint", Map.of(),
                Map.of("losses", List.of(Map.of("step", 1, "tokens", 10, "loss", "low"))), 1);
        assertThatThrownBy(() -> html("nano", List.of(wrong))).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("pretrain.p1.losses[0].loss must be a number for the report, was low (String)");
    }

    @Test
    void factsMayBeRecordsThatWereNotStoredYet() throws IOException {
        record Source(String name, String licence, long documents, String category) {}
        String html = html("nano", List.of(ReportFixture.artifact("sources", "sources", Map.of(),
                Map.of("sources", List.of(new Source("fresh source", "MIT", 77, "web"))), 1)));
        assertThat(section(html, "data")).contains("<td>fresh source</td>", "<td class=\"n\">77</td>");
    }

    @Test
    void dropsMayBeByReasonFirst() throws IOException {
        String html = html("nano", List.of(ReportFixture.artifact("curate", "documents", Map.of(), Map.of("drops",
                Map.of("too short", 3), "dropsByCategory", Map.of("too short", Map.of("web", 3))), 1)));
        JsonNode link = charts(html).get("flow").get("links").get(0);
        assertThat(link.get("from").asString()).isEqualTo("web");
        assertThat(link.get("to").asString()).isEqualTo("too short");
    }

    @Test
    void unknownFactsAreKept() throws IOException {
        String html = html("nano", ReportFixture.whole());
        String other = html.substring(html.indexOf("<summary>Other facts"));
        assertThat(other.substring(0, other.indexOf("<script"))).contains("shards: 6", "spikes").doesNotContain(
                "bytesPerToken", "gradNorm",
                "peakResidentBytes");
    }

    @Test
    void trainingIsOneAxisOfTokens() throws IOException {
        JsonNode loss = charts(html("nano", ReportFixture.whole())).get("training-loss");
        double end = 0;
        for (JsonNode shade : loss.get("shades")) {
            assertThat(shade.get("from").asDouble()).isEqualTo(end);
            end = shade.get("to").asDouble();
        }
        assertThat(end).isEqualTo(6_000_000 + 3 * 2_500_000 + 3 * 900_000);
        JsonNode second = loss.get("series").get(1).get("points");
        assertThat(second.get(0).get(0).asDouble()).isGreaterThan(6_000_000);
        assertThat(second.get(second.size() - 1).get(0).asDouble()).isEqualTo(8_500_000);
    }

    @Test
    void replacesTheFileAsAWhole(@TempDir Path folder) throws IOException {
        Path out = folder.resolve("new").resolve("report.html");
        List<Artifact> run = new ArrayList<>(ReportFixture.whole());
        Report.write(ReportFixture.recipe("first"), run, out);
        Report.write(ReportFixture.recipe("second"), run, out);
        assertThat(Files.readString(out)).startsWith("<!DOCTYPE html>").contains("<title>second: report</title>")
                .endsWith("</html>\n");
        try (var files = Files.list(out.getParent())) {
            assertThat(files).containsExactly(out);
        }
    }

    private static String html(String name, List<Artifact> artifacts) throws IOException {
        return Report.html(ReportFixture.recipe(name), artifacts, ReportFixture.MACHINE);
    }

    private static JsonNode charts(String html) {
        MatchResult data = Pattern
                .compile("<script type=\"application/json\" id=\"charts\">(.*?)</script>", Pattern.DOTALL).matcher(html)
                .results().findFirst().orElseThrow();
        return JsonMapper.builder().build().readTree(data.group(1));
    }

    /** What a pattern finds; short, where a failed check of the whole page would print a megabyte. */
    private static List<String> found(String html, String pattern) {
        return Pattern.compile(pattern).matcher(html).results().map(MatchResult::group).toList();
    }

    private static String body(String html) {
        return html.substring(html.indexOf("<body>"), html.indexOf("<script type="));
    }

    private static String section(String html, String id) {
        int from = html.indexOf("<section id=\"" + id + "\">");
        return html.substring(from, html.indexOf("</section>", from));
    }
}
