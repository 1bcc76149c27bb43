package io.quarry.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.quarry.chat.Template;
import io.quarry.infer.Lm;
import io.quarry.ledger.Progress;
import io.quarry.model.ModelSpec;
import io.quarry.model.PicoGranite;
import io.quarry.recipe.Recipe;
import io.quarry.text.BpeTrainer;
import io.quarry.text.Tokenizer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code inspect}, {@code convert} and {@code quantize} as a user calls them, on a tiny model with a tokenizer. */
@Isolated("it reads what goes to standard output")
class ModelFilesTest {
    private static final String TEXT = "The quarry lay two miles above the village.";

    @TempDir
    private static Path models;
    private static Path model;
    private static ModelSpec spec;

    @TempDir
    private Path dir;

    /** What a command said and how it ended. */
    private record Run(int exit, String out, String err) {
        JsonNode json() {
            assertThat(exit).as(err).isZero();
            return JsonMapper.shared().readTree(out);
        }
    }

    @BeforeAll
    static void makeModel() throws IOException {
        model = Files.createDirectories(models.resolve("tiny"));
        Stream<String> words = IntStream.range(0, 2_000).mapToObj(i -> "stone " + Integer.toString(i * 7919, 36));
        Tokenizer tokenizer = BpeTrainer.train(words.iterator(), new Recipe.TokenizerPlan(512, 100_000, 1, false),
                Progress.SILENT);
        tokenizer.save(model, 256, Template.jinja());
        spec = PicoGranite.write(model, tokenizer.vocabulary(), 7);
        Files.writeString(model.resolve("README.md"), "---\nlicense: apache-2.0\n---\n# tiny\n");
    }

    private static Run run(Object... arguments) {
        PrintStream before = System.out;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        StringWriter err = new StringWriter();
        try {
            System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
            int exit = Quarry.commandLine().setErr(new PrintWriter(err))
                    .execute(Arrays.stream(arguments).map(Object::toString).toArray(String[]::new));
            return new Run(exit, out.toString(StandardCharsets.UTF_8), err.toString());
        } finally {
            System.setOut(before);
        }
    }

    private Path gguf() {
        Path file = dir.resolve("tiny.gguf");
        assertThat(run("convert", model, file, "--no-perplexity", "--json").json().get("error").asDouble()).isZero();
        return file;
    }

    @Test
    void inspectSaysTheSameOfAFolderAndItsGgufFile() throws IOException {
        Path file = gguf();
        for (Path path : List.of(model, file)) {
            JsonNode said = run("inspect", path, "--json").json();
            assertThat(said.get("architecture").asString()).isEqualTo("granite");
            assertThat(said.get("runs").asBoolean()).isTrue();
            assertThat(said.get("parameters").asLong()).isEqualTo(spec.parameters());
            assertThat(said.get("bytes").asLong()).isEqualTo(4 * spec.parameters());
            assertThat(said.get("contextLength").asInt()).isEqualTo(spec.contextLength());
            assertThat(said.get("types").get("F32").get("weights").asLong()).isEqualTo(spec.parameters());
            assertThat(said.get("tokenizer").get("vocabulary").asInt()).isEqualTo(spec.vocabulary());
            assertThat(said.get("templates").get(0).asString()).isEqualTo("default");
            assertThat(said.get("licence").asString()).isEqualTo("Apache-2.0");
            assertThat(said.get("residualMultiplier").asDouble()).isCloseTo(0.22, within(1e-7));
            assertThat(said.get("tensors")).hasSize(20);
        }
        Run shown = run("inspect", file);
        assertThat(shown.out()).contains("granite", "2 layers, width 32, 4 heads of 16, 2 for keys and values",
                "256 tokens", "base 10000, not scaled", "<|end_of_text|>", "Apache-2.0", "token_embd.weight",
                "and 12 more; --tensors lists all");
        assertThat(run("inspect", file, "--tensors").out()).contains("blk.1.ffn_down.weight").doesNotContain("more;");
    }

