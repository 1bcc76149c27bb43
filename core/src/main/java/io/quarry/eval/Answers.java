package io.quarry.eval;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/** The ways in which an answer is compared with the truth; shared by the tasks. */
final class Answers {
    /** What stands before the final answer of a worked solution. */
    static final String MARK = "Answer:";

    private Answers() {}

    /** Truth with one entry, {@code answer}. */
    static Map<String, Object> truth(Object answer) {
        return fields("answer", answer);
    }

    /** A JSON object with its order kept: names and values in turn. */
    static Map<String, Object> fields(Object... namesAndValues) {
        Map<String, Object> out = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2)
            out.put((String) namesAndValues[i], namesAndValues[i + 1]);
        return out;
    }

    /** What stands behind the last {@code Answer:} must be the truth, written the same way; a final period is allowed. */
    static Grade marked(Sample sample, String answer) {
        int at = answer.lastIndexOf(MARK);
        if (at < 0)
            return Grade.wrong("no \"" + MARK + "\"");
        return same(String.valueOf(sample.truth().get("answer")), answer.substring(at + MARK.length()));
    }

    /** The whole answer must be the truth; space around it and a final period are allowed. */
    static Grade whole(Sample sample, String answer) {
        return same(String.valueOf(sample.truth().get("answer")), answer);
    }

    /**
     * The answer must name the truth ({@code answer}) as a word of its own and none of the other candidates
     * ({@code others}), so naming everything does not pay. Case does not count.
     */
    static Grade named(Sample sample, String answer) {
        String truth = String.valueOf(sample.truth().get("answer"));
        if (!names(answer, truth))
            return Grade.wrong("does not say " + truth);
        if (sample.truth().get("others") instanceof List<?> others)
            for (Object other : others)
                if (names(answer, String.valueOf(other)))
                    return Grade.wrong("also says " + other);
        return Grade.RIGHT;
    }

    private static boolean names(String answer, String value) {
        String word = "(?<![\\p{L}\\p{N}])" + Pattern.quote(value.toLowerCase(Locale.ROOT)) + "(?![\\p{L}\\p{N}])";
        return Pattern.compile(word).matcher(answer.toLowerCase(Locale.ROOT)).find();
    }

    private static Grade same(String truth, String given) {
        String text = given.strip();
        if (text.endsWith(".") && !truth.endsWith("."))
            text = text.substring(0, text.length() - 1);
        return text.equals(truth) ? Grade.RIGHT : Grade.wrong("expected " + truth + ", found " + shortened(text));
    }

    static String shortened(String text) {
        return text.length() <= 60 ? text : text.substring(0, 60) + "...";
    }
}
