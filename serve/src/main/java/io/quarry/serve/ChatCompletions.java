package io.quarry.serve;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.quarry.chat.HeldCalls;
import io.quarry.chat.Message;
import io.quarry.infer.Completion;
import io.quarry.jinja.TemplateException;
import io.quarry.text.StopStrings;
import java.io.IOException;
import java.util.HexFormat;

/**
 * OpenAI's chat completions: {@code POST /v1/chat/completions}, whole or as a stream of events.
 *
 * <pre>
 * curl localhost:8080/v1/chat/completions -H 'Content-Type: application/json' \
 *   -d '{"model": "nano", "messages": [{"role": "user", "content": "Hello"}]}'
 * </pre>
 */
final class ChatCompletions implements HttpService {
    private final Assistant assistant;
    private final String modelName;
    private final Settings settings;
    private final Gate gate;

    ChatCompletions(Assistant assistant, String modelName, Settings settings, Gate gate) {
        this.assistant = assistant;
        this.modelName = modelName;
        this.settings = settings;
        this.gate = gate;
    }

    @Override
    public void routing(HttpRules rules) {
        rules.post("/", this::complete);
    }

    private void complete(ServerRequest request, ServerResponse response) throws IOException {
        ChatRequest asked = ChatRequest.read(Json.body(request, settings.bodyBytes()), settings.messages(),
                settings.random()::nextLong);
        if (!asked.model().equals(modelName))
            throw Models.unknown(asked.model(), modelName);
        int[] prompt = prompt(asked);
        int context = assistant.contextLength();
        if (prompt.length >= context)
            throw new ApiError(400, "messages", "context_length_exceeded", "the messages have " + prompt.length
                    + " tokens; this model's context of " + context + " tokens must hold them and an answer");
        try (Gate.Place _ = gate.enter()) {
            ChatChunks chunks = new ChatChunks(id(), settings.clock().instant().getEpochSecond(), modelName,
                    asked.usage());
            Reply reply = asked.stream()
                    ? new StreamedReply(response, chunks, settings)
                    : new WholeReply(response, chunks, settings);
            answer(asked, prompt, reply);
        }
    }

    private int[] prompt(ChatRequest asked) {
        try {
            return assistant.prompt(asked.chat());
        } catch (TemplateException e) {
            throw ApiError.invalid("messages", e.sentence());
        }
    }

    private void answer(ChatRequest asked, int[] prompt, Reply reply) throws IOException {
        StopStrings stops = new StopStrings(asked.stops());
        HeldCalls calls = new HeldCalls(asked.chat().tools().isEmpty() ? null : assistant.calls());
        int most = Math.min(asked.maxTokens().orElse(Integer.MAX_VALUE), assistant.contextLength() - prompt.length);
        try {
            reply.begin();
            Completion said = assistant.answer(prompt, most, asked.sampling(), text -> {
                reply.text(calls.next(stops.next(text)));
                return !stops.met() && !gate.cutting();
            });
            if (!stops.met() && said.finish() == Completion.Finish.CANCELLED)
                throw Gate.stopping();
            reply.text(calls.next(stops.end()));
            Message rest = calls.end();
            reply.text(rest.content());
            reply.calls(rest.toolCalls());
            boolean full = said.finish() == Completion.Finish.LENGTH && !stops.met();
            reply.end(!rest.toolCalls().isEmpty() ? "tool_calls" : full ? "length" : "stop",
                    new Usage(prompt.length, said.tokens().length));
        } catch (ClientGone e) {
            throw e.close();
        } catch (ApiError e) {
            reply.fail(e);
        } catch (RuntimeException e) {
            reply.fail(Failures.unexpected(e));
        }
    }

    private String id() {
        byte[] id = new byte[12];
        settings.random().nextBytes(id);
        return "chatcmpl-" + HexFormat.of().formatHex(id);
    }

    /** Refuses other methods, in the form that clients of the API read. */
    static void postOnly(ServerRequest request, ServerResponse response) {
        response.header(HeaderNames.ALLOW, "POST");
        throw new ApiError(405, null, "method_not_allowed",
                request.path().path() + " takes POST, not " + request.prologue().method());
    }
}
