package io.quarry.jinja;

/** What went wrong in a template, on its way to the place that knows the template's name. */
final class Fault extends RuntimeException {
    private static final long serialVersionUID = 1;

    private int line;

    Fault(String sentence) {
        this(sentence, 0);
    }

    Fault(String sentence, int line) {
        super(sentence, null, false, false);
        this.line = line;
    }

    /** The same fault; the innermost place that calls this says where it is. */
    Fault at(int place) {
        if (line == 0)
            line = place;
        return this;
    }

    int line() {
        return line;
    }
}
