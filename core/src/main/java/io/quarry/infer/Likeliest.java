package io.quarry.infer;

/** The likeliest tokens, one after the other, of which only as many are sorted as are asked for. Reuses its memory. */
final class Likeliest {
    /** A heap of keys, the smallest on top; those taken stand behind it, the last taken first. */
    private long[] heap = {};
    private int count;
    private int left;

    /** Begins anew with the tokens that have at least probability {@code least} among {@code n}. */
    void fill(float[] p, int n, float least) {
        if (heap.length < n)
            heap = new long[n];
        count = 0;
        for (int i = 0; i < n; i++)
            if (p[i] >= least) // positive floats sort as their bits do; the complement puts the largest first
                heap[count++] = ((long) ~Float.floatToRawIntBits(p[i]) << 32) | i;
        left = count;
        for (int i = count / 2 - 1; i >= 0; i--)
            sink(heap[i], i);
    }

    /** How many there are. */
    int count() {
        return count;
    }

    /** The {@code rank}-th likeliest token from 0; of equals the one with the lower id. */
    int token(int rank) {
        while (count - left <= rank) {
            long top = heap[0];
            long last = heap[--left];
            sink(last, 0);
            heap[left] = top;
        }
        return (int) heap[count - 1 - rank];
    }

    private void sink(long key, int at) {
        while (2 * at + 1 < left) {
            int child = 2 * at + 1;
            if (child + 1 < left && heap[child + 1] < heap[child])
                child++;
            if (heap[child] >= key)
                break;
            heap[at] = heap[child];
            at = child;
        }
        heap[at] = key;
    }
}
