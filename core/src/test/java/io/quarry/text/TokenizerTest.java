package io.quarry.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class TokenizerTest {
    private static final Tokenizer TOKENIZER = golden();

    /** The tokenizer of the golden encodings: 1000 entries, twelve languages. */
    public static Tokenizer golden() {
        try {
            return Tokenizer.open(Path.of(TokenizerTest.class.getResource("/golden/tokenizer.json").toURI()));
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static int[] ints(JsonNode array) {
        return array.valueStream().mapToInt(JsonNode::intValue).toArray();
    }

    private static JsonNode encodings() throws IOException {
        try (InputStream in = TokenizerTest.class.getResourceAsStream("/golden/tokenizer-encodings.json")) {
            return JsonMapper.shared().readTree(in.readAllBytes());
        }
    }

    /** What a text with lone surrogates can be at best. */
    private static String whole(String text) {
        StringBuilder out = new StringBuilder(text);
        for (int i = 0; i < text.length(); i++) {
            boolean high = Character.isHighSurrogate(text.charAt(i)) && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1));
            if (high)
                i++;
            else if (Character.isSurrogate(text.charAt(i)))
                out.setCharAt(i, '\uFFFD');
        }
        return out.toString();
    }

    @Test
    void encodesAndDecodesAsHuggingFaceDoes() throws Exception {
        int encoded = 0;
        for (JsonNode row : encodings()) {
            String text = row.get("text").asString();
            if (row.has("ids")) {
                assertThat(TOKENIZER.decode(ints(row.get("ids")))).as(row.toString()).isEqualTo(text);
                continue;
            }
            assertThat(TOKENIZER.encode(text)).as("plain: %s", row).isEqualTo(ints(row.get("plain")));
            int[] marked = TOKENIZER.encodeWithSpecials(text);
            assertThat(marked).as("marked: %s", row).isEqualTo(ints(row.get("marked")));
            assertThat(TOKENIZER.decode(marked, true)).isEqualTo(row.get("skipped").asString());
            assertThat(TOKENIZER.decode(marked)).isEqualTo(text);
            encoded++;
        }
        assertThat(encoded).isGreaterThan(300);
    }

    @Property(tries = 500)
    void bytesAreEncodedAsTheirText(@ForAll String text, @ForAll byte[] noise) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        assertThat(TOKENIZER.encode(utf8)).isEqualTo(TOKENIZER.encode(new String(utf8, StandardCharsets.UTF_8)));
        byte[] mixed = Arrays.copyOf(utf8, utf8.length + noise.length);
        System.arraycopy(noise, 0, mixed, utf8.length, noise.length);
        int[] tokens = TOKENIZER.encode(mixed);
        assertThat(TOKENIZER.encode(MemorySegment.ofArray(mixed))).isEqualTo(tokens);
        assertThat(TOKENIZER.decode(tokens)).isEqualTo(Utf8Test.lossy(mixed));
    }

    @Property(tries = 500)
    void decodingGivesBackAnyText(@ForAll String text) {
        assertThat(TOKENIZER.decode(TOKENIZER.encode(text))).isEqualTo(whole(text));
        assertThat(TOKENIZER.decode(TOKENIZER.encodeWithSpecials(text))).isEqualTo(whole(text));
    }

    @Property(tries = 300)
    void aStreamGivesTheWholeAndNeverHalfACharacter(@ForAll List<@IntRange(max = 999) Integer> tokens) {
        int[] ids = tokens.stream().mapToInt(Integer::intValue).toArray();
        TokenStream stream = TOKENIZER.stream(false);
        StringBuilder joined = new StringBuilder();
        for (int id : ids) {
            String piece = stream.next(id);
            assertThat(piece).isEqualTo(whole(piece)); // no lone surrogate
            joined.append(piece);
        }
        assertThat(joined.append(stream.end()).toString()).isEqualTo(TOKENIZER.decode(ids));
    }

    @Test
    void aStreamHoldsBackUntilACharacterIsWhole() {
        TokenStream stream = TOKENIZER.stream(false);
        int[] bytes = new int[4];
        byte[] smile = "😀".getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < 4; i++)
            bytes[i] = ByteAlphabet.id(smile[i]);
        assertThat(stream.next(bytes[0])).isEmpty();
        assertThat(stream.next(bytes[1])).isEmpty();
        assertThat(stream.next(bytes[2])).isEmpty();
        assertThat(stream.next(bytes[3])).isEqualTo("😀");
        assertThat(stream.next(bytes[0])).isEmpty();
        assertThat(stream.end()).isEqualTo("\uFFFD");
        assertThat(stream.end()).isEmpty();
    }

    @Test
    void loneSurrogatesBecomeReplacements() {
        assertThat(TOKENIZER.decode(TOKENIZER.encode("a\uD800b\uDC00\uD83D"))).isEqualTo("a\uFFFDb\uFFFD\uFFFD");
    }

    /** Quadratic merging would need 10^12 steps here, and the build would never end. */
    @Test
    void aMegabyteOfOneCharacterIsEncoded() {
        for (String one : List.of("a", " ", "\n", "=", "東", "7", "'", "\u00a0", "<")) {
            String text = one.repeat(1 << 20);
            int[] ids = TOKENIZER.encode(text);
            assertThat(TOKENIZER.decode(ids)).isEqualTo(text);
        }
        String spaced = " ".repeat(1 << 19) + "\n" + " ".repeat(1 << 19) + "x";
        assertThat(TOKENIZER.decode(TOKENIZER.encodeWithSpecials(spaced))).isEqualTo(spaced);
    }

    /** Long pieces take the heap, short ones the scan: both must merge alike. */
    @Property(tries = 200)
    void theHeapMergesLikeTheScan(@ForAll List<@IntRange(max = 3) Integer> letters) {
        int[][] pairs = {{0, 1}, {1, 1}, {0, 0}, {4, 2}, {5, 5}, {2, 2}, {6, 6}, {8, 3}};
        int[] ids = {4, 5, 6, 7, 8, 9, 10, 11};
        for (int[] priorities : new int[][] {null, {0, 1, 1, 2, 2, 2, 3, 3}}) {
            Merges merges = new Merges(8, ids, priorities);
            for (int number = 0; number < pairs.length; number++)
                merges.put(pairs[number][0], pairs[number][1], number);
            int[] tokens = letters.stream().limit(40).mapToInt(Integer::intValue).toArray();
            int[] padded = new int[tokens.length + 60]; // behind a token that never merges, past the limit of the scan
            Arrays.fill(padded, 99);
            System.arraycopy(tokens, 0, padded, 60, tokens.length);
            int scanned = applied(merges, tokens);
            int heaped = applied(merges, padded);
            assertThat(Arrays.copyOfRange(padded, 60, heaped)).isEqualTo(Arrays.copyOf(tokens, scanned));
        }
    }

    private static int applied(Merges merges, int[] tokens) {
        int[] ranks = new int[tokens.length];
        merges.rank(tokens, tokens.length, ranks);
        return merges.apply(tokens, tokens.length, ranks);
    }

    @Test
    void plainTextCannotForgeAToken() {
        for (String token : TOKENIZER.added()) {
            assertThat(TOKENIZER.encodeWithSpecials(token)).containsExactly(TOKENIZER.id(token));
            assertThat(TOKENIZER.encode(token)).doesNotContain(TOKENIZER.id(token)).hasSizeGreaterThan(1);
        }
    }

    @Test
    void markupRecognisesTokensOnlyWhereItsPartsAllowThem() {
        Markup markup = new Markup().markup("<|start_of_role|>").text("<|pad|><think>x", Set.of(Specials.THINK))
                .markup("<|end").text("_of_text|>");
        Encoded encoded = TOKENIZER.encode(markup);
        assertThat(encoded.ids()).startsWith(TOKENIZER.id(Specials.START_OF_ROLE))
                .contains(TOKENIZER.id(Specials.THINK))
                .doesNotContain(TOKENIZER.id(Specials.PAD), TOKENIZER.id(Specials.END_OF_TEXT));
        assertThat(TOKENIZER.decode(encoded.ids())).isEqualTo(markup.toString());
        assertThat(encoded.learned()).containsOnly(0);
    }

    @Test
    void markupWithoutForgedMarksEncodesAsOneText() {
        Markup markup = new Markup().markup("<tools>\n").text("the ri").markup("ver\n").text("\n x").markup("</tools>");
        assertThat(TOKENIZER.encode(markup).ids()).isEqualTo(TOKENIZER.encodeWithSpecials(markup.toString()));
    }

    @Test
    void manyThreadsGetTheSameTokens() throws Exception {
        List<String> texts = new ArrayList<>();
        for (JsonNode row : encodings())
            texts.add(row.get("text").asString());
        Tokenizer shared = golden();
        Callable<List<int[]>> all = () -> texts.stream().map(shared::encode).toList();
        List<int[]> want = texts.stream().map(golden()::encode).toList();
        try (var threads = Executors.newFixedThreadPool(4)) {
            for (var got : threads.invokeAll(java.util.Collections.nCopies(16, all)))
                for (int i = 0; i < want.size(); i++)
                    assertThat(got.get().get(i)).isEqualTo(want.get(i));
        }
    }

    @Test
    void savedAndOpenedItIsTheSame(@TempDir Path folder) throws Exception {
        TOKENIZER.save(folder, 4096, "template");
        Tokenizer again = Tokenizer.open(folder);
        assertThat(again.vocabulary()).isEqualTo(1000);
        assertThat(again.encodeWithSpecials("<think>The mill's 12 größer")).isEqualTo(
                TOKENIZER.encodeWithSpecials("<think>The mill's 12 größer"));
        assertThat(folder.resolve("chat_template.jinja")).hasContent("template");
        JsonNode config = JsonMapper.shared().readTree(Files.readString(folder.resolve("tokenizer_config.json")));
        assertThat(config.get("eos_token").asString()).isEqualTo(Specials.END_OF_TEXT);
        assertThat(config.get("model_max_length").intValue()).isEqualTo(4096);
    }

    @Test
    void readsMergesWrittenAsPairs(@TempDir Path folder) throws Exception {
        TOKENIZER.save(folder, 4096, "");
        Path file = folder.resolve("tokenizer.json");
        String all = Files.readString(file);
        int merges = all.indexOf("\"merges\" : [");
        String pairs = all.substring(0, merges)
                + all.substring(merges).replaceAll("\"([^ \"\\\\]+) ([^ \"\\\\]+)\"", "[\"$1\", \"$2\"]");
        assertThat(pairs).contains("[\"h\", \"e\"]").doesNotContain("\"h e\"");
        Files.writeString(file, pairs);
        assertThat(Tokenizer.open(file).encode("the then")).isEqualTo(TOKENIZER.encode("the then"));
    }

    @Test
    void takesAWholeEntryWhereTheFileIgnoresMerges(@TempDir Path folder) throws Exception {
        TOKENIZER.save(folder, 4096, "");
        Path file = folder.resolve("tokenizer.json");
        String all = Files.readString(file);
        int first = all.indexOf("\"merges\" : [");
        Files.writeString(file, all.substring(0, first).replace("\"ignore_merges\" : false", "\"ignore_merges\" : true")
                + "\"merges\" : [ ] } }");
        Tokenizer unmerged = Tokenizer.open(file);
        assertThat(unmerged.encode("the")).containsExactly(unmerged.id("the"));
        assertThat(unmerged.encode("qzj")).hasSize(3);
    }

    @Test
    void refusesWhatItDoesNotKnow(@TempDir Path folder) throws Exception {
        TOKENIZER.save(folder, 4096, "");
        Path file = folder.resolve("tokenizer.json");
        String good = Files.readString(file);
        refuses(file, good.replace("\\\\p{N}{1,3}", "\\\\p{Nonsense}"), "property Nonsense");
        refuses(file, good.replace("\"Split\"", "\"BertPreTokenizer\""), "pre_tokenizer");
        refuses(file, good.replace("\"Isolated\"", "\"Odd\""), "behavior");
        refuses(file, good.replace("\"normalizer\" : null", "\"normalizer\" : {\"type\": \"Nmt\"}"), "normalizer");
        refuses(file, good.replace("\"type\" : \"BPE\"", "\"type\" : \"Unigram\""), "model.type");
        refuses(file, good.replace("\"truncation\" : null", "\"truncation\" : {\"max_length\": 4}"), "truncation");
        refuses(file, good.replace("\"dropout\" : null", "\"dropout\" : 0.1"), "dropout");
        refuses(file, good.replace("\"end_of_word_suffix\" : null", "\"end_of_word_suffix\" : \"</w>\""), "suffix");
        refuses(file, good.replace("\"id\" : 972", "\"id\" : 5"), "972");
        refuses(file, good.replace("\"!\" : 0", "\"!\" : 1"), "id 1 belongs to");
        refuses(file, good.replace("\"h e\"", "\"h q\""), "not in the vocabulary");
        refuses(file, good.replace("\"!\" : 0", "\"!\" : -1"), "must be from 0");
        refuses(file, good.replaceFirst("\"lstrip\" : false", "\"lstrip\" : 1"), "lstrip");
        refuses(file, good.replaceFirst("\"merges\" : [^]]*]", "\"merges\" : null"), "merges");
        refuses(file, good.substring(0, good.length() / 2), "no JSON");
        refuses(file, "[]", "JSON object");
        Files.delete(file);
        assertThatThrownBy(() -> Tokenizer.open(folder)).isInstanceOf(IOException.class)
                .hasMessageContaining("no tokenizer at");
    }

    private static void refuses(Path file, String json, String because) throws IOException {
        assertThat(json).isNotEqualTo(Files.readString(file));
        Files.writeString(file, json);
        assertThatThrownBy(() -> Tokenizer.open(file)).isInstanceOf(IOException.class)
                .hasMessageContaining(file.toString()).hasMessageContaining(because);
    }

    @Test
    void saysWhichTokenIsNotThere() {
        assertThatThrownBy(() -> TOKENIZER.id("<|nobody|>")).hasMessageContaining("<|nobody|>");
        assertThat(TOKENIZER.find("<|nobody|>")).isEmpty();
        assertThatThrownBy(() -> TOKENIZER.decode(new int[] {1000})).hasMessageContaining("1000");
        assertThatThrownBy(() -> TOKENIZER.bytes(-1)).hasMessageContaining("-1");
        assertThat(TOKENIZER.bytes(TOKENIZER.encode("ü")[0])).isNotEmpty();
    }
}
