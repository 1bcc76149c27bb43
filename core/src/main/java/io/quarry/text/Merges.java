package io.quarry.text;

import java.util.Arrays;

/**
 * The merges of a byte pair encoding, applied to one word: always the pair of lowest rank, the leftmost of several. Short
 * words are scanned, long ones use a heap, so that a megabyte of one letter takes n log n steps. A merge takes one symbol
 * away, so no table, however cyclic, makes it run for ever.
 */
final class Merges {
    /** Merges have numbers below this. */
    static final int MOST = (1 << 22) - 1;
    /** The rank of a pair that does not merge. */
    static final int NONE = Integer.MAX_VALUE;

    /** Under this many symbols a scan is faster than a heap. */
    private static final int SCANNED = 48;
    private static final long FREE = -1;
    private static final int NUMBER_BITS = 22;
    private static final int ID_BITS = 21;
    private static final int MOST_FILTER_BITS = 22;

    /** Left id, right id and number of the merge in one, so that a look-up touches one place of memory. */
    private final long[] pairs;
    private final int shift;
    /** Bits of the hashes of all pairs: most pairs that are asked for are none, and this is small enough to be near. */
    private final long[] filter;
    private final int filterShift;
    /** What a merge gives, by its number. */
    private final int[] ids;
    /** What is added to a number for what it gives, where all ids are in order; else -1. */
    private int base = -1;
    /** Ranks by number; null if a number is the rank. */
    private final int[] priorities;

    /**
     * A table with room for {@code count} pairs.
     *
     * @param ids        what a merge gives, by its number
     * @param priorities rank of a merge by its number, or null if the number is the rank
     */
    Merges(int count, int[] ids, int[] priorities) {
        int bits = 65 - Long.numberOfLeadingZeros(Math.max(64, count));
        pairs = new long[1 << bits];
        Arrays.fill(pairs, FREE);
        shift = 64 - bits;
        int filterBits = Math.min(MOST_FILTER_BITS, bits + 3);
        filter = new long[1 << filterBits - 6];
        filterShift = 64 - filterBits;
        this.ids = ids;
        this.priorities = priorities;
    }

    /** Says that merge {@code number} is of {@code left} and {@code right}; a pair given twice keeps its last number. */
    void put(int left, int right, int number) {
        long hash = hash(key(left, right));
        pairs[slot(key(left, right), hash)] = key(left, right) << NUMBER_BITS | number;
        int bit = (int) (hash >>> filterShift);
        filter[bit >>> 6] |= 1L << bit;
    }

    /** To be called when all merges are there. */
    Merges whole() {
        boolean inOrder = ids.length > 0 && priorities == null;
        for (int number = 1; number < ids.length && inOrder; number++)
            inOrder = ids[number] == ids[0] + number;
        base = inOrder ? ids[0] : -1;
        return this;
    }

    boolean has(int left, int right) {
        long key = key(left, right);
        return pairs[slot(key, hash(key))] != FREE;
    }

    private static long key(int left, int right) {
        return (long) left << ID_BITS | right;
    }

    private static long hash(long key) {
        return key * 0x9E3779B97F4A7C15L;
    }

    private int slot(long key, long hash) {
        int mask = pairs.length - 1;
        int slot = (int) (hash >>> shift);
        while (pairs[slot] >>> NUMBER_BITS != key && pairs[slot] != FREE)
            slot = slot + 1 & mask;
        return slot;
    }

    /** Rank of a pair, or {@link #NONE}. */
    int rank(int left, int right) {
        long key = key(left, right);
        long hash = hash(key);
        int bit = (int) (hash >>> filterShift);
        if ((filter[bit >>> 6] >>> bit & 1) == 0)
            return NONE;
        long pair = pairs[slot(key, hash)];
        if (pair == FREE)
            return NONE;
        int number = (int) pair & MOST;
        return priorities == null ? number : priorities[number];
    }

    /** What a pair of a rank becomes. */
    private int merged(int rank, int left, int right) {
        if (base >= 0)
            return base + rank;
        if (priorities == null)
            return ids[rank];
        long key = key(left, right);
        return ids[(int) pairs[slot(key, hash(key))] & MOST];
    }

    /** Writes the rank of each of the first {@code n} tokens with the next to {@code ranks}. */
    void rank(int[] tokens, int n, int[] ranks) {
        for (int i = 0; i + 1 < n; i++)
            ranks[i] = rank(tokens[i], tokens[i + 1]);
    }

    /**
     * Merges the first {@code n} of {@code tokens} as far as it goes, in place.
     *
     * @param ranks of each of them with the next; written over
     * @return how many are left
     */
    int apply(int[] tokens, int n, int[] ranks) {
        return n < SCANNED ? scan(tokens, n, ranks) : heap(tokens, n, ranks);
    }

    private int scan(int[] tokens, int n, int[] ranks) {
        while (n > 1) {
            int best = 0;
            int lowest = ranks[0];
            for (int i = 1; i < n - 1; i++)
                if (ranks[i] < lowest) {
                    lowest = ranks[i];
                    best = i;
                }
            if (lowest == NONE)
                break;
            int merged = merged(lowest, tokens[best], tokens[best + 1]);
            tokens[best] = merged;
            n--;
            for (int i = best + 1; i < n; i++) {
                tokens[i] = tokens[i + 1];
                ranks[i] = ranks[i + 1];
            }
            if (best + 1 < n)
                ranks[best] = rank(merged, tokens[best + 1]);
            if (best > 0)
                ranks[best - 1] = rank(tokens[best - 1], merged);
        }
        return n;
    }

    /** A linked list of tokens and a heap of (rank, place); an entry whose rank is no longer its place's is stale. */
    private int heap(int[] tokens, int n, int[] rank) {
        int[] next = new int[n];
        int[] previous = new int[n];
        LongHeap heap = new LongHeap(n);
        rank[n - 1] = NONE;
        for (int i = 0; i < n; i++) {
            next[i] = i + 1;
            previous[i] = i - 1;
            push(heap, rank[i], i);
        }
        while (heap.size() > 0) {
            long top = heap.pop();
            int at = (int) top;
            if (rank[at] != (int) (top >>> 32))
                continue;
            int gone = next[at];
            tokens[at] = merged(rank[at], tokens[at], tokens[gone]);
            rank[gone] = NONE;
            next[at] = next[gone];
            if (next[at] < n)
                previous[next[at]] = at;
            rank[at] = next[at] < n ? rank(tokens[at], tokens[next[at]]) : NONE;
            push(heap, rank[at], at);
            int before = previous[at];
            if (before >= 0) {
                rank[before] = rank(tokens[before], tokens[at]);
                push(heap, rank[before], before);
            }
        }
        int left = 0;
        for (int i = 0; i < n; i = next[i])
            tokens[left++] = tokens[i];
        return left;
    }

    private static void push(LongHeap heap, int rank, int at) {
        if (rank != NONE)
            heap.push((long) rank << 32 | at);
    }
}
