package io.quarry.chat;

import io.quarry.jinja.Jinja;
import io.quarry.jinja.Origin;
import io.quarry.jinja.Text;
import io.quarry.jinja.Variables;
import io.quarry.model.TemplateSources;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The chat template that comes with a model: a conversation as that model reads it, to the letter what
 * {@code apply_chat_template} of Hugging Face transformers renders. What messages, tools and documents say is kept
 * apart from what the template says, so that their text stays plain text when it becomes tokens; see {@link Rendered}.
 * Safe for many threads.
 */
public final class ChatTemplate {
    /** Names of roles, which may stand within a mark such as {@code <|user|>}; any other is somebody's text. */
    private static final Set<String> ROLES = Set.of("system", "developer", "user", "assistant", "model", "tool",
            "function", "ipython", "environment", "available_tools", "tool_call", "tool_response", "observation");
    /** Names under which a message may carry its thoughts, the usual one first. */
    private static final List<String> THOUGHTS = List.of("reasoning_content", "thinking", "reasoning");
    /** What a speaker says in the own name; all else of a message, such as the arguments of calls, is anybody's. */
    private static final Set<String> SPOKEN = Set.of("content", "reasoning_content", "thinking", "reasoning");
    /** Where a message that goes on is cut, as in transformers. */
    private static final String CUT = "CONTINUE_FINAL_MESSAGE_TAG";

    private final String name;
    private final Map<String, Jinja> templates = new TreeMap<>();
    private final Map<String, String> tokens;

    private ChatTemplate(String name, Map<String, String> tokens) {
        this.name = name;
        this.tokens = Map.copyOf(tokens);
    }

    /**
     * A model's only template.
     *
     * @param name   for messages, for instance the file it comes from
     * @param tokens special tokens by name, such as {@code bos_token} and {@code eos_token}
     * @throws io.quarry.jinja.TemplateException if it cannot be read
     */
    public static ChatTemplate of(String name, String source, Map<String, String> tokens) {
        ChatTemplate template = new ChatTemplate(name, tokens);
        template.templates.put(TemplateSources.DEFAULT, Jinja.of(name, source));
        return template;
    }

    /** A model's templates by name: {@code tool_use} is for conversations with tools, {@code default} for others. */
    public static ChatTemplate of(String name, Map<String, String> sources, Map<String, String> tokens) {
        ChatTemplate template = new ChatTemplate(name, tokens);
        sources.forEach((key, source) -> template.templates.put(key, Jinja.of(name + ", " + key, source)));
        return template;
    }

    /** Whether a template writes this token itself, so that nobody else may. */
    public boolean writes(String token) {
        return tokens.containsValue(token) || templates.values().stream().anyMatch(each -> each.writes(token));
    }

    /** The text of a special token by its name, such as {@code eos_token}. */
    public Optional<String> token(String named) {
        return Optional.ofNullable(tokens.get(named));
    }

    /**
     * What is rendered, in the form that Hugging Face and OpenAI share.
     *
     * @param messages  each with role and content, and what else the template knows: tool_calls, reasoning_content
     * @param tools     functions with name, description and JSON Schema; null if there are none
     * @param documents null if there are none
     * @param end       how the last turn is left
     * @param variables of this template alone, such as enable_thinking
     * @param now       what the template may tell as today's date
     */
    public record Context(List<Map<String, Object>> messages, List<Map<String, Object>> tools,
            List<Map<String, Object>> documents, End end, Map<String, Object> variables, LocalDateTime now) {

        /** A conversation of messages alone. */
        public static Context of(List<Map<String, Object>> messages, End end, LocalDateTime now) {
            return new Context(messages, null, null, end, Map.of(), now);
        }

        /** A conversation; its calls and their results get numbers, which some templates ask for. */
        public static Context of(Conversation conversation, End end, LocalDateTime now) {
            return new Context(Messages.maps(conversation.messages()),
                    conversation.tools().isEmpty() ? null : conversation.tools().stream().map(Tools::map).toList(),
                    conversation.documents().isEmpty() ? null : conversation.documents(), end, Map.of(), now);
        }

        public Context withTools(List<Map<String, Object>> those) {
            return new Context(messages, those, documents, end, variables, now);
        }

        public Context withDocuments(List<Map<String, Object>> those) {
            return new Context(messages, tools, those, end, variables, now);
        }

        public Context withVariables(Map<String, Object> those) {
            return new Context(messages, tools, documents, end, those, now);
        }
    }

