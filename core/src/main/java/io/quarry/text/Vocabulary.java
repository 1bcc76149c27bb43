package io.quarry.text;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;

/** Texts of tokens by id and ids by text, without an object per token. Ids may have holes. */
final class Vocabulary {
    /** Ids are below this: a pair of them and a rank fit one number, see {@link Merges}. */
    static final int MOST = (1 << 21) - 1;

    private byte[] pool = new byte[1 << 12];
    private int used;
    /** Where the text of an id starts; -1 where there is none. */
    private int[] starts = new int[1 << 8];
    private int[] lengths = new int[1 << 8];
    private int size;
    private int count;
    /** Ids by the hash of their texts, plus one; open addressing. */
    private int[] slots = new int[1 << 9];

    Vocabulary() {
        Arrays.fill(starts, -1);
    }

    /**
     * Adds a token.
     *
     * @return null, or the reason why it cannot be added
     */
    String add(String text, int id) {
        byte[] utf8 = text.getBytes(UTF_8);
        if (id < 0 || id >= MOST)
            return "the id of \"" + text + "\" must be from 0 to " + (MOST - 1) + ", was " + id;
        int other = id(utf8, 0, utf8.length);
        if (other >= 0)
            return "\"" + text + "\" is there twice, as " + other + " and as " + id;
        if (id < size && starts[id] >= 0)
            return "id " + id + " belongs to \"" + text(id) + "\" and to \"" + text + "\"";
        if (utf8.length > Text.LONGEST - used)
            return "the texts of all tokens have more than " + Text.LONGEST + " bytes";
        put(utf8, id);
        return null;
    }

    private void put(byte[] utf8, int id) {
        while (pool.length - used < utf8.length)
            pool = Arrays.copyOf(pool, (int) Math.min(Text.LONGEST, 2L * pool.length));
        if (id >= starts.length) {
            int before = starts.length;
            starts = Arrays.copyOf(starts, Math.max(id + 1, before * 2));
            lengths = Arrays.copyOf(lengths, starts.length);
            Arrays.fill(starts, before, starts.length, -1);
        }
        System.arraycopy(utf8, 0, pool, used, utf8.length);
        starts[id] = used;
        lengths[id] = utf8.length;
        used += utf8.length;
        size = Math.max(size, id + 1);
        if (++count * 2 > slots.length)
            rehash();
        else
            slots[slot(utf8, 0, utf8.length)] = id + 1;
    }

    private void rehash() {
        slots = new int[slots.length * 2];
        for (int id = 0; id < size; id++)
            if (starts[id] >= 0)
                slots[slot(pool, starts[id], starts[id] + lengths[id])] = id + 1;
    }

    /** The slot of a text, or the free one where it belongs. */
    private int slot(byte[] text, int from, int to) {
        int mask = slots.length - 1;
        int slot = hash(text, from, to) & mask;
        while (slots[slot] != 0 && !is(slots[slot] - 1, text, from, to))
            slot = slot + 1 & mask;
        return slot;
    }

    private boolean is(int id, byte[] text, int from, int to) {
        return Arrays.equals(pool, starts[id], starts[id] + lengths[id], text, from, to);
    }

    private static int hash(byte[] text, int from, int to) {
        long hash = to - from;
        for (int i = from; i < to; i++)
            hash = (hash ^ text[i]) * 0x9E3779B97F4A7C15L;
        return (int) (hash >>> 32);
    }

    /** Id of a text in UTF-8, or -1. */
    int id(byte[] text, int from, int to) {
        return slots[slot(text, from, to)] - 1;
    }

    /** Id of a text, or -1. */
    int id(String text) {
        byte[] utf8 = text.getBytes(UTF_8);
        return id(utf8, 0, utf8.length);
    }

    /** The text of a token in UTF-8, or null where there is none. */
    byte[] bytes(int id) {
        return id < 0 || id >= size || starts[id] < 0
                ? null
                : Arrays.copyOfRange(pool, starts[id], starts[id] + lengths[id]);
    }

    /** The text of a token, or null where there is none. */
    String text(int id) {
        byte[] utf8 = bytes(id);
        return utf8 == null ? null : new String(utf8, UTF_8);
    }

    /** One more than the highest id. */
    int size() {
        return size;
    }

    /** How many ids have a text. */
    int count() {
        return count;
    }
}
