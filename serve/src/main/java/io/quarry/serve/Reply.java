package io.quarry.serve;

import io.quarry.chat.ToolCall;
import java.util.List;

/** One answer on its way to a client; a client that is gone is a {@link ClientGone}. */
sealed interface Reply permits WholeReply, StreamedReply {
    /** Says that an answer comes. */
    void begin();

    /** Takes text that is certain; called for every token, also with none, so that silence can be broken. */
    void text(String text);

    /** Takes the calls of tools, all of them; mostly none. */
    void calls(List<ToolCall> calls);

    /** Ends the answer. */
    void end(String finish, Usage usage);

    /** Ends the answer with an error, in whatever form the client can still read. */
    void fail(ApiError error);
}
