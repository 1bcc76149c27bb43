package io.quarry.jinja;

/**
 * A piece of a template.
 *
 * @param text  the data, the name, the operator, or a string's value
 * @param value a number's value
 */
record Token(Kind kind, String text, Object value, int line) {
    enum Kind {
        DATA, PRINT_BEGIN, PRINT_END, BLOCK_BEGIN, BLOCK_END, NAME, STRING, NUMBER, OPERATOR, END
    }

    boolean is(Kind what, String which) {
        return kind == what && text.equals(which);
    }

    /** For sentences. */
    String shown() {
        return switch (kind) {
            case DATA -> "text";
            case PRINT_BEGIN -> "\"{{\"";
            case PRINT_END -> "\"}}\"";
            case BLOCK_BEGIN -> "\"{%\"";
            case BLOCK_END -> "\"%}\"";
            case NAME, OPERATOR -> "\"" + text + "\"";
            case STRING -> "a string";
            case NUMBER -> "a number";
            case END -> "the end of the template";
        };
    }
}
