package io.quarry.serve;

import static org.assertj.core.api.Assertions.assertThat;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.core.http.StreamResponse;
import com.openai.models.FunctionDefinition;
import com.openai.models.FunctionParameters;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionFunctionTool;
import io.quarry.chat.Conversation;
import io.quarry.chat.Message;
import io.quarry.chat.Tool;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Tools of a request, and calls of them in answers. */
class ToolCallsTest {
    private static final String TOOLS = "\"tools\": [{\"type\": \"function\", \"function\": {\"name\": \"weather\", "
            + "\"description\": \"of a city\", \"parameters\": {\"type\": \"object\"}}}]";
    private static final String[] CALL = {"Let me", " look. <to", "ol_call>", "{\"name\": \"weather\", \"argu",
        "ments\": {\"city\": \"K\u00f6ln\"}}", "</tool_call>"};

    private static JsonNode choice(String body) {
        return Json.MAPPER.readTree(body).path("choices").path(0);
    }

    @Test
    void aCallIsGivenAsOne() throws Exception {
        Script script = Script.saying(CALL);
        try (Http http = new Http(script)) {
            JsonNode choice = choice(http.post(Http.chat("Hello", TOOLS)).body());
            assertThat(choice.path("finish_reason").stringValue()).isEqualTo("tool_calls");
            assertThat(choice.path("message").path("content").stringValue()).isEqualTo("Let me look. ");
            JsonNode call = choice.path("message").path("tool_calls").path(0);
            assertThat(call.path("type").stringValue()).isEqualTo("function");
            assertThat(call.path("id").stringValue()).matches("call_[0-9a-f]{24}_0");
            assertThat(call.path("function").path("name").stringValue()).isEqualTo("weather");
            assertThat(call.path("function").path("arguments").stringValue()).isEqualTo("{\"city\":\"Köln\"}");
            assertThat(script.read.remove().tools())
                    .containsExactly(new Tool("weather", "of a city", Map.of("type", "object")));
        }
    }

    @Test
    void withoutToolsItIsText() throws Exception {
        Script script = Script.saying(CALL);
        try (Http http = new Http(script)) {
            for (String more : List.of("", TOOLS + ", \"tool_choice\": \"none\"")) {
                JsonNode choice = choice(http.post(Http.chat("Hello", more)).body());
                assertThat(choice.path("finish_reason").stringValue()).isEqualTo("stop");
                assertThat(choice.path("message").path("content").stringValue()).isEqualTo(String.join("", CALL));
                assertThat(script.read.remove().tools()).isEmpty();
            }
        }
    }

    @Test
    void textThatOnlyBeginsLikeACallIsText() throws Exception {
        for (String end : List.of("<tool", "<tool_call>", "<tool_call>{\"name\": \"weather\"")) {
            try (Http http = new Http(Script.saying("a <b> ", end))) {
                assertThat(Http.text(http.post(Http.chat("Hello", TOOLS)))).isEqualTo("a <b> " + end);
                assertThat(Http.streamed(http.post(Http.chat("Hello", TOOLS + ", \"stream\": true"))))
                        .isEqualTo("a <b> " + end);
            }
        }
    }

    @Test
    void theClientOfOpenAiReadsCallsWholeAndStreamed() throws Exception {
        String two = "{\"name\": \"weather\", \"arguments\": {}}</tool_call><tool_call>{\"name\": \"time\", \"arguments\": "
                + "{\"zone\": \"UTC\"}}</tool_call>";
        try (Http http = new Http(Script.saying("<tool_call>", two))) {
            OpenAIClient client = OpenAIOkHttpClient.builder().baseUrl(http.server.url() + "v1").apiKey("none")
                    .maxRetries(0).build();
            ChatCompletionCreateParams params = ChatCompletionCreateParams.builder().model(Http.MODEL)
                    .addUserMessage("Weather?")
                    .addTool(ChatCompletionFunctionTool.builder()
                            .function(FunctionDefinition.builder().name("weather")
                                    .parameters(FunctionParameters.builder()
                                            .putAdditionalProperty("type", JsonValue.from("object")).build())
                                    .build())
                            .build())
                    .build();
            ChatCompletion.Choice choice = client.chat().completions().create(params).choices().getFirst();
            assertThat(choice.finishReason()).isEqualTo(ChatCompletion.Choice.FinishReason.TOOL_CALLS);
            assertThat(choice.message().content()).isEmpty();
            assertThat(choice.message().toolCalls().orElseThrow())
                    .extracting(call -> call.asFunction().function().name()).containsExactly("weather", "time");
            List<ChatCompletionChunk> chunks;
            try (StreamResponse<ChatCompletionChunk> stream = client.chat().completions().createStreaming(params)) {
                chunks = stream.stream().toList();
            }
            List<ChatCompletionChunk.Choice.Delta.ToolCall> calls = chunks.stream().flatMap(c -> c.choices().stream())
                    .flatMap(c -> c.delta().toolCalls().stream()).flatMap(List::stream).toList();
            assertThat(calls).extracting(ChatCompletionChunk.Choice.Delta.ToolCall::index).containsExactly(0L, 1L);
            assertThat(calls.getLast().function().orElseThrow().arguments()).contains("{\"zone\":\"UTC\"}");
            assertThat(Http.streamed(http.post(Http.chat("Hello", TOOLS + ", \"stream\": true")))).isEmpty();
            client.close();
        }
    }

    @Test
    void resultsStandInTheOrderOfTheirCalls() throws Exception {
        Script script = Script.saying("ok");
        String call = "{\"id\": \"%s\", \"type\": \"function\", \"function\": {\"name\": \"f\", \"arguments\": \"{}\"}}";
        String result = "{\"role\": \"tool\", \"tool_call_id\": \"%s\", \"content\": \"%s\"}";
        try (Http http = new Http(script)) {
            assertThat(http.post("{\"model\": \"" + Http.MODEL
                    + "\", \"messages\": [{\"role\": \"user\", \"content\": \"?\"}, {\"role\": \"assistant\", \"tool_calls\": ["
                    + call.formatted("a") + "," + call.formatted("b") + "," + call.formatted("c") + "]}, "
                    + result.formatted("c", "3") + "," + result.formatted("a", "1") + "," + result.formatted("b", "2")
                    + "]}").statusCode()).isEqualTo(200);
            Conversation read = script.read.remove();
            assertThat(read.messages().subList(2, 5)).containsExactly(Message.tool("1"), Message.tool("2"),
                    Message.tool("3"));
        }
    }
}
