package io.quarry.text;

import java.util.Arrays;

/** A growing array of ints. */
final class Ints {
    private int[] items;
    private int size;

    Ints(int capacity) {
        items = new int[capacity];
    }

    int size() {
        return size;
    }

    int at(int index) {
        return items[index];
    }

    Ints add(int item) {
        if (size == items.length)
            items = Arrays.copyOf(items, size + (size >> 1) + 8);
        items[size++] = item;
        return this;
    }

    void addAll(int[] more) {
        if (more.length > items.length - size)
            items = Arrays.copyOf(items, Math.addExact(size, Math.max(more.length, size >> 1)));
        System.arraycopy(more, 0, items, size, more.length);
        size += more.length;
    }

    int[] array() {
        return Arrays.copyOf(items, size);
    }
}
