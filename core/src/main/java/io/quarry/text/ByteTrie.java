package io.quarry.text;

import java.util.Arrays;

/** Byte strings and a number for each, walked byte by byte. */
final class ByteTrie {
    static final int ROOT = 0;
    private static final int MOST = 1 << 24;

    /** (node, byte) pairs and the nodes they lead to; open addressing, -1 where free. */
    private long[] edges = new long[64];
    private int count;
    private int[] values = new int[32];
    private int nodes = 1;
    /** Whether a string starts with a byte. */
    private final boolean[] first = new boolean[256];

    ByteTrie() {
        Arrays.fill(edges, -1);
        values[ROOT] = -1;
    }

    /** Sets the number of a string, not negative; the last one set counts. */
    void put(byte[] key, int value) {
        int node = ROOT;
        for (byte b : key) {
            int next = next(node, b);
            node = next >= 0 ? next : grow(node, b);
        }
        values[node] = value;
        if (key.length > 0)
            first[key[0] & 0xFF] = true;
    }

    private int grow(int node, byte b) {
        if (nodes == MOST)
            throw new IllegalArgumentException("the texts of the tokens need more than " + MOST + " nodes of a trie");
        if (2 * ++count > edges.length)
            rehash();
        if (nodes == values.length)
            values = Arrays.copyOf(values, 2 * nodes);
        values[nodes] = -1;
        long pair = pair(node, b);
        edges[slot(pair)] = pair << 32 | nodes;
        return nodes++;
    }

    private void rehash() {
        long[] old = edges;
        edges = new long[old.length * 2];
        Arrays.fill(edges, -1);
        for (long edge : old)
            if (edge != -1)
                edges[slot(edge >>> 32)] = edge;
    }

    /** A node has 24 bits, so a pair has 32. */
    private static long pair(int node, byte b) {
        return (long) node << 8 | b & 0xFF;
    }

    private int slot(long pair) {
        int mask = edges.length - 1;
        int slot = (int) (pair * 0x9E3779B97F4A7C15L >>> 32) & mask;
        while (edges[slot] != -1 && edges[slot] >>> 32 != pair)
            slot = slot + 1 & mask;
        return slot;
    }

    /** The node behind {@code node} and a byte, or -1. */
    int next(int node, byte b) {
        long edge = edges[slot(pair(node, b))];
        return edge == -1 ? -1 : (int) edge;
    }

    /** The number of the string that ends at a node, or -1. */
    int value(int node) {
        return values[node];
    }

    /** Whether a string starts with this byte. */
    boolean starts(byte b) {
        return first[b & 0xFF];
    }
}
