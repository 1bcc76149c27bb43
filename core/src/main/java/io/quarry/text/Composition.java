package io.quarry.text;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.text.Normalizer;
import java.text.Normalizer.Form;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A Unicode normalisation form. Most characters are calm: they stay as they are and let no character before them change,
 * so only stretches of others, each with the calm character before it, are given to {@link Normalizer}. That takes
 * quadratic time over a long run of combining marks; such a run is put in order here first.
 */
final class Composition implements Normalization {
    /** Longer runs of characters that are not calm are ordered here. */
    private static final int LONG_RUN = 64;

    /**
     * First and last of the characters that Unicode got, or gave a decomposition or combining class, after the tables of
     * Hugging Face's normalizers were made (unicode-normalization-alignments 0.1): they stay as they are.
     */
    private static final int[] NEWER = {0x7fd, 0x7fd, 0x897, 0x89f, 0x8ca, 0x8d3, 0x9fe, 0x9fe, 0xc3c, 0xc3c, 0xd3b,
        0xd3c,
        0xeba, 0xeba, 0x1715, 0x1715, 0x1abf, 0x1ace, 0x1df6, 0x1dfa, 0x32ff, 0x32ff, 0xa7f2, 0xa7f4,
        0xa82c, 0xa82c, 0xab69, 0xab69, 0x105c9, 0x105c9, 0x105e4, 0x105e4, 0x10781, 0x10785,
        0x10787, 0x107b0, 0x107b2, 0x107ba, 0x10d24, 0x10d27, 0x10d69, 0x10d6d, 0x10eab, 0x10eac,
        0x10efd, 0x10eff, 0x10f46, 0x10f50, 0x10f82, 0x10f85, 0x11070, 0x11070, 0x1133b, 0x1133b,
        0x11383, 0x11383, 0x11385, 0x11385, 0x1138e, 0x1138e, 0x11391, 0x11391, 0x113c5, 0x113c5,
        0x113c7, 0x113c8, 0x113ce, 0x113d0, 0x1145e, 0x1145e, 0x11839, 0x1183a, 0x11938, 0x11938,
        0x1193d, 0x1193e, 0x11943, 0x11943, 0x119e0, 0x119e0, 0x11a34, 0x11a34, 0x11a47, 0x11a47,
        0x11a99, 0x11a99, 0x11d42, 0x11d42, 0x11d44, 0x11d45, 0x11d97, 0x11d97, 0x11f41, 0x11f42,
        0x16121, 0x16128, 0x1612f, 0x1612f, 0x16d68, 0x16d6a, 0x16ff0, 0x16ff1, 0x1ccd6, 0x1ccf9,
        0x1e030, 0x1e06d, 0x1e08f, 0x1e08f, 0x1e130, 0x1e136, 0x1e2ae, 0x1e2ae, 0x1e2ec, 0x1e2ef,
        0x1e4ec, 0x1e4ef, 0x1e5ee, 0x1e5ef, 0x1f16c, 0x1f16c, 0x1fbf0, 0x1fbf9};

    private static final Map<Form, boolean[]> CALM = new EnumMap<>(Form.class);

    private final Form form;

    Composition(Form form) {
        this.form = form;
    }

    /** For each character of the basic plane whether it is calm; reckoned once, when a text has something unusual. */
    private static boolean[] calm(Form form) {
        synchronized (CALM) {
            return CALM.computeIfAbsent(form, Composition::table);
        }
    }

    private static boolean[] table(Form form) {
        boolean[] calm = new boolean[1 << 16];
        boolean[] second = new boolean[1 << 16];
        for (int c = 0; c < calm.length; c++) {
            if (newer(c))
                calm[c] = true;
            if (newer(c) || Character.isSurrogate((char) c))
                continue;
            String text = String.valueOf((char) c);
            calm[c] = Normalizer.isNormalized(text, form) && !moves(c);
            String parts = Normalizer.normalize(text, Form.NFD);
            for (int i = 1; i < parts.length(); i++)
                second[parts.charAt(i)] = true;
        }
        for (int c = 0; c < calm.length; c++)
            calm[c] &= !second[c];
        return calm;
    }

    /** Whether a character may change places with a mark beside it: its combining class is not 0. */
    private static boolean moves(int c) {
        return switch (Character.getType(c)) {
            case Character.NON_SPACING_MARK, Character.ENCLOSING_MARK, Character.COMBINING_SPACING_MARK ->
                swaps(c, LOWEST) || swaps(HIGHEST, c);
            default -> false;
        };
    }

    /** Marks of the lowest combining class that is not 0, and of the highest. */
    private static final int LOWEST = 0x334;
    private static final int HIGHEST = 0x345;

