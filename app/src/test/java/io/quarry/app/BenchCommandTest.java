package io.quarry.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarry.model.PicoGranite;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code quarry bench} on a tiny model: what it says, not how fast it is. */
@ResourceLock(Resources.SYSTEM_OUT)
class BenchCommandTest {
    @TempDir
    private Path folder;
    private Path model;
    private final StringWriter err = new StringWriter();

    @BeforeEach
    void write() throws IOException {
        model = Files.createDirectory(folder.resolve("tiny"));
        PicoGranite.write(model, 64, 1);
    }

    private String run(int exit, String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PrintStream before = System.out;
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        try {
            assertThat(Quarry.commandLine().setErr(new PrintWriter(err)).execute(arguments)).as("%s", err)
                    .isEqualTo(exit);
        } finally {
            System.setOut(before);
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void printsAndRecordsTheFiguresScriptsRelyOn() throws IOException {
        Path record = folder.resolve("results/bench.jsonl");
        String[] arguments = {"bench", model.toString(), "--prompt", "5", "--generate", "3", "--batch", "2", "--depth",
            "4", "--trials", "2", "--threads", "2", "--json", "--record", record.toString()};
        JsonNode line = JsonMapper.shared().readTree(run(0, arguments));
        run(0, arguments);
        for (String figure : new String[] {"prefillTokensPerSecond", "decodeTokensPerSecond", "timeToFirstTokenMs",
            "pureReadGBps", "peakResidentBytes", "weightBytes"})
            assertThat(line.path(figure).asDouble()).as(figure).isPositive();
        assertThat(line.path("readGBps").isNumber()).isTrue();
        assertThat(line.path("kernel").asString()).isNotEmpty();
        assertThat(line.path("batch").asInt()).isEqualTo(2);
        assertThat(line.path("depth").asInt()).isEqualTo(4);
        assertThat(Files.readAllLines(record)).hasSize(2)
                .allSatisfy(written -> assertThat(JsonMapper.shared().readTree(written).path("prompt").asInt())
                        .isEqualTo(5));
    }

    @Test
    void saysTheSameToPeople() {
        assertThat(run(0, "bench", model.toString(), "--prompt", "5", "--generate", "3", "--trials", "1"))
                .contains("prefill", "tokens/s", "1 x 5 tokens at depth 0", "a pure read reaches");
    }

    @Test
    void refusesWhatCannotBeMeasured() {
        run(1, "bench", model.toString(), "--prompt", "5000");
        assertThat(err.toString()).contains("5064 tokens together", "the model's context has room for");
        run(1, "bench", model.toString(), "--batch", "0");
        assertThat(err.toString()).contains("--batch must be at least 1, was 0");
        run(1, "bench", folder.resolve("none.gguf").toString());
        assertThat(err.toString()).contains("none.gguf");
    }
}
