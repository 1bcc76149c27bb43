package io.quarry.text;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The quick way to decode gives what the bytes of the tokens say. */
class CharactersTest {
    private static final int ROUNDS = 400;
    private static final int LONGEST = 60;

    private static String defined(Spelling spelling, int[] tokens, boolean skipSpecial) {
        Text text = spelling.decode(tokens, skipSpecial);
        return Utf8.string(text.bytes(), 0, text.length());
    }

    private static void agree(Characters characters, Spelling spelling, int[] tokens) {
        for (boolean skipSpecial : new boolean[] {false, true})
            assertThat(characters.decode(tokens, skipSpecial)).as("%s %s", Arrays.toString(tokens), skipSpecial)
                    .isEqualTo(defined(spelling, tokens, skipSpecial));
    }

    @ParameterizedTest
    @ValueSource(strings = {"granite3", "gpt2", "llama3", "qwen2", "cased", "three_splits", "llama2", "phi3", "gemma",
        "unigram", "others"})
    void anyTokensGiveWhatTheirBytesSay(String family) throws Exception {
        Tokenizer tokenizer = TokenizersTest.open(family);
        Spelling spelling = tokenizer.parts().spelling();
        Characters characters = new Characters(spelling);
        int[] there = IntStream.range(0, spelling.size()).filter(id -> tokenizer.parts().vocabulary().text(id) != null)
                .toArray();
        int[] whole = Arrays.stream(there).filter(id -> spelling.whole(id) != null).toArray();
        int[] broken = Arrays.stream(there).filter(id -> spelling.whole(id) == null).toArray();
        int[] special = Arrays.stream(there).filter(spelling::special).toArray();
        int[][] kinds = {there, whole, broken.length > 0 ? broken : there, special.length > 0 ? special : there};
        Random random = new Random(family.hashCode());
        for (int round = 0; round < ROUNDS; round++) {
            int[] tokens = new int[random.nextInt(LONGEST)];
            int[] kind = there;
            for (int i = 0; i < tokens.length; i++) {
                if (random.nextInt(3) == 0)
                    kind = kinds[random.nextInt(kinds.length)];
                tokens[i] = kind[random.nextInt(kind.length)];
            }
            agree(characters, spelling, tokens);
        }
        for (String text : TokenizersTest.texts())
            agree(characters, spelling, tokenizer.encodeWithSpecials(text));
    }

    private static Spelling spelling(byte[][] bytes, Spelling.Start start) {
        return new Spelling(bytes.length, id -> bytes[id], new boolean[bytes.length], new boolean[bytes.length], start,
                id -> bytes[id]);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(UTF_8);
    }

    /** Around four, twelve and many characters, in Latin-1 and beyond, and texts larger than what is kept. */
    @Test
    void tokensOfAnyLengthAreWritten() {
        byte[][] bytes = new byte[400][];
        for (int id = 0; id < bytes.length; id++)
            bytes[id] = utf8("abc\u00e9".repeat(30).substring(0, id % 100 + 1)
                    + switch (id / 100) {
                        case 0 -> "";
                        case 1 -> "\u00ff";
                        case 2 -> "\u6771";
                        default -> "\ud83d\ude00";
                    });
        Spelling spelling = spelling(bytes, Spelling.Start.KEPT);
        Characters characters = new Characters(spelling);
        for (int id = 0; id < bytes.length; id++)
            agree(characters, spelling, new int[] {id, 0, id, id});
        int[] many = IntStream.range(0, 20_000).map(i -> i * 7 % bytes.length).toArray();
        agree(characters, spelling, many);
        agree(characters, spelling, new int[] {3});
    }

    @Test
    void partsOfCharactersJoinAcrossTokensAndBreakBeforeWholeOnes() {
        byte[] euro = utf8("\u20ac");
        byte[][] bytes = {{euro[0]}, {euro[1]}, {euro[2]}, utf8("a"), {}, utf8(" \u00e9"), {euro[0], euro[1]},
            utf8("\ufffd"), null};
        for (Spelling.Start start : Spelling.Start.values()) {
            Spelling spelling = spelling(bytes, start);
            Characters characters = new Characters(spelling);
            for (int code = 0; code < 8 * 8 * 8 * 8 * 8; code++)
                agree(characters, spelling,
                        new int[] {code & 7, code >> 3 & 7, code >> 6 & 7, code >> 9 & 7, code >> 12});
        }
        Spelling spelling = spelling(bytes, Spelling.Start.KEPT);
        assertThat(new Characters(spelling).decode(new int[] {0, 4, 1, 2, 3, 6, 3, 6}, false))
                .isEqualTo("\u20aca\ufffda\ufffd");
    }

    @Test
    void aTokenizerThatDecodedMuchGivesTheSame() throws Exception {
        Tokenizer tokenizer = TokenizersTest.open("llama2");
        int[] tokens = tokenizer.encode("A few words, \u6771\u4eac. ".repeat(300));
        String first = tokenizer.decode(tokens);
        for (int round = 0; round < 100; round++)
            assertThat(tokenizer.decode(tokens)).isEqualTo(first);
    }

    @Test
    void anIdThatIsNoTokenIsRefused() throws Exception {
        Tokenizer tokenizer = TokenizersTest.open("granite3");
        int size = tokenizer.vocabulary();
        Characters characters = new Characters(tokenizer.parts().spelling());
        for (int id : new int[] {-1, size, Integer.MAX_VALUE, Integer.MIN_VALUE})
            assertThatThrownBy(() -> characters.decode(new int[] {5, 6, id, 7}, false))
                    .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("no token " + id);
        byte[][] hole = {utf8("a"), null};
        assertThatThrownBy(() -> new Characters(spelling(hole, Spelling.Start.KEPT)).decode(new int[] {0, 1, 0}, true))
                .hasMessageContaining("no token 1");
    }
}
