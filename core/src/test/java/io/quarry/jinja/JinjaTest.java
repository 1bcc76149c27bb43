package io.quarry.jinja;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.InputStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JinjaTest {
    private static final LocalDateTime NOW = LocalDateTime.of(2026, 3, 5, 14, 7, 9);

    static String golden(String name) throws Exception {
        try (InputStream in = JinjaTest.class.getResourceAsStream("/golden/" + name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static String render(String template, Variables variables) {
        return Jinja.of("t.jinja", template).render(variables, NOW).toString();
    }

    @Test
    void rendersWhatJinjaRenders() throws Exception {
        CompareSnippets.Outcome outcome = CompareSnippets.compare(golden("jinja.json"));
        assertThat(outcome.different()).isEmpty();
        assertThat(outcome.equal()).isGreaterThan(800);
        assertThat(outcome.refused()).isGreaterThan(150);
    }

    @Test
    void sentencesNameTheTemplateAndTheLine() {
        Map.of("a\n\n{{ 1 + }}", "t.jinja, line 3: found \"}}\" where an expression should be",
                "{% if true %}\nx\n", "t.jinja, line 2: the template ends where one of [elif, else, endif] should be",
                "\n{{ nothing.at.all }}", "t.jinja, line 2: \"nothing\" is undefined",
                "{{ {}.a }}\n{{ {}.a.b }}", "t.jinja, line 2: dict has no attribute \"a\"",
                "{% macro f() %}\n{{ 1 + 'a' }}{% endmacro %}\n{{ f() }}",
                "t.jinja, line 2: \"+\" does not work between int and str",
                "{{ [].append(1) }}",
                "t.jinja, line 1: list cannot be changed by a template, so it has no \"append\"",
                "{{ raise_exception('Roles!') }}", "t.jinja, line 1: the template refuses this conversation: Roles!",
                "{% include 'x' %}", "t.jinja, line 1: the tag \"include\" is not supported in a chat template",
                "{{ 'x'|shout }}", "t.jinja, line 1: there is no filter \"shout\"")
                .forEach((template, sentence) -> assertThatThrownBy(() -> render(template, new Variables()))
                        .as(template).isInstanceOf(TemplateException.class).hasMessage(sentence));
    }

    @Test
    void takesEveryJsonValue() {
        Map<String, Object> odd = new LinkedHashMap<>();
        odd.put("none", null);
        odd.put("numbers", Arrays.asList((byte) 1, (short) 2, 3, 4L, 0.1f, 2.5, new BigDecimal("1e-7"),
                new BigInteger("12345678901234567890"), true));
        assertThat(render("{{ v | tojson }}", new Variables().put("v", odd, Origin.OTHER)))
                .isEqualTo("{\"none\": null, \"numbers\": [1, 2, 3, 4, 0.1, 2.5, 1e-07, 12345678901234567890, true]}");
        assertThatThrownBy(() -> new Variables().put("v", List.of(Map.of("k", NOW)), Origin.OTHER))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("variable v[].k must be a JSON value, was a java.time.LocalDateTime");
        assertThatThrownBy(() -> new Variables().put("v", Map.of(1, 2), Origin.OTHER))
                .isInstanceOf(IllegalArgumentException.class).hasMessage("variable v must have strings as keys, had 1");
        assertThatThrownBy(() -> new Variables().put("v", BigInteger.TWO.pow(5000), Origin.OTHER))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("4096 bits");
        Object deep = 1;
        for (int i = 0; i < 100_000; i++)
            deep = List.of(deep);
        Object deepest = deep;
        assertThatThrownBy(() -> new Variables().put("v", deepest, Origin.OTHER))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("more than 200 levels deep");
    }

    @Test
    void aRenderingLeavesNothingBehindForTheNext() {
        Jinja template = Jinja.of("t",
                "{% set ns = namespace(n=n) %}{% set ns.n = ns.n + 1 %}{{ ns.n }}{{ x }}{% set x = 1 %}");
        for (int i = 0; i < 3; i++)
            assertThat(template.render(new Variables().put("n", i, Origin.OTHER), NOW).toString())
                    .isEqualTo(String.valueOf(i + 1));
    }

    @Test
    void knowsWhatATemplateWritesItself() {
        Jinja template = Jinja.of("t", "<|a|>{{ '<|b|>' ~ c }}{# <|d|> #}{% if '<|e|>' in f %}{% endif %}");
        assertThat(template.writes("<|a|>")).isTrue();
        assertThat(template.writes("<|b|>")).isTrue();
        assertThat(template.writes("<|d|>")).isFalse();
        assertThat(template.writes("<|e|>")).isTrue();
    }
}
