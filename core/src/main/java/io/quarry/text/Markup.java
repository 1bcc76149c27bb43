package io.quarry.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * A text of trusted and untrusted parts. Added tokens are recognised only where the part they stand in allows them, so
 * that a user's text cannot forge a role; all other text is encoded as if it were one piece.
 */
public final class Markup {
    /** A stretch of the text up to {@code end} (UTF-16 index). */
    record Part(int start, int end, Predicate<String> live, boolean learned) {}

    private final StringBuilder text = new StringBuilder();
    private final List<Part> parts = new ArrayList<>();

    /** Our own markup: every added token in it is one. */
    public Markup markup(String own) {
        return add(own, token -> true, false);
    }

    /** Text of others: an added token in it is plain text. */
    public Markup text(String foreign) {
        return add(foreign, token -> false, false);
    }

    /** Text in which just these added tokens are recognised. */
    public Markup text(String foreign, Set<String> live) {
        return add(foreign, live::contains, false);
    }

    /** From here on {@code next} is written by the model: its tokens count in the loss. */
    Markup add(String next, Predicate<String> live, boolean learned) {
        if (!next.isEmpty())
            parts.add(new Part(text.length(), text.length() + next.length(), live, learned));
        text.append(next);
        return this;
    }

    /** Appends another markup, all of it learned. */
    public Markup learned(Markup said) {
        String whole = said.toString();
        for (Part part : said.parts)
            add(whole.substring(part.start(), part.end()), part.live(), true);
        return this;
    }

    List<Part> parts() {
        return parts;
    }

    /** The text without the marks of trust. */
    @Override
    public String toString() {
        return text.toString();
    }
}
