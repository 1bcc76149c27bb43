package io.quarry.langchain4j;

import io.quarry.chat.CallMarks;
import io.quarry.chat.HeldCalls;
import io.quarry.chat.Message;
import io.quarry.text.StopStrings;
import java.util.List;

/** Takes an answer apart while it is said: text passes as soon as it is certain, calls of tools are kept to the end. */
final class Hearing {
    private final StopStrings stops;
    private final HeldCalls calls;
    private final Ear ear;
    private final StringBuilder passed = new StringBuilder();
    private boolean refused;

    /** @param marks of calls; null if there are no tools, and all is text */
    Hearing(List<String> stops, CallMarks marks, Ear ear) {
        this.stops = new StopStrings(stops);
        this.calls = new HeldCalls(marks);
        this.ear = ear;
    }

    /** Takes the next piece; whether to go on. */
    boolean next(String piece) {
        pass(calls.next(stops.next(piece)));
        return !stops.met() && !refused;
    }

    /** Takes the last piece and gives the whole: text that has passed, and calls. */
    Message end(String piece) {
        pass(calls.next(stops.next(piece) + stops.end()));
        Message rest = calls.end();
        pass(rest.content());
        return new Message(Message.Role.ASSISTANT, passed.toString(), rest.toolCalls());
    }

    /** Whether the ear wanted to hear no more. */
    boolean refused() {
        return refused;
    }

    private void pass(String text) {
        if (text.isEmpty() || refused)
            return;
        passed.append(text);
        refused = !ear.heard(text);
    }
}
