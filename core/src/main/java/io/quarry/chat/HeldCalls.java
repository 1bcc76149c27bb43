package io.quarry.chat;

import java.util.Optional;

/** Lets the text of an answer pass as it comes and holds back its calls of tools, which are given whole at the end. */
public final class HeldCalls {
    private final CallMarks marks;
    private final StringBuilder held = new StringBuilder();
    private boolean passed;
    private boolean calling;

    /** @param marks of the model; null where no tools were given, and all is text */
    public HeldCalls(CallMarks marks) {
        this.marks = marks;
    }

    /** Takes a piece and gives the text that is certain now. */
    public String next(String piece) {
        if (marks == null)
            return piece;
        held.append(piece);
        if (calling)
            return "";
        String all = held.toString();
        boolean over = passed && marks.open().isEmpty(); // calls that are bare JSON are the whole answer, or none
        Optional<Integer> begin = over ? Optional.empty() : marks.begin(all);
        calling = begin.isPresent();
        int certain = over ? all.length() : begin.orElseGet(() -> all.length() - marks.held(all));
        held.delete(0, certain);
        passed |= certain > 0;
        return all.substring(0, certain);
    }

    /** What was held back: calls, and text where there is some that is none. */
    public Message end() {
        return marks == null || !calling ? Message.assistant(held.toString()) : marks.read(held.toString());
    }
}
