package io.quarry.chat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Messages in the form that Hugging Face's templates read. */
final class Messages {
    private Messages() {}

    /**
     * Messages as maps. Every call gets an id of nine letters and digits (Mistral's templates insist on that), and every
     * result the id and the name of the call that it answers.
     */
    static List<Map<String, Object>> maps(List<Message> messages) {
        record Open(String id, String name) {}
        List<Map<String, Object>> maps = new ArrayList<>();
        Deque<Open> open = new ArrayDeque<>();
        int number = 0;
        for (Message message : messages) {
            Map<String, Object> map = new LinkedHashMap<>();
            map.put("role", message.role().wire());
            map.put("content", message.content());
            List<Object> calls = new ArrayList<>();
            for (ToolCall call : message.toolCalls()) {
                String id = String.format("call%05d", ++number);
                open.add(new Open(id, call.name()));
                calls.add(map(id, call));
            }
            if (!calls.isEmpty())
                map.put("tool_calls", calls);
            if (message.role() == Message.Role.TOOL && !open.isEmpty()) {
                Open answered = open.remove();
                map.put("tool_call_id", answered.id());
                map.put("name", answered.name());
            }
            maps.add(map);
        }
        return maps;
    }

    private static Map<String, Object> map(String id, ToolCall call) {
        Map<String, Object> function = new LinkedHashMap<>();
        function.put("name", call.name());
        function.put("arguments", call.arguments());
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("id", id);
        map.put("type", "function");
        map.put("function", function);
        return map;
    }
}
