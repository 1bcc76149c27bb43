package io.quarry.text;

import java.util.Arrays;

/**
 * Collects the tokens of words and remembers the words: most of a text is words met before. One of these works for one
 * thread at a time; a {@link Tokenizer} lends them out.
 *
 * <p>Words of up to 15 bytes, nearly all, are their own key: two numbers that hold bytes and length. Their tokens stand
 * in two more, three in each, where they are no more than six.
 */
final class Words {
    private static final int SHORT = 15;
    private static final int LONG = 255;
    /** How far a hash is shifted for the number of a set, at first and at most sets. */
    private static final int MOST_SHIFT = 64 - 10;
    private static final int LEAST_SHIFT = 64 - 16;
    private static final int WORD = 4;
    /** Where the first set stands: with an array's header before them, sets are lines of the processor's cache. */
    private static final int FIRST = 6;
    private static final int LONG_BITS = 12;
    private static final int TOKEN_BITS = 20;
    private static final int TOKEN = (1 << TOKEN_BITS) - 1;
    /** Most tokens that stand beside a word. */
    private static final int INLINE = 6;
    /** A count that says that the tokens stand in the pool. */
    private static final int POOLED = 15;
    private static final int POOL = 1 << 18;
    private static final int KEPT = 1 << 20;

    private static final long[] LOW = new long[SHORT + 1];
    private static final long[] HIGH = new long[SHORT + 1];

    static {
        for (int n = 0; n <= SHORT; n++) {
            LOW[n] = n >= 8 ? -1L : (1L << 8 * n) - 1;
            HIGH[n] = n <= 8 ? 0 : (1L << 8 * (n - 8)) - 1;
        }
    }

    private final Model model;
    private final Joins joins;
    /** Sets of two words, each of four numbers: bytes and length, packed tokens. */
    private long[] shorts = table(MOST_SHIFT);
    private int shift = MOST_SHIFT;
    private int filled;
    private final LongWord[] longs = new LongWord[1 << LONG_BITS];
    private int[] pool = new int[1 << 10];
    private int pooled;
    private int[] out = new int[256];
    private int size;
    private int[] symbols = new int[64];
    private int[] ranks = new int[64];

    /** A longer word met before. */
    private record LongWord(byte[] text, int[] tokens) {}

    /**
     * @param joins where a word may be cut once more, or null for nowhere
     */
    Words(Model model, Joins joins) {
        this.model = model;
        this.joins = joins;
    }

    /** The word {@code text[from, to)}, not empty; the array can be read for 16 bytes behind it. */
    void add(byte[] text, int from, int to) {
        int n = to - from;
        if (n > SHORT) {
            addLong(text, from, to);
            return;
        }
        long low = (long) Utf8.LONGS.get(text, from) & LOW[n];
        long high = (long) Utf8.LONGS.get(text, from + 8) & HIGH[n] | (long) n << 56;
        long[] known = shorts;
        int slot = slot(low, high, shift);
        if (known[slot] == low && known[slot + 1] == high)
            repeat(known[slot + 2], known[slot + 3]);
        else if (known[slot + WORD] == low && known[slot + WORD + 1] == high)
            repeat(known[slot + WORD + 2], known[slot + WORD + 3]);
        else
            learn(text, from, to, low, high);
    }

    private static int slot(long low, long high, int shift) {
        int set = (int) ((low ^ high * 0xC2B2AE3D27D4EB4FL) * 0x9E3779B97F4A7C15L >>> shift);
        return FIRST + set * 2 * WORD;
    }

    private void repeat(long packed, long more) {
        if (out.length - size < INLINE)
            grow(INLINE);
        int count = (int) (packed >>> 60);
        int[] tokens = out;
        int at = size;
        tokens[at] = (int) packed & TOKEN;
        tokens[at + 1] = (int) (packed >>> TOKEN_BITS) & TOKEN;
        tokens[at + 2] = (int) (packed >>> 2 * TOKEN_BITS) & TOKEN;
        if (count > 3) {
            if (count == POOLED) {
                addAll(pool, (int) packed & 0xFFFFFFF, (int) (packed >>> 32) & 0xFFFF);
                return;
            }
            tokens[at + 3] = (int) more & TOKEN;
            tokens[at + 4] = (int) (more >>> TOKEN_BITS) & TOKEN;
            tokens[at + 5] = (int) (more >>> 2 * TOKEN_BITS) & TOKEN;
        }
        size = at + count;
    }

