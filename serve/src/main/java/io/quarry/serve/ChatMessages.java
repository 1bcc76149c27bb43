package io.quarry.serve;

import io.quarry.chat.Message;
import io.quarry.chat.ToolCall;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;

/** Reads the messages of a request: OpenAI's roles, text as a string or in parts, tool calls of earlier turns. */
final class ChatMessages {
    private static final TypeReference<LinkedHashMap<String, Object>> OBJECT = new TypeReference<>() {
    };
    private static final Set<String> ALWAYS = Set.of("role", "content");
    /** What a model gave back earlier and a client sends along; null or empty, or it would be ignored. */
    private static final Set<String> EMPTY_IN_ANSWERS = Set.of("refusal", "annotations", "audio", "function_call");

    private ChatMessages() {}

    /** Reads {@code messages}. Results of tools come to stand in the order of their calls, which templates rely on. */
    static List<Message> read(JsonNode messages, int most) {
        if (!messages.isArray())
            throw Fields.wrong(messages, "messages", "an array");
        if (messages.isEmpty())
            throw ApiError.invalid("messages", "'messages' is empty; the last one is what the model answers");
        if (messages.size() > most)
            throw ApiError.invalid("messages",
                    "'messages' may have " + most + " messages at most, has " + messages.size());
        List<Message> turns = new ArrayList<>();
        List<String> calls = List.of(); // ids of the last ones
        List<Integer> results = new ArrayList<>(); // which of them were answered since
        for (JsonNode each : messages) {
            Fields fields = Fields.of(each, "messages[" + turns.size() + "]");
            Message message = message(fields);
            if (message.role() == Message.Role.TOOL) {
                int call = calls.indexOf(fields.text("tool_call_id").orElse(""));
                int place = call < 0 ? 0 : (int) results.stream().filter(other -> other > call).count();
                turns.add(turns.size() - place, message);
                results.add(call);
            } else {
                turns.add(message);
                calls = ids(each);
                results.clear();
            }
        }
        return turns;
    }

    /** Ids of the calls of a message; empty where a call has none. */
    private static List<String> ids(JsonNode message) {
        return message.path("tool_calls").valueStream().map(call -> call.path("id").asString("")).toList();
    }

    private static Message message(Fields fields) {
        String role = Fields.text(fields.need("role"), fields.path("role"));
        return switch (role) {
            case "system", "developer" -> {
                only(fields, Set.of());
                yield Message.system(content(fields));
            }
            case "user" -> {
                only(fields, Set.of());
                yield Message.user(content(fields));
            }
            case "tool" -> {
                only(fields, Set.of("tool_call_id", "name"));
                yield Message.tool(content(fields));
            }
            case "assistant" -> assistant(fields);
            default -> throw ApiError.invalid(fields.path("role"), "'" + fields.path("role")
                    + "' must be system, developer, user, assistant or tool, is '" + role + "'");
        };
    }

    private static Message assistant(Fields fields) {
        only(fields, Set.of("tool_calls"));
        List<ToolCall> calls = new ArrayList<>();
        JsonNode given = fields.find("tool_calls").orElse(null);
        if (given != null) {
            if (!given.isArray())
                throw Fields.wrong(given, fields.path("tool_calls"), "an array");
            for (JsonNode call : given)
                calls.add(call(Fields.of(call, fields.path("tool_calls[" + calls.size() + "]"))));
        }
        String content = calls.isEmpty() || fields.find("content").isPresent() ? content(fields) : "";
        return new Message(Message.Role.ASSISTANT, content, calls);
    }

    private static ToolCall call(Fields fields) {
        Fields function = Fields.of(fields.need("function"), fields.path("function"));
        String name = Fields.text(function.need("name"), function.path("name"));
        String arguments = Fields.text(function.need("arguments"), function.path("arguments"));
        try {
            Map<String, Object> parsed = Json.MAPPER.readValue(arguments, OBJECT);
            if (parsed != null)
                return new ToolCall(name, parsed);
        } catch (JacksonException e) {
            // said below: the client needs the field, not the parser's view
        }
        throw ApiError.invalid(function.path("arguments"),
                "'" + function.path("arguments") + "' must be a JSON object written as a string");
    }

    /** Refuses a field that would be ignored. */
    private static void only(Fields fields, Set<String> more) {
        for (Map.Entry<String, JsonNode> field : fields.node().properties()) {
            String name = field.getKey();
            JsonNode value = field.getValue();
            if (ALWAYS.contains(name) || more.contains(name) || value.isNull())
                continue;
            if (EMPTY_IN_ANSWERS.contains(name) && value.isContainer() && value.isEmpty())
                continue;
            throw new ApiError(400, fields.path(name), "unsupported_parameter",
                    "'" + fields.path(name) + "' is not supported by this server; leave it out");
        }
    }

    private static String content(Fields fields) {
        JsonNode content = fields.need("content");
        if (content.isString())
            return content.stringValue();
        if (!content.isArray())
            throw Fields.wrong(content, fields.path("content"), "a string or an array of parts");
        StringBuilder all = new StringBuilder();
        int i = 0;
        for (JsonNode part : content) {
            Fields p = Fields.of(part, fields.path("content[" + i++ + "]"));
            String type = Fields.text(p.need("type"), p.path("type"));
            if (!type.equals("text"))
                throw new ApiError(400, p.path("type"), "unsupported_parameter",
                        "'" + p.path("type") + "' must be text, is '" + type + "'; this model reads text only");
            all.append(Fields.text(p.need("text"), p.path("text")));
        }
        return all.toString();
    }
}
