package io.quarry.jinja;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Templates that want too much, or what they must not have. */
class LimitsTest {
    private static final LocalDateTime NOW = LocalDateTime.of(2026, 3, 5, 14, 7, 9);

    /** The text, or the sentence behind "!"; on a thread with little room for its stack. */
    private static String outcome(String template) throws Exception {
        String[] outcome = new String[1];
        Thread thread = new Thread(null, () -> {
            try {
                outcome[0] = Jinja.of("t", template).render(new Variables(), NOW).toString();
            } catch (TemplateException e) {
                outcome[0] = "!" + e.getMessage();
            } catch (Throwable e) {
                outcome[0] = "crash: " + e;
            }
        }, "small stack", 512 * 1024);
        thread.start();
        thread.join();
        return outcome[0];
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}",
        "{% macro f(n) %}{% if n %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(60) }}",
        "{% set ns = namespace(s='\\n') %}{% for i in range(100) %}{% set ns.s = ns.s|tojson %}{% endfor %}",
        "{% for i in range(100000) %}{{ range(100000)|list|length }}{% endfor %}",
        "{% for i in range(100000) %}{{ range(100000)|sum }}{% endfor %}",
        "{% for i in range(100000) %}{{ range(100000)|sort|first }}{% endfor %}",
        "{% for i in range(100000) %}{{ 5 in range(100000)|map('string') }}{% endfor %}",
        "{% set s = 'ab' * 500000 %}{% for i in range(100000) %}{% if s + 'x' == s + 'y' %}{% endif %}{% endfor %}",
        "{% set s = 'a' * 1000000 %}{% set t = 'a' * 500000 + 'b' %}{% for i in range(100000) %}{{ t in s }}{% endfor %}",
        "{% set s = 'a' * 1000000 %}{% for i in range(100000) %}{{ s.strip(s)|length }}{% endfor %}",
        "{% set s = 'a' * 1000000 %}{% for i in range(100000) %}{{ s.rsplit('b' * 40)|length }}{% endfor %}",
        "{% set s = 'a' * 1000000 %}{% for i in range(100000) %}{{ s[-1] }}{% endfor %}",
        "{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x|tojson }}",
        "{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x }}",
        "{% set ns = namespace(x=[1], y=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}"
                + "{% set ns.y = [ns.y, ns.y] %}{% endfor %}{{ ns.x == ns.y }}{{ ns.x < ns.y }}"})
    void loopsThatDoNotEnd(String template) throws Exception {
        assertThat(outcome(template)).matches("!t, line \\d+: the template "
                + "(needs more than \\d+ steps; it loops too long.*|makes more than \\d+ characters.*)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{% for i in range(100000) recursive %}{{ loop(range(100000)) }}{% endfor %}",
        "{% macro f() %}{% for i in range(9) %}{{ f() }}{% endfor %}{% endmacro %}{{ f() }}"})
    void callsOfThemselvesThatDoNotEnd(String template) throws Exception {
        assertThat(outcome(template)).matches("!t, line \\d+: the template nests more than \\d+ levels deep.*");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{{ 'a' * 10000000000 }}", "{{ 100000000 * 'a' }}", "{{ 'x'.center(2000000000) }}",
        "{{ 'x'.zfill(2000000000) }}", "{{ '%999999999s' % 'a' }}", "{{ '%*d' % (2000000000, 1) }}",
        "{{ '%.999999999d' % 1 }}", "{{ '{:>999999999}'.format(1) }}", "{{ 'a'|indent(2000000000, true) }}",
        "{{ 'a'|center(2000000000) }}", "{{ '\\t'.expandtabs(2000000000) }}", "{{ ('a\\n' * 100000)|indent(1000) }}",
        "{% set ns = namespace(s='a') %}{% for i in range(100) %}{% set ns.s = ns.s + ns.s %}{% endfor %}{{ ns.s }}",
        "{% set ns = namespace(s='a') %}{% for i in range(100) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}",
        "{% set ns = namespace(s='aa') %}{% for i in range(100) %}{% set ns.s = ns.s.replace('a', ns.s) %}{% endfor %}",
        "{% set ns = namespace(s='aa') %}{% for i in range(100) %}{% set ns.s = ns.s.join(ns.s) %}{% endfor %}",
        "{% set ns = namespace(s='aa') %}{% for i in range(100) %}{% set ns.s %}{{ ns.s }}{{ ns.s }}{% endset %}{% endfor %}",
        "{% for i in range(100000) %}{{ 'a' * 10000 }}{% endfor %}"})
    void textWithoutEnd(String template) throws Exception {
        assertThat(outcome(template))
                .matches("!t, line \\d+: the template makes more than \\d+ characters of text; it must make less");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{{ [0] * 10000000000 }}", "{{ (1, 2) * 2000000000 }}",
        "{% set ns = namespace(l=[1]) %}{% for i in range(100) %}{% set ns.l = ns.l + ns.l %}{% endfor %}",
        "{{ [1]|batch(2000000000, 'x')|list }}", "{{ [1]|slice(2000000000)|list }}"})
    void listsWithoutEnd(String template) throws Exception {
        assertThat(outcome(template)).matches("!t, line \\d+: the template needs more than \\d+ steps.*");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{{ 9 ** 99999999 }}", "{{ 2 ** 5000 }}", "{{ 10 ** 1000 ** 1000 }}",
        "{% set ns = namespace(n=3) %}{% for i in range(100) %}{% set ns.n = ns.n * ns.n %}{% endfor %}",
        "{{ 0x" + "f" + "0000000000 ** 100 ** 3 }}"})
    void numbersWithoutEnd(String template) throws Exception {
        assertThat(outcome(template)).isEqualTo("!t, line 1: a whole number has more than 4096 bits");
    }

    static List<String> nested() {
        List<String> nested = new ArrayList<>();
        Map.of("(", ")", "[", "]", "{'a':", "}", "f(", ")", "x[", "]").forEach((open, close) -> nested
                .add("{{ " + open.repeat(100_000) + "1" + close.repeat(100_000) + " }}"));
        for (String again : List.of("-", "not ", "1 if 1 else ", "-(", "1 + (", "x(1, *"))
            nested.add("{{ " + again.repeat(100_000) + "1 }}");
        for (String again : List.of(" + 1", " and 1", " or 0", "|abs", ".x", "[0]", "()", " is odd", " if 1", " - 1",
                " * 1"))
            nested.add("{{ 1" + again.repeat(100_000) + " }}");
        for (String tag : List.of("if 1", "for x in [1]", "set x", "macro f()", "with", "filter upper", "generation",
                "call f()"))
            nested.add(("{% " + tag + " %}").repeat(100_000));
        nested.add("{% filter upper" + "|upper".repeat(100_000) + " %}a{% endfilter %}");
        nested.add("{% set " + "(".repeat(100_000) + "x" + ")".repeat(100_000) + " = 1 %}");
        nested.add("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}");
        nested.add("{% macro f(x=f()) %}{% endmacro %}{{ f() }}");
        nested.add("{% macro f() %}{% call f() %}{% endcall %}{% endmacro %}{{ f() }}");
        nested.add("{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}");
        for (String use : List.of("tojson", "string", "tojson(indent=1)", "pprint", "list|string"))
            nested.add(
                    "{% set ns = namespace(x=[]) %}{% for i in range(100000) %}{% set ns.x = [ns.x] %}{% endfor %}{{ ns.x|"
                            + use + " }}");
        nested.add(
                "{% set ns = namespace(x=[], y=[]) %}{% for i in range(100000) %}{% set ns.x = [ns.x] %}{% set ns.y = [ns.y] %}"
                        + "{% endfor %}{{ ns.x == ns.y }}");
        nested.add("{% set ns = namespace(x={}, y={}) %}{% for i in range(100000) %}{% set ns.x = {'a': ns.x} %}"
                + "{% set ns.y = {'a': ns.y} %}{% endfor %}{{ ns.x == ns.y }}");
        nested.add(
                "{% set ns = namespace(x=[1]) %}{% for i in range(100000) %}{% set ns.x = ns.x|map('string') %}{% endfor %}"
                        + "{{ ns.x|list }}");
        nested.add("{{ '" + "{:".repeat(100_000) + "}".repeat(100_000) + "'.format(1) }}");
        return nested;
    }

    @ParameterizedTest
    @MethodSource("nested")
    void nestsTooDeep(String template) throws Exception {
        assertThat(outcome(template)).as(template.substring(0, Math.min(99, template.length())))
                .startsWith("!t, line ");
    }

    @Test
    void deepEnoughForAnyHonestTemplate() throws Exception {
        assertThat(
                outcome("{% macro f(n) %}{% if n > 0 %}{% for i in [1] %}{{ n }},{{ f(n - 1) }}{% endfor %}{% endif %}"
                        + "{% endmacro %}{{ f(60) }}"))
                .startsWith("60,59,").endsWith(",1,");
        assertThat(outcome("{{ 1" + " + 1".repeat(300) + " }}")).isEqualTo("301");
        assertThat(outcome("{{ " + "(".repeat(50) + "1" + ")".repeat(50) + " }}")).isEqualTo("1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{{ ''.__class__ }}", "{{ ''['__class__'] }}", "{{ ''|attr('__class__') }}",
        "{{ cycler.__init__ }}", "{{ range.__globals__ }}", "{{ namespace().__class__ }}", "{{ loop.__class__ }}",
        "{{ ''.getClass }}", "{{ ''.class }}", "{{ [].getClass }}", "{{ {}.class }}", "{{ self }}", "{{ request }}",
        "{{ config }}", "{{ System }}", "{{ ''.chars }}", "{{ range.call }}", "{{ [].size }}", "{{ {}['class'] }}"})
    void thereIsNothingBehindAValue(String template) throws Exception {
        assertThat(outcome(template)).matches("|!.* is undefined");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{{ ''.__class__.__mro__ }}", "{{ ''.getClass() }}",
        "{{ lipsum.__globals__.os.popen('id') }}",
        "{{ cycler.__init__.__globals__.os }}", "{{ '{0.__class__.__mro__}'.format(1) }}",
        "{% include '/etc/passwd' %}",
        "{% import 'os' as os %}", "{% extends 'x' %}", "{{ open('/etc/passwd') }}", "{{ __import__('os') }}",
        "{{ ''|attr('getClass')() }}", "{{ [].append(1) }}", "{{ {}.update({'a': 1}) }}", "{{ [1].clear() }}"})
    void reachingForMoreFails(String template) throws Exception {
        assertThat(outcome(template)).startsWith("!t, line 1: ");
    }

    @Test
    void largeInputsBringTheirOwnRoom() {
        String long_ = "word ".repeat(2_000_000);
        Variables variables = new Variables().put("s", long_, Origin.OTHER);
        Text text = Jinja
                .of("t", "{% for i in range(3) %}{{ s.strip().replace('w', 'v')|upper|trim|length }},{% endfor %}")
                .render(variables, NOW, new Limits(10_000, 10_000, 100));
        assertThat(text.toString()).isEqualTo("9999999,9999999,9999999,");
    }

    @Test
    void aTemplateIsNotReadWithoutEnd() {
        assertThatThrownBy(() -> Jinja.of("t", " ".repeat(2_000_001))).isInstanceOf(TemplateException.class)
                .hasMessage("t: the template has 2000001 characters, at most 2000000 are read");
        assertThatThrownBy(() -> new Limits(0, 1, 1)).isInstanceOf(IllegalArgumentException.class);
    }
}
