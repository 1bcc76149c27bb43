package io.quarry.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.text.Normalizer;
import java.text.Normalizer.Form;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class CompositionTest {
    private static void check(String text) {
        for (Form form : Form.values())
            assertThat(new Composition(form).apply(text)).as("%s of %s", form, text)
                    .isEqualTo(Normalizer.normalize(text, form));
    }

    @Property
    void normalizesAnyTextAsTheJdkDoes(@ForAll String text) {
        String known = text.codePoints().filter(c -> Character.isDefined(c) && !newer(c))
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append).toString();
        check(known);
    }

    /** Whether the JDK would change a character that stays as it is here. */
    private static boolean newer(int c) {
        String text = "\u0345" + Character.toString(c) + "\u0334\u0345";
        return !new Composition(Form.NFKD).apply(text).equals(Normalizer.normalize(text, Form.NFKD));
    }

    @Test
    void normalizesMarksInAnyOrderAsTheJdkDoes() {
        String[] pieces = {"a", "e", "é", "가", "\u1100", "\u1161", "\u11a8", "\u0301", "\u0323", "\u0327", "\u0345",
            "\u0344",
            "\u093c", "\u0915", "\u3099", "か", "ｶ", "ﾞ", "ﬁ", "①", "Ω", "\u212b", "𝐀", "😀", "\uD834\uDD5E",
            "\u0f71\u0f72",
            "\u09c7", "\u09be", " ", "ก", "\u0e33", "\u064b", "\uD800"};
        Random random = new Random(3);
        for (int round = 0; round < 20_000; round++) {
            StringBuilder text = new StringBuilder();
            for (int n = random.nextInt(random.nextInt(40) == 0 ? 200 : 12); n >= 0; n--)
                text.append(pieces[random.nextInt(pieces.length)]);
            check(text.toString());
        }
    }

    /** The JDK needs minutes for a run of marks such as this one. */
    @Test
    void aMegabyteOfMarksIsPutInOrder() {
        String marks = "a" + "\u0301\u0323".repeat(1 << 18);
        String ordered = new Composition(Form.NFC).apply(marks);
        assertThat(ordered).startsWith("\u1ea1\u0323").endsWith("\u0301".repeat(1 << 18));
        assertThat(ordered).hasSize(marks.length() - 1);
    }

    /** Hugging Face's tables are older than the JDK's: what they do not know stays. */
    @Test
    void newerCharactersStay() {
        String text = "a\u089a\u030d\u0323 \uA7F2 \u32FF";
        assertThat(new Composition(Form.NFKC).apply(text)).isEqualTo("a\u089a\u0323\u030d \uA7F2 \u32FF");
    }

    @Test
    void whatIsCalmIsLeftAlone() {
        Text text = Utf8.text("Straße naïve");
        assertThat(new Composition(Form.NFC).apply(text.bytes(), 0, text.length())).isNull();
    }
}
