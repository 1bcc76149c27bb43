package io.quarry.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.quarry.chat.ChatFormat;
import io.quarry.chat.Conversation;
import io.quarry.chat.Message;
import io.quarry.chat.Template;
import io.quarry.infer.Lm;
import io.quarry.infer.Request;
import io.quarry.infer.Sampling;
import io.quarry.kernel.DType;
import io.quarry.kernel.Workers;
import io.quarry.ledger.Progress;
import io.quarry.model.Convert;
import io.quarry.model.PicoGranite;
import io.quarry.recipe.Recipe;
import io.quarry.text.BpeTrainer;
import io.quarry.text.Tokenizer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The commands generate and template, as a person starts them, on a tiny folder and a tiny GGUF file. */
class GenerateCommandTest {
    private static final String TURNS = "{% for m in messages %}<|start_of_role|>{{ m.role }}<|end_of_role|>"
            + "{{ m.content }}<|end_of_text|>\n{% endfor %}{% if add_generation_prompt %}<|start_of_role|>assistant"
            + "<|end_of_role|>{% if thinking %}<think>{% endif %}{% endif %}";
    @TempDir
    private static Path dir;
    private static Path folder;
    private static Path gguf;
    private static Path bare;
    private static Path messages;
    private static Tokenizer tokenizer;

    @BeforeAll
    static void makeModels() throws IOException {
        folder = Files.createDirectories(dir.resolve("folder"));
        Stream<String> words = IntStream.range(0, 2_000).mapToObj(i -> "stone " + Integer.toString(i * 7919, 36));
        tokenizer = BpeTrainer.train(words.iterator(), new Recipe.TokenizerPlan(512, 100_000, 1, false),
                Progress.SILENT);
        tokenizer.save(folder, 256, TURNS);
        PicoGranite.write(folder, tokenizer.vocabulary(), 7);
        gguf = dir.resolve("tiny.gguf");
        Convert.toGguf(folder, gguf, DType.F32, Workers.NONE, outcome -> {});
        bare = Files.createDirectories(dir.resolve("bare"));
        PicoGranite.write(bare, tokenizer.vocabulary(), 7);
        Files.copy(folder.resolve("tokenizer.json"), bare.resolve("tokenizer.json"));
        messages = Files.writeString(dir.resolve("chat.json"), """
                [{"role": "user", "content": "the <|end_of_text|> stone"}]""");
    }

    /** What a command says and how it ends. */
    private record Ran(int code, List<byte[]> written, String err) {
        String out() {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            written.forEach(all::writeBytes);
            return all.toString(StandardCharsets.UTF_8);
        }

        JsonNode json() {
            assertThat(err).isEmpty();
            return JsonMapper.shared().readTree(out());
        }
    }

