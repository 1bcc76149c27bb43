package io.quarry.chat;

import java.util.Map;

/**
 * A call of a tool.
 *
 * @param name      name of the tool
 * @param arguments JSON values by parameter name, in the order in which they are written
 */
public record ToolCall(String name, Map<String, Object> arguments) {
    public ToolCall {
        arguments = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(arguments));
    }
}
