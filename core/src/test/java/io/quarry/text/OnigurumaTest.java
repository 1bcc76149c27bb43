package io.quarry.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class OnigurumaTest {
    private static List<String> matches(String pattern, String text) {
        List<String> found = new ArrayList<>();
        new Oniguruma(pattern).find(text, (start, end) -> found.add(text.substring(start, end)));
        return found;
    }

    @Test
    void whatDiffersFromTheJdkIsTranslated() {
        assertThat(matches("\\w+", "aé²½\u200cb_ Ⅷ٣")).containsExactly("aé²½", "b_", "Ⅷ٣");
        assertThat(matches("\\W", "a\u200c²-")).containsExactly("\u200c", "-");
        assertThat(matches("\\h+", "fx0G")).containsExactly("f", "0");
        assertThat(matches("a{,2}b", "aaab")).containsExactly("aab");
        assertThat(matches("^b$", "a\nb\nc")).containsExactly("b");
        assertThat(matches(".", "\r\n\u2028")).containsExactly("\r", "\u2028");
        assertThat(matches("[a\\-z#&]+", "b-z#&a")).containsExactly("-z#&a");
        assertThat(matches("[]a]+", "a]b")).containsExactly("a]");
        assertThat(matches("[\\p{L}&&[^a-c]]+", "abcdé")).containsExactly("dé");
        assertThat(matches("\\p{Han}+|\\P{^Hiragana}+", "東京かな")).containsExactly("東京", "かな");
        assertThat(matches("\\x{1F600}|\\u00e9|\\x41|\\t", "😀éA\t")).hasSize(4);
        assertThat(matches("(?i:'s)", "'S'ſ")).hasSize(2);
        assertThat(matches("(?>a+)b|(?<=b)c(?!d)", "aabcd bc")).containsExactly("aab", "c");
        assertThat(matches("a*?b++", "aabb")).containsExactly("aabb");
        assertThat(matches("-", "a-b")).containsExactly("-");
    }

    @Test
    void whatIsNotKnownIsRefused() {
        for (String pattern : new String[] {"(", ")", "(?i)a", "(?<n>a)", "(?m:a)", "[a", "[[:alpha:]]",
            "\\p{Nonsense}", "\\p",
            "\\K", "\\1", "\\g", "a**", "*a", "a{", "a{x}", "a+{2}", "a{1,2}+", "\\x{110000}", "\\xff", "\\", "[\\W]",
            "(?<=a+)b"})
            assertThatThrownBy(() -> new Oniguruma(pattern)).as(pattern)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("the pattern " + pattern);
    }

    @Test
    void matchingIsBounded() {
        assertThatThrownBy(() -> matches("a*a*a*b", "a".repeat(2000))).hasMessageContaining("not fit for a tokenizer");
        assertThatThrownBy(() -> matches("(?:a|b)*c", "ab".repeat(100_000)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(matches("\\s+(?!\\S)|\\s+", " ".repeat(1 << 20) + "x")).hasSize(2);
    }
}