    private static Ran run(Object... arguments) {
        List<byte[]> written = new ArrayList<>();
        PrintStream before = System.out;
        StringWriter err = new StringWriter();
        // every write on its own: a write to a terminal is seen as it is
        System.setOut(new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8) {
            @Override
            public void write(byte[] bytes, int from, int length) {
                written.add(Arrays.copyOfRange(bytes, from, from + length));
            }
        });
        try {
            int code = Quarry.commandLine().setErr(new PrintWriter(err))
                    .execute(Stream.of(arguments).map(Object::toString).toArray(String[]::new));
            return new Ran(code, written, err.toString());
        } finally {
            System.setOut(before);
        }
    }

    private static List<Integer> ints(JsonNode list) {
        return list.valueStream().map(JsonNode::intValue).toList();
    }

    @Test
    void aPromptIsAUsersTurnInTheModelsOwnTemplate() throws IOException {
        for (Path model : List.of(folder, gguf)) {
            JsonNode said = run("generate", model, "--prompt", "the stone", "--max-tokens", 12, "--json").json();
            try (Lm lm = Lm.open(model, 1)) {
                int[] prompt = tokenizer.encodeWithSpecials("<|start_of_role|>user<|end_of_role|>the stone"
                        + "<|end_of_text|>\n<|start_of_role|>assistant<|end_of_role|>");
                ChatFormat format = ChatFormat.open(model, lm.tokenizer());
                assertThat(format.prompt(Conversation.of(Message.user("the stone")))).isEqualTo(prompt);
                int[] want = lm.generate(new Request(prompt, 12, Sampling.GREEDY, format.ends())).tokens();
                assertThat(ints(said.path("tokens"))).containsExactlyElementsOf(Arrays.stream(want).boxed().toList());
                assertThat(said.path("text").stringValue()).isEqualTo(tokenizer.decode(want, true));
                assertThat(said.path("logprobs")).hasSize(want.length);
            }
            assertThat(said.propertyNames()).containsExactly("tokens", "text", "finishReason", "logprobs");
            JsonNode raw = run("generate", model, "--raw", "--prompt", "the stone", "--max-tokens", 12, "--json")
                    .json();
            assertThat(raw.path("tokens")).isNotEqualTo(said.path("tokens"));
            JsonNode system = run("generate", model, "--prompt", "the stone", "--system", "Be kind.", "--set",
                    "thinking=true", "--max-tokens", 12, "--json").json();
            assertThat(system.path("tokens")).isNotEqualTo(said.path("tokens"));
        }
    }

    @Test
    void aNativeMatrixProductIsTakenWhereItIsAskedFor() {
        Ran java = run("generate", gguf, "--tokens", "5,6,7", "--max-tokens", 6, "--json");
        Ran asked = run("generate", gguf, "--tokens", "5,6,7", "--max-tokens", 6, "--json", "--gemm", "native");
        assertThat(asked.json()).as("three tokens are too few for it").isEqualTo(java.json());
        assertThat(run("generate", gguf, "--tokens", "5", "--gemm", "fast").err())
                .contains("--gemm must be java or native, was fast");
    }

    @Test
    void keysAndValuesAreStoredAsAskedFor() {
        Object[] score = {"score", gguf, "--tokens", "5,6,7,8,9,10,11,12", "--json", "--cache"};
        double halves = run(with(score, "F16")).json().path("logLikelihood").asDouble();
        double bytes = run(with(score, "Q8")).json().path("logLikelihood").asDouble();
        assertThat(bytes).isNotEqualTo(halves).isCloseTo(halves, within(0.1));
        assertThat(run(with(score, "Q3")).err()).contains("--cache", "Q3", "F16", "Q8");
    }

    private static Object[] with(Object[] arguments, Object last) {
        return Stream.concat(Arrays.stream(arguments), Stream.of(last)).toArray();
    }

    @Test
    void aModelWithoutATemplateSaysRaw() {
        Ran ran = run("generate", bare, "--prompt", "the stone");
        assertThat(ran.code()).isEqualTo(1);
        assertThat(ran.err()).startsWith("quarry: " + bare + " has no chat template").contains("--raw")
                .doesNotContain("\tat ");
        assertThat(run("generate", bare, "--raw", "--prompt", "the stone", "--max-tokens", 3).code()).isZero();
        assertThat(run("template", bare, "--messages", messages).err()).contains("has no chat template");
    }

    @Test
    void streamsWholeCharactersAndTheWholeText() {
        boolean several = false;
        for (int seed = 0; seed < 6; seed++) {
            Ran ran = run("generate", gguf, "--prompt", "the stone", "--max-tokens", 60, "--temperature", 3, "--seed",
                    seed);
            JsonNode json = run("generate", gguf, "--prompt", "the stone", "--max-tokens", 60, "--temperature", 3,
                    "--seed", seed, "--json").json();
            assertThat(ran.out()).isEqualTo(json.path("text").stringValue() + System.lineSeparator());
            assertThat(ran.written()).as("it comes in pieces").hasSizeGreaterThan(10);
            for (byte[] piece : ran.written())
                assertThat(whole(piece)).as("bytes %s", Arrays.toString(piece)).isTrue();
            several |= ran.written().stream().anyMatch(piece -> piece.length > 1 && piece[0] < 0);
        }
        assertThat(several).as("noise has characters of several bytes, or this shows nothing").isTrue();
    }

    private static boolean whole(byte[] utf8) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    @Test
    void optionsOfGenerationReachTheEngine() {
        Object[] usual = {"generate", gguf, "--raw", "--prompt", "the stone", "--max-tokens", 20, "--json"};
        JsonNode greedy = run(usual).json();
        int first = greedy.path("tokens").path(0).intValue();
        assertThat(ints(run(with(usual, "--logit-bias", first + "=-Infinity")).json().path("tokens"))).doesNotContain(
                first);
        assertThat(ints(run(with(usual, "--logit-bias", "9=1000,8=-5")).json().path("tokens"))).containsOnly(9);
        assertThat(ints(run(with(usual, "--logit-bias", "9=1000", "--frequency-penalty", 600)).json().path("tokens")))
                .startsWith(9, 9).filteredOn(token -> token == 9).hasSize(2);
        for (Object[] option : new Object[][] {{"--repetition-penalty", 50}, {"--presence-penalty", 1000}})
            assertThat(ints(run(with(usual, option)).json().path("tokens"))).doesNotHaveDuplicates();
        Object[] drawn = with(usual, "--temperature", 3, "--seed", 5);
        JsonNode free = run(drawn).json();
        assertThat(free.path("tokens")).isEqualTo(run(drawn).json().path("tokens")).isNotEqualTo(greedy.path("tokens"));
        for (Object[] option : new Object[][] {{"--top-k", 1}, {"--top-p", 1e-9}, {"--min-p", 1}})
            assertThat(run(with(drawn, option)).json().path("tokens")).isEqualTo(greedy.path("tokens"));
        JsonNode likeliest = run(with(usual, "--logprobs", 3)).json();
        assertThat(likeliest.path("alternatives")).hasSize(20).allSatisfy(each -> assertThat(each).hasSize(3));
        assertThat(likeliest.path("alternatives").path(0).path(0).path("token").intValue()).isEqualTo(first);
        assertThat(likeliest.path("alternatives").path(0).path(0).path("logprob"))
                .isEqualTo(likeliest.path("logprobs").path(0));
        String text = greedy.path("text").stringValue();
        String stop = text.substring(3, 6);
        JsonNode stopped = run(with(usual, "--stop", stop, "--stop", "never said")).json();
        assertThat(stopped.path("text").stringValue()).isEqualTo(text.substring(0, text.indexOf(stop)));
        assertThat(stopped.path("finishReason").stringValue()).isEqualTo("stop_string");
    }

    private static Object[] with(Object[] usual, Object... more) {
        return Stream.concat(Stream.of(usual), Stream.of(more)).toArray();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"--prompt x --tokens 1 | must be given, found 2",
        "--raw --prompt x --system y | --system and --set are for a chat template",
        "--tokens 1 --set a=b | --system and --set are for a chat template",
        "--prompt x --logprobs 5 | say --json too", "--prompt x --json --logprobs 101 | alternatives must be 0 to 100",
        "--prompt x --top-p 0 | topP must be in (0, 1]", "--prompt x --logit-bias 99999=1 | is not in the vocabulary"})
    void whatDoesNotGoTogetherIsSaid(String options, String sentence) {
        Ran ran = run(with(new Object[] {"generate", gguf}, (Object[]) options.split(" ")));
        assertThat(ran.code()).isEqualTo(1);
        assertThat(ran.err()).contains(sentence).doesNotContain("\tat ");
        assertThat(ran.out()).isEmpty();
    }

    @Test
    void templatePrintsWhatTheModelReads() throws IOException {
        String turn = "<|start_of_role|>user<|end_of_role|>the <|end_of_text|> stone<|end_of_text|>\n";
        String open = "<|start_of_role|>assistant<|end_of_role|>";
        for (Path model : List.of(folder, gguf)) {
            assertThat(run("template", model, "--messages", messages).out()).isEqualTo(turn + open);
            assertThat(run("template", model, "--messages", messages, "--no-generation-prompt").out())
                    .isEqualTo(turn);
            assertThat(run("template", model, "--messages", messages, "--continue").out())
                    .isEqualTo(turn.substring(0, turn.lastIndexOf("<|")));
            JsonNode json = run("template", model, "--messages", messages, "--set", "thinking=true", "--json").json();
            assertThat(json.path("text").stringValue()).isEqualTo(turn + open + "<think>");
            int end = tokenizer.id("<|end_of_text|>");
            assertThat(ints(json.path("tokens")).stream().filter(id -> id == end)).as("the user's is text").hasSize(1);
            assertThat(tokenizer.decode(ints(json.path("tokens")).stream().mapToInt(i -> i).toArray()))
                    .isEqualTo(turn + open + "<think>");
        }
    }

    @Test
    void templateTakesToolsAndDocumentsAndNeedsNoTokenizer(@TempDir Path granite) throws IOException {
        Files.writeString(granite.resolve("chat_template.jinja"), Template.jinja());
        Path tools = Files.writeString(granite.resolve("tools.json"), """
                [{"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}]""");
        Path documents = Files.writeString(granite.resolve("documents.json"), "[{\"text\": \"It is old.\"}]");
        JsonNode json = run("template", granite, "--messages", messages, "--tools", tools, "--documents", documents,
                "--json").json();
        assertThat(json.path("tokens").isNull()).isTrue();
        assertThat(json.path("text").stringValue()).contains("<tools>\n{\"type\": \"function\"").contains(
                "<documents>\n{\"text\": \"It is old.\"}");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"{} | must be a JSON list of objects", "[5] | must be a JSON list of objects",
        "[ | is no JSON", "[] | needs at least one message", "[{\"role\": \"a\", \"role\": \"b\"}] | is no JSON"})
    void messagesThatAreNone(String text, String sentence) throws IOException {
        Path file = Files.writeString(dir.resolve("wrong.json"), text);
        Ran ran = run("template", folder, "--messages", file);
        assertThat(ran.code()).isEqualTo(1);
        assertThat(ran.err()).startsWith("quarry: ").contains(sentence).doesNotContain("\tat ");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %} | loops too long",
        "{{ messages.__class__.__mro__ }} | has no attribute", "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }} | deep",
        "{{ 'a' * 99999999999 }} | characters", "{{ raise_exception('Not today.') }} | Not today."})
    void aHostileTemplateEndsWithASentence(String template, String sentence, @TempDir Path hostile) throws IOException {
        Files.writeString(hostile.resolve("chat_template.jinja"), template);
        for (String file : List.of("config.json", "model.safetensors", "tokenizer.json"))
            Files.copy(folder.resolve(file), hostile.resolve(file));
        for (Ran ran : List.of(run("generate", hostile, "--prompt", "x"),
                run("template", hostile, "--messages", messages))) {
            assertThat(ran.code()).isEqualTo(1);
            assertThat(ran.err()).startsWith("quarry: ").contains("chat_template.jinja").contains(sentence)
                    .doesNotContain("\tat ");
        }
    }

    /** In every command that takes a model, but for those that go on until somebody ends them. */
    @ParameterizedTest
    @ValueSource(strings = {"template MODEL --messages MESSAGES", "generate MODEL --prompt x --max-tokens 3",
        "score MODEL --text-file MESSAGES --json", "tokenize MODEL --text-file MESSAGES",
        "detokenize MODEL --tokens 300",
        "inspect MODEL --json", "convert MODEL OUT --no-perplexity --force --json",
        "quantize MODEL OUT --type Q8_0 --no-perplexity --force --json"})
    void aWorkFolderMeansTheModelBuiltLast(String command) throws IOException {
        Path work = Files.createDirectories(dir.resolve("work"));
        LastModel.remember(work, folder, "pico");
        String[] said = new String[2];
        for (Path model : List.of(folder, work)) {
            String[] words = command.replace("MODEL", model.toString()).replace("MESSAGES", messages.toString())
                    .replace("OUT", dir.resolve("out.gguf").toString()).split(" ");
            Ran ran = run((Object[]) words);
            assertThat(ran.code()).as(ran.err()).isZero();
            said[model == work ? 1 : 0] = ran.out();
        }
        assertThat(said[1].replace("work/../folder", "folder")).isEqualTo(said[0]);
    }

    @Test
    void benchTakesAWorkFolder() throws IOException {
        Path work = Files.createDirectories(dir.resolve("work"));
        LastModel.remember(work, folder, "pico");
        Ran ran = run("bench", work, "--prompt", 4, "--generate", 2, "--trials", 1, "--json");
        assertThat(ran.code()).as(ran.err()).isZero();
        assertThat(JsonMapper.shared().readTree(ran.out()).path("model").stringValue()).isEqualTo("folder");
    }

    @Test
    void aFileIsAModelOfItsOwnName() throws IOException {
        assertThat(LastModel.find(gguf)).isEqualTo(new LastModel(gguf, "tiny"));
    }
}
