package io.quarry.jinja;

/** A template cannot be read or rendered; the message names it, the line, and what is wrong. */
public final class TemplateException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String sentence;

    TemplateException(String template, Fault fault) {
        super(template + (fault.line() > 0 ? ", line " + fault.line() : "") + ": " + fault.getMessage(), fault);
        sentence = fault.getMessage();
    }

    /** The message without the template's name and the line. */
    public String sentence() {
        return sentence;
    }
}