    private static boolean swaps(int left, int right) {
        String before = Character.toString(left) + Character.toString(right);
        return !Normalizer.isNormalized(before, Form.NFD) && Normalizer.normalize(before, Form.NFD)
                .equals(Character.toString(right) + Character.toString(left));
    }

    @Override
    public Text apply(byte[] text, int from, int to) {
        if (plain(text, from, to))
            return null;
        String before = new String(text, from, to - from, UTF_8);
        String after = apply(before);
        return after.equals(before) ? null : Utf8.text(after);
    }

    /** Whether all characters are ASCII or, for a form that keeps them, under U+0300. */
    private boolean plain(byte[] text, int from, int to) {
        int limit = form == Form.NFC ? 0xCC : 0x80;
        for (int at = from; at < to; at++) {
            if (((long) Utf8.LONGS.get(text, at) & 0x8080808080808080L) == 0) {
                at += 7;
                continue;
            }
            if ((text[at] & 0xFF) >= limit)
                return false;
        }
        return true;
    }

    @Override
    public String apply(String text) {
        boolean[] calm = calm(form);
        StringBuilder out = null;
        int kept = 0;
        int start = 0; // of the calm character before, if it may change with what follows
        for (int at = 0; at < text.length();) {
            int c = text.codePointAt(at);
            if (calm(calm, c)) {
                start = at;
                at += Character.charCount(c);
                if (newer(c))
                    start = at;
                continue;
            }
            int end = at;
            while (end < text.length() && !calm(calm, text.codePointAt(end)))
                end += Character.charCount(text.codePointAt(end));
            String before = text.substring(start, end);
            String after = end - start > LONG_RUN ? ordered(before) : Normalizer.normalize(before, form);
            if (!after.equals(before)) {
                if (out == null)
                    out = new StringBuilder(text.length() + 16);
                out.append(text, kept, start).append(after);
                kept = end;
            }
            start = end;
            at = end;
        }
        return out == null ? text : out.append(text, kept, text.length()).toString();
    }

    private static boolean calm(boolean[] calm, int c) {
        if (c < calm.length)
            return calm[c];
        return c >= 0x1F000 && c < 0x1F100 || c >= 0x1F300 && c < 0x1FB00 || c >= 0x20000 && c < 0x2F800 || newer(c);
    }

    private static boolean newer(int c) {
        int place = Arrays.binarySearch(NEWER, c);
        return place >= 0 || (-place - 1) % 2 == 1;
    }

    /** As {@link Normalizer#normalize}, in n log n steps. */
    private String ordered(String text) {
        Form apart = form == Form.NFC || form == Form.NFD ? Form.NFD : Form.NFKD;
        StringBuilder parts = new StringBuilder(text.length() * 2);
        for (int at = 0, c; at < text.length(); at += Character.charCount(c)) {
            c = text.codePointAt(at);
            parts.append(Normalizer.normalize(Character.toString(c), apart));
        }
        int[] points = parts.codePoints().toArray();
        Map<Integer, Integer> classes = classes(points);
        for (int from = 0; from < points.length;) {
            int to = from;
            while (to < points.length && classes.get(points[to]) > 0)
                to++;
            order(points, from, to, classes);
            from = to + 1;
        }
        String sorted = new String(points, 0, points.length);
        return form == apart ? sorted : Normalizer.normalize(sorted, Form.NFC);
    }

    private static void order(int[] points, int from, int to, Map<Integer, Integer> classes) {
        long[] keys = new long[to - from];
        for (int i = from; i < to; i++)
            keys[i - from] = (long) classes.get(points[i]) << 32 | i - from;
        Arrays.sort(keys);
        int[] sorted = new int[keys.length];
        for (int i = 0; i < keys.length; i++)
            sorted[i] = points[from + (int) keys[i]];
        System.arraycopy(sorted, 0, points, from, sorted.length);
    }

    /** For each character 0 if it stays in its place, else a number that orders as its combining class does. */
    private static Map<Integer, Integer> classes(int[] points) {
        List<Integer> marks = new ArrayList<>(); // one of each class, in order
        Map<Integer, Integer> representatives = new HashMap<>();
        for (int c : Arrays.stream(points).distinct().toArray())
            representatives.put(c, moves(c) ? representative(marks, c) : -1);
        Map<Integer, Integer> classes = new HashMap<>();
        representatives.forEach((c, mark) -> classes.put(c, marks.indexOf(mark) + 1));
        return classes;
    }

    private static int representative(List<Integer> marks, int c) {
        int place = 0;
        while (place < marks.size() && swaps(c, marks.get(place)))
            place++;
        if (place < marks.size() && !swaps(marks.get(place), c))
            return marks.get(place);
        marks.add(place, c);
        return c;
    }
}
