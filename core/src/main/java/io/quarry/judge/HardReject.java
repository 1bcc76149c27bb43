package io.quarry.judge;

import java.util.Locale;

/** Faults that reject a sample whatever its scores; the three that IBM published. */
public enum HardReject {
    HALLUCINATION("a statement that the documents, tool results or earlier turns do not support"), FALSE_PREMISE(
            "goes along with a question that presupposes something untrue or unknown, instead of saying so"), INCORRECT_COMPUTATION(
                    "a calculation whose result is wrong");

    private final String meaning;

    HardReject(String meaning) {
        this.meaning = meaning;
    }

    /** The name in reports and in the judge's JSON, for instance {@code false-premise}. */
    public String key() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    public String meaning() {
        return meaning;
    }
}
