package io.quarry.data;

import java.util.Arrays;

/**
 * The words of a text as hashes, and runs of them: what duplicates and contamination are found by. Case and punctuation
 * do not count; where a script writes no blanks, every character is a word.
 */
final class Words {
    private Words() {}

    /** Hashes of the words, in order. */
    static long[] of(String text) {
        long[] words = new long[Math.max(8, text.length() / 5)];
        int count = 0;
        long hash = 0;
        for (int i = 0; i < text.length();) {
            int c = text.codePointAt(i);
            i += Character.charCount(c);
            boolean letter = Character.isLetterOrDigit(c) || Character.getType(c) == Character.NON_SPACING_MARK;
            boolean alone = letter && (Character.isIdeographic(c) || kana(c));
            if (hash != 0 && (!letter || alone)) {
                words = room(words, count);
                words[count++] = hash;
                hash = 0;
            }
            if (alone) {
                words = room(words, count);
                words[count++] = mix(c);
            } else if (letter)
                hash = mix(hash * 31 + Character.toLowerCase(c)) | 1;
        }
        if (hash != 0) {
            words = room(words, count);
            words[count++] = hash;
        }
        return Arrays.copyOf(words, count);
    }

    private static boolean kana(int c) {
        return c >= 0x3040 && c < 0x3100;
    }

    private static long[] room(long[] words, int count) {
        return count < words.length ? words : Arrays.copyOf(words, count * 2);
    }

    /** Hashes of all runs of {@code length} words, sorted, each once; a shorter text is one run. */
    static long[] shingles(String text, int length) {
        long[] runs = runs(of(text), length);
        Arrays.sort(runs);
        int kept = 0;
        for (int i = 0; i < runs.length; i++)
            if (i == 0 || runs[i] != runs[i - 1])
                runs[kept++] = runs[i];
        return Arrays.copyOf(runs, kept);
    }

    /** Hashes of all runs of {@code length} words, in order; a shorter text is one run, one without words none. */
    static long[] runs(long[] words, int length) {
        if (words.length == 0)
            return words;
        int n = Math.max(1, words.length - length + 1);
        long[] runs = new long[n];
        for (int i = 0; i < n; i++) {
            long hash = 0x9E3779B97F4A7C15L;
            for (int j = i; j < Math.min(i + length, words.length); j++)
                hash = mix(hash ^ words[j]) + j - i;
            runs[i] = hash;
        }
        return runs;
    }

    /** Size of what two sorted sets share over the size of what they have together. */
    static double jaccard(long[] a, long[] b) {
        int shared = 0;
        for (int i = 0, j = 0; i < a.length && j < b.length;) {
            if (a[i] == b[j])
                shared++;
            boolean first = a[i] <= b[j];
            j += a[i] >= b[j] ? 1 : 0;
            i += first ? 1 : 0;
        }
        int all = a.length + b.length - shared;
        return all == 0 ? 1 : (double) shared / all;
    }

    /** The finaliser of SplitMix64 (Steele et al. 2014): every bit of the input moves half of the output. */
    static long mix(long z) {
        z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return z ^ z >>> 31;
    }
}
