package io.quarry.judge;

import io.quarry.chat.Conversation;
import io.quarry.chat.Message;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A model behind any OpenAI-compatible endpoint ({@code POST /chat/completions}). Answers 429 and 5xx and broken
 * connections are tried again; other answers are final.
 */
final class Endpoint implements RubricJudge.Model {
    /**
     * How long to wait and how often to try.
     *
     * @param timeout  of one request
     * @param attempts at least 1
     * @param pause    before the second attempt; doubles each time
     */
    record Patience(Duration timeout, int attempts, Duration pause) {
        static final Patience USUAL = new Patience(Duration.ofSeconds(120), 4, Duration.ofSeconds(1));
    }

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int TOO_MANY_REQUESTS = 429;
    private static final int SERVER_ERROR = 500;

    private final URI address;
    private final String model;
    private final String key;
    private final Patience patience;
    private final HttpClient client;

    /**
     * @param base  base URL, for instance {@code http://localhost:8000/v1}
     * @param model name of the model there
     * @param key   sent as bearer token; empty for none
     */
    Endpoint(String base, String model, String key, Patience patience) {
        this.address = address(base);
        this.model = model;
        this.key = key;
        this.patience = patience;
        client = HttpClient.newBuilder().connectTimeout(patience.timeout()).build();
    }

    private static URI address(String base) {
        try {
            URI uri = URI.create((base.endsWith("/") ? base : base + "/") + "chat/completions");
            if (!"http".equals(uri.getScheme()) && !"https".equals(uri.getScheme()))
                throw new IllegalArgumentException("its scheme is " + uri.getScheme());
            return uri;
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("judge.endpoint must be an http or https address, was " + base + ": "
                    + e.getMessage(), e);
        }
    }

    @Override
    public String answer(Conversation conversation) throws IOException, InterruptedException {
        HttpRequest request = request(conversation);
        String fault = "";
        Duration pause = patience.pause();
        for (int i = 0; i < patience.attempts(); i++) {
            if (i > 0) {
                Thread.sleep(pause);
                pause = pause.multipliedBy(2);
            }
            try {
                HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
                int status = response.statusCode();
                if (status == 200)
                    return content(response.body());
                fault = "answered " + status + ": " + shortened(response.body());
                if (status != TOO_MANY_REQUESTS && status < SERVER_ERROR)
                    throw new Refused("the judge at " + address + " " + fault);
            } catch (Refused e) {
                throw e;
            } catch (IOException e) {
                fault = e.getClass().getSimpleName() + (e.getMessage() == null ? "" : ": " + e.getMessage());
            }
        }
        throw new IOException(
                "the judge at " + address + " could not be had in " + patience.attempts() + " attempts of "
                        + patience.timeout().toSeconds() + " s; the last: " + fault);
    }

    private HttpRequest request(Conversation conversation) {
        List<Map<String, String>> messages = new ArrayList<>();
        for (Message message : conversation.messages())
            messages.add(Map.of("role", message.role().wire(), "content", message.content()));
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("model", model);
        body.put("messages", messages);
        body.put("temperature", 0);
        HttpRequest.Builder builder = HttpRequest.newBuilder(address).timeout(patience.timeout())
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body)));
        if (!key.isEmpty())
            builder.header("Authorization", "Bearer " + key);
        return builder.build();
    }

    private String content(String body) throws Refused {
        try {
            JsonNode content = JSON.readTree(body).path("choices").path(0).path("message").path("content");
            if (content.isString())
                return content.asString();
        } catch (JacksonException e) {
            throw new Refused("the judge at " + address + " answered 200 without JSON: " + shortened(body), e);
        }
        throw new Refused(
                "the judge at " + address + " answered without choices[0].message.content: " + shortened(body));
    }

    private static String shortened(String text) {
        return text.length() <= 200 ? text : text.substring(0, 200) + "...";
    }

    /** An answer that another attempt would not change. */
    private static final class Refused extends IOException {
        private static final long serialVersionUID = 1;

        Refused(String message) {
            super(message);
        }

        Refused(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
