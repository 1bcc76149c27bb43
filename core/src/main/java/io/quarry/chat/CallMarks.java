package io.quarry.chat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.json.JsonMapper;

/**
 * How a model's calls of tools stand in its answers. Families differ in the mark that opens a call, which is what their
 * template writes: {@code <tool_call>} of Granite 4, Qwen and Hermes, {@code <|tool_call|>} of Granite 3 and Phi,
 * {@code [TOOL_CALLS]} of Mistral. Where a template knows none of them, as Llama 3's, a call is an answer that is nothing
 * but JSON. Behind the mark stands one call or a list of them, each an object with a name and arguments.
 *
 * @param open what opens a call, in the order in which they are looked for; empty for calls that are bare JSON
 */
public record CallMarks(List<String> open) {
    private static final List<String> KNOWN = List.of("<tool_call>", "<|tool_call|>", "[TOOL_CALLS]");
    /** Llama 3 may write this before its bare JSON. */
    private static final String PYTHON = "<|python_tag|>";
    private static final List<String> CLOSE = List.of("</tool_call>", "<|/tool_call|>", "<|eom_id|>");
    private static final JsonMapper JSON = JsonMapper.builder().build();

    public CallMarks {
        open = List.copyOf(open);
    }

    static CallMarks of(ChatTemplate template) {
        return new CallMarks(KNOWN.stream().filter(template::writes).toList());
    }

    /** Where the calls begin in the begin of an answer, if it has got so far that this is certain. */
    public Optional<Integer> begin(String answer) {
        if (open.isEmpty()) {
            String bare = answer.stripLeading();
            return bare.startsWith("{") || bare.startsWith("[") || bare.startsWith(PYTHON)
                    ? Optional.of(0)
                    : Optional.empty();
        }
        return open.stream().map(answer::indexOf).filter(at -> at >= 0).min(Integer::compare);
    }

    /** How much of the end of an answer may yet turn out to be the begin of a call. */
    public int held(String answer) {
        if (open.isEmpty())
            return answer.isBlank() || PYTHON.startsWith(answer.strip()) ? answer.length() : 0;
        int most = 0;
        for (String mark : open)
            for (int n = Math.min(mark.length() - 1, answer.length()); n > most; n--)
                if (answer.endsWith(mark.substring(0, n)))
                    most = n;
        return most;
    }

    /** All marks of calls: tokens with these texts must be seen in an answer, though they are special. */
    public Set<String> all() {
        Set<String> all = new HashSet<>(open);
        all.addAll(CLOSE);
        all.add(PYTHON);
        return all;
    }

    /**
     * Takes an answer apart into its text and its calls. What cannot be read as a call stays text.
     *
     * @return the message; its text is stripped at the end where calls follow
     */
    public Message read(String answer) {
        Optional<Integer> begin = begin(answer);
        if (begin.isEmpty())
            return Message.assistant(answer);
        List<ToolCall> calls = new ArrayList<>();
        String rest = answer.substring(begin.get());
        while (!rest.isBlank()) {
            String body = without(open.isEmpty() ? List.of(PYTHON, ";") : open, rest.stripLeading());
            int length = json(body, calls);
            if (length < 0)
                break;
            rest = without(CLOSE, body.substring(length).stripLeading());
        }
        if (calls.isEmpty())
            return Message.assistant(answer);
        String before = answer.substring(0, begin.get()).stripTrailing();
        return new Message(Message.Role.ASSISTANT, before + (before.isEmpty() ? rest.strip() : rest.stripTrailing()),
                calls);
    }

    private static String without(List<String> marks, String text) {
        for (String mark : marks)
            if (text.startsWith(mark))
                return text.substring(mark.length());
        return text;
    }

    /** Adds the calls of one JSON value; its length, or -1 if it holds none. */
    private static int json(String body, List<ToolCall> calls) {
        try (JsonParser parser = JSON.createParser(body)) {
            parser.nextToken();
            Object value = parser.readValueAs(Object.class);
            int end = (int) parser.currentLocation().getCharOffset();
            List<?> all = value instanceof List<?> list ? list : List.of(value == null ? "" : value);
            if (all.isEmpty())
                return -1;
            for (Object one : all) {
                Optional<ToolCall> call = call(one);
                if (call.isEmpty())
                    return -1;
                calls.add(call.get());
            }
            return end;
        } catch (JacksonException e) {
            return -1;
        }
    }

    private static Optional<ToolCall> call(Object value) {
        if (!(value instanceof Map<?, ?> map))
            return Optional.empty();
        if (map.get("function") instanceof Map<?, ?> inside)
            map = inside;
        Object arguments = map.containsKey("arguments") ? map.get("arguments") : map.get("parameters");
        if (arguments instanceof String text)
            try {
                arguments = JSON.readValue(text, Object.class);
            } catch (JacksonException e) {
                return Optional.empty();
            }
        if (!(map.get("name") instanceof String name) || name.isEmpty() || !(arguments instanceof Map<?, ?> values))
            return Optional.empty();
        Map<String, Object> byName = new LinkedHashMap<>();
        values.forEach((key, argument) -> byName.put((String) key, argument));
        return Optional.of(new ToolCall(name, byName));
    }
}
