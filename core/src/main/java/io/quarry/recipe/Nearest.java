package io.quarry.recipe;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Finds the word that was probably meant. */
public final class Nearest {
    private Nearest() {}

    /** The one of the words that is near enough to be meant; empty if none is. */
    public static Optional<String> of(String wrong, List<String> words) {
        Optional<String> start = words.stream().filter(word -> begins(word, wrong)).findFirst();
        if (start.isPresent())
            return start;
        return words.stream().min(Comparator.comparingInt(word -> distance(wrong, word))).filter(
                near -> distance(wrong, near) <= Math.max(2, Math.min(wrong.length(), near.length()) / 3));
    }

    /** {@code did you mean x?}, or all keys there are if none is near. */
    static String advice(String wrong, List<String> keys) {
        return of(wrong, keys).map(near -> "did you mean " + near + "?")
                .orElse("its keys are " + String.join(", ", keys));
    }

    /** Same beginning, another unit or none: {@code warmup} or {@code warmupTokens} for {@code warmupSteps}. */
    private static boolean begins(String key, String wrong) {
        String word = wrong.replaceFirst("(?<=[a-z]{4})[A-Z_-].*", "");
        return word.length() >= 4 && key.toLowerCase(Locale.ROOT).startsWith(word.toLowerCase(Locale.ROOT));
    }

    /** Levenshtein's distance, letters compared without case. */
    static int distance(String left, String right) {
        String a = left.toLowerCase(Locale.ROOT);
        String b = right.toLowerCase(Locale.ROOT);
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++)
            row[j] = j;
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
