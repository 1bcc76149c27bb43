package io.quarry.jinja;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.time.LocalDateTime;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whose text is whose. */
class TextTest {
    private static final LocalDateTime NOW = LocalDateTime.of(2026, 3, 5, 14, 7, 9);

    /** The text with what others wrote in brackets, what is learned in braces. */
    private static String shown(Text text) {
        StringBuilder shown = new StringBuilder();
        for (Text.Span span : text.spans()) {
            String part = text.toString().substring(span.start(), span.end());
            String owned = span.origin() == Origin.TEMPLATE ? part : "[" + part + "]";
            shown.append(span.learned() ? "{" + owned + "}" : owned);
        }
        return shown.toString();
    }

    static List<Arguments> cases() {
        String[] pairs = {
            "a{{ s }}b", "a[USER]b",
            "{{ 'a' + s + 'b' }}", "a[USER]b",
            "{{ 'a' ~ s ~ 1 }}", "a[USER]1",
            "{{ s[1:3] }}{{ s[0] }}{{ s[::-1] }}", "[SEURESU]",
            "{{ (s + 'x')[2:] }}", "[ER]x",
            "{{ ('x' ~ s ~ 'x').strip('x') }}", "[USER]",
            "{{ ('  ' ~ s ~ ' ')|trim }}", "[USER]",
            "{{ ('a' ~ s ~ 'a').split('S')|join('-') }}", "a[U]-[ER]a",
            "{{ s.replace('S', 'x') }}{{ s|replace('S', 'y') }}", "[U]x[ERU]y[ER]",
            "{{ 'a-b'.replace('-', s) }}", "a[USER]b",
            "{{ ('x' ~ s)|upper }}", "X[USER]",
            "{{ s|lower }}{{ s|title }}", "[userUser]",
            "{{ {'k': s, s: [s]}|tojson }}", "{\"k\": \"[USER]\", \"[USER]\": [\"[USER]\"]}",
            "{{ {'k': s} }}", "{'k': '[USER]'}",
            "{{ [s, 'a']|tojson(indent=1) }}", "[\n \"[USER]\",\n \"a\"\n]",
            "{{ '%s-%s' % (s, 'a') }}", "[USER]-a",
            "{{ '{}-{:>6}'.format(s, s) }}", "[USER]-  [USER]",
            "{% set x %}a{{ s }}{% endset %}{{ x }}", "a[USER]",
            "{% macro f(x) %}<{{ x }}>{% endmacro %}{{ f(s) }}", "<[USER]>",
            "{% filter lower %}A{{ s }}{% endfilter %}", "a[user]",
            "{% for c in s %}{{ c }}.{% endfor %}", "[U].[S].[E].[R].",
            "{% for k, v in m.items() %}{{ k }}={{ v }}{% endfor %}", "[K]=[V]",
            "{{ m|dictsort|first|join(':') }}", "[K]:[V]",
            "{{ s.partition('S')|join('|') }}", "[U]|S|[ER]",
            "{{ 'a\\nb'|indent(s) }}", "a\n[USER]b",
            "{{ s|center(8) }}", "  [USER]  ",
            "{{ s|e }}{{ s|safe }}", "[USERUSER]",
            "{{ s|default('x') }}{{ q|default(s) }}", "[USERUSER]",
            "{{ s if s else 'x' }}{{ q or s }}", "[USERUSER]",
            "{% generation %}a{{ s }}{% endgeneration %}b", "{a}{[USER]}b",
            "{{ s.join(['a', 'b']) }}", "a[USER]b",
            "{{ [s, s]|map('lower')|map('upper')|join }}", "[USERUSER]",
            "{{ s|truncate(3, true, '.', 0) }}", "[US].",
            "{{ s.zfill(6) }}{{ s.ljust(5, '-') }}", "00[USERUSER]-"};
        return IntStream.range(0, pairs.length / 2).mapToObj(i -> arguments(pairs[2 * i], pairs[2 * i + 1])).toList();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void marksFollowTheText(String template, String wanted) {
        Variables variables = new Variables().put("s", "USER", Origin.OTHER).put("m", Map.of("K", "V"), Origin.OTHER);
        assertThat(shown(Jinja.of("t", template).render(variables, NOW))).isEqualTo(wanted);
    }

    @Test
    void originsAreToldApart() {
        Variables variables = new Variables().put("a", "A", Origin.SYSTEM).put("b", "B", Origin.ASSISTANT)
                .put("c", List.of(Variables.text("C", Origin.TEMPLATE), "D"), Origin.OTHER);
        Text text = Jinja.of("t", "{{ a }}{{ b }}{{ c|join }}").render(variables, NOW);
        assertThat(text.toString()).isEqualTo("ABCD");
        assertThat(text.spans()).containsExactly(new Text.Span(0, 1, Origin.SYSTEM, false),
                new Text.Span(1, 2, Origin.ASSISTANT, false), new Text.Span(2, 3, Origin.TEMPLATE, false),
                new Text.Span(3, 4, Origin.OTHER, false));
    }
}
