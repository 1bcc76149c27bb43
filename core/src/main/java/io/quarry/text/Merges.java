package io.quarry.text;

import java.util.Arrays;

/**
 * The merges of a byte-level BPE, applied to one pretoken: always the pair of lowest rank, the leftmost of several. Short
 * pieces are scanned, long ones use a heap, so that a megabyte of one letter takes n log n steps.
 */
final class Merges {
    private static final int NONE = Integer.MAX_VALUE;
    private static final int SCANNED = 40; // under this many bytes a scan is faster than a heap

    private final long[] pairs;
    private final int[] ranks;
    private final int[] ids;
    private final int mask;

    /** A table with room for {@code count} merges. */
    Merges(int count) {
        int capacity = Integer.highestOneBit(Math.max(8, count) * 2 - 1) * 2;
        pairs = new long[capacity];
        ranks = new int[capacity];
        ids = new int[capacity];
        mask = capacity - 1;
        Arrays.fill(pairs, -1);
    }

    /** Says that {@code left} and {@code right} become {@code id}; a pair given twice keeps its last rank. */
    void put(int left, int right, int rank, int id) {
        int slot = slot(left, right);
        pairs[slot] = pair(left, right);
        ranks[slot] = rank;
        ids[slot] = id;
    }

    private static long pair(int left, int right) {
        return (long) left << 32 | right;
    }

    private int slot(int left, int right) {
        long pair = pair(left, right);
        long mixed = pair * 0x9E3779B97F4A7C15L;
        int slot = (int) (mixed >>> 32) & mask;
        while (pairs[slot] != pair && pairs[slot] != -1)
            slot = slot + 1 & mask;
        return slot;
    }

    private int rank(int left, int right) {
        int slot = slot(left, right);
        return pairs[slot] == -1 ? NONE : ranks[slot];
    }

    /** Merges {@code tokens} as far as it goes. */
    int[] apply(int[] tokens) {
        return tokens.length < SCANNED ? scan(tokens) : heap(tokens);
    }

    private int[] scan(int[] tokens) {
        int n = tokens.length;
        int[] rank = new int[n];
        for (int i = 0; i + 1 < n; i++)
            rank[i] = rank(tokens[i], tokens[i + 1]);
        while (n > 1) {
            int best = 0;
            for (int i = 1; i < n - 1; i++)
                if (rank[i] < rank[best])
                    best = i;
            if (rank[best] == NONE)
                break;
            tokens[best] = ids[slot(tokens[best], tokens[best + 1])];
            n--;
            System.arraycopy(tokens, best + 2, tokens, best + 1, n - best - 1);
            System.arraycopy(rank, best + 2, rank, best + 1, Math.max(0, n - best - 2));
            if (best + 1 < n)
                rank[best] = rank(tokens[best], tokens[best + 1]);
            if (best > 0)
                rank[best - 1] = rank(tokens[best - 1], tokens[best]);
        }
        return Arrays.copyOf(tokens, n);
    }

    /** A linked list of tokens and a heap of (rank, place); an entry whose rank is no longer its place's is stale. */
    private int[] heap(int[] tokens) {
        int n = tokens.length;
        int[] next = new int[n];
        int[] previous = new int[n];
        int[] rank = new int[n];
        LongHeap heap = new LongHeap(n);
        for (int i = 0; i < n; i++) {
            next[i] = i + 1;
            previous[i] = i - 1;
            rank[i] = i + 1 < n ? rank(tokens[i], tokens[i + 1]) : NONE;
            push(heap, rank[i], i);
        }
        while (heap.size() > 0) {
            long top = heap.pop();
            int at = (int) top;
            if (rank[at] != (int) (top >>> 32))
                continue;
            int gone = next[at];
            tokens[at] = ids[slot(tokens[at], tokens[gone])];
            tokens[gone] = -1;
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
        return Arrays.stream(tokens).filter(id -> id >= 0).toArray();
    }

    private static void push(LongHeap heap, int rank, int at) {
        if (rank != NONE)
            heap.push((long) rank << 32 | at);
    }
}
