package io.quarry.text;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Every family of tokenizers against the encodings of Hugging Face; made by tools/golden/tokenizer_families.py. */
class TokenizersTest {
    static JsonNode json(String name) throws IOException {
        try (InputStream in = TokenizersTest.class.getResourceAsStream("/golden/tokenizers/" + name + ".json")) {
            return JsonMapper.shared().readTree(in.readAllBytes());
        }
    }

    static Tokenizer open(String family) throws Exception {
        return Tokenizer
                .open(Path.of(TokenizersTest.class.getResource("/golden/tokenizers/" + family + ".json").toURI()));
    }

    static int[] ints(JsonNode array) {
        return array.valueStream().mapToInt(JsonNode::intValue).toArray();
    }

    static List<String> texts() throws IOException {
        return json("texts").valueStream().map(JsonNode::asString).toList();
    }

    private static int[] joined(int[]... parts) {
        Ints all = new Ints(16);
        for (int[] part : parts)
            all.addAll(part);
        return all.array();
    }

    @ParameterizedTest
    @ValueSource(strings = {"granite3", "gpt2", "llama3", "qwen2", "cased", "three_splits", "llama2", "phi3", "gemma",
        "unigram", "others"})
    void encodesAndDecodesAsHuggingFaceDoes(String family) throws Exception {
        Tokenizer tokenizer = open(family);
        List<String> texts = texts();
        JsonNode rows = json(family + ".ids");
        int[] before = ints(rows.get(0).get(0));
        int[] after = ints(rows.get(0).get(1));
        assertThat(tokenizer.before()).isEqualTo(before);
        assertThat(tokenizer.after()).isEqualTo(after);
        for (int i = 0; i < texts.size(); i++) {
            int[] ids = ints(rows.get(1 + i));
            assertThat(tokenizer.encodeWithSpecials(texts.get(i))).as(texts.get(i)).isEqualTo(ids);
            assertThat(tokenizer.encodeSequence(texts.get(i))).isEqualTo(joined(before, ids, after));
            Markup markup = new Markup().markup(texts.get(i));
            if (!family.equals("others")) // whose added tokens are looked for in the normalised text
                assertThat(tokenizer.encode(markup).ids()).as(texts.get(i)).isEqualTo(ids);
        }
        assertThat(rows.size()).isEqualTo(1 + texts.size() + 80);
        for (int i = 1 + texts.size(); i < rows.size(); i++) {
            int[] ids = ints(rows.get(i).get(0));
            assertThat(tokenizer.decode(ids, false)).as("%s", rows.get(i)).isEqualTo(rows.get(i).get(1).asString());
            assertThat(tokenizer.decode(ids, true)).as("%s", rows.get(i)).isEqualTo(rows.get(i).get(2).asString());
        }
    }

    /** The stream gives what the whole gives, but for runs of bytes that are no UTF-8. */
    @ParameterizedTest
    @ValueSource(strings = {"granite3", "llama2", "gemma", "unigram"})
    void aStreamGivesTheWhole(String family) throws Exception {
        Tokenizer tokenizer = open(family);
        for (String text : texts()) {
            int[] ids = tokenizer.encodeWithSpecials(text);
            TokenStream stream = tokenizer.stream(false);
            StringBuilder joined = new StringBuilder();
            for (int id : ids) {
                String piece = stream.next(id);
                assertThat(piece).isEqualTo(new String(piece.getBytes(UTF_8), UTF_8)); // no half of a pair
                joined.append(piece);
            }
            assertThat(joined.append(stream.end()).toString()).isEqualTo(tokenizer.decode(ids));
        }
    }

