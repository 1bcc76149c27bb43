package io.quarry.chat;

import java.util.List;
import java.util.Map;

/**
 * A conversation with what stands beside it: the value that templates render, judges judge and tasks ask.
 *
 * @param messages  turns in order; a system message, if any, is the first
 * @param tools     tools the assistant may call
 * @param documents documents the assistant may use, each any JSON object (recommended: doc_id, title, text, source)
 */
public record Conversation(List<Message> messages, List<Tool> tools, List<Map<String, Object>> documents) {
    public Conversation {
        messages = List.copyOf(messages);
        tools = List.copyOf(tools);
        documents = List.copyOf(documents);
    }

    public static Conversation of(Message... messages) {
        return new Conversation(List.of(messages), List.of(), List.of());
    }

    /** The same conversation with one more turn. */
    public Conversation with(Message next) {
        List<Message> longer = new java.util.ArrayList<>(messages);
        longer.add(next);
        return new Conversation(longer, tools, documents);
    }
}
