package io.quarry.text;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** Cutting long words where no token reaches over must change nothing. */
class JoinsTest {
    private static final Tokenizer.Parts PARTS = TokenizerTest.golden().parts();

    private static int[] tokens(Tokenizer.Parts parts, Joins joins, String text) {
        Text utf8 = Utf8.text(text);
        Words words = new Words(parts.model(), joins);
        words.add(utf8.bytes(), 0, utf8.length());
        return words.take();
    }

    @Property(tries = 500)
    void aWordCutAtJoinsHasTheSameTokens(@ForAll String text) {
        if (!text.isEmpty())
            assertThat(tokens(PARTS, PARTS.joins(), text)).isEqualTo(tokens(PARTS, null, text));
    }

    @Test
    void wordsOfTheVocabularysOwnPiecesHaveTheSameTokens() throws Exception {
        for (String family : new String[] {"granite3", "qwen2", "llama2", "gemma"}) {
            Tokenizer.Parts parts = TokenizersTest.open(family).parts();
            assertThat(parts.joins()).as(family).isNotNull();
            Random random = new Random(5);
            for (int round = 0; round < 5_000; round++) {
                StringBuilder text = new StringBuilder();
                for (int n = random.nextInt(10); n >= 0; n--)
                    text.append(new String(parts.spelling().bytes(random.nextInt(parts.spelling().size())),
                            UTF_8));
                if (!text.isEmpty())
                    assertThat(tokens(parts, parts.joins(), text.toString())).as("%s: %s", family, text)
                            .isEqualTo(tokens(parts, null, text.toString()));
            }
        }
    }

    @Test
    void saysThatATokenReachesOverItsOwnCharacters() {
        Joins joins = new Joins();
        joins.add("東京".getBytes(UTF_8));
        joins.add(new byte[] {(byte) 0xAC, (byte) 0xE4}); // the end of one character and the beginning of another
        assertThat(joins.over(bytes("東京"), 3)).isTrue();
        assertThat(joins.over(bytes("京東"), 3)).isFalse();
        assertThat(joins.over(bytes("東a"), 3)).isFalse();
        assertThat(joins.over(bytes("京你"), 3)).isTrue();
        assertThat(joins.over(bytes("東本"), 3)).isFalse();
    }

    private static byte[] bytes(String text) {
        return Utf8.text(text).bytes();
    }
}
