package io.quarry.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarry.model.GgufValue;
import io.quarry.model.GgufWriter;
import io.quarry.model.ModelCard;
import io.quarry.ledger.Progress;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models from any address and from folders, and what is said to be here. */
class ShelfTest {
    private static final byte[] FILE = FakeHub.gguf(50_000, 3);

    @TempDir
    private Path folder;
    private FakeHub fake;
    private Hub hub;

    @BeforeEach
    void start() throws IOException {
        fake = new FakeHub("org/name");
        fake.files.put("tiny-Q4_0.gguf", FILE);
        hub = fake.client(folder);
    }

    @AfterEach
    void stop() {
        fake.close();
    }

    private Pulled pull(String path, String name, String sha256) throws IOException, InterruptedException {
        return hub.pull(fake.store().resolve(path), name, sha256, Progress.SILENT);
    }

    private List<String> entries(String name) throws IOException {
        try (var list = Files.list(folder.resolve("own").resolve(name))) {
            return list.map(path -> path.getFileName().toString()).filter(file -> !file.endsWith(".whole")).toList();
        }
    }

    @Test
    void pullsAFileFromAnyAddress() throws Exception {
        Pulled pulled = pull("/tiny-Q4_0.gguf", "", FakeHub.sha256(FILE));
        assertThat(pulled.name()).isEqualTo("tiny-Q4_0");
        assertThat(hub.resolve("tiny-Q4_0")).isEqualTo(pulled.path().toRealPath()).hasBinaryContent(FILE);
        assertThat(pulled.unchecked()).isEmpty();
        fake.asked.clear();
        Pulled again = pull("/tiny-Q4_0.gguf", "", FakeHub.sha256(FILE));
        assertThat(again.fetchedBytes()).isZero();
        assertThat(fake.asked).hasSize(1);
        Pulled named = pull("/tiny-Q4_0.gguf?signature=x", "mine", "");
        assertThat(hub.resolve("mine")).hasBinaryContent(FILE);
        assertThat(named.unchecked()).hasSize(1).first().extracting(Pulled.Item::checksum)
                .isEqualTo("SHA-256 " + FakeHub.sha256(FILE));
    }

    @Test
    void goesOnWhereItWasCutIfTheFileIsStillTheSame() throws Exception {
        fake.once(exchange -> "null".equals(exchange.getRequestHeaders().getFirst("Range")) || exchange
                .getRequestHeaders().getFirst("Range") == null, fake.cut(FILE, 20_000));
        fake.always(exchange -> FakeHub.from(exchange) > 0, FakeHub.status(503));
        assertThatThrownBy(() -> pull("/tiny-Q4_0.gguf", "", "")).hasMessageContaining("goes on");
        assertThat(entries("tiny-Q4_0")).hasSize(1).first().asString().endsWith(".incomplete");
        fake.faults.clear();
        fake.asked.clear();
        pull("/tiny-Q4_0.gguf", "", "");
        assertThat(fake.asked).extracting(FakeHub.Asked::range).containsExactly("bytes=0-0", "bytes=20000-");
        assertThat(entries("tiny-Q4_0")).containsExactly("tiny-Q4_0.gguf");
    }

    @Test
    void beginsAnewIfTheFileHasChanged() throws Exception {
        fake.once(exchange -> exchange.getRequestHeaders().getFirst("Range") == null, fake.cut(FILE, 20_000));
        fake.always(exchange -> FakeHub.from(exchange) > 0, FakeHub.status(503));
        assertThatThrownBy(() -> pull("/tiny-Q4_0.gguf", "", "")).isInstanceOf(IOException.class);
        fake.faults.clear();
        byte[] other = FakeHub.gguf(50_000, 4);
        fake.files.put("tiny-Q4_0.gguf", other);
        assertThat(pull("/tiny-Q4_0.gguf", "", "").path()).hasBinaryContent(other);
        assertThat(entries("tiny-Q4_0")).containsExactly("tiny-Q4_0.gguf");
    }

