package io.quarry.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class ToolsTest {
    private static final Tool WEATHER = new Tool("weather", "Weather of a city", schema("""
            {"type": "object", "required": ["city"], "properties": {
              "city": {"type": "string"}, "days": {"type": "integer", "minimum": 1, "maximum": 7},
              "unit": {"enum": ["C", "F"]}, "at": {"type": ["number", "null"]}, "fixed": {"const": 1},
              "tags": {"type": "array", "items": {"type": "string"}},
              "where": {"type": "object", "properties": {"lat": {"type": "number"}}, "required": ["lat"]},
              "free": {"type": "object", "additionalProperties": {"type": "boolean"}}}}"""));

    @SuppressWarnings("unchecked")
    private static Map<String, Object> schema(String json) {
        return JsonMapper.shared().readValue(json, Map.class);
    }

    private static String call(String json) {
        return "<tool_call>\n" + json + "\n</tool_call>";
    }

    private static String problem(String arguments) {
        return Tools.problem(new ToolCall("weather", schema(arguments)), List.of(WEATHER));
    }

    @Test
    void readsWhatTheTemplateWrites() {
        Message said = Message.assistant("Two calls:", new ToolCall("a", Map.of("x", List.of(1, "</tool_call>", 2.5))),
                new ToolCall("b", Map.of()));
        String rendered = Template.render(Conversation.of(said), false);
        String answer = rendered.substring(rendered.indexOf("Two"), rendered.lastIndexOf("<|end_of_text|>"));
        Tools.Parsed parsed = Tools.parse(answer);
        assertThat(parsed.message()).isEqualTo(said);
        assertThat(parsed.problems()).isEmpty();
    }

    @Test
    void readsTextWithoutCalls() {
        assertThat(Tools.parse("Just text.\n").message()).isEqualTo(Message.assistant("Just text.\n"));
        assertThat(Tools.parse("").message()).isEqualTo(Message.assistant(""));
    }

    @Test
    void readsArgumentsGivenAsAString() {
        assertThat(Tools.parse(call("{\"name\": \"f\", \"arguments\": \"{\\\"x\\\": 1}\"}")).message().toolCalls())
                .containsExactly(new ToolCall("f", Map.of("x", 1)));
    }

    @Test
    void reportsMalformedCallsAndKeepsThemAsText() {
        String good = call("{\"name\": \"f\", \"arguments\": {}}");
        for (String bad : List.of(call("{\"name\": \"f\""), call("not json"), call(""), call("[1]"), call("\"f\""),
                call("{\"arguments\": {}}"), call("{\"name\": \"\", \"arguments\": {}}"), call("{\"name\": \"f\"}"),
                call("{\"name\": \"f\", \"arguments\": [1]}"), call("{\"name\": \"f\", \"arguments\": \"x\"}"),
                call("{\"name\": 1, \"arguments\": {}}"), call("{\"name\": \"f\", \"arguments\": {}, \"id\": 1}"),
                call("{\"name\": \"f\", \"arguments\": {\"x\": 1, \"x\": 2}}"),
                call("{\"name\": \"f\", \"arguments\": {}} and more"), call("[".repeat(100_000)),
                call("1" + "0".repeat(5000)))) {
            Tools.Parsed parsed = Tools.parse("Text " + bad + good);
            assertThat(parsed.problems()).as(bad.substring(0, Math.min(80, bad.length()))).hasSize(1);
            assertThat(parsed.problems().getFirst()).startsWith("tool call 1 ");
            assertThat(parsed.message().toolCalls()).containsExactly(new ToolCall("f", Map.of()));
            assertThat(parsed.message().content()).isEqualTo("Text " + bad);
        }
    }

    @Test
    void reportsACallThatIsCutOff() {
        Tools.Parsed parsed = Tools.parse("<tool_call>\n{\"name\": \"f\", \"arguments\": {}}");
        assertThat(parsed.problems()).singleElement().asString().contains("is not closed");
        assertThat(parsed.message().content()).isEqualTo("<tool_call>\n{\"name\": \"f\", \"arguments\": {}}");
        assertThat(Tools.parse("<tool_call><tool_call>").problems()).hasSize(2);
    }

    @Property(tries = 500)
    void neverThrowsAndLosesNothing(@ForAll("answers") String answer) {
        Tools.Parsed parsed = Tools.parse(answer);
        if (parsed.message().toolCalls().isEmpty())
            assertThat(parsed.message().content()).isEqualTo(answer);
    }

    @Provide
    Arbitrary<String> answers() {
        return Arbitraries
                .of("<tool_call>", "</tool_call>", "\n", "{", "}", "\"name\": \"f\"", ", ", "\"arguments\": {}",
                        "x", "[", "\"", "\\", "<tool_call>\n{\"name\": \"f\", \"arguments\": {}}\n</tool_call>",
                        "\u0000", "1e999")
                .list().ofMaxSize(12).map(pieces -> String.join("", pieces));
    }

    @Test
    void acceptsCallsThatFit() {
        assertThat(problem("{\"city\": \"Rom\"}")).isEmpty();
        assertThat(problem(
                "{\"city\": \"Rom\", \"days\": 3, \"unit\": \"C\", \"at\": null, \"tags\": [\"a\"], \"fixed\": 1.0,"
                        + " \"where\": {\"lat\": 1}, \"free\": {\"any\": true}}"))
                .isEmpty();
        assertThat(problem("{\"city\": \"Rom\", \"days\": 3.0}")).isEmpty();
    }

    @Test
    void saysWhatDoesNotFit() {
        assertThat(problem("{}")).isEqualTo("weather lacks city");
        assertThat(problem("{\"city\": 1}")).isEqualTo("weather.city must be string, was 1");
        assertThat(problem("{\"city\": \"a\", \"town\": \"b\"}")).startsWith("weather.town is not known");
        assertThat(problem("{\"city\": \"a\", \"days\": 0}")).contains("at least 1");
        assertThat(problem("{\"city\": \"a\", \"days\": 8}")).contains("at most 7");
        assertThat(problem("{\"city\": \"a\", \"days\": 1e999}")).contains("weather.days");
        assertThat(problem("{\"city\": \"a\", \"days\": 1.5}")).contains("must be integer");
        assertThat(problem("{\"city\": \"a\", \"days\": \"3\"}")).contains("must be integer");
        assertThat(problem("{\"city\": \"a\", \"unit\": \"K\"}")).contains("one of [\"C\", \"F\"]");
        assertThat(problem("{\"city\": \"a\", \"fixed\": 2}")).contains("must be 1");
        assertThat(problem("{\"city\": \"a\", \"at\": \"x\"}")).contains("[number, null]");
        assertThat(problem("{\"city\": \"a\", \"tags\": [\"x\", 1]}")).startsWith("weather.tags[1]");
        assertThat(problem("{\"city\": \"a\", \"where\": {}}")).isEqualTo("weather.where lacks lat");
        assertThat(problem("{\"city\": \"a\", \"free\": {\"x\": 1}}")).startsWith("weather.free.x must be boolean");
        assertThat(Tools.problem(new ToolCall("clock", Map.of()), List.of(WEATHER)))
                .isEqualTo("there is no tool clock; there is [weather]");
    }

    @Test
    void writesNoValueThatJsonLacks() {
        assertThatThrownBy(() -> Json.write(List.of(new Object[] {Thread.class})))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
