package io.quarry.chat;

import java.util.List;

/**
 * One turn of a conversation.
 *
 * @param role      who speaks
 * @param content   the text; empty when the turn only calls tools
 * @param toolCalls calls the assistant makes after its text; empty for every other role
 */
public record Message(Role role, String content, List<ToolCall> toolCalls) {
    /** Who speaks. {@code TOOL} carries the result of a call. */
    public enum Role {
        SYSTEM, USER, ASSISTANT, TOOL;

        /** The name on the wire, for instance {@code assistant}. */
        public String wire() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    public Message {
        toolCalls = List.copyOf(toolCalls);
        if (role != Role.ASSISTANT && !toolCalls.isEmpty())
            throw new IllegalArgumentException("only the assistant calls tools, not " + role.wire());
    }

    public static Message system(String content) {
        return new Message(Role.SYSTEM, content, List.of());
    }

    public static Message user(String content) {
        return new Message(Role.USER, content, List.of());
    }

    public static Message assistant(String content, ToolCall... calls) {
        return new Message(Role.ASSISTANT, content, List.of(calls));
    }

    public static Message tool(String content) {
        return new Message(Role.TOOL, content, List.of());
    }
}
