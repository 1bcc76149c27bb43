package io.quarry.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class PretokensTest {
    /** {@code \s} and case are Unicode's, as in the engine that Hugging Face uses. */
    private static final Pattern REGEX = Pattern.compile(Pretokens.PATTERN, Pattern.UNICODE_CHARACTER_CLASS);

    private static List<String> byHand(String text) {
        List<String> out = new ArrayList<>();
        for (int at = 0; at < text.length();) {
            int end = Pretokens.next(text, at, text.length());
            out.add(text.substring(at, end));
            at = end;
        }
        return out;
    }

    private static List<String> byRegex(String text) {
        List<String> out = new ArrayList<>();
        Matcher matcher = REGEX.matcher(text);
        while (matcher.find())
            out.add(matcher.group());
        assertThat(String.join("", out)).isEqualTo(text);
        return out;
    }

    @Property
    void cutsAnyTextLikeTheRegex(@ForAll String text) {
        assertThat(byHand(text)).isEqualTo(byRegex(text));
    }

    /** Random strings seldom have runs and contractions; these are made of them. */
    @Test
    void cutsMixturesOfEveryKindLikeTheRegex() {
        String[] pieces = {"a", "Z", "é", "東", "𝐀", "ǅ", "ʰ", "1", "٣", "½", "Ⅷ", "𝟗", " ", "  ", "\n", "\r", "\t",
            "\u000b",
            "\u0085", "\u00a0", "\u1680", "\u2028", "\u3000", "\u001c", "\u200b", "\ufeff", "'", "'s", "'T", "'re",
            "'VE",
            "'m", "'Ll", "'d", "'ſ", "K", "!", "_", "\u0301", "😀", "\uD800", "\uDC00", "<|pad|>"};
        Random random = new Random(7);
        for (int round = 0; round < 20_000; round++) {
            StringBuilder text = new StringBuilder();
            for (int n = random.nextInt(12); n >= 0; n--)
                text.append(pieces[random.nextInt(pieces.length)]);
            assertThat(byHand(text.toString())).isEqualTo(byRegex(text.toString()));
        }
    }

    @Test
    void knowsEveryCharacterAlone() {
        for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
            if (c >= 0xAC00 && c <= 0xD000 || c >= 0x20000 && c < 0xE0000)
                continue; // long uniform stretches
            String text = "x" + Character.toString(c) + Character.toString(c) + "1";
            assertThat(byHand(text)).as("U+%04X", c).isEqualTo(byRegex(text));
        }
    }

    @Test
    void seesNothingBehindTheEnd() {
        assertThat(Pretokens.next("a  b", 1, 3)).isEqualTo(3);
        assertThat(Pretokens.next("a  b", 1, 4)).isEqualTo(2);
        assertThat(Pretokens.next("'s", 0, 1)).isEqualTo(1);
        assertThat(Pretokens.next("1234", 0, 2)).isEqualTo(2);
    }
}