    /** Wherever a folder has its templates, all commands find the same ones. */
    @ParameterizedTest
    @ValueSource(strings = {"files", "additional only", "config", "config list", "chat_template.json"})
    void templatesAreFoundByEveryCommand(String where) throws IOException {
        Path folder = Files.createDirectories(dir.resolve("folder"));
        for (String file : List.of("config.json", "model.safetensors", "tokenizer.json"))
            Files.copy(model.resolve(file), folder.resolve(file));
        List<String> names = List.of("default", "tool_use");
        String list = "{\"chat_template\": [{\"name\": \"default\", \"template\": \"usual\"}, "
                + "{\"name\": \"tool_use\", \"template\": \"tools\"}]}";
        Path more = folder.resolve("additional_chat_templates");
        switch (where) {
            case "files" -> {
                Files.writeString(folder.resolve("chat_template.jinja"), "usual");
                Files.createDirectories(more);
                Files.writeString(more.resolve("tool_use.jinja"), "tools");
                Files.writeString(folder.resolve("tokenizer_config.json"), "{\"chat_template\": \"not this\"}");
            }
            case "additional only" -> {
                Files.createDirectories(more);
                Files.writeString(more.resolve("default.jinja"), "usual");
                Files.writeString(folder.resolve("tokenizer_config.json"), list);
                names = List.of("default");
            }
            case "config" -> {
                Files.writeString(folder.resolve("tokenizer_config.json"), "{\"chat_template\": \"usual\"}");
                names = List.of("default");
            }
            case "config list" -> Files.writeString(folder.resolve("tokenizer_config.json"), list);
            default -> Files.writeString(folder.resolve("chat_template.json"), list);
        }
        Path file = dir.resolve("out.gguf");
        Path back = dir.resolve("back");
        assertThat(run("convert", folder, file, "--no-perplexity", "--json").exit()).isZero();
        assertThat(run("convert", file, back, "--no-perplexity", "--json").exit()).isZero();
        Path chat = Files.writeString(dir.resolve("chat.json"), "[{\"role\": \"user\", \"content\": \"x\"}]");
        Path tools = Files.writeString(dir.resolve("tools.json"), "[]");
        for (Path path : List.of(folder, file, back)) {
            assertThat(run("inspect", path, "--json").json().get("templates").valueStream().map(JsonNode::asString))
                    .as("%s", path).containsExactlyElementsOf(names);
            assertThat(run("template", path, "--messages", chat).out()).isEqualTo("usual");
            assertThat(run("template", path, "--messages", chat, "--tools", tools).out())
                    .isEqualTo(names.size() == 2 ? "tools" : "usual");
        }
    }

    @Test
    void inspectShowsShardsAndWhatIsNotRun() {
        Path shards = Path.of("../core/src/test/resources/golden/gguf/split-00001-of-00002.gguf");
        Run shown = run("inspect", shards);
        assertThat(shown.exit()).as(shown.err()).isZero();
        assertThat(shown.out()).contains("GGUF file in 2 shards", "test; not run: ", "known are [granite",
                "24 in 3 tensors, 96 B", "none: the model takes token ids only", "licence       not said");
    }

    @Test
    void aModelComesBackFromGgufAsItWas() throws IOException {
        Path back = dir.resolve("back");
        JsonNode said = run("convert", gguf(), back, "--json").json();
        assertThat(said.get("perplexityBefore").asDouble()).isEqualTo(said.get("perplexityAfter").asDouble());
        assertThat(said.get("perplexityTokens").asInt()).isGreaterThan(1000);
        assertThat(Files.readString(back.resolve("chat_template.jinja"))).isEqualTo(Template.jinja());
        assertThat(Files.readString(back.resolve("README.md"))).contains("license").contains("apache-2.0");
        JsonNode roles = JsonMapper.shared().readTree(back.resolve("tokenizer_config.json").toFile());
        JsonNode were = JsonMapper.shared().readTree(model.resolve("tokenizer_config.json").toFile());
        for (String role : List.of("bos_token", "eos_token", "pad_token"))
            assertThat(roles.get(role).asString()).isEqualTo(were.get(role).asString());
        Tokenizer was = Tokenizer.open(model);
        Tokenizer is = Tokenizer.open(back);
        String markup = "<|start_of_role|>user<|end_of_role|>" + TEXT + "<|end_of_text|>\n  12345";
        assertThat(is.encodeSequence(markup)).isEqualTo(was.encodeSequence(markup));
        int[] tokens = was.encode(TEXT);
        try (Lm first = Lm.open(model, 1); Lm second = Lm.open(back, 1)) {
            assertThat(second.logits(tokens)).isEqualTo(first.logits(tokens));
        }
        assertThat(names(dir)).containsExactly("back", "tiny.gguf");
    }

    @Test
    void quantizeTellsErrorsAndPerplexities() throws IOException {
        Path text = Files.writeString(dir.resolve("text.txt"), TEXT.repeat(4));
        Path out = dir.resolve("q.gguf");
        JsonNode said = run("quantize", model, out, "--type", "q8_0", "--text-file", text, "--json").json();
        for (JsonNode tensor : said.get("tensors"))
            if (tensor.get("to").asString().equals("Q8_0"))
                assertThat(tensor.get("error").asDouble()).as("%s", tensor).isBetween(0.001, 0.01);
        assertThat(said.get("tensors").valueStream().filter(t -> t.get("to").asString().equals("Q8_0"))).hasSize(13);
        assertThat(said.get("error").asDouble()).isBetween(0.001, 0.01);
        assertThat(said.get("perplexityBefore").asDouble()).isNotEqualTo(said.get("perplexityAfter").asDouble())
                .isCloseTo(said.get("perplexityAfter").asDouble(), within(0.05 * spec.vocabulary()));
        try (Lm lm = Lm.open(model, 1)) {
            int[] tokens = lm.tokenizer().encodeSequence(TEXT.repeat(4));
            assertThat(said.get("perplexityTokens").asInt()).isEqualTo(tokens.length - 1);
        }
        Run shown = run("quantize", out, dir.resolve("q4.gguf"), "--type", "Q4_K", "--text-file", text);
        assertThat(shown.out()).as(shown.err()).contains("quantize", "blk.0.attn_q.weight       [64, 32]  Q8_0 to Q5_0",
                "are no whole blocks of Q4_K", "tensors lost nothing", "bits each",
                "over all that was rounded, most in",
                "perplexity ");
        assertThat(names(dir)).containsExactly("q.gguf", "q4.gguf", "text.txt");
    }

