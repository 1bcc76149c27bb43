package io.quarry.serve;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerResponse;
import io.quarry.chat.ToolCall;
import java.util.List;

/**
 * An answer as one JSON object. While a long one is made, spaces are sent before the object, which JSON allows: they
 * keep the connection from being taken for dead, and tell when the client is.
 */
final class WholeReply implements Reply {
    private static final String SIGN_OF_LIFE = " ";

    private final ServerResponse response;
    private final ChatChunks chunks;
    private final Settings settings;
    private final StringBuilder text = new StringBuilder();
    private final long begun = System.nanoTime();
    private List<ToolCall> calls = List.of();
    private Wire wire;

    WholeReply(ServerResponse response, ChatChunks chunks, Settings settings) {
        this.response = response;
        this.chunks = chunks;
        this.settings = settings;
    }

    @Override
    public void begin() {
        response.header(HeaderNames.CONTENT_TYPE, "application/json");
    }

    @Override
    public void text(String more) {
        text.append(more);
        if (wire == null && System.nanoTime() - begun >= settings.beat().toNanos()) {
            wire = new Wire(response.outputStream());
            wire.send(SIGN_OF_LIFE);
        } else if (wire != null)
            wire.beat(SIGN_OF_LIFE, settings.beat());
    }

    @Override
    public void calls(List<ToolCall> all) {
        calls = all;
    }

    @Override
    public void end(String finish, Usage usage) {
        byte[] body = Json.MAPPER.writeValueAsBytes(chunks.whole(text.toString(), calls, finish, usage));
        if (wire == null)
            response.send(body);
        else {
            wire.send(body);
            wire.close();
        }
    }

    /** With spaces sent, the status has been 200 already: the connection is cut, so that nobody takes it for whole. */
    @Override
    public void fail(ApiError error) {
        if (wire == null)
            throw error;
        throw new ClientGone(error).close();
    }
}