    private void learn(byte[] text, int from, int to, long low, long high) {
        int before = size;
        model.apply(text, from, to, this);
        int count = size - before;
        long packed = (long) count << 60;
        long more = 0;
        boolean fits = count <= INLINE;
        for (int i = 0; i < count && fits; i++) {
            fits = out[before + i] <= TOKEN;
            if (i < 3)
                packed |= (long) out[before + i] << i * TOKEN_BITS;
            else
                more |= (long) out[before + i] << (i - 3) * TOKEN_BITS;
        }
        if (!fits) {
            if (pooled + count > POOL)
                forget();
            if (pooled + count > pool.length)
                pool = Arrays.copyOf(pool, Math.max(pooled + count, pool.length * 2));
            System.arraycopy(out, before, pool, pooled, count);
            packed = (long) POOLED << 60 | (long) count << 32 | pooled;
            pooled += count;
        }
        remember(low, high, packed, more);
    }

    /** The newest word of a set stands first; the one that stood second is forgotten. */
    private void remember(long low, long high, long packed, long more) {
        int slot = slot(low, high, shift);
        if (shorts[slot + WORD + 1] == 0 && ++filled > shorts.length >> 4 && shift > LEAST_SHIFT) {
            widen();
            slot = slot(low, high, shift);
        }
        System.arraycopy(shorts, slot, shorts, slot + WORD, WORD);
        shorts[slot] = low;
        shorts[slot + 1] = high;
        shorts[slot + 2] = packed;
        shorts[slot + 3] = more;
    }

    private void widen() {
        long[] old = shorts;
        shift--;
        shorts = table(shift);
        filled = 0;
        for (int i = FIRST; i + WORD <= old.length; i += WORD)
            if (old[i + 1] != 0)
                remember(old[i], old[i + 1], old[i + 2], old[i + 3]);
    }

    private static long[] table(int shift) {
        return new long[FIRST + (2 * WORD << 64 - shift)];
    }

    private void forget() {
        Arrays.fill(shorts, 0);
        filled = 0;
        pooled = 0;
    }

    private void addLong(byte[] text, int from, int to) {
        if (joins == null) {
            whole(text, from, to);
            return;
        }
        int start = from;
        int before = CodePoints.codePoint(text, from);
        for (int at = from + CodePoints.length(text[from]); at < to; at += CodePoints.length(text[at])) {
            int here = CodePoints.codePoint(text, at);
            if (!joins.over(before, here, text, at)) {
                part(text, start, at);
                start = at;
            }
            before = here;
        }
        part(text, start, to);
    }

    private void part(byte[] text, int from, int to) {
        if (to - from <= SHORT)
            add(text, from, to);
        else
            whole(text, from, to);
    }

    private void whole(byte[] text, int from, int to) {
        if (to - from > LONG) {
            model.apply(text, from, to, this);
            return;
        }
        long hash = 0;
        for (int i = from; i < to; i += 8)
            hash = (hash ^ (long) Utf8.LONGS.get(text, i) & LOW[Math.min(8, to - i)]) * 0x9E3779B97F4A7C15L;
        int slot = (int) (hash >>> 64 - LONG_BITS);
        LongWord known = longs[slot];
        if (known != null && Arrays.equals(known.text, 0, known.text.length, text, from, to)) {
            addAll(known.tokens, 0, known.tokens.length);
            return;
        }
        int before = size;
        model.apply(text, from, to, this);
        longs[slot] = new LongWord(Arrays.copyOfRange(text, from, to), Arrays.copyOfRange(out, before, size));
    }

    /** One more token. */
    void token(int id) {
        if (size == out.length)
            grow(1);
        out[size++] = id;
    }

    /** The first {@code count} of {@code tokens}. */
    void tokens(int[] tokens, int count) {
        addAll(tokens, 0, count);
    }

    private void addAll(int[] tokens, int from, int count) {
        if (out.length - size < count)
            grow(count);
        System.arraycopy(tokens, from, out, size, count);
        size += count;
    }

    private void grow(int more) {
        out = Arrays.copyOf(out, Math.max(Math.addExact(size, more), size + (size >> 1) + 64));
    }

    /** An array of at least {@code n} for a model to work in; another call may give the same. */
    int[] symbols(int n) {
        if (symbols.length < n)
            symbols = new int[n + (n >> 1)];
        return symbols;
    }

    /** As {@link #symbols}, another array. */
    int[] ranks(int n) {
        if (ranks.length < n)
            ranks = new int[n + (n >> 1)];
        return ranks;
    }

    int size() {
        return size;
    }

    /** All tokens so far; the collection starts anew. */
    int[] take() {
        int[] all = Arrays.copyOf(out, size);
        size = 0;
        // What one large text needed is not kept for the small ones.
        if (out.length > KEPT)
            out = new int[256];
        if (symbols.length > KEPT)
            symbols = new int[64];
        if (ranks.length > KEPT)
            ranks = new int[64];
        return all;
    }
}
