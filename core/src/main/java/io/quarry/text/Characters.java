package io.quarry.text;

import java.util.Arrays;

/**
 * Decodes quickly: tokens that stand for whole characters are written as Java has them, four at a time. The others,
 * such as single bytes of a character, are left to {@link Spelling}, which defines what all of this gives.
 */
final class Characters {
    private static final int FOUR = 4;
    /** Characters that are written of each token, needed or not: few have more. */
    private static final int AT_ONCE = 3 * FOUR;
    /** Guess of the characters of a token. */
    private static final int USUAL = 5;

    private static final int SPECIAL = 1;
    /** Not whole characters, or no token at all. */
    private static final int BROKEN = 2;

    /** Numbers for each id: its place, and the characters written at once; together, since both are needed. */
    private static final int ENTRY = 1 + AT_ONCE / FOUR;

    private final Spelling spelling;
    /**
     * For each id where its other characters are, how many it has (24 bits) and flags (8 bits); then its first characters,
     * four in a number, the first one lowest.
     */
    private final long[] entries;
    /** Characters beyond the first ones, as they. */
    private final long[] others;
    private final Loan<Page> pages = new Loan<>(Page::new);

    Characters(Spelling spelling) {
        this.spelling = spelling;
        entries = new long[Math.multiplyExact(spelling.size(), ENTRY)];
        long[] all = new long[1 << 8];
        int used = 0;
        for (int id = 0; id < spelling.size(); id++) {
            int entry = id * ENTRY;
            String text = spelling.whole(id);
            if (text == null) {
                entries[entry] = BROKEN;
                continue;
            }
            int length = text.length();
            entries[entry] = (long) used << 32 | (long) length << 8 | (spelling.special(id) ? SPECIAL : 0);
            pack(text, 0, Math.min(AT_ONCE, length), entries, entry + 1);
            int numbers = Math.ceilDiv(Math.max(0, length - AT_ONCE), FOUR);
            if (all.length - used < numbers)
                all = Arrays.copyOf(all, Math.addExact(used, numbers) + (used >> 1));
            pack(text, AT_ONCE, length, all, used);
            used += numbers;
        }
        others = Arrays.copyOf(all, used);
    }

    private static void pack(String text, int from, int to, long[] into, int at) {
        for (int i = from; i < to; i++)
            into[at + (i - from) / FOUR] |= (long) text.charAt(i) << (i - from) % FOUR * Character.SIZE;
    }

    /** What {@link Utf8#string} gives for the bytes of {@link Spelling#decode(int[], boolean)}. */
    String decode(int[] tokens, boolean skipSpecial) {
        return pages.lend(page -> {
            page.begin(tokens.length);
            decode(tokens, skipSpecial, page);
            return page.end();
        });
    }

    private void decode(int[] tokens, boolean skipSpecial, Page page) {
        int left = skipSpecial ? BROKEN | SPECIAL : BROKEN;
        int at = 0;
        if (spelling.beginsOtherwise()) { // up to the first whole token all may depend on standing there
            at = endOfBroken(tokens, Math.min(tokens.length, endOfBroken(tokens, 0, left) + 1), left);
            page.broken(spelling.decode(tokens, 0, at, skipSpecial));
        }
        while (at < tokens.length) {
            at = whole(tokens, at, left, page);
            int end = endOfBroken(tokens, at, left);
            if (at < end)
                page.broken(spelling.decode(tokens, at, end, skipSpecial));
            at = end;
        }
    }

    private long place(int id) {
        return id >= 0 && id < entries.length / ENTRY ? entries[id * ENTRY] : BROKEN;
    }

    private int endOfBroken(int[] tokens, int at, int left) {
        while (at < tokens.length && ((int) place(tokens[at]) & left) != 0)
            at++;
        return at;
    }

    /** Writes tokens up to the next one that is left to the spelling; gives where that is. */
    private int whole(int[] tokens, int at, int left, Page page) {
        char[] out = page.characters;
        int size = page.size;
        for (; at < tokens.length; at++) {
            int id = tokens[at];
            long place = place(id);
            if (((int) place & left) != 0)
                break;
            int length = (int) place >>> 8;
            if (out.length - size < length + AT_ONCE)
                out = page.room(size, length);
            int entry = id * ENTRY;
            four(entries[entry + 1], out, size);
            four(entries[entry + 2], out, size + FOUR);
            four(entries[entry + 3], out, size + 2 * FOUR);
            int from = (int) (place >>> 32);
            for (int more = AT_ONCE; more < length; more += FOUR)
                four(others[from + (more - AT_ONCE) / FOUR], out, size + more);
            size += length;
        }
        page.size = size;
        return at;
    }

    /** Written like this, the compiler makes one store of four. */
    private static void four(long characters, char[] out, int at) {
        out[at] = (char) characters;
        out[at + 1] = (char) (characters >>> 16);
        out[at + 2] = (char) (characters >>> 32);
        out[at + 3] = (char) (characters >>> 48);
    }

    /** The text so far, and room for more: making it anew for each text costs more than filling it. */
    private static final class Page {
        private static final int KEPT = 1 << 16;

        char[] characters = new char[1 << 12];
        int size;

        void begin(int tokens) {
            size = 0;
            room(0, Math.min((long) tokens * USUAL, Text.LONGEST - AT_ONCE));
        }

        /** The characters with room for {@code more} behind those written, and for what is written in vain. */
        char[] room(int written, long more) {
            long needed = written + more + AT_ONCE;
            if (needed > Text.LONGEST)
                throw new IllegalArgumentException("the text of the tokens has more than " + Text.LONGEST
                        + " characters; decode them in parts");
            if (characters.length < needed)
                characters = Arrays.copyOf(characters, (int) Math.min(Text.LONGEST, needed + (needed >> 1)));
            return characters;
        }

        void broken(Text text) {
            room(size, text.length());
            if (Utf8.valid(text.bytes(), 0, text.length())) {
                size = Utf8.characters(text.bytes(), 0, text.length(), characters, size);
            } else {
                String read = Utf8.string(text.bytes(), 0, text.length());
                read.getChars(0, read.length(), characters, size);
                size += read.length();
            }
        }

        String end() {
            String text = new String(characters, 0, size);
            if (characters.length > KEPT)
                characters = new char[KEPT];
            return text;
        }
    }
}
