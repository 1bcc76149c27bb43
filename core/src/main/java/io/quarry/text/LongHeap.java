package io.quarry.text;

import java.util.Arrays;

/** A binary heap of longs, smallest first, without boxing. */
final class LongHeap {
    private long[] items;
    private int size;

    LongHeap(int capacity) {
        items = new long[Math.max(8, capacity)];
    }

    int size() {
        return size;
    }

    void push(long item) {
        if (size == items.length)
            items = Arrays.copyOf(items, Math.multiplyExact(size, 2));
        int at = size++;
        while (at > 0 && items[at - 1 >>> 1] > item) {
            items[at] = items[at - 1 >>> 1];
            at = at - 1 >>> 1;
        }
        items[at] = item;
    }

    long pop() {
        long top = items[0];
        long last = items[--size];
        int at = 0;
        while (2 * at + 1 < size) {
            int child = 2 * at + 1;
            if (child + 1 < size && items[child + 1] < items[child])
                child++;
            if (items[child] >= last)
                break;
            items[at] = items[child];
            at = child;
        }
        items[at] = last;
        return top;
    }
}
