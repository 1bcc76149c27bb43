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

    private final Spelling spelling;
    /** Characters of the tokens, four in a number, the first one lowest; each token begins with a new one. */
    private final long[] pool;
    /** For each id the start in the pool, how many characters (24 bits), and flags (8 bits). */
    private final long[] places;
    private final Loan<Page> pages = new Loan<>(Page::new);

    Characters(Spelling spelling) {
        this.spelling = spelling;
        places = new long[spelling.size()];
        long[] all = new long[places.length * 2];
        int used = 0;
        for (int id = 0; id < places.length; id++) {
            String text = spelling.whole(id);
            if (text == null) {
                places[id] = BROKEN;
                continue;
            }
            int length = text.length();
            places[id] = (long) used << 32 | (long) length << 8 | (spelling.special(id) ? SPECIAL : 0);
            if (all.length - used < length)
                all = Arrays.copyOf(all, Math.addExact(used, length) + (used >> 1));
            for (int i = 0; i < length; i++)
                all[used + i / FOUR] |= (long) text.charAt(i) << i % FOUR * Character.SIZE;
            used += Math.ceilDiv(length, FOUR);
        }
        pool = Arrays.copyOf(all, used + AT_ONCE / FOUR);
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
        return id >= 0 && id < places.length ? places[id] : BROKEN;
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
            long place = place(tokens[at]);
            if (((int) place & left) != 0)
                break;
            int from = (int) (place >>> 32);
            int length = (int) place >>> 8;
            if (out.length - size < length + AT_ONCE)
                out = page.room(size, length);
            four(pool[from], out, size);
            four(pool[from + 1], out, size + FOUR);
            four(pool[from + 2], out, size + 2 * FOUR);
            for (int more = AT_ONCE; more < length; more += FOUR)
                four(pool[from + more / FOUR], out, size + more);
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
