package io.quarry.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarry.hub.FakeHub;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code quarry pull} and {@code quarry models} as a user starts them, with a small hub on this machine. */
class PullCommandTest {
    private static final String REPO = "some-org/tiny-3.0";

    @TempDir
    private Path folder;
    private FakeHub hub;

    /** What a process said and how it ended. */
    private record Run(int exit, String out, String err) {}

    @BeforeEach
    void start() throws IOException {
        hub = new FakeHub(REPO);
        hub.file("README.md", "---\nlicense: apache-2.0\n---\n");
        hub.file("config.json", "{}");
        hub.gguf("model.safetensors", 400_000, 1);
    }

    @AfterEach
    void stop() {
        hub.close();
    }

    private Process begin(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx256m", "-cp",
                System.getProperty("java.class.path"), Quarry.class.getName()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(folder.resolve("err").toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("HF_") || name.startsWith("QUARRY_"));
        builder.environment().put("HF_ENDPOINT", hub.endpoint().toString());
        builder.environment().put("HF_HOME", folder.resolve("hf").toString());
        builder.environment().put("QUARRY_HOME", folder.resolve("quarry").toString());
        return builder.start();
    }

    private Run end(Process process) throws IOException, InterruptedException {
        StringBuilder out = new StringBuilder();
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            lines.lines().forEach(line -> out.append(line).append('\n'));
        }
        return new Run(process.waitFor(), out.toString(), Files.readString(folder.resolve("err")));
    }

    private Run run(String... arguments) throws IOException, InterruptedException {
        return end(begin(arguments));
    }

    @Test
    void pullsListsAndStopsCleanly() throws Exception {
        byte[] weights = hub.files.get("model.safetensors");
        hub.always(FakeHub.get(FakeHub.tag(weights)), exchange -> {
            exchange.sendResponseHeaders(200, weights.length);
            exchange.getResponseBody().write(weights, 0, 150_000);
            exchange.getResponseBody().flush();
            try {
                Thread.sleep(60_000);
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            return true;
        });
        Process stopped = begin("pull", REPO);
        while (!hasBegun())
            Thread.sleep(10);
        stopped.toHandle().destroy(); // as Ctrl-C does, it lets the process end by itself
        Run end = end(stopped);
        assertThat(end.out()).contains("the same command goes on");
        assertThat(end.exit()).isNotZero();
        hub.faults.clear();
        hub.asked.clear();

        Run pulled = run("pull", REPO);
        assertThat(pulled.exit()).as(pulled.err()).isZero();
        assertThat(pulled.out()).contains(REPO + " at 0123456: 3 files, 400.0 KB").contains("Apache-2.0")
                .contains("250.0 KB came");
        assertThat(hub.asked).extracting(FakeHub.Asked::range).contains("bytes=150000-");

        JsonNode again = JsonMapper.builder().build().readTree(run("pull", REPO, "--json").out());
        assertThat(again.get("fetchedBytes").asLong()).isZero();
        assertThat(Path.of(again.get("path").asString()).resolve("model.safetensors")).hasBinaryContent(weights);
        JsonNode models = JsonMapper.builder().build().readTree(run("models", "--json").out());
        assertThat(models).hasSize(1);
        assertThat(models.get(0).get("name").asString()).isEqualTo(REPO);
        Run listed = run("models");
        assertThat(listed.out()).as(listed.err()).contains(REPO).contains("400.0 KB").contains("Apache-2.0")
                .contains("0123456 main");
    }

    private boolean hasBegun() throws IOException {
        Path blobs = folder.resolve("hf/hub/models--some-org--tiny-3.0/blobs");
        if (!Files.isDirectory(blobs))
            return false;
        try (Stream<Path> list = Files.list(blobs)) {
            for (Path file : list.filter(path -> path.toString().endsWith(".incomplete")).toList())
                if (Files.exists(file) && Files.size(file) == 150_000)
                    return true;
        }
        return false;
    }

    @Test
    void saysWhatIsWrongInASentence() throws Exception {
        Run missing = run("pull", "some-org/other");
        assertThat(missing.exit()).isEqualTo(1);
        assertThat(missing.err()).isEqualToIgnoringNewLines("quarry: there is no model some-org/other at "
                + hub.endpoint() + ", or it is private. Look how it is spelled; for a private one set HF_TOKEN");
        assertThat(run("pull", "nothing.gguf").err()).contains("there is no file or folder nothing.gguf");
        assertThat(run("chat", "some-org/other").err()).contains("there is no model some-org/other")
                .contains("Nothing was pulled yet");
    }

    @Test
    void linksAFolder() throws Exception {
        Path model = Files.createDirectories(folder.resolve("my model"));
        Files.writeString(model.resolve("config.json"), "{}");
        assertThat(run("pull", model.toString(), "--name", "mine").out()).contains("linked   not copied");
        assertThat(run("pull", model.toString()).err()).contains("--name");
        assertThat(run("models").out()).startsWith("mine");
    }
}
