package io.quarry.eval;

import java.util.ArrayList;
import java.util.List;

/**
 * The chance of one item: a SplitMix64 stream (Steele, Lea and Flood, OOPSLA 2014) seeded by task, split, seed and index.
 * Written out here because an item must be the same on every machine and in every JDK.
 */
final class Draw {
    private static final long GAMMA = 0x9E3779B97F4A7C15L;

    private final Split split;
    private long state;

    Draw(String task, Split split, long seed, long index) {
        this.split = split;
        state = mix(hash(task + '/' + split) ^ mix(seed * GAMMA ^ mix(index)));
    }

    /** The split the item is drawn for; most generators need not look. */
    Split split() {
        return split;
    }

    /** A whole number in [0, n). */
    int below(int n) {
        state += GAMMA;
        return (int) Long.remainderUnsigned(mix(state), n);
    }

    /** A whole number in [low, high]. */
    int between(int low, int high) {
        return low + below(high - low + 1);
    }

    /** True in so many of a hundred draws. */
    boolean chance(int percent) {
        return below(100) < percent;
    }

    <T> T pick(List<T> from) {
        return from.get(below(from.size()));
    }

    /** Some different elements in random order. */
    <T> List<T> several(List<T> from, int count) {
        List<T> rest = new ArrayList<>(from);
        List<T> out = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            int at = below(rest.size());
            out.add(rest.get(at));
            rest.set(at, rest.getLast());
            rest.removeLast();
        }
        return out;
    }

    <T> List<T> shuffled(List<T> from) {
        return several(from, from.size());
    }

    /** The half of the space that a content belongs to: one quarter is held out, whatever seed draws it. */
    static Split half(String content) {
        return (hash(content) & 3) == 0 ? Split.HELD_OUT : Split.TRAIN;
    }

    /** FNV-1a over the characters, then mixed so that every bit depends on all of them. */
    static long hash(String text) {
        long h = 0xCBF29CE484222325L;
        for (int i = 0; i < text.length(); i++)
            h = (h ^ text.charAt(i)) * 0x100000001B3L;
        return mix(h);
    }

    private static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
