package io.quarry.text;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** The cuts written by hand against the regular expressions they stand for. */
class CutTest {
    private static final Pattern NUMBERS = pattern("\\p{N}");
    private static final Pattern NUMBER_RUNS = pattern("\\p{N}+");
    private static final Pattern GPT2 = pattern(Gpt2Cut.PATTERN);

    /** Each cut with the patterns it stands for, applied one after the other. */
    private static final Map<Cut, List<Pattern>> CUTS = Map.of(
            Llama3Cut.THREES, List.of(pattern(Llama3Cut.THREES.pattern())),
            Llama3Cut.ONES, List.of(pattern(Llama3Cut.ONES.pattern())),
            new Gpt2Cut(Gpt2Cut.Numbers.WITH_SPACE), List.of(GPT2),
            new Gpt2Cut(Gpt2Cut.Numbers.ALONE), List.of(NUMBERS, GPT2),
            new Gpt2Cut(Gpt2Cut.Numbers.RUNS), List.of(NUMBER_RUNS, GPT2));

    /** {@code \s} and case are Unicode's, as in the engine that Hugging Face uses. */
    private static Pattern pattern(String regex) {
        return Pattern.compile(regex, Pattern.UNICODE_CHARACTER_CLASS);
    }

    /** Words of a cut: a model that gives a word's length as its only token. */
    private static List<String> byHand(Cut cut, String string) {
        Text text = Utf8.text(string);
        Words words = new Words((bytes, from, to, out) -> out.token(to - from), null);
        cut.cut(text.bytes(), 0, text.length(), true, words);
        List<String> out = new ArrayList<>();
        int at = 0;
        for (int length : words.take()) {
            out.add(new String(text.bytes(), at, length, UTF_8));
            at += length;
        }
        return out;
    }

    private static List<String> byRegex(List<Pattern> patterns, String text) {
        List<String> pieces = List.of(text);
        for (Pattern pattern : patterns)
            pieces = pieces.stream().flatMap(piece -> isolated(pattern, piece).stream()).toList();
        return pieces;
    }

    private static List<String> isolated(Pattern pattern, String text) {
        List<String> out = new ArrayList<>();
        Matcher matcher = pattern.matcher(text);
        int at = 0;
        while (matcher.find()) {
            if (at < matcher.start())
                out.add(text.substring(at, matcher.start()));
            out.add(matcher.group());
            at = matcher.end();
        }
        if (at < text.length())
            out.add(text.substring(at));
        return out;
    }

    private static void check(String text) {
        String whole = new String(Utf8.text(text).bytes(), 0, Utf8.text(text).length(),
                UTF_8);
        CUTS.forEach((cut, patterns) -> assertThat(byHand(cut, whole)).as("%s", patterns)
                .isEqualTo(byRegex(patterns, whole)));
    }

    @Property
    void cutsAnyTextLikeTheRegex(@ForAll String text) {
        check(text);
    }

    /** Random strings seldom have runs and contractions; these are made of them. */
    @Test
    void cutsMixturesOfEveryKindLikeTheRegex() {
        String[] pieces = {"a", "Z", "é", "東", "𝐀", "ǅ", "ʰ", "1", "٣", "½", "Ⅷ", "𝟗", " ", "  ", "\n", "\r", "\t",
            "\u000b", "\u0085", "\u00a0", "\u1680", "\u2028", "\u3000", "\u001c", "\u200b", "\ufeff", "'", "'s", "'T",
            "'re", "'VE", "'m", "'Ll", "'d", "'ſ", "K", "!", "_", "\u0301", "😀", "\uD800", "\uDC00", "<|pad|>",
            "sevenxx", "eightxxx", "nineteenletterslong", "@[`{", "\u007f"};
        Random random = new Random(7);
        for (int round = 0; round < 20_000; round++) {
            StringBuilder text = new StringBuilder();
            for (int n = random.nextInt(12); n >= 0; n--)
                text.append(pieces[random.nextInt(pieces.length)]);
            check(text.toString());
        }
    }

    @Test
    void knowsEveryCharacterAlone() {
        for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
            if (c >= 0xAC00 && c <= 0xD000 || c >= 0x20000 && c < 0xE0000)
                continue; // long uniform stretches
            check("x" + Character.toString(c) + Character.toString(c) + "1");
        }
    }

    @Test
    void seesNothingBehindTheEnd() {
        assertThat(end(Llama3Cut.THREES, "a  b", 1, 3)).isEqualTo(3);
        assertThat(end(Llama3Cut.THREES, "a  b", 1, 4)).isEqualTo(2);
        assertThat(end(Llama3Cut.THREES, "'s", 0, 1)).isEqualTo(1);
        assertThat(end(Llama3Cut.THREES, "1234", 0, 2)).isEqualTo(2);
    }

    private static int end(Llama3Cut cut, String text, int at, int to) {
        return cut.next(Utf8.text(text).bytes(), at, to);
    }

    /** A cut sees only its stretch: what the array holds behind it must not matter. */
    @Test
    void aStretchIsCutAsIfItStoodAlone() {
        String text = "Some words, with 1234 numbers 'll  and\n\nlines;straßen";
        Text whole = Utf8.text(text);
        for (Cut cut : CUTS.keySet())
            for (int to = 1; to < 50; to++) {
                Words words = new Words((bytes, from, end, out) -> out.token(end - from), null);
                cut.cut(whole.bytes(), 0, to, true, words);
                assertThat(words.take()).as("to %d", to).isEqualTo(
                        byHand(cut, text.substring(0, to)).stream().mapToInt(String::length).toArray());
            }
    }
}
