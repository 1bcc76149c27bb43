package io.quarry.data;

import io.quarry.recipe.Recipe;
import java.io.Serializable;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Rules that keep text out which teaches nothing, each with a name that stands in the report. They follow Gopher
 * (arXiv:2112.11446, table A1), FineWeb (arXiv:2406.17557) and, for code, StarCoder (arXiv:2305.06161).
 */
record Filters(int minCharacters, double maxSymbolRatio, double maxDuplicateLineRatio) implements Serializable {

    /** Whether a text breaks a rule. */
    @FunctionalInterface
    private interface Rule {
        boolean broken(Filters plan, String text, boolean code);
    }

    private static final Map<String, Rule> RULES = new LinkedHashMap<>();

    static {
        RULES.put("too-short", (plan, text, code) -> weight(text) < plan.minCharacters);
        RULES.put("broken-characters", (plan, text, code) -> share(text, c -> c == 0xFFFD) > 0.001);
        RULES.put("symbols", (plan, text, code) -> !code && share(text, Filters::symbol) > plan.maxSymbolRatio);
        RULES.put("duplicate-lines", (plan, text, code) -> duplicateLines(text, code) > plan.maxDuplicateLineRatio);
        RULES.put("word-length", (plan, text, code) -> !code && oddWords(text));
        RULES.put("repeated-words", (plan, text, code) -> !code && commonestPair(text) > 0.2);
        RULES.put("long-lines", (plan, text, code) -> code && text.lines().anyMatch(line -> line.length() > 1000));
        RULES.put("encoded-data", (plan, text, code) -> code && share(text, Character::isLetterOrDigit) < 0.25);
    }

    static Filters of(Recipe.Curation plan) {
        return new Filters(plan.minCharacters(), plan.maxSymbolRatio(), plan.maxDuplicateLineRatio());
    }

    /** The name of the first rule that a text breaks, null if it breaks none. */
    String reason(String text, boolean code) {
        for (Map.Entry<String, Rule> rule : RULES.entrySet())
            if (rule.getValue().broken(this, text, code))
                return rule.getKey();
        return null;
    }

    /** Characters; one that stands for a syllable or a word counts as three letters. */
    private static long weight(String text) {
        return text.codePoints().mapToLong(c -> Character.isIdeographic(c) || kana(c) ? 3 : 1).sum();
    }

    private static boolean kana(int c) {
        return c >= 0x3040 && c < 0x3100;
    }

    private static double share(String text, java.util.function.IntPredicate what) {
        return text.isEmpty()
                ? 0
                : (double) text.codePoints().filter(what).count() / text.codePointCount(0, text.length());
    }

    /** Marks of scripts that write vowels above and below letters are part of the letter. */
    private static boolean symbol(int c) {
        int type = Character.getType(c);
        return !Character.isLetterOrDigit(c) && !Character.isWhitespace(c) && type != Character.NON_SPACING_MARK
                && type != Character.COMBINING_SPACING_MARK;
    }

    /** Share of lines that stood before. In code short lines, such as a brace, repeat by nature and are not counted. */
    private static double duplicateLines(String text, boolean code) {
        List<String> lines = text.lines().map(String::strip).filter(line -> line.length() > (code ? 12 : 0)).toList();
        Set<String> different = new HashSet<>(lines);
        return lines.isEmpty() ? 0 : 1 - (double) different.size() / lines.size();
    }

    /** Words of prose have 2 to 15 letters on average; scripts without blanks between words are not judged. */
    private static boolean oddWords(String text) {
        if (share(text,
                c -> Character.isIdeographic(c) || kana(c) || c >= 0x0E00 && c < 0x0F00) > 0.2)
            return false;
        String[] words = text.strip().split("\\s+");
        double mean = (double) text.codePoints().filter(c -> !Character.isWhitespace(c)).count() / words.length;
        return mean < 2 || mean > 15;
    }

    /** Share of the words that the commonest pair of words makes up; short texts are not judged. */
    private static double commonestPair(String text) {
        long[] words = Words.of(text);
        if (words.length < 50)
            return 0;
        Map<Long, Integer> counts = new HashMap<>();
        int most = 0;
        for (long pair : Words.runs(words, 2))
            most = Math.max(most, counts.merge(pair, 1, Integer::sum));
        return 2.0 * most / words.length;
    }
}
