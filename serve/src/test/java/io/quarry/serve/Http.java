package io.quarry.serve;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Random;
import tools.jackson.databind.JsonNode;

/** A server in this process and plain requests to it. */
final class Http implements AutoCloseable {
    static final String MODEL = "scripted/one";
    final Server server;
    private final HttpClient client = HttpClient.newHttpClient();

    Http(Assistant assistant) throws IOException {
        this(assistant, settings(64, Duration.ofSeconds(1)));
    }

    Http(Assistant assistant, Settings settings) throws IOException {
        server = Server.start(assistant, MODEL, Server.HOST, 0, settings);
    }

    static Settings settings(int atOnce, Duration beat) {
        return new Settings(1 << 20, 10, atOnce, beat, Duration.ZERO,
                InstantSource.fixed(Instant.ofEpochSecond(1_700_000_000)), new Random(7));
    }

    /** A request to chat with the fields that are always there, and more of them. */
    static String chat(String message, String more) {
        return "{\"model\": \"" + MODEL + "\", \"messages\": [{\"role\": \"user\", \"content\": "
                + Json.MAPPER.writeValueAsString(message) + "}]" + (more.isEmpty() ? "" : ", " + more) + "}";
    }

    HttpResponse<String> post(String body) throws IOException, InterruptedException {
        return send(request("v1/chat/completions").header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return send(request(path));
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(server.url() + path)).timeout(Duration.ofSeconds(30));
    }

    HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    static JsonNode json(HttpResponse<String> response) {
        return Json.MAPPER.readTree(response.body());
    }

    /** The text of a whole answer. */
    static String text(HttpResponse<String> response) {
        return json(response).path("choices").path(0).path("message").path("content").asString();
    }

    /** The text of a streamed answer. */
    static String streamed(HttpResponse<String> response) {
        StringBuilder text = new StringBuilder();
        response.body().lines().filter(line -> line.startsWith("data: {")).forEach(line -> {
            JsonNode delta = Json.MAPPER.readTree(line.substring(6)).path("choices").path(0).path("delta");
            text.append(delta.path("content").asString(""));
        });
        return text.toString();
    }

    @Override
    public void close() {
        client.close();
        server.close();
    }
}
