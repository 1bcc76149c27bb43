package io.quarry.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;

/** Encodes a text whose parts are trusted differently. */
final class MarkupEncoder {
    /** Encodes a stretch of text in which there are no added tokens. */
    interface Stretch {
        void encode(byte[] text, int from, int to);
    }

    private MarkupEncoder() {}

    /**
     * @param normalized added tokens that are looked for after the others, here too in the text as it is
     * @param always     which added tokens are recognised everywhere; null for none
     */
    static Encoded encode(Markup markup, AddedTokens added, AddedTokens normalized, Predicate<String> always,
            Stretch stretch, Words words) {
        String string = markup.toString();
        Text text = Utf8.text(string);
        byte[] bytes = text.bytes();
        AddedTokens.Scope scope = new AddedTokens.Scope(bytes, 0, text.length());
        Ints learned = new Ints(16); // pairs: tokens so far, whether those up to there are learned
        int run = 0;
        boolean runLearned = false;
        int start = 0;
        int offset = 0;
        for (Markup.Part part : markup.parts()) {
            offset += Utf8.length(string, part.start(), part.end());
            int end = offset;
            while (end < text.length() && (bytes[end] & 0xC0) == 0x80)
                end++; // a character that two parts share belongs to the first
            Predicate<String> live = always == null ? part.live() : part.live().or(always);
            if (part.learned() != runLearned) {
                if (run < start)
                    stretch.encode(bytes, run, start);
                learned.add(words.size()).add(runLearned ? 1 : 0);
                run = Math.max(run, start);
                runLearned = part.learned();
            }
            for (AddedTokens.Match match : found(added, normalized, scope, start, end, run, live)) {
                if (run < match.start())
                    stretch.encode(bytes, run, match.start());
                words.token(match.token().id());
                run = match.end();
            }
            start = end;
        }
        if (run < text.length())
            stretch.encode(bytes, run, text.length());
        learned.add(words.size()).add(runLearned ? 1 : 0);
        return new Encoded(words.take(), mask(learned.array()));
    }

    private static List<AddedTokens.Match> found(AddedTokens added, AddedTokens normalized, AddedTokens.Scope scope,
            int from, int to, int free, Predicate<String> live) {
        List<AddedTokens.Match> first = added.find(scope, from, to, free, live);
        if (normalized.isEmpty())
            return first;
        List<AddedTokens.Match> both = new ArrayList<>();
        int at = from;
        for (AddedTokens.Match match : first) {
            both.addAll(normalized.find(scope, at, match.start(), Math.max(at, free), live));
            both.add(match);
            at = match.end();
        }
        both.addAll(normalized.find(scope, at, to, Math.max(at, free), live));
        return both;
    }

    private static byte[] mask(int[] runs) {
        byte[] mask = new byte[runs[runs.length - 2]];
        int from = 0;
        for (int i = 0; i < runs.length; i += 2) {
            Arrays.fill(mask, from, runs[i], (byte) runs[i + 1]);
            from = runs[i];
        }
        return mask;
    }
}