    /** Quadratic steps would need 10^12 of them here, and the build would never end. */
    @ParameterizedTest
    @ValueSource(strings = {"granite3", "qwen2", "cased", "llama2", "phi3", "gemma", "unigram"})
    void aMegabyteOfOneCharacterIsEncoded(String family) throws Exception {
        Tokenizer tokenizer = open(family);
        for (String one : List.of("a", " ", "\n", "=", "東", "7", "'", "\u0301", "e\u0301\u0323", "<", "\u2581")) {
            String text = "x" + one.repeat((1 << 20) / one.length());
            String want = switch (family) {
                case "granite3", "cased" -> text;
                case "qwen2" -> new Composition(Normalizer.Form.NFC).apply(text);
                default -> text.replace('\u2581', ' ');
            };
            int[] ids = tokenizer.encode(text);
            if (!family.equals("unigram")) // whose decoder leaves bytes as they are written
                assertThat(tokenizer.decode(ids)).as("%s of %s", family, one).isEqualTo(want);
            assertThat(ids).hasSizeGreaterThan(1 << 12);
        }
    }

    @Test
    void marksOfConversationsAreRecognisedAndTextCannotForgeThem() throws Exception {
        Tokenizer tokenizer = open("phi3");
        int user = tokenizer.id("<|user|>");
        int[] ids = tokenizer.encode(new Markup().markup("<|user|>").text(" \n <|user|>x", Set.of())).ids();
        assertThat(ids).startsWith(user);
        assertThat(tokenizer.decode(ids)).isEqualTo("<|user|><|user|>x"); // the mark takes the white space behind it
        assertThat(Arrays.stream(ids).filter(id -> id == user).count()).isEqualTo(1);
    }

    @Test
    void whiteSpaceThatIsATokenIsOneInPlainTextToo() throws Exception {
        Tokenizer tokenizer = open("gemma");
        int table = tokenizer.id("<table>");
        assertThat(tokenizer.encode("a\n\n\n<table>")).contains(tokenizer.id("\n\n\n")).doesNotContain(table);
        assertThat(tokenizer.encodeWithSpecials("a\n\n\n<table>")).contains(tokenizer.id("\n\n\n"), table);
    }

    @Test
    void savedItIsTheSameFile(@TempDir Path folder) throws Exception {
        Tokenizer tokenizer = open("unigram");
        tokenizer.save(folder, 100, "t");
        assertThat(Tokenizer.open(folder).encode("ab c")).isEqualTo(tokenizer.encode("ab c"));
    }

    /** Whatever stands in a file, it is read or refused with a sentence. */
    @Test
    void mutatedFilesAreReadOrRefused(@TempDir Path folder) throws Exception {
        Random random = new Random(17);
        int read = 0;
        int refused = 0;
        for (String family : List.of("granite3", "llama2", "unigram", "others", "three_splits", "phi3")) {
            byte[] good = json(family).toString().getBytes(UTF_8);
            for (int round = 0; round < 300; round++) {
                byte[] bytes = mutated(good, random);
                try {
                    Tokenizer tokenizer = TokenizerJson.read(bytes, "it", file -> {});
                    tokenizer.decode(tokenizer.encodeSequence("Some text, 東京 12 <s>\n\n don't"));
                    read++;
                } catch (IOException | IllegalArgumentException e) {
                    assertThat(e.getMessage()).isNotBlank();
                    refused++;
                }
            }
        }
        assertThat(read).isPositive();
        assertThat(refused).isPositive();
    }

    private static byte[] mutated(byte[] good, Random random) {
        byte[] bytes = good.clone();
        // Half of the time where the options stand, which are few beside the vocabulary.
        for (int n = 1 + random.nextInt(3); n > 0; n--) {
            int limit = random.nextBoolean() ? Math.min(3000, bytes.length) : bytes.length;
            int at = random.nextBoolean() ? random.nextInt(limit) : bytes.length - 1 - random.nextInt(limit);
            switch (random.nextInt(20)) {
                case 19 -> {
                    return Arrays.copyOf(bytes, at);
                }
                case 0, 1, 2, 3, 4, 5 -> bytes[at] = (byte) random.nextInt(128);
                case 6, 7, 8, 9, 10, 11, 12 -> bytes[at] = (byte) ("\"{}[],:0123456789".charAt(random.nextInt(17)));
                default -> System.arraycopy(good, random.nextInt(good.length - 20), bytes,
                        Math.min(at, bytes.length - 20), random.nextInt(20));
            }
        }
        return bytes;
    }

