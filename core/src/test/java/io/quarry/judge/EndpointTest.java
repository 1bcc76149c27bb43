package io.quarry.judge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.quarry.chat.Conversation;
import io.quarry.chat.Message;
import io.quarry.chat.Tool;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The judge behind an endpoint, against a server that answers what a test tells it to. */
class EndpointTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String VERDICT = "{\"scores\": {\"instruction-following\": 5, \"correctness\": 4, "
            + "\"completeness\": 5, \"conciseness\": 5, \"naturalness\": 5, \"calibration\": 5}, \"faults\": "
            + "{\"hallucination\": false, \"false-premise\": false, \"incorrect-computation\": false}, "
            + "\"reason\": \"good\"}";

    private record Answer(int status, String body) {}

    private final Deque<Answer> answers = new ArrayDeque<>();
    private final List<String> requests = new ArrayList<>();
    private final List<String> keys = new ArrayList<>();
    private final CountDownLatch over = new CountDownLatch(1);
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/v1/chat/completions", exchange -> {
            requests.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            keys.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
            Answer answer = answers.size() > 1 ? answers.poll() : answers.peek();
            if (answer.status() == 0) { // a connection that breaks
                exchange.close();
                return;
            }
            if (answer.status() < 0) // a server that never answers
                await();
            byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(Math.abs(answer.status()), body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.setExecutor(java.util.concurrent.Executors.newVirtualThreadPerTaskExecutor());
        server.start();
    }

    @AfterEach
    void stop() {
        over.countDown();
        server.stop(0);
    }

    private void await() throws IOException {
        try {
            over.await();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private static String completion(String content) {
        return JSON.writeValueAsString(
                Map.of("choices", List.of(Map.of("message", Map.of("role", "assistant", "content", content)))));
    }

    private Judge judge(Duration timeout, Map<String, String> environment) {
        String base = "http://localhost:" + server.getAddress().getPort() + "/v1";
        return Judges.endpoint(VerdictTest.plan(base), environment, new Endpoint.Patience(timeout, 3, Duration.ZERO));
    }

    private Verdict judged(Answer... script) throws Exception {
        answers.addAll(List.of(script));
        return judge(Duration.ofSeconds(20), Map.of()).judge(RuleFiltersTest.candidate("Something."));
    }

    @Test
    void readsAVerdictAndDecidesByOurThresholds() throws Exception {
        Verdict verdict = judged(new Answer(200, completion(VERDICT)));
        assertThat(verdict.decision()).isEqualTo(Verdict.Decision.ACCEPT);
        assertThat(verdict.score()).isEqualTo(4.5);
        assertThat(verdict.reason()).isEqualTo("good");
        JsonNode request = JSON.readTree(requests.getFirst());
        assertThat(request.get("model").asString()).isEqualTo("judge-model");
        assertThat(request.get("temperature").asInt()).isZero();
        assertThat(request.get("messages").get(0).get("content").asString()).contains("calibration", "false-premise");
        JsonNode payload = JSON.readTree(request.get("messages").get(1).get("content").asString());
        assertThat(payload.get("response").get("content").asString()).isEqualTo("Something.");
        assertThat(payload.get("conversation").get(0).get("role").asString()).isEqualTo("user");
        assertThat(keys).containsExactly("null");
    }

    @Test
    void sendsTheKeyOfTheEnvironmentAndNeverTheTruth() throws Exception {
        answers.add(new Answer(200, completion(VERDICT)));
        Message right = Message.assistant("the right answer");
        Candidate candidate = new Candidate("t", "1", Conversation.of(Message.user("Why?")),
                Message.assistant("Because."),
                right, Map.of("answer", "secret truth"));
        judge(Duration.ofSeconds(20), Map.of(Judges.KEY, "k-123")).judge(candidate);
        assertThat(keys).containsExactly("Bearer k-123");
        assertThat(requests.getFirst()).doesNotContain("secret truth").doesNotContain("the right answer");
    }

    @Test
    void rejectsOnAFaultThatTheModelNames() throws Exception {
        Verdict verdict = judged(
                new Answer(200, completion(VERDICT.replace("\"hallucination\": false", "\"hallucination\": true"))));
        assertThat(verdict.decision()).isEqualTo(Verdict.Decision.REJECT);
        assertThat(verdict.rejects()).isEqualTo(Set.of(HardReject.HALLUCINATION));
    }

    @Test
    void triesAgainAfterErrorsOfTheServerAndBrokenConnections() throws Exception {
        Verdict verdict = judged(new Answer(503, "busy"), new Answer(0, ""), new Answer(200, completion(VERDICT)));
        assertThat(verdict.decision()).isEqualTo(Verdict.Decision.ACCEPT);
        assertThat(requests).hasSize(3);
    }

    @Test
    void givesUpWithWhatWasTried() {
        assertThatThrownBy(() -> judged(new Answer(500, "out of order"))).isInstanceOf(IOException.class)
                .hasMessageContaining("3 attempts").hasMessageContaining("500").hasMessageContaining("out of order")
                .hasMessageContaining("/v1/chat/completions");
        assertThat(requests).hasSize(3);
    }

    @Test
    void doesNotRepeatARequestThatWasRefused() {
        assertThatThrownBy(() -> judged(new Answer(401, "no key"))).isInstanceOf(IOException.class)
                .hasMessageContaining("401").hasMessageContaining("no key");
        assertThat(requests).hasSize(1);
    }

    @Test
    void endsRequestsThatAreNotAnswered() {
        answers.add(new Answer(-200, ""));
        assertThatThrownBy(
                () -> judge(Duration.ofMillis(50), Map.of()).judge(RuleFiltersTest.candidate("Something.")))
                .isInstanceOf(IOException.class).hasMessageContaining("HttpTimeoutException");
    }

    @Test
    void saysWhatIsNoVerdictAfterAskingAgain() {
        for (String garbage : List.of("", "I like it.", "{}", "[]", "null", VERDICT + VERDICT,
                VERDICT.replace("\"correctness\": 4", "\"correctness\": 4.5"),
                VERDICT.replace("\"correctness\": 4", "\"correctness\": 9"),
                VERDICT.replace("\"correctness\": 4", "\"correctness\": \"4\""),
                VERDICT.replace("\"correctness\": 4, ", ""), VERDICT.replace("{\"hall", "{\"other\": true, \"hall"),
                VERDICT.replace("\"reason\": \"good\"", "\"reason\": 3"))) {
            requests.clear();
            answers.clear();
            assertThatThrownBy(() -> judged(new Answer(200, completion(garbage)))).as(garbage)
                    .isInstanceOf(IOException.class).hasMessageContaining("no verdict");
            assertThat(requests).hasSize(3);
        }
    }

    @Test
    void acceptsAVerdictInAFence() throws Exception {
        assertThat(judged(new Answer(200, completion("```json\n" + VERDICT + "\n```"))).score()).isEqualTo(4.5);
    }

    @Test
    void saysWhenTheAnswerIsNoCompletion() {
        assertThatThrownBy(() -> judged(new Answer(200, "<html>"))).isInstanceOf(IOException.class)
                .hasMessageContaining("without JSON");
        answers.clear();
        assertThatThrownBy(() -> judged(new Answer(200, "{\"choices\": []}"))).isInstanceOf(IOException.class)
                .hasMessageContaining("choices[0].message.content");
    }

    @Test
    void refusesAnAddressThatIsNone() {
        assertThatThrownBy(() -> Judges.endpoint(VerdictTest.plan("ftp://here"), Map.of()))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("judge.endpoint");
    }

    @Test
    void picksTheRubricByWhatIsGiven() {
        Message user = Message.user("Where?");
        assertThat(Rubric.of(Conversation.of(user))).isEqualTo(Rubric.GENERAL);
        assertThat(Rubric.of(Conversation.of(user, Message.assistant("Here."), user))).isEqualTo(Rubric.MULTI_TURN);
        assertThat(Rubric.of(Conversation.of(Message.user("\u3069\u3053\u3067\u3059\u304b")))).isEqualTo(
                Rubric.MULTILINGUAL);
        assertThat(Rubric.of(new Conversation(List.of(user), List.of(), List.of(Map.of("text", "x"))))).isEqualTo(
                Rubric.RAG);
        assertThat(Rubric.of(new Conversation(List.of(user), List.of(new Tool("t", "", Map.of())), List.of())))
                .isEqualTo(Rubric.TOOL_CALLING);
    }
}
