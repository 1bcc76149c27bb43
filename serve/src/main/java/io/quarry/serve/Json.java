package io.quarry.serve;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** JSON over HTTP: one strict reader of bodies from outside, one writer. */
final class Json {
    /** A key that is there twice, or text behind the end, is an error: readers would differ on what was meant. */
    static final JsonMapper MAPPER = JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

    private Json() {}

    /** Reads the body of a request, at most {@code most} bytes of it. */
    static JsonNode body(ServerRequest request, long most) throws IOException {
        // A page of another site can send text/plain without asking; application/json it cannot.
        String type = request.headers().first(HeaderNames.CONTENT_TYPE).orElse("nothing");
        if (!type.toLowerCase(Locale.ROOT).split(";")[0].strip().equals("application/json"))
            throw new ApiError(415, null, "unsupported_media_type",
                    "Content-Type must be application/json, is " + type);
        byte[] body;
        try (InputStream in = request.content().inputStream()) {
            body = in.readNBytes(Math.toIntExact(most + 1));
        }
        if (body.length > most)
            throw new ApiError(413, null, "request_too_large", "a request may have " + most + " bytes at most");
        try {
            JsonNode json = MAPPER.readTree(body);
            if (json == null || json.isMissingNode())
                throw new ApiError(400, null, "invalid_json", "the body is empty; a JSON object is expected");
            return json;
        } catch (JacksonException e) {
            TokenStreamLocation at = e.getLocation();
            String where = at == null ? "" : " at line " + at.getLineNr() + ", column " + at.getColumnNr();
            throw new ApiError(400, null, "invalid_json",
                    "the body is not valid JSON" + where + ": " + e.getOriginalMessage());
        }
    }

    static void send(ServerResponse response, int status, JsonNode body) {
        response.status(status).header(HeaderNames.CONTENT_TYPE, "application/json");
        response.send(MAPPER.writeValueAsBytes(body));
    }
}
