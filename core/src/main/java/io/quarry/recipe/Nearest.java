package io.quarry.recipe;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Finds the key that was probably meant. */
final class Nearest {
    private Nearest() {}

    /** {@code did you mean x?}, or all keys there are if none is near. */
    static String advice(String wrong, List<String> keys) {
        String near = keys.stream().min(Comparator.comparingInt(key -> distance(wrong, key))).orElse("");
        boolean meant = distance(wrong, near) <= Math.max(2, Math.min(wrong.length(), near.length()) / 3)
                || keys.stream().anyMatch(key -> begins(key, wrong));
        if (!meant)
            return "its keys are " + String.join(", ", keys);
        String start = keys.stream().filter(key -> begins(key, wrong)).findFirst().orElse(near);
        return "did you mean " + start + "?";
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
