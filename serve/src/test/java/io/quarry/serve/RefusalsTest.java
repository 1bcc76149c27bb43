package io.quarry.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** What is refused, and how it is said. */
class RefusalsTest {
    private static Http http;

    @BeforeAll
    static void start() throws IOException {
        http = new Http(Script.saying("yes"));
    }

    @AfterAll
    static void stop() {
        http.close();
    }

    private static JsonNode refused(HttpResponse<String> response, int status) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        JsonNode error = Http.json(response).path("error");
        assertThat(error.propertyNames()).containsExactly("message", "type", "param", "code");
        assertThat(error.path("message").stringValue()).doesNotContain("Exception").doesNotContain("\tat ");
        return error;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "tool_choice | \"required\"", "functions | [{}]", "response_format | {\"type\": \"json_object\"}",
        "logprobs | true", "top_logprobs | 3", "n | 2", "store | true", "reasoning_effort | \"high\"",
        "modalities | [\"audio\"]",
        "audio | {}", "web_search_options | {}", "verbosity | \"low\"", "repeat_penalty | 1.1",
        "temprature | 1"})
    void aFieldThatWouldChangeTheAnswer(String name, String value) throws Exception {
        JsonNode error = refused(http.post(Http.chat("Hello", "\"" + name + "\": " + value)), 400);
        assertThat(error.path("param").stringValue()).isEqualTo(name);
        assertThat(error.path("message").stringValue()).contains("'" + name + "'");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"5 | tools", "[5] | tools[0]", "[{}] | tools[0].type",
        "[{\"type\": \"web\"}] | tools[0].type", "[{\"type\": \"function\"}] | tools[0].function",
        "[{\"type\": \"function\", \"function\": {}}] | tools[0].function.name",
        "[{\"type\": \"function\", \"function\": {\"name\": \"\"}}] | tools[0].function.name",
        "[{\"type\": \"function\", \"function\": {\"name\": \"f\", \"x\": 1}}] | tools[0].function.x",
        "[{\"type\": \"function\", \"function\": {\"name\": \"f\", \"strict\": true}}] | tools[0].function.strict",
        "[{\"type\": \"function\", \"function\": {\"name\": \"f\", \"parameters\": []}}] | tools[0].function.parameters"})
    void aToolThatIsNone(String tools, String param) throws Exception {
        JsonNode error = refused(http.post(Http.chat("Hello", "\"tools\": " + tools)), 400);
        assertThat(error.path("param").stringValue()).isEqualTo(param);
        assertThat(error.path("message").stringValue()).contains("'" + param + "'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"n\": 1", "\"logprobs\": false", "\"presence_penalty\": 0", "\"tools\": []",
        "\"tool_choice\": \"auto\"", "\"response_format\": {\"type\": \"text\"}", "\"user\": \"me\"",
        "\"metadata\": {\"a\": \"b\"}", "\"store\": false", "\"logit_bias\": {}", "\"tools\": null",
        "\"stop\": null", "\"temperature\": null", "\"service_tier\": \"auto\"", "\"stop\": []"})
    void notWhatChangesNothing(String field) throws Exception {
        assertThat(http.post(Http.chat("Hello", field)).statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"temperature | 2.5", "temperature | -1", "temperature | \"hot\"",
        "top_p | 0", "top_p | 1.5", "top_k | -1", "min_p | 2", "presence_penalty | 2.5", "frequency_penalty | \"x\"",
        "logit_bias | 5", "max_tokens | 0", "max_tokens | 1.5", "max_tokens | \"5\"",
        "max_completion_tokens | 99999999999", "seed | 1e30", "seed | \"x\"", "stream | 1", "stop | 7",
        "stop | [1]", "stop | \"\"", "stop | [\"a\",\"b\",\"c\",\"d\",\"e\"]", "stop | \"\\ud83d\"",
        "stream_options | {\"include_usage\": true}"})
    void aValueOfTheWrongKind(String name, String value) throws Exception {
        JsonNode error = refused(http.post(Http.chat("Hello", "\"" + name + "\": " + value)), 400);
        assertThat(error.path("param").stringValue()).isEqualTo(name);
        assertThat(error.path("code").stringValue()).isEqualTo("invalid_value");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"[] | messages", "{} | messages", "null | messages",
        "[\"Hello\"] | messages[0]", "[{\"content\": \"x\"}] | messages[0].role",
        "[{\"role\": \"king\", \"content\": \"x\"}] | messages[0].role",
        "[{\"role\": \"user\"}] | messages[0].content",
        "[{\"role\": \"user\", \"content\": 5}] | messages[0].content",
        "[{\"role\": \"user\", \"content\": \"x\", \"name\": \"Bob\"}] | messages[0].name",
        "[{\"role\": \"user\", \"content\": [{\"type\": \"image_url\"}]}] | messages[0].content[0].type",
        "[{\"role\": \"user\", \"content\": [{\"type\": \"text\"}]}] | messages[0].content[0].text",
        "[{\"role\": \"assistant\", \"tool_calls\": [{}]}] | messages[0].tool_calls[0].function",
        "[{\"role\": \"assistant\", \"tool_calls\": [{\"function\": {\"name\": \"f\", \"arguments\": \"[\"}}]}] "
                + "| messages[0].tool_calls[0].function.arguments"})
    void messagesThatAreNone(String messages, String param) throws Exception {
        JsonNode error = refused(
                http.post("{\"model\": \"" + Http.MODEL + "\", \"messages\": " + messages + "}"), 400);
        assertThat(error.path("param").stringValue()).isEqualTo(param);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[]", "\"text\"", "{\"model\": 1} x", "{\"model\": \"a\", \"model\": \"b\"}",
        "{\"a\": NaN}"})
    void aBodyThatIsNoObjectOfJson(String body) throws Exception {
        refused(http.post(body), 400);
    }

    @Test
    void bytesThatAreNoText() throws Exception {
        refused(http.send(http.request("v1/chat/completions").header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(new byte[] {'{', '"', (byte) 0xff, '"', ':', '1', '}'}))),
                400);
    }

    @Test
    void objectsWithinObjectsWithoutEnd() throws Exception {
        refused(http.post("{\"model\":".repeat(20_000)), 400);
    }

    @Test
    void anotherContentType() throws Exception {
        HttpResponse<String> response = http.send(http.request("v1/chat/completions")
                .header("Content-Type", "text/plain")
                .POST(HttpRequest.BodyPublishers.ofString(Http.chat("Hello", ""))));
        assertThat(refused(response, 415).path("message").stringValue()).contains("text/plain");
    }

    @Test
    void aBodyThatIsTooLarge() throws Exception {
        JsonNode error = refused(http.post(Http.chat("x".repeat(1 << 20), "")), 413);
        assertThat(error.path("message").stringValue()).contains("1048576");
    }

    @Test
    void tooManyMessages() throws Exception {
        String one = "{\"role\": \"user\", \"content\": \"x\"}";
        String many = (one + ", ").repeat(10) + one;
        JsonNode error = refused(
                http.post("{\"model\": \"" + Http.MODEL + "\", \"messages\": [" + many + "]}"), 400);
        assertThat(error.path("message").stringValue()).contains("10").contains("11");
    }

    @Test
    void aPromptThatLeavesNoRoom() throws Exception {
        JsonNode error = refused(http.post(Http.chat("x".repeat(1000), "")), 400);
        assertThat(error.path("code").stringValue()).isEqualTo("context_length_exceeded");
        assertThat(error.path("message").stringValue()).contains("have 1000 tokens").contains("context of 1000");
        assertThat(http.post(Http.chat("x".repeat(999), "")).statusCode()).isEqualTo(200);
    }

    @Test
    void aModelThatIsNotHere() throws Exception {
        JsonNode error = refused(http.post(Http.chat("Hello", "").replace(Http.MODEL, "other\\ud83d")), 404);
        assertThat(error.path("code").stringValue()).isEqualTo("model_not_found");
        refused(http.post("{\"messages\": [{\"role\": \"user\", \"content\": \"x\"}]}"), 400);
    }

    @Test
    void pathsAndMethodsThatAreNotThere() throws Exception {
        refused(http.get("v1/embeddings"), 404);
        HttpResponse<String> response = http.get("v1/chat/completions");
        refused(response, 405);
        assertThat(response.headers().firstValue("Allow")).contains("POST");
    }

    @Test
    void anotherNameForThisMachine() throws Exception {
        assertThat(raw("GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 403").contains("unknown_host").contains("evil.example");
        assertThat(raw("GET /health HTTP/1.1\r\nHost: localhost:1\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 200");
    }

    @Test
    void whatIsNoHttp() throws Exception {
        assertThat(raw("NONSENSE\r\n\r\n")).startsWith("HTTP/1.1 400").doesNotContain("Exception")
                .doesNotContain("\tat ");
    }

    private static String raw(String request) throws IOException {
        try (Socket socket = new Socket(Server.HOST, http.server.port()); InputStream in = socket.getInputStream()) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