    @Test
    void pullsAllShards() throws Exception {
        for (int i = 1; i <= 3; i++)
            fake.gguf("big-0000" + i + "-of-00003.gguf", 2000 + i, i);
        Pulled pulled = pull("/big-00001-of-00003.gguf", "", "");
        assertThat(pulled.name()).isEqualTo("big");
        assertThat(pulled.path()).hasFileName("big-00001-of-00003.gguf");
        assertThat(entries("big")).hasSize(3);
        assertThat(hub.models()).singleElement().extracting(Model::bytes).isEqualTo(6006L);
        assertThatThrownBy(() -> pull("/big-00002-of-00003.gguf", "", "")).hasMessageContaining("must be the first");
    }

    @Test
    void saysWhatIsNoModel() {
        String sum = "0".repeat(64);
        assertThatThrownBy(() -> pull("/tiny-Q4_0.gguf", "", sum)).hasMessageContaining(sum)
                .hasMessageContaining("deleted");
        assertThatThrownBy(() -> pull("/tiny-Q4_0.gguf", "", "abc")).hasMessageContaining("64 hex digits");
        assertThatThrownBy(() -> pull("/model.bin", "", "")).hasMessageContaining("name of a GGUF file");
        assertThatThrownBy(() -> pull("/none.gguf", "", "")).hasMessageContaining("answered 404");
        assertThatThrownBy(() -> pull("/tiny-Q4_0.gguf", "../x", "")).hasMessageContaining("--name");
        assertThatThrownBy(() -> hub.pull(URI.create("file:///x.gguf"), "", "", Progress.SILENT))
                .hasMessageContaining("http or https");
        fake.file("page.gguf", "<!DOCTYPE html>");
        assertThatThrownBy(() -> pull("/page.gguf", "", "")).hasMessageContaining("begins with \"<!DOCTYPE html>\"");
        fake.always(exchange -> true, FakeHub.body("text/html", "<html>"));
        assertThatThrownBy(() -> pull("/tiny-Q4_0.gguf", "", "")).hasMessageContaining("web page");
        fake.faults.clear();
        fake.always(exchange -> true, exchange -> {
            exchange.sendResponseHeaders(200, 0);
            return true;
        });
        assertThatThrownBy(() -> pull("/tiny-Q4_0.gguf", "", "")).hasMessageContaining("does not say how long");
    }

    @Test
    void aGgufFileSaysItsLicenceItself() throws Exception {
        SequencedMap<String, GgufValue> keys = new LinkedHashMap<>();
        keys.put("general.architecture", GgufValue.of("granite"));
        Path file = folder.resolve("silent.gguf");
        GgufWriter.write(file, keys, List.of(), null);
        assertThat(hub.link(file, "").licence()).isEmpty();
        keys.put("general.license", GgufValue.of("apache-2.0"));
        GgufWriter.write(folder.resolve("open.gguf"), keys, List.of(), null);
        assertThat(hub.link(folder.resolve("open.gguf"), "").licence()).contains("Apache-2.0");
        Files.writeString(folder.resolve("damaged.gguf"), "GGUF");
        hub.link(folder.resolve("damaged.gguf"), "");
        assertThat(hub.models()).extracting(model -> model.licence().orElse("")).containsExactly("", "Apache-2.0", "");
    }

    @Test
    void linksFoldersAndFiles() throws Exception {
        Path model = Files.createDirectories(folder.resolve("some where/granite"));
        Files.writeString(model.resolve("config.json"), "{}");
        Files.writeString(model.resolve("model.safetensors"), "12345");
        Files.writeString(model.resolve("README.md"), "---\nlicense: other\nlicense_name: my own\n---\n");
        Pulled pulled = hub.link(model, "");
        assertThat(pulled.name()).isEqualTo("granite");
        assertThat(hub.resolve("granite")).isEqualTo(model.toRealPath());
        assertThat(pulled.licence()).contains("my own");
        Path file = Files.write(folder.resolve("x-Q8_0.gguf"), FILE);
        hub.link(file, "x");
        assertThat(hub.resolve("x")).isEqualTo(file.toRealPath());
        hub.link(model, "x"); // a link may be put elsewhere
        assertThat(hub.resolve("x")).isEqualTo(model.toRealPath());
        assertThat(hub.models()).extracting(Model::name).containsExactly("granite", "x");
        Files.move(model, folder.resolve("moved"));
        assertThatThrownBy(() -> hub.resolve("granite")).hasMessageContaining("not there any more");
        assertThat(hub.models()).allSatisfy(gone -> assertThat(gone.lacks()).isNotEmpty());
    }

