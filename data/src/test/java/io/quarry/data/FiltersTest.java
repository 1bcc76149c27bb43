package io.quarry.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FiltersTest {
    private static final String GOOD = """
            The river rises in the hills above the town and runs for forty miles to the sea.
            Along its banks there are mills, most of which have not turned for a hundred years,
            and one that still grinds flour for the bakers of three villages.
            """;
    private final Filters filters = new Filters(80, 0.35, 0.5);

    @Test
    void goodTextStays() {
        assertThat(filters.reason(GOOD, false)).isNull();
        assertThat(filters.reason("class Sum {\n  int sum(int a, int b) {\n    return a + b;\n  }\n}\n".repeat(1)
                + "// adds two numbers, which is all that it does\n", true)).isNull();
    }

    @Test
    void shortTextGoesButAShortTextInIdeographsSaysMore() {
        assertThat(filters.reason("Too short to learn from.", false)).isEqualTo("too-short");
        assertThat(filters.reason("管理職を御役御免になった。乾布摩擦で暖かくなった。警察が家宅捜索を強行する。", false)).isNull();
    }

    @Test
    void eachRuleHasItsReason() {
        assertThat(filters.reason(GOOD + "\uFFFD\uFFFD", false)).isEqualTo("broken-characters");
        assertThat(filters.reason("=-=-=-= #### word **** ".repeat(8), false)).isEqualTo("symbols");
        assertThat(filters.reason("The same line again and again.\n".repeat(8), false)).isEqualTo("duplicate-lines");
        assertThat(filters.reason("Donaudampfschifffahrtsgesellschaftskapitän ".repeat(3), false))
                .isEqualTo("word-length");
        assertThat(filters.reason("a b c d e f g h i j ".repeat(8), false)).isEqualTo("word-length");
        String repeated = IntStream.range(0, 30).mapToObj(i -> "buy now item" + i).collect(Collectors.joining(" "));
        assertThat(filters.reason(repeated, false)).isEqualTo("repeated-words");
        assertThat(filters.reason("String s = \"" + "x".repeat(1100) + "\";", true)).isEqualTo("long-lines");
        assertThat(filters
                .reason("{{[(;;;)]}} ++ -- !!\n".repeat(1) + "[[[]]];;;===+++---***&&&|||<<<>>>((()))".repeat(3), true))
                .isEqualTo("encoded-data");
    }

    @Test
    void bracesThatRepeatDoNotCountInCode() {
        String code = IntStream.range(0, 20).mapToObj(i -> "void method" + i + "() {\n}\n")
                .collect(Collectors.joining());
        assertThat(filters.reason(code, true)).isNull();
    }
}
