package io.quarry.serve;

import java.nio.charset.StandardCharsets;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** A refusal that the client reads, in the form that OpenAI's clients know. */
final class ApiError extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int status;
    private final String param;
    private final String code;

    /**
     * A refusal.
     *
     * @param status  HTTP status
     * @param param   field of the request that is to blame, or null
     * @param code    name of the reason for programs, or null
     * @param message sentence for people
     */
    ApiError(int status, String param, String code, String message) {
        // A lone surrogate echoed from the request could not be written as UTF-8.
        super(new String(message.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8), null, false, false);
        this.status = status;
        this.param = param;
        this.code = code;
    }

    /** A field that has not the form it must have. */
    static ApiError invalid(String param, String message) {
        return new ApiError(400, param, "invalid_value", message);
    }

    int status() {
        return status;
    }

    /** The body: {@code {"error": {"message", "type", "param", "code"}}}. */
    ObjectNode json() {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.putObject("error").put("message", getMessage())
                .put("type", status < 500 ? "invalid_request_error" : "server_error").put("param", param)
                .put("code", code);
        return body;
    }
}
