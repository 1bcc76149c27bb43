package io.quarry.langchain4j;

import io.quarry.chat.CallMarks;
import io.quarry.chat.Message;
import io.quarry.text.StopStrings;
import java.util.List;
import java.util.Optional;

/** Takes an answer apart while it is said: text passes as soon as it is certain, calls of tools are kept to the end. */
final class Hearing {
    private final StopStrings stops;
    private final CallMarks marks;
    private final Ear ear;
    private final StringBuilder passed = new StringBuilder();
    private final StringBuilder kept = new StringBuilder();
    private boolean calling;
    private boolean refused;

    /** @param marks of calls; null if there are no tools, and all is text */
    Hearing(List<String> stops, CallMarks marks, Ear ear) {
        this.stops = new StopStrings(stops);
        this.marks = marks;
        this.ear = ear;
    }

    /** Takes the next piece; whether to go on. */
    boolean next(String piece) {
        take(stops.next(piece));
        return !stops.met() && !refused;
    }

    /** Takes the last piece and gives the whole: text that has passed, and calls. */
    Message end(String piece) {
        take(stops.next(piece) + stops.end());
        Message rest = marks == null || !calling ? Message.assistant(kept.toString()) : marks.read(kept.toString());
        pass(rest.content());
        return new Message(Message.Role.ASSISTANT, passed.toString(), rest.toolCalls());
    }

    /** Whether the ear wanted to hear no more. */
    boolean refused() {
        return refused;
    }

    private void take(String text) {
        if (marks == null) {
            pass(text);
            return;
        }
        kept.append(text);
        if (calling)
            return;
        String all = kept.toString();
        boolean bare = marks.open().isEmpty();
        if (bare && !passed.isEmpty()) { // calls that are bare JSON are the whole answer, or none
            kept.setLength(0);
            pass(all);
            return;
        }
        Optional<Integer> begin = marks.begin(all);
        calling = begin.isPresent();
        int certain = begin.orElseGet(() -> all.length() - marks.held(all));
        kept.delete(0, certain);
        pass(all.substring(0, certain));
    }

    private void pass(String text) {
        if (text.isEmpty() || refused)
            return;
        passed.append(text);
        refused = !ear.heard(text);
    }
}
