package io.quarry.serve;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerResponse;
import io.quarry.chat.ToolCall;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** An answer as server-sent events: chunks as the text comes, {@code [DONE]} at the end. */
final class StreamedReply implements Reply {
    /** A comment of the event format, which clients skip. */
    private static final String SIGN_OF_LIFE = ":\n\n";

    private final ServerResponse response;
    private final ChatChunks chunks;
    private final Settings settings;
    private Wire wire;

    StreamedReply(ServerResponse response, ChatChunks chunks, Settings settings) {
        this.response = response;
        this.chunks = chunks;
        this.settings = settings;
    }

    @Override
    public void begin() {
        response.header(HeaderNames.CONTENT_TYPE, "text/event-stream; charset=utf-8");
        response.header(HeaderNames.CACHE_CONTROL, "no-cache");
        wire = new Wire(response.outputStream());
        event(chunks.first());
    }

    @Override
    public void text(String text) {
        if (text.isEmpty())
            wire.beat(SIGN_OF_LIFE, settings.beat());
        else
            event(chunks.more(text));
    }

    @Override
    public void calls(List<ToolCall> calls) {
        if (!calls.isEmpty())
            event(chunks.calls(calls));
    }

    @Override
    public void end(String finish, Usage usage) {
        event(chunks.last(finish));
        if (chunks.withUsage())
            event(chunks.counts(usage));
        wire.send("data: [DONE]\n\n");
        wire.close();
    }

    /** An event with the error; no {@code [DONE]}, for the answer is not whole. */
    @Override
    public void fail(ApiError error) {
        if (wire == null)
            throw error;
        event(error.json());
        wire.close();
    }

    private void event(JsonNode json) {
        wire.send("data: " + Json.MAPPER.writeValueAsString(json) + "\n\n");
    }
}
