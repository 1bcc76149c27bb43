package io.quarry.jinja;

/** Who wrote a stretch of text: what a template says is trusted, what comes through its variables is not. */
public enum Origin {
    /** The template itself, and values that its caller vouches for. */
    TEMPLATE,
    /** The system's turn. */
    SYSTEM,
    /** A turn of the assistant. */
    ASSISTANT,
    /** Users, tools, documents, and everybody else. */
    OTHER
}
