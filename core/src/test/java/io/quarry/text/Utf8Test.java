package io.quarry.text;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class Utf8Test {
    private static byte[] own(Text text) {
        return Arrays.copyOf(text.bytes(), text.length());
    }

    /** The definition: byte by byte, one U+FFFD for each longest broken part. */
    static String lossy(byte[] bytes) {
        StringBuilder out = new StringBuilder();
        Utf8 utf8 = new Utf8();
        utf8.read(bytes, out);
        utf8.end(out);
        return out.toString();
    }

    @Property
    void shortAndLongTextsAreWrittenAlike(@ForAll String text) {
        byte[] want = new byte[text.length() * 3];
        int n = 0;
        for (int i = 0; i < text.length(); i++) {
            int c = text.codePointAt(i);
            if (Character.isSupplementaryCodePoint(c))
                i++;
            boolean lone = c >= 0xD800 && c < 0xE000;
            byte[] one = Character.toString(lone ? 0xFFFD : c).getBytes(UTF_8);
            want = Arrays.copyOf(want, Math.max(want.length, n + one.length));
            System.arraycopy(one, 0, want, n, one.length);
            n += one.length;
        }
        byte[] expected = Arrays.copyOf(want, n);
        assertThat(own(Utf8.text(text))).isEqualTo(expected);
        // Long texts are written in pieces: the text stands at every place of their ends once.
        String padded = "a".repeat(8192 - text.length() % 100) + text;
        byte[] tail = own(Utf8.text(padded));
        assertThat(Arrays.copyOfRange(tail, tail.length - n, tail.length)).isEqualTo(expected);
    }

    @Test
    void longTextsOfManyBytesFit() {
        for (String one : new String[] {"東", "😀", "\uD800", "é", "a東😀\uDC00"}) {
            String text = one.repeat(30_000);
            assertThat(own(Utf8.text(text))).isEqualTo(
                    (text.replaceAll("[\\uD800-\\uDFFF]", "\uFFFD")).getBytes(UTF_8));
            assertThat(Utf8.length(text, 0, text.length())).isEqualTo(Utf8.text(text).length());
        }
    }

    @Test
    void brokenBytesAreReadAlikeWhetherAtOnceOrInAStream() {
        Random random = new Random(3);
        byte[] parts = "aé東😀".getBytes(UTF_8);
        for (int round = 0; round < 50_000; round++) {
            byte[] bytes = new byte[random.nextInt(12)];
            for (int i = 0; i < bytes.length; i++)
                bytes[i] = random.nextInt(3) > 0 ? parts[random.nextInt(parts.length)] : (byte) random.nextInt(256);
            Text text = Utf8.text(bytes, 0, bytes.length);
            assertThat(new String(text.bytes(), 0, text.length(), UTF_8)).isEqualTo(lossy(bytes));
            boolean valid = Arrays.equals(lossy(bytes).getBytes(UTF_8), bytes);
            assertThat(Utf8.valid(Arrays.copyOf(bytes, bytes.length + 8), 0, bytes.length)).isEqualTo(valid);
        }
    }

    @Test
    void surrogatesAndOverlongFormsAreNoCharacters() {
        assertThat(lossy(new byte[] {(byte) 0xED, (byte) 0xA0, (byte) 0x80})).isEqualTo("\uFFFD\uFFFD\uFFFD");
        assertThat(lossy(new byte[] {(byte) 0xC0, (byte) 0x80})).isEqualTo("\uFFFD\uFFFD");
        assertThat(lossy(new byte[] {(byte) 0xF4, (byte) 0x90, 'a'})).isEqualTo("\uFFFD\uFFFDa");
        assertThat(lossy(new byte[] {(byte) 0xE6, (byte) 0x9D})).isEqualTo("\uFFFD");
    }
}
