package io.quarry.text;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.function.IntFunction;

/** The bytes that each token stands for, in one array, and what becomes of them when a text begins. Immutable. */
final class Spelling {
    /** What happens to spaces at the beginning of a decoded text. */
    enum Start {
        KEPT,
        /** One space less, if there is one. */
        ONE_SPACE_LESS,
        /** No spaces of the vocabulary in the first token. */
        FIRST_TOKEN_WITHOUT
    }

    private static final int SPECIAL = 1;
    private static final int BYTE = 2;
    private static final int NONE = 4;
    private static final byte[] BROKEN = "\uFFFD".getBytes(UTF_8);
    private static final int NO_RUN = -1;

    private final byte[] pool;
    /** For each id the start in the pool, the length (24 bits) and the flags (8 bits) of its bytes. */
    private final long[] places;
    private final Start start;
    private final IntFunction<byte[]> firstBytes;

    /**
     * @param bytes      of a token by id, null where there is none
     * @param isByte     whether a token is a byte written as {@code <0xE6>}: a run of them that is no UTF-8 is decoded to
     *                   one U+FFFD for each, as Hugging Face does it
     * @param firstBytes bytes of a token where it begins a text, for {@link Start#FIRST_TOKEN_WITHOUT}
     */
    Spelling(int size, IntFunction<byte[]> bytes, boolean[] isSpecial, boolean[] isByte, Start start,
            IntFunction<byte[]> firstBytes) {
        this.start = start;
        this.firstBytes = firstBytes;
        places = new long[size];
        byte[] all = new byte[size * 8 + 64];
        int used = 0;
        for (int id = 0; id < size; id++) {
            byte[] own = bytes.apply(id);
            if (own == null) {
                places[id] = NONE;
                continue;
            }
            if (own.length >= 1 << 24)
                throw new IllegalArgumentException("token " + id + " has " + own.length + " bytes");
            int flags = (isSpecial[id] ? SPECIAL : 0) | (isByte[id] ? BYTE : 0);
            places[id] = (long) used << 32 | (long) own.length << 8 | flags;
            if (all.length - used - Text.SLACK < own.length)
                all = Arrays.copyOf(all, Math.addExact(used, own.length) + (used >> 1) + 2 * Text.SLACK);
            System.arraycopy(own, 0, all, used, own.length);
            used += own.length;
        }
        pool = Arrays.copyOf(all, used + Text.SLACK);
    }

    int size() {
        return places.length;
    }

    boolean special(int id) {
        return id >= 0 && id < places.length && (places[id] & SPECIAL) != 0;
    }

    private IllegalArgumentException noToken(int id) {
        return new IllegalArgumentException(
                "there is no token " + id + "; the tokenizer has ids 0 to " + (places.length - 1));
    }

    private static int length(long place) {
        return (int) place >>> 8;
    }

    /** The bytes of a token within a text. */
    byte[] bytes(int id) {
        if (id < 0 || id >= places.length || (places[id] & NONE) != 0)
            throw noToken(id);
        int from = (int) (places[id] >>> 32);
        return Arrays.copyOfRange(pool, from, from + length(places[id]));
    }

    /** The bytes of a token that begins a text. */
    byte[] firstBytes(int id) {
        byte[] bytes = bytes(id);
        return switch (start) {
            case KEPT -> bytes;
            case ONE_SPACE_LESS -> bytes.length > 0 && bytes[0] == ' '
                    ? Arrays.copyOfRange(bytes, 1, bytes.length)
                    : bytes;
            case FIRST_TOKEN_WITHOUT -> firstBytes.apply(id);
        };
    }

    /** The characters that a token stands for, whatever is beside it; null where they may not be whole. */
    String whole(int id) {
        long place = places[id];
        if (((int) place & (BYTE | NONE)) != 0 || length(place) == 0)
            return null;
        String text = new String(pool, (int) (place >>> 32), length(place), UTF_8);
        return text.indexOf(Utf8.REPLACEMENT) < 0 ? text : null;
    }

    /** Whether the first tokens of a text are not decoded as the others. */
    boolean beginsOtherwise() {
        return start != Start.KEPT;
    }

    /** Text of tokens, not always UTF-8: single bytes of a character may be tokens. */
    Text decode(int[] tokens, boolean skipSpecial) {
        return decode(tokens, 0, tokens.length, skipSpecial);
    }

    /** Text of {@code tokens[at, end)}, as the beginning of a text where {@code at} is 0. */
    Text decode(int[] tokens, int at, int end, boolean skipSpecial) {
        Output out = new Output(end - at);
        boolean begins = at == 0;
        while (begins && at < end && skipSpecial && special(tokens[at]))
            at++;
        if (begins && at < end && start == Start.FIRST_TOKEN_WITHOUT)
            out.first(tokens[at++]);
        for (; at < end; at++) {
            int id = tokens[at];
            if (id < 0 || id >= places.length)
                throw noToken(id);
            long place = places[id];
            int flags = (int) place & 0xFF;
            if (flags == 0 && out.run == NO_RUN)
                out.write(place);
            else if (flags == NONE)
                throw noToken(id);
            else if ((flags & SPECIAL) == 0 || !skipSpecial)
                out.write(place, (flags & BYTE) != 0);
        }
        out.endRun();
        if (begins && start == Start.ONE_SPACE_LESS && out.size > 0 && out.bytes[0] == ' ')
            System.arraycopy(out.bytes, 1, out.bytes, 0, --out.size);
        return new Text(out.bytes, out.size);
    }

    /** Bytes written so far, and where the bytes of the present run of byte tokens begin. */
    private final class Output {
        byte[] bytes;
        int size;
        int run = NO_RUN;

        Output(int tokens) {
            bytes = new byte[(int) Math.min(Text.LONGEST, tokens * 5L) + Text.SLACK];
        }

        void write(long place, boolean isByte) {
            if (!isByte)
                endRun();
            else if (run == NO_RUN)
                run = size;
            write(place);
        }

        void first(int id) {
            byte[] own = firstBytes(id);
            if ((places[id] & BYTE) != 0 && own.length == 1)
                run = 0;
            room(own.length + Text.SLACK);
            System.arraycopy(own, 0, bytes, 0, own.length);
            size = own.length;
        }

        void write(long place) {
            int from = (int) (place >>> 32);
            int length = length(place);
            if (bytes.length - size < length + Text.SLACK)
                room(length + Text.SLACK);
            if (length <= 16) {
                Utf8.LONGS.set(bytes, size, (long) Utf8.LONGS.get(pool, from));
                Utf8.LONGS.set(bytes, size + 8, (long) Utf8.LONGS.get(pool, from + 8));
            } else {
                System.arraycopy(pool, from, bytes, size, length);
            }
            size += length;
        }

        private void room(int length) {
            bytes = Arrays.copyOf(bytes, Math.addExact(size + (size >> 1), length) + 2 * Text.SLACK);
        }

        void endRun() {
            if (run == NO_RUN)
                return;
            if (!Utf8.valid(bytes, run, size)) {
                int broken = size - run;
                size = run;
                room(Math.multiplyExact(BROKEN.length, broken) + Text.SLACK);
                for (int i = 0; i < broken; i++) {
                    System.arraycopy(BROKEN, 0, bytes, size, BROKEN.length);
                    size += BROKEN.length;
                }
            }
            run = NO_RUN;
        }
    }
}