    @Test
    void linksNoModelThatIsNone() throws Exception {
        Path empty = Files.createDirectories(folder.resolve("empty"));
        assertThatThrownBy(() -> hub.link(empty, "")).hasMessageContaining("neither config.json nor");
        Path text = Files.writeString(folder.resolve("notes.txt"), "");
        assertThatThrownBy(() -> hub.link(text, "")).hasMessageContaining("must be a GGUF file");
        pull("/tiny-Q4_0.gguf", "", "");
        Path file = Files.write(folder.resolve("x.gguf"), FILE);
        assertThatThrownBy(() -> hub.link(file, "tiny-Q4_0")).hasMessageContaining("is taken");
        hub.link(file, "");
        assertThatThrownBy(() -> pull("/tiny-Q4_0.gguf", "x", "")).hasMessageContaining("is taken by a link");
    }

    @Test
    void listsWhatIsHereAndResolvesEachName() throws Exception {
        assertThatThrownBy(() -> hub.resolve("nothing/here")).hasMessageContaining("Nothing was pulled yet");
        fake.files.clear();
        fake.file("README.md", "---\nlicense: apache-2.0\n---\n");
        fake.gguf("name-Q4_K_M.gguf", 3000, 1);
        fake.gguf("name-Q8_0.gguf", 4000, 2);
        hub.pull(ModelName.parse("org/name:Q8_0").orElseThrow(), 2, Progress.SILENT);
        assertThat(hub.resolve("org/name")).isEqualTo(hub.resolve("org/name:Q8_0")); // the only one here
        assertThatThrownBy(() -> hub.resolve("org/name:Q4_K_M")).hasMessageContaining("it has Q8_0")
                .hasMessageContaining("quarry pull org/name:Q4_K_M");
        hub.pull(ModelName.parse("org/name/name-Q4_K_M.gguf").orElseThrow(), 2, Progress.SILENT);
        assertThatThrownBy(() -> hub.resolve("org/name")).hasMessageContaining("has 2 GGUF files");
        List<Model> models = hub.models();
        assertThat(models).extracting(Model::name).containsExactly("org/name:Q4_K_M", "org/name:Q8_0");
        assertThat(models).allSatisfy(model -> {
            assertThat(model.licence()).contains("Apache-2.0");
            assertThat(model.refs()).containsExactly("main");
            assertThat(hub.resolve(model.name())).isEqualTo(model.path());
        });
        assertThat(models.getFirst().bytes()).isEqualTo(3000 + fake.files.get("README.md").length);
        assertThatThrownBy(() -> hub.resolve("org/nam"))
                .hasMessageContaining("Here are: org/name:Q4_K_M, org/name:Q8_0");
    }

    @Test
    void anOlderStateOfABranchStaysInReach() throws Exception {
        fake.gguf("name-Q4_K_M.gguf", 3000, 1);
        hub.pull(ModelName.parse("org/name:Q4_K_M").orElseThrow(), 2, Progress.SILENT);
        String before = fake.commit;
        fake.commit = "e".repeat(40);
        hub.pull(ModelName.parse("org/name:Q4_0").orElseThrow(), 2, Progress.SILENT);
        assertThat(hub.resolve("org/name:Q4_K_M").toString()).contains(before);
        assertThat(hub.models()).extracting(Model::name).containsExactly("org/name:Q4_0",
                "org/name@" + before + ":Q4_K_M");
    }

    @Test
    void readsTheLicenceOfACard() throws Exception {
        Path card = folder.resolve("README.md");
        assertThat(ModelCard.licence(card)).isEmpty();
        for (String without : List.of("", "# No front matter", "---\nlanguage: en\n---\n", "---\n: : [\n---\n",
                "---\nlicense: apache-2.0\n", "---\nlicense: {a: b}\n---\n")) {
            Files.writeString(card, without);
            assertThat(ModelCard.licence(card)).as(without).isEmpty();
        }
        Files.writeString(card, "---\r\ntags: [a]\r\nlicense:\r\n- mit\r\n- cc-by-4.0\r\n---\r\ntext");
        assertThat(ModelCard.licence(card)).contains("MIT, CC-BY-4.0");
        Files.writeString(card, "---\nlicense: llama3.1\n---\n");
        assertThat(ModelCard.licence(card)).contains("llama3.1");
    }
}
