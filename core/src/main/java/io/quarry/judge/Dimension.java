package io.quarry.judge;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The six sides of an answer that Granite 4.1's judge scores, each from 1 to 5. */
public enum Dimension {
    INSTRUCTION_FOLLOWING("does what was asked, in the form that was asked"), CORRECTNESS(
            "says nothing wrong"), COMPLETENESS("leaves nothing out that was asked"), CONCISENESS(
                    "says no more than needed"), NATURALNESS("reads well"), CALIBRATION(
                            "is as sure as it can be: says so when it cannot know, and does not hesitate when it can");

    public static final int LOWEST = 1;
    public static final int HIGHEST = 5;

    private final String meaning;

    Dimension(String meaning) {
        this.meaning = meaning;
    }

    /** The name in recipes and in the judge's JSON, for instance {@code instruction-following}. */
    public String key() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** What an answer of the highest score does. */
    public String meaning() {
        return meaning;
    }

    /** The dimension of a key; an {@link IllegalArgumentException} names those there are. */
    public static Dimension of(String key) {
        for (Dimension dimension : values())
            if (dimension.key().equals(key))
                return dimension;
        throw new IllegalArgumentException("there is no dimension " + key + "; there are " + keys());
    }

    static List<String> keys() {
        return Arrays.stream(values()).map(Dimension::key).toList();
    }
}