    @Test
    void whatIsThereIsReplacedOnlyByForce() throws IOException {
        Path file = gguf();
        Path out = Files.writeString(dir.resolve("out.gguf"), "precious");
        Run refused = run("quantize", file, out, "--type", "Q4_0", "--no-perplexity");
        assertThat(refused.err()).contains("out.gguf is there already; --force replaces it");
        assertThat(refused.exit()).isEqualTo(1);
        assertThat(out).hasContent("precious");
        Path folder = Files.createDirectories(dir.resolve("folder"));
        Files.writeString(folder.resolve("old.txt"), "old");
        assertThat(run("convert", file, folder, "--no-perplexity").err()).contains("folder is there already");
        assertThat(run("convert", file, folder, "--no-perplexity", "--force").exit()).isZero();
        assertThat(names(folder)).contains("config.json", "model.safetensors", "tokenizer.json")
                .doesNotContain("old.txt");
        assertThat(run("quantize", file, out, "--type", "Q4_0", "--no-perplexity", "--force").exit()).isZero();
        assertThat(run("inspect", out).out()).contains("Q4_0");
        assertThat(run("quantize", file, file, "--type", "Q4_0", "--force").err())
                .contains("is the model that is read");
        assertThat(names(dir)).containsExactly("folder", "out.gguf", "tiny.gguf");
    }

    @Test
    void afterAFailureOutIsAsItWas() throws IOException {
        Path bad = dir.resolve("bad");
        PicoGranite.write(bad, 20, 1);
        byte[] weights = Files.readAllBytes(bad.resolve("model.safetensors"));
        int header = (weights[0] & 0xFF) + 256 * (weights[1] & 0xFF);
        for (int i = 0; i < 4; i++)
            weights[8 + header + i] = -1; // NaN, in the embedding
        Files.write(bad.resolve("model.safetensors"), weights);
        Path out = Files.writeString(dir.resolve("out.gguf"), "precious");
        Run failed = run("quantize", bad, out, "--type", "Q4_0", "--force");
        assertThat(failed.exit()).isEqualTo(1);
        assertThat(failed.err()).contains("cannot be stored", "NaN");
        assertThat(out).hasContent("precious");
        assertThat(names(dir)).containsExactly("bad", "out.gguf");
    }

    @Test
    void aModelWithoutTokenizerIsWrittenAndNotMeasured() throws IOException {
        Path bare = dir.resolve("bare");
        PicoGranite.write(bare, 20, 1);
        Path out = dir.resolve("bare.gguf");
        JsonNode said = run("convert", bare, out, "--type", "Q4_0", "--json").json();
        assertThat(said.get("perplexityNotMeasured").asString()).contains("tokenizer.json");
        assertThat(said.get("perplexityAfter").isNull()).isTrue();
        assertThat(run("inspect", out).out()).contains("none: the model takes token ids only");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', value = {"inspect cut.gguf | it is not whole", "inspect no.gguf | no.gguf",
        "inspect empty | empty is no model: it has no config.json",
        "quantize tiny.gguf x.gguf --type Q4_K_M | there is no type Q4_K_M (did you mean Q4_K?); there are F32",
        "quantize tiny.gguf x --type Q4_0 | the name", "convert tiny.gguf x.gguf | quarry quantize",
        "convert empty x | is a folder, and so is", "convert empty x.gguf | has neither model.safetensors nor",
        "convert tiny.gguf x --type Q4_0 | F32, F16 or BF16, not as Q4_0",
        "convert cut.gguf x | it is not whole", "quantize cut.gguf x.gguf --type Q4_0 | it is not whole",
        "quantize tiny.gguf x.gguf --type Q8_0 --text-file no.txt | there is no file"})
    void whatCannotBeDoneIsASentence(String command, String sentence) throws IOException {
        Path file = gguf();
        byte[] all = Files.readAllBytes(file);
        Files.write(dir.resolve("cut.gguf"), Arrays.copyOf(all, all.length - 4000));
        Files.createDirectories(dir.resolve("empty"));
        String[] words = command.split(" ");
        for (int i = 1; i < words.length; i++)
            if (!words[i].startsWith("--") && !words[i - 1].equals("--type"))
                words[i] = dir.resolve(words[i]).toString();
        Run run = run((Object[]) words);
        assertThat(run.exit()).as(run.err()).isEqualTo(1);
        assertThat(run.err()).contains(sentence).doesNotContain("should not happen");
        assertThat(names(dir)).containsExactly("cut.gguf", "empty", "tiny.gguf");
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> list = Files.list(folder)) {
            return list.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }
}
