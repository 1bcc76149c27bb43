package io.quarry.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarry.ledger.Artifact;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SummaryTest {
    @TempDir
    private Path work;

    @Test
    void saysScoresReportAndWhatToDoNext() throws IOException {
        Map<String, Artifact> made = new LinkedHashMap<>();
        made.put("eval.p4", artifact("eval.p4", "scores", Map.of("retrieval",
                Map.of("512", Map.of("correct", 2, "total", 10), "4096", Map.of("correct", 0, "total", 10)),
                "shortContext", 2.03)));
        made.put("eval.base", artifact("eval.base", "scores", Map.of("retrieval",
                Map.of("512", Map.of("correct", 9, "total", 10), "4096", Map.of("correct", 8, "total", 10)),
                "shortContext", 2.01)));
        made.put("sft", artifact("sft", "checkpoint", Map.of()));
        made.put("eval.sft", artifact("eval.sft", "scores",
                Map.of("scores", Map.of("word-problems", Map.of("correct", 34, "total", 100)))));
        made.put("rl.math", artifact("rl.math", "checkpoint", Map.of()));
        made.put("eval.rl.math", artifact("eval.rl.math", "scores", Map.of("scores",
                Map.of("word-problems", Map.of("correct", 45, "total", 100), "tools",
                        Map.of("correct", 9, "total", 10)))));
        made.put("report", artifact("report", "report", Map.of()));
        String text = Summary.text(work, made, 1.4);
        assertThat(text).contains("Done in 0:01 (all stages together: 1:10).")
                .containsPattern("Held-out answers right +sft +rl.math\n")
                .containsPattern("tools +- +90.0 %\n").containsPattern("word-problems +34.0 % +45.0 %\n")
                .contains("Longer context: retrieval at 4096 tokens from 0.0 % to 80.0 %, "
                        + "held-out loss in short contexts from 2.030 to 2.010 nats.\n")
                .contains("Report: " + work.resolve("report.html")).contains("./quarry chat " + work);

        Summary.publish(work, "pico", made);
        assertThat(work.resolve("report.html")).hasContent("report");
        assertThat(Files.readString(work.resolve("last-model"))).isEqualTo("artifacts/rl.math\npico\n");
    }

    @Test
    void failuresReadAsSentences() {
        assertThat(Failure.sentence(new java.nio.file.NoSuchFileException("a/b"))).isEqualTo("there is no a/b");
        assertThat(Failure.sentence(new NullPointerException())).contains("should not happen").contains("--debug");
        assertThat(Failure.sentence(new OutOfMemoryError("Java heap space"))).contains("QUARRY_JAVA_OPTS=-Xmx");
        IOException inner = new IOException("the file x is broken at line 3");
        assertThat(Failure.sentence(new RuntimeException(inner))).isEqualTo("the file x is broken at line 3");
        assertThat(Failure.sentence(new java.io.UncheckedIOException(inner)))
                .isEqualTo("the file x is broken at line 3");
    }

    private Artifact artifact(String stage, String kind, Map<String, Object> facts) throws IOException {
        Path dir = Files.createDirectories(work.resolve("artifacts").resolve(stage));
        Files.writeString(dir.resolve("report.html"), stage);
        return Artifact.seal(dir, stage, kind, "key", Map.of(), "recipe", facts, "1", 10);
    }
}
