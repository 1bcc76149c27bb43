package io.quarry.infer;

import io.quarry.kernel.KvLayout;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Keys and values of all layers for {@link KvLayout#SLOTS} positions of a text. Pages form a tree: a page stands under
 * that of the positions before it, so that a way from the root spells a text that begins so.
 */
final class Page {
    /** Null for the root alone. */
    final MemorySegment memory;
    final List<Page> children = new ArrayList<>();
    Page parent;
    /** Texts of another kind have other keys for the same tokens. */
    int kind;
    /** The text that filled it, in which its positions begin at {@code from}. */
    int[] tokens;
    int from;
    /** Positions that are there, from the first on. */
    int filled;
    /** Sequences that have it in their tables. Its ancestors have at least as many. */
    int users;
    /** Neighbours among the pages that can be taken back, see {@link KvPool}. */
    Page older;
    Page newer;

    Page(MemorySegment memory) {
        this.memory = memory;
    }

    /** How many of its positions hold what a text has from position {@code at} up to {@code end}. */
    int common(int[] text, int at, int end) {
        int most = Math.min(filled, end - at);
        if (most <= 0)
            return 0;
        int differs = Arrays.mismatch(text, at, at + most, tokens, from, from + most);
        return differs < 0 ? most : differs;
    }
}
