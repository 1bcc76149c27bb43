package io.quarry.langchain4j;

/** Hears the text of an answer piece by piece. */
@FunctionalInterface
interface Ear {
    Ear NONE = text -> true;

    /**
     * Hears text that is certain, never empty.
     *
     * @return whether to go on
     */
    boolean heard(String text);
}
