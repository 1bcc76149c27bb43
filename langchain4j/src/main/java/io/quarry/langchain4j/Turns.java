package io.quarry.langchain4j;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.Content;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.internal.JsonSchemaElementUtils;
import io.quarry.chat.Message;
import io.quarry.chat.Tool;
import io.quarry.chat.ToolCall;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Messages and tools of LangChain4j in the words of {@code io.quarry.chat}. Thoughts of earlier
 * answers and the names of users are left out: templates do not show them.
 */
final class Turns {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private Turns() {}

    /** Turns in order; results of tools come to stand in the order of their calls, which templates rely on. */
    static List<Message> of(List<ChatMessage> messages) {
        List<Message> turns = new ArrayList<>();
        List<String> calls = List.of(); // ids of the last ones
        List<Integer> results = new ArrayList<>(); // which of them were answered since
        for (ChatMessage message : messages) {
            if (message instanceof ToolExecutionResultMessage result) {
                int call = calls.indexOf(result.id());
                long later = results.stream().filter(other -> other > call).count();
                turns.add(turns.size() - (call < 0 ? 0 : (int) later), Message.tool(text(result)));
                results.add(call);
                continue;
            }
            turns.add(turn(message));
            calls = message instanceof AiMessage said
                    ? said.toolExecutionRequests().stream().map(ToolExecutionRequest::id).toList()
                    : List.of();
            results.clear();
        }
        return turns;
    }

    private static Message turn(ChatMessage message) {
        return switch (message) {
            case SystemMessage system -> Message.system(system.text());
            case UserMessage user -> Message.user(text(user.contents()));
            case AiMessage said -> assistant(said);
            default -> throw new UnsupportedFeatureException("messages of type " + message.type()
                    + " are not supported: chat templates know system, user, assistant and tool");
        };
    }

    private static Message assistant(AiMessage said) {
        if (!said.images().isEmpty())
            throw new UnsupportedFeatureException("image content is not supported: this model reads text alone");
        return Message.assistant(said.text() == null ? "" : said.text(),
                said.toolExecutionRequests().stream().map(Turns::call).toArray(ToolCall[]::new));
    }

    private static String text(ToolExecutionResultMessage result) {
        return text(result.contents());
    }

    private static String text(List<Content> contents) {
        for (Content content : contents)
            if (!(content instanceof TextContent))
                throw new UnsupportedFeatureException(content.type().toString().toLowerCase(Locale.ROOT)
                        + " content is not supported: this model reads text alone");
        return contents.stream().map(content -> ((TextContent) content).text()).collect(Collectors.joining("\n"));
    }

    private static ToolCall call(ToolExecutionRequest request) {
        String arguments = request.arguments() == null || request.arguments().isBlank() ? "{}" : request.arguments();
        try {
            if (JSON.readValue(arguments, Object.class) instanceof Map<?, ?> values)
                return new ToolCall(request.name(), named(values));
        } catch (JacksonException e) {
            throw new InvalidRequestException(
                    "the arguments of a call of " + request.name() + " are no JSON: " + e.getOriginalMessage(), e);
        }
        throw new InvalidRequestException(
                "the arguments of a call of " + request.name() + " must be a JSON object, were " + arguments);
    }

    /** Tools as templates show them. */
    static List<Tool> tools(List<ToolSpecification> specifications) {
        return specifications.stream().map(each -> new Tool(each.name(),
                each.description() == null ? "" : each.description(),
                each.parameters() == null
                        ? Map.of("type", "object", "properties", Map.of())
                        : named(JsonSchemaElementUtils.toMap(each.parameters()))))
                .toList();
    }

    private static Map<String, Object> named(Map<?, ?> values) {
        Map<String, Object> named = new LinkedHashMap<>();
        values.forEach((key, value) -> named.put((String) key, plain(value)));
        return named;
    }

    /** Maps and lists alone, whatever kind of collection LangChain4j has made. */
    private static Object plain(Object value) {
        return switch (value) {
            case Map<?, ?> map -> named(map);
            case Collection<?> list -> list.stream().map(Turns::plain).toList();
            case Object[] list -> Arrays.stream(list).map(Turns::plain).toList();
            case null, default -> value;
        };
    }
}
