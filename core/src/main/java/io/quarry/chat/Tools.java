package io.quarry.chat;

import io.quarry.text.Specials;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.json.JsonMapper;

/** Tool calls on the wire: writes them, finds them in what a model said, checks them against their tool's schema. */
public final class Tools {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

    /**
     * An answer taken apart.
     *
     * @param message  its text and its calls; a call that cannot be read stays in the text as it was said
     * @param problems one sentence for each call that cannot be read
     */
    public record Parsed(Message message, List<String> problems) {
        public Parsed {
            problems = List.copyOf(problems);
        }
    }

    private Tools() {}

    /** A tool as it is shown to a model. */
    public static String json(Tool tool) {
        return Json.write(map(tool));
    }

    /** A tool in the form that OpenAI gave it and templates read. */
    static Map<String, Object> map(Tool tool) {
        Map<String, Object> function = new LinkedHashMap<>();
        function.put("name", tool.name());
        function.put("description", tool.description());
        function.put("parameters", tool.parameters());
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("type", "function");
        map.put("function", function);
        return map;
    }

    /** A call as a model says it, without the marks around it. */
    public static String json(ToolCall call) {
        return "{\"name\": " + Json.write(call.name()) + ", \"arguments\": " + Json.write(call.arguments()) + "}";
    }

    /** Takes an answer apart into text and calls; never throws, however strange the answer. */
    public static Parsed parse(String answer) {
        StringBuilder content = new StringBuilder();
        List<ToolCall> calls = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        int at = 0;
        for (int open; (open = answer.indexOf(Specials.TOOL_CALL, at)) >= 0;) {
            int body = open + Specials.TOOL_CALL.length();
            String between = answer.substring(at, open);
            try {
                Read read = read(answer, body);
                calls.add(read.call);
                content.append(between.endsWith("\n") ? between.substring(0, between.length() - 1) : between);
                at = read.end;
            } catch (Malformed e) {
                problems.add("tool call " + (calls.size() + problems.size() + 1) + " " + e.getMessage());
                int close = answer.indexOf(Specials.END_TOOL_CALL, body);
                int next = answer.indexOf(Specials.TOOL_CALL, body);
                at = close >= 0 && (next < 0 || close < next)
                        ? close + Specials.END_TOOL_CALL.length()
                        : next >= 0 ? next : answer.length();
                content.append(between).append(answer, open, at);
            }
        }
        content.append(answer, at, answer.length());
        return new Parsed(new Message(Message.Role.ASSISTANT, content.toString(), calls), problems);
    }

    /** A call and where the text goes on behind its closing mark. */
    private record Read(ToolCall call, int end) {}

    /** Why a call cannot be read. */
    private static final class Malformed extends Exception {
        private static final long serialVersionUID = 1;

        Malformed(String why) {
            super(why, null, false, false);
        }
    }

    /** Reads one JSON value rather than up to the closing mark, because a string in it may hold that mark. */
    private static Read read(String answer, int body) throws Malformed {
        Object value;
        int end;
        try (JsonParser parser = JSON.createParser(answer.substring(body))) {
            parser.nextToken();
            value = parser.readValueAs(Object.class);
            end = body + (int) parser.currentLocation().getCharOffset();
        } catch (JacksonException e) {
            throw new Malformed("is no JSON: " + e.getOriginalMessage());
        }
        while (end < answer.length() && Character.isWhitespace(answer.charAt(end)))
            end++;
        if (!answer.startsWith(Specials.END_TOOL_CALL, end))
            throw new Malformed("is not closed by " + Specials.END_TOOL_CALL);
        return new Read(call(value), end + Specials.END_TOOL_CALL.length());
    }

    private static ToolCall call(Object value) throws Malformed {
        if (!(value instanceof Map<?, ?> call))
            throw new Malformed("must be an object, was " + Json.write(value));
        if (!(call.get("name") instanceof String name) || name.isEmpty())
            throw new Malformed("must have a name, was " + Json.write(call));
        if (!Set.of("name", "arguments").containsAll(call.keySet()))
            throw new Malformed("must have name and arguments alone, was " + Json.write(call));
        Object arguments = call.get("arguments");
        if (arguments instanceof String text)
            arguments = object(text);
        if (!(arguments instanceof Map<?, ?> values))
            throw new Malformed("must have arguments that are an object, was " + Json.write(call));
        Map<String, Object> byName = new LinkedHashMap<>();
        values.forEach((key, argument) -> byName.put((String) key, argument));
        return new ToolCall(name, byName);
    }

    /** Some models write the arguments as JSON within a string. */
    private static Object object(String text) throws Malformed {
        try {
            return JSON.readValue(text, Object.class);
        } catch (JacksonException e) {
            throw new Malformed("has arguments that are no JSON: " + e.getOriginalMessage());
        }
    }

    /** What is wrong with a call, as a sentence; empty if the tool exists and the arguments fit its schema. */
    public static String problem(ToolCall call, List<Tool> tools) {
        for (Tool tool : tools)
            if (tool.name().equals(call.name()))
                return Schema.problem(call.name(), call.arguments(), tool.parameters());
        return "there is no tool " + call.name() + "; there is " + tools.stream().map(Tool::name).toList();
    }
}