    /** How the last turn is left. */
    public enum End {
        /** All turns are over. */
        CLOSED,
        /** The assistant's next turn is opened ({@code add_generation_prompt}). */
        PROMPT,
        /** The last message is not over: its turn stays open ({@code continue_final_message}). */
        CONTINUE
    }

    /**
     * Renders a conversation.
     *
     * @throws io.quarry.jinja.TemplateException if the template fails, spends too much or refuses the conversation
     * @throws IllegalArgumentException          if there is no message, or no template for the conversation
     */
    public Rendered render(Context context) {
        if (context.messages().isEmpty())
            throw new IllegalArgumentException(name + ": a conversation needs at least one message, found none");
        Variables variables = new Variables();
        tokens.forEach((key, token) -> variables.put(key, token, Origin.TEMPLATE));
        context.variables().forEach((key, value) -> variables.put(key, value, Origin.OTHER));
        List<Object> messages = new ArrayList<>();
        for (Map<String, Object> message : context.messages())
            messages.add(message(message,
                    context.end() == End.CONTINUE && messages.size() + 1 == context.messages().size()));
        variables.put("messages", messages, Origin.OTHER).put("tools", context.tools(), Origin.OTHER)
                .put("documents", context.documents(), Origin.OTHER)
                .put("add_generation_prompt", context.end() == End.PROMPT, Origin.OTHER);
        Text text = choose(context.tools() != null).render(variables, context.now());
        return new Rendered(context.end() == End.CONTINUE ? cut(text, context.messages().getLast()) : text);
    }

    private Jinja choose(boolean tools) {
        Jinja chosen = templates.get(tools && templates.containsKey("tool_use") ? "tool_use" : TemplateSources.DEFAULT);
        if (chosen == null)
            throw new IllegalArgumentException(
                    name + " has no template \"default\"; it has " + templates.keySet());
        return chosen;
    }

    /** A message as transformers prepares it: nothing that is null, its thoughts under the names that templates read. */
    private Map<String, Object> message(Map<String, Object> given, boolean open) {
        Map<String, Object> message = new LinkedHashMap<>();
        Object thoughts = THOUGHTS.stream().map(given::get).filter(each -> each != null).findFirst().orElse(null);
        if (thoughts != null)
            message.put("thinking", thoughts);
        given.forEach((key, value) -> {
            if (value != null)
                message.put(key, value);
        });
        if (thoughts != null)
            message.put("reasoning_content", thoughts);
        if (open)
            message.put("content", open(message.get("content")));
        Object role = message.get("role");
        Origin speaker = "system".equals(role) || "developer".equals(role)
                ? Origin.SYSTEM
                : "assistant".equals(role) || "model".equals(role) ? Origin.ASSISTANT : Origin.OTHER;
        message.replaceAll((key, value) -> key.equals("role") && value instanceof String known && ROLES.contains(known)
                ? Variables.text(known, Origin.TEMPLATE)
                : Variables.marked(value, SPOKEN.contains(key) ? speaker : Origin.OTHER));
        return message;
    }

    /** The last text of a content, which is what goes on. */
    private String lastText(Object content) {
        if (content instanceof String text)
            return text;
        if (content instanceof List<?> parts)
            for (Object part : parts.reversed())
                if (part instanceof Map<?, ?> map && map.get("text") instanceof String text)
                    return text;
        throw new IllegalArgumentException(name + ": the last message has no text that could go on");
    }

    /** A content, with the mark behind its last text at which the rendering is cut. */
    private Object open(Object content) {
        String longer = lastText(content) + CUT + " ";
        if (!(content instanceof List<?> parts))
            return longer;
        List<Object> all = new ArrayList<>(parts);
        for (int i = all.size() - 1; i >= 0; i--)
            if (all.get(i) instanceof Map<?, ?> part && part.get("text") instanceof String) {
                Map<Object, Object> last = new LinkedHashMap<>(part);
                last.put("text", longer);
                all.set(i, last);
                return all;
            }
        return all;
    }

    private Text cut(Text text, Map<String, Object> last) {
        String all = text.toString();
        int at = all.lastIndexOf(CUT);
        if (at < 0 || !all.contains(lastText(last.get("content")).strip()))
            throw new IllegalArgumentException(
                    name + ": the template does not show the last message as it is, so it cannot go on");
        if (all.startsWith(CUT + " ", at))
            return text.sub(0, at);
        // the template trimmed the message, so what the message ends with goes as well
        return text.sub(0, all.substring(0, at).stripTrailing().length());
    }
}
