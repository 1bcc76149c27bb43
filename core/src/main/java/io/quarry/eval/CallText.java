package io.quarry.eval;

import io.quarry.chat.ToolCall;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads JSON out of answers, strictly: what a model writes is right only when nothing has to be guessed. */
final class CallText {
    private static final String OPEN = "<tool_call>";
    private static final String CLOSE = "</tool_call>";
    private static final JsonMapper JSON = JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

    private CallText() {}

    /** The call of an answer that is exactly one tool call and nothing else. */
    static Optional<ToolCall> only(String answer) {
        String text = answer.strip();
        if (!text.startsWith(OPEN) || !text.endsWith(CLOSE) || text.length() < OPEN.length() + CLOSE.length())
            return Optional.empty();
        Optional<JsonNode> json = json(text.substring(OPEN.length(), text.length() - CLOSE.length()));
        if (json.isEmpty() || !json.get().path("name").isString() || !json.get().path("arguments").isObject()
                || json.get().size() != 2)
            return Optional.empty();
        Map<String, Object> arguments = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> entry : json.get().get("arguments").properties())
            arguments.put(entry.getKey(), JSON.treeToValue(entry.getValue(), Object.class));
        return Optional.of(new ToolCall(json.get().get("name").asString(), arguments));
    }

    /** The value of a text that is one JSON value and nothing else. */
    static Optional<JsonNode> json(String text) {
        try {
            return Optional.of(JSON.readTree(text)).filter(node -> !node.isMissingNode());
        } catch (JacksonException e) {
            return Optional.empty(); // not JSON: the caller's verdict says so
        }
    }

    /** A call as Granite's template writes it. */
    static String written(ToolCall call) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("name", call.name());
        fields.put("arguments", call.arguments());
        return OPEN + "\n" + Structured.spaced(fields) + "\n" + CLOSE;
    }
}
