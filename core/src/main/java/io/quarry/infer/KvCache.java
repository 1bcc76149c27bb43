package io.quarry.infer;

import io.quarry.kernel.KvLayout;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** Keys and values of one sequence: the table of its pages. Whole pages may be shared with others that begin alike. */
final class KvCache {
    private final KvPool pool;
    private Page[] pages = {};
    private int count;
    private int length;

    /** An empty cache without pages. */
    KvCache(KvPool pool) {
        this.pool = pool;
    }

    KvPool pool() {
        return pool;
    }

    /** Positions that are filled. */
    int length() {
        return length;
    }

    /** Says that the first {@code filled} positions hold keys and values of the sequence's tokens. */
    void length(int filled) {
        for (int p = Math.min(length, filled) / KvLayout.SLOTS; p < count; p++)
            pages[p].filled = Math.clamp(filled - p * KvLayout.SLOTS, 0, KvLayout.SLOTS);
        length = filled;
    }

    /** Pages that it has. */
    int pages() {
        return count;
    }

    /** Memory of the page that holds the positions from {@code index * SLOTS} on. */
    MemorySegment page(int index) {
        return pages[index].memory;
    }

    /**
     * Takes over what is known of a text: whole pages are shared, of one more the beginning is copied. The cache must be
     * empty.
     *
     * @param end most positions
     * @return positions taken over
     */
    int adopt(int[] tokens, int end) {
        Page at = pool.root();
        while (true) {
            Page next = pool.likest(at, tokens, length, end);
            int common = next == null ? 0 : next.common(tokens, length, end);
            if (common == 0)
                return length;
            pool.use(next); // or its memory could be taken for the copy
            if (common < KvLayout.SLOTS) {
                if (pool.available() > 0) {
                    add(pool.take(at, tokens, length));
                    pages[count - 1].memory.copyFrom(next.memory);
                    length(length + common);
                }
                pool.leave(next);
                return length;
            }
            add(next);
            length += common;
            at = next;
        }
    }

    /**
     * Makes room for so many positions.
     *
     * @return whether there was enough; if not, nothing has changed
     */
    boolean reserve(int[] tokens, int positions) {
        int wanted = KvPool.pages(positions);
        if (wanted - count > pool.available())
            return false;
        while (count < wanted)
            add(pool.take(count == 0 ? pool.root() : pages[count - 1], tokens, count * KvLayout.SLOTS));
        return true;
    }

    private void add(Page page) {
        if (count == pages.length)
            pages = Arrays.copyOf(pages, Math.max(8, 2 * count));
        pages[count++] = page;
    }

    /** Gives all pages back; what they hold stays known until their memory is needed. */
    void release() {
        while (count > 0) {
            pool.leave(pages[--count]);
            pages[count] = null;
        }
        length = 0;
    }
}
