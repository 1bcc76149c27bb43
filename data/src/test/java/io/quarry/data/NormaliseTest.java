package io.quarry.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NormaliseTest {

    @Test
    void oneFormForAll() {
        assertThat(Normalise.text("\uFEFF\r\n  e\u0301te\u0301 \t\r\n\u0007x\u00A0y\u200B\r\r\r\rz\u202E \n"))
                .isEqualTo("  été\nx y\n\nz");
    }

    @Test
    void halfAPairIsNoCharacter() {
        assertThat(Normalise.wellFormed("a\uD83Db\uDE00😀\uD83D")).isEqualTo("a\uFFFDb\uFFFD😀\uFFFD");
        assertThat(Normalise.wellFormed("whole 😀")).isEqualTo("whole 😀");
    }

    @Test
    void joinersThatPersianAndHindiNeedStay() {
        assertThat(Normalise.text("می\u200Cخواهم क्\u200Dष")).isEqualTo("می\u200Cخواهم क्\u200Dष");
    }

    @Test
    void longTextIsCutAtAParagraphElseALineElseABlankAndNeverInACharacter() {
        assertThat(Normalise.parts("aaaa aa\n\nbbbb", 10)).containsExactly("aaaa aa", "bbbb");
        assertThat(Normalise.parts("aaaa aa\nbbbb", 10)).containsExactly("aaaa aa", "bbbb");
        assertThat(Normalise.parts("aaaaaaa bbbb", 10)).containsExactly("aaaaaaa", "bbbb");
        List<String> emoji = Normalise.parts("😀".repeat(7), 5);
        assertThat(String.join("", emoji)).isEqualTo("😀".repeat(7));
        assertThat(emoji).allMatch(part -> part.length() <= 5 && !Character.isLowSurrogate(part.charAt(0)));
        assertThat(Normalise.parts("", 10)).isEmpty();
    }
}
