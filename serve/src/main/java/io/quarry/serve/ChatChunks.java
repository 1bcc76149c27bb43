package io.quarry.serve;

import io.quarry.chat.ToolCall;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The JSON of one answer, whole or in chunks.
 *
 * @param id        name of the answer, the same in all its chunks
 * @param created   seconds since 1970
 * @param model     name of the model
 * @param withUsage whether the stream ends with a chunk of counts; the others then say that they have none
 */
record ChatChunks(String id, long created, String model, boolean withUsage) {
    /** The whole answer. */
    ObjectNode whole(String text, List<ToolCall> calls, String finish, Usage usage) {
        ObjectNode json = head("chat.completion");
        ObjectNode choice = json.putArray("choices").addObject().put("index", 0);
        ObjectNode message = choice.putObject("message").put("role", "assistant").put("content", text)
                .putNull("refusal");
        if (!calls.isEmpty()) {
            if (text.isEmpty())
                message.putNull("content");
            add(calls, message.putArray("tool_calls"), false);
        }
        choice.putNull("logprobs").put("finish_reason", finish);
        count(json, usage);
        return json;
    }

    /** The first chunk, which says who speaks. */
    ObjectNode first() {
        ObjectNode json = chunk(null);
        delta(json).put("role", "assistant").put("content", "");
        return json;
    }

    /** A chunk with more text. */
    ObjectNode more(String text) {
        ObjectNode json = chunk(null);
        delta(json).put("content", text);
        return json;
    }

    /** A chunk with calls of tools. */
    ObjectNode calls(List<ToolCall> calls) {
        ObjectNode json = chunk(null);
        add(calls, delta(json).putArray("tool_calls"), true);
        return json;
    }

    /** Calls have ids made of the answer's, so that a client can send results for them. */
    private void add(List<ToolCall> calls, ArrayNode to, boolean numbered) {
        for (ToolCall call : calls) {
            ObjectNode json = to.addObject();
            if (numbered)
                json.put("index", to.size() - 1);
            json.put("id", "call_" + id.replaceFirst("^chatcmpl-", "") + "_" + (to.size() - 1)).put("type", "function")
                    .putObject("function").put("name", call.name())
                    .put("arguments", Json.MAPPER.writeValueAsString(call.arguments()));
        }
    }

    /** The chunk that says why the text ended. */
    ObjectNode last(String finish) {
        return chunk(finish);
    }

    /** The chunk behind the last that has no text, only counts. */
    ObjectNode counts(Usage usage) {
        ObjectNode json = head("chat.completion.chunk");
        json.putArray("choices");
        count(json, usage);
        return json;
    }

    private ObjectNode chunk(String finish) {
        ObjectNode json = head("chat.completion.chunk");
        ObjectNode choice = json.putArray("choices").addObject().put("index", 0);
        choice.putObject("delta");
        choice.putNull("logprobs").put("finish_reason", finish);
        if (withUsage)
            json.putNull("usage");
        return json;
    }

    private static ObjectNode delta(ObjectNode chunk) {
        return (ObjectNode) chunk.path("choices").path(0).path("delta");
    }

    private ObjectNode head(String object) {
        return JsonNodeFactory.instance.objectNode().put("id", id).put("object", object).put("created", created)
                .put("model", model);
    }

    private static void count(ObjectNode json, Usage usage) {
        json.putObject("usage").put("prompt_tokens", usage.prompt()).put("completion_tokens", usage.completion())
                .put("total_tokens", (long) usage.prompt() + usage.completion());
    }
}
