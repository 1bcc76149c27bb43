package io.quarry.infer;

import io.quarry.kernel.KvLayout;
import io.quarry.kernel.KvType;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;

/**
 * The pages of all sequences of a model, never more than fit in a budget. A page that no sequence has any longer stays
 * as long as nobody needs its memory: a text that begins alike finds it. Those unused longest are taken back first, the
 * end of a text before its begin. Not for several threads at once.
 */
final class KvPool implements AutoCloseable {
    private final IntUnaryOperator kinds;
    private final Arena arena = Arena.ofShared();
    private final List<KvLayout> layouts = new ArrayList<>();
    private final long[] layerAt;
    private final long pageBytes;
    private final long budget;
    private final int most;
    /** Whose children are the first pages of all texts. */
    private final Page root = new Page(null);
    private final List<Page> free = new ArrayList<>();
    private int made;
    /** Pages in the tree that no sequence has. */
    private int unused;
    /** Those of them that have no children, by the time they were left: between {@code newer} and {@code older} of this. */
    private final Page ring = new Page(null);

    /**
     * A pool without pages; memory is taken one by one when they are needed.
     *
     * @param layers how each layer attends; null for one that keeps no keys and values
     * @param budget most bytes
     * @param kinds  from the length of a text's array of tokens: only texts of one kind share pages; null if none may
     */
    KvPool(KvType type, List<AttentionShape> layers, long budget, IntUnaryOperator kinds) {
        this.kinds = kinds;
        layerAt = new long[layers.size()];
        long at = 0;
        for (int l = 0; l < layerAt.length; l++) {
            layerAt[l] = at;
            KvLayout layout = layers.get(l) == null ? null : new KvLayout(type, layers.get(l).headDim());
            layouts.add(layout);
            if (layout != null)
                at = Math.addExact(at, Math.multiplyExact(layout.bytes(), layers.get(l).kvHeads()));
        }
        pageBytes = at;
        this.budget = budget;
        most = (int) Math.min(budget / Math.max(1, pageBytes), Integer.MAX_VALUE / KvLayout.SLOTS);
        ring.older = ring;
        ring.newer = ring;
    }

    /** Most bytes it takes. */
    long budget() {
        return budget;
    }

    /** Bytes of one page. */
    long pageBytes() {
        return pageBytes;
    }

    /** Most pages there can be. */
    int pages() {
        return most;
    }

    /** Longest text that fits if it is alone. */
    int positions() {
        return most * KvLayout.SLOTS;
    }

    /** Pages that hold so many positions. */
    static int pages(int positions) {
        return Math.ceilDiv(positions, KvLayout.SLOTS);
    }

    /** Pages that can be had now. */
    int available() {
        return most - made + free.size() + unused;
    }

    KvLayout layout(int layer) {
        return layouts.get(layer);
    }

    /** Byte of a page at which the block of a layer's key head begins. */
    long at(int layer, int head) {
        return layerAt[layer] + head * layouts.get(layer).bytes();
    }

    /**
     * What is known of a text.
     *
     * @param positions from its begin on
     * @param shared    whole pages of them that some sequence has now
     */
    record Known(int positions, int shared) {}

    /** What is known of the first {@code end} positions of a text. */
    Known known(int[] tokens, int end) {
        Page page = root;
        int positions = 0;
        int shared = 0;
        while (true) {
            page = likest(page, tokens, positions, end);
            int common = page == null ? 0 : page.common(tokens, positions, end);
            positions += common;
            if (common < KvLayout.SLOTS)
                return new Known(positions, shared);
            if (page.users > 0)
                shared++;
        }
    }

    /** The child that goes on most like a text; null if none has even the next token. */
    Page likest(Page page, int[] tokens, int at, int end) {
        Page best = null;
        int most = 0;
        int kind = kind(tokens);
        for (int i = 0; i < page.children.size() && most < KvLayout.SLOTS; i++) {
            if (kinds == null || page.children.get(i).kind != kind)
                continue;
            int common = page.children.get(i).common(tokens, at, end);
            if (common > most) {
                most = common;
                best = page.children.get(i);
            }
        }
        return best;
    }

    private int kind(int[] tokens) {
        return kinds == null ? 0 : kinds.applyAsInt(tokens.length);
    }

    Page root() {
        return root;
    }

    /** An empty page for the positions of a text from {@code from} on, under that of those before; one must be available. */
    Page take(Page parent, int[] tokens, int from) {
        Page page;
        if (!free.isEmpty()) {
            page = free.removeLast();
        } else if (made < most) {
            page = new Page(arena.allocate(pageBytes, 64));
            made++;
        } else {
            page = ring.newer;
            if (page == ring)
                throw new IllegalStateException("all " + most + " pages of the key-value cache are in use");
            forget(page);
        }
        page.parent = parent;
        page.tokens = tokens;
        page.from = from;
        page.kind = kind(tokens);
        page.filled = 0;
        page.users = 1;
        parent.children.add(page);
        return page;
    }

    /** One sequence more has a page. */
    void use(Page page) {
        if (page.users++ == 0) {
            unused--;
            if (page.children.isEmpty())
                unlink(page);
        }
    }

    /** One sequence less has a page; it must leave those that follow first. */
    void leave(Page page) {
        if (--page.users > 0)
            return;
        unused++;
        if (page.children.isEmpty())
            link(page, ring.older, ring);
        if (page.filled == 0) { // reserved, never reached
            forget(page);
            free.add(page);
        }
    }

    /** Takes an unused page without children out of the tree. */
    private void forget(Page page) {
        unlink(page);
        unused--;
        Page parent = page.parent;
        parent.children.remove(page);
        page.parent = null;
        page.tokens = null;
        if (parent != root && parent.users == 0 && parent.children.isEmpty())
            link(parent, ring, ring.newer); // was left before all others
    }

    /** Forgets all texts: weights have changed. No sequence may have a page. */
    void clear() {
        while (ring.newer != ring) {
            Page page = ring.newer;
            forget(page);
            free.add(page);
        }
    }

    private static void link(Page page, Page older, Page newer) {
        page.older = older;
        page.newer = newer;
        older.newer = page;
        newer.older = page;
    }

    private static void unlink(Page page) {
        page.older.newer = page.newer;
        page.newer.older = page.older;
    }

    /** Gives all memory back. */
    @Override
    public void close() {
        arena.close();
    }
}
