package io.quarry.chat;

import java.util.Map;

/**
 * A tool that a model may call.
 *
 * @param name        name of the function
 * @param description one sentence for the model
 * @param parameters  JSON Schema of the arguments, as parsed JSON with its order kept
 */
public record Tool(String name, String description, Map<String, Object> parameters) {
    public Tool {
        parameters = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(parameters));
    }
}