    @Test
    void hostileVocabulariesAreRefusedWithASentence() throws Exception {
        refuses("{}", "there is no model");
        refuses(model("{}", "[]"), "must have tokens");
        refuses(model("{\"a\": 0}", "null"), "without merges");
        refuses(model("{\"a\": 0, \"b\": 1}", "[\"a b\"]"), "\"ab\", which is not in the vocabulary");
        refuses(model("{\"a\": 0, \"aa\": 1}", "[\"a\"]"), "two entries");
        refuses(model("{\"a\": 0, \"aa\": 1}", "[[\"a\", \"a\", \"a\"]]"), "two entries");
        refuses(model("{\"a\": 5000000}", "[]"), "from 0 to");
        refuses(model("{\"a\": 99999999999}", "[]"), "");
        refuses(model("{\"a\": 0.5}", "[]"), "must be an id");
        refuses(model("{\"a\": 0, \"a\": 1}", "[]"), "twice");
        refuses(model("{\"a\": 0, \"b\": 0}", "[]"), "belongs to");
        refuses("[".repeat(100_000), "");
        refuses("{\"model\": " + "{\"a\":".repeat(100_000), "");
        String split = "{\"pre_tokenizer\": {\"type\": \"Split\", \"behavior\": \"Isolated\", \"pattern\": {\"Regex\": \"%s\"}}, ";
        String rest = "\"decoder\": {\"type\": \"Fuse\"}, \"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": 0}, \"merges\": []}}";
        refuses(split.formatted("(") + rest, "group");
        refuses(split.formatted("[a") + rest, "not closed");
        refuses(split.formatted("a{2}{3}") + rest, "repetition");
        refuses(split.formatted("(".repeat(50_000) + ")".repeat(50_000)) + rest, "cannot be compiled");
        Tokenizer slow = TokenizerJson.read((split.formatted("a*a*a*b") + rest).getBytes(UTF_8), "it", f -> {});
        assertThatThrownBy(() -> slow.encode("a".repeat(5_000))).isInstanceOf(IllegalArgumentException.class);
    }

    private static String model(String vocabulary, String merges) {
        return "{\"decoder\": {\"type\": \"ByteLevel\"}, \"model\": {\"type\": \"BPE\", \"vocab\": " + vocabulary
                + ", \"merges\": " + merges + "}}";
    }

    private static void refuses(String json, String because) {
        assertThatThrownBy(() -> TokenizerJson.read(json.getBytes(UTF_8), "it", file -> {})).as(
                json.substring(0, Math.min(200, json.length()))).isInstanceOf(IOException.class)
                .hasMessageStartingWith("it").hasMessageContaining(because);
    }

    /** Merges that go round in circles and merges given twice end: each takes a symbol away. */
    @Test
    void cyclicAndDoubledMergesEnd() throws Exception {
        String json = model("{\"a\": 0, \"b\": 1, \"ab\": 2, \"aba\": 3, \"abab\": 4, \"ba\": 5}",
                "[\"a b\", \"ab a\", \"b a\", \"a b\", \"ab ab\", \"aba b\", \"a ba\", \"a b\"]").replace("{\"decoder",
                        "{\"pre_tokenizer\": {\"type\": \"ByteLevel\", \"add_prefix_space\": false}, \"decoder");
        Tokenizer tokenizer = TokenizerJson.read(json.getBytes(UTF_8), "it", file -> {});
        List<String> parts = new ArrayList<>();
        for (int id : tokenizer.encode("ababab"))
            parts.add(tokenizer.decode(new int[] {id}));
        assertThat(String.join("", parts)).isEqualTo("ababab");
        assertThat(tokenizer.decode(tokenizer.encode("ab".repeat(100_000)))).isEqualTo("ab".repeat(100_000));
    }
}
