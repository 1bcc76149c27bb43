package io.quarry.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.CustomMessage;
import dev.langchain4j.data.message.ImageContent;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.request.json.JsonArraySchema;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.request.json.JsonStringSchema;
import io.quarry.chat.Json;
import io.quarry.chat.Message;
import io.quarry.chat.Tool;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TurnsTest {
    private static ToolExecutionRequest call(String id, String arguments) {
        return ToolExecutionRequest.builder().id(id).name("add").arguments(arguments).build();
    }

    @Test
    void everyMessageIsATurn() {
        List<Message> turns = Turns.of(List.of(SystemMessage.from("Be kind."),
                UserMessage.from(TextContent.from("one"), TextContent.from("two")),
                AiMessage.from("Let me see.", List.of(call("1", "{\"a\": 1, \"b\": [true, null]}"))),
                ToolExecutionResultMessage.from("1", "add", "2"), AiMessage.from("It is 2.")));
        assertThat(turns.stream().map(Message::role)).containsExactly(Message.Role.SYSTEM, Message.Role.USER,
                Message.Role.ASSISTANT, Message.Role.TOOL, Message.Role.ASSISTANT);
        assertThat(turns.get(1).content()).isEqualTo("one\ntwo");
        assertThat(Json.write(turns.get(2).toolCalls().getFirst().arguments()))
                .isEqualTo("{\"a\": 1, \"b\": [true, null]}");
        assertThat(turns.get(3).content()).isEqualTo("2");
    }

    @Test
    void resultsStandInTheOrderOfTheirCalls() {
        List<Message> turns = Turns.of(List.of(UserMessage.from("go"),
                AiMessage.from(call("x", "{}"), call("y", ""), call("z", "{}")),
                ToolExecutionResultMessage.from("z", "add", "third"),
                ToolExecutionResultMessage.from("x", "add", "first"),
                ToolExecutionResultMessage.from("y", "add", "second"), UserMessage.from("and?")));
        assertThat(turns.subList(2, 6).stream().map(Message::content)).containsExactly("first", "second", "third",
                "and?");
    }

    @Test
    void toolsBecomeJsonSchema() {
        ToolSpecification add = ToolSpecification.builder().name("add").description("Adds.")
                .parameters(JsonObjectSchema.builder().addIntegerProperty("a", "first")
                        .addEnumProperty("unit", List.of("m", "km"))
                        .addProperty("names", JsonArraySchema.builder().items(new JsonStringSchema()).build())
                        .required("a").build())
                .build();
        List<Tool> tools = Turns.tools(List.of(add, ToolSpecification.builder().name("now").build()));
        assertThat(tools.get(0).description()).isEqualTo("Adds.");
        assertThat(tools.get(0).parameters()).containsEntry("type", "object").containsEntry("required", List.of("a"));
        assertThat(tools.get(0).parameters().get("properties")).isEqualTo(Map.of("a",
                Map.of("type", "integer", "description", "first"), "unit",
                Map.of("type", "string", "enum", List.of("m", "km")), "names",
                Map.of("type", "array", "items", Map.of("type", "string"))));
        assertThat(Json.write(tools.get(1).parameters())).contains("\"properties\": {}");
    }

    @Test
    void whatIsNoTextIsRefused() {
        assertThatThrownBy(() -> Turns.of(List.of(UserMessage.from(ImageContent.from("https://example.org/x.png")))))
                .isInstanceOf(UnsupportedFeatureException.class).hasMessageStartingWith("image content");
        assertThatThrownBy(() -> Turns.of(List.of(CustomMessage.from(Map.of("a", "b")))))
                .isInstanceOf(UnsupportedFeatureException.class).hasMessageContaining("CUSTOM");
        for (String arguments : List.of("[1]", "{", "2"))
            assertThatThrownBy(() -> Turns.of(List.of(AiMessage.from(call("1", arguments)))))
                    .isInstanceOf(InvalidRequestException.class).hasMessageContaining("call of add");
    }
}
