package io.quarry.infer;

import io.quarry.model.ModelSpec;

/**
 * Keys and values of one sequence. Both are stored as groups of panels (see {@link io.quarry.kernel.Panels}), so that
 * attention is two products of the ordinary kernel: keys as a matrix whose outputs are positions, values as one whose
 * inputs are positions.
 */
final class KvCache {
    private final ModelSpec spec;
    private final int panel;
    private final int capacity;
    /** Panels that hold the values of one head. */
    private final int valuePanels;
    private final float[][] keys;
    private final float[][] values;
    private int length;

    /**
     * An empty cache.
     *
     * @param positions how many positions it must hold
     * @param panel     width of the kernels' panels
     */
    KvCache(ModelSpec spec, int positions, int panel) {
        this.spec = spec;
        this.panel = panel;
        this.capacity = capacity(positions, panel);
        this.valuePanels = Math.ceilDiv(spec.headDim(), panel);
        int keySize = Math.multiplyExact(spec.kvHeads() * spec.headDim(), capacity);
        int valueSize = Math.multiplyExact(spec.kvHeads() * valuePanels * panel, capacity);
        keys = new float[spec.layers()][keySize];
        values = new float[spec.layers()][valueSize];
    }

    private static int capacity(int positions, int panel) {
        return Math.ceilDiv(positions, panel) * panel;
    }

    /** Bytes that a cache of so many positions takes. */
    static long bytes(ModelSpec spec, int positions, int panel) {
        long perPosition = (long) spec.kvHeads() * (spec.headDim() + Math.ceilDiv(spec.headDim(), panel) * panel);
        return perPosition * spec.layers() * capacity(positions, panel) * Float.BYTES;
    }

    long bytes() {
        return bytes(spec, capacity, panel);
    }

    int capacity() {
        return capacity;
    }

    /** Positions that are filled. */
    int length() {
        return length;
    }

    void length(int filled) {
        length = filled;
    }

    /** Stores key and value of all heads at a position: {@code kvDim} numbers each, from {@code key} and {@code value}. */
    void store(int layer, int position, float[] from, int key, int value) {
        int size = spec.headDim();
        for (int h = 0; h < spec.kvHeads(); h++) {
            int at = keyGroup(h, position / panel) + position % panel;
            for (int d = 0; d < size; d++)
                keys[layer][at + d * panel] = from[key + h * size + d];
            for (int g = 0; g < valuePanels; g++)
                System.arraycopy(from, value + h * size + g * panel, values[layer],
                        valueGroup(h, g) + position * panel, Math.min(panel, size - g * panel));
        }
    }

    /** Takes over the first positions of another sequence's cache: both begin with the same tokens. */
    void copyPrefix(KvCache other, int positions) {
        int size = spec.headDim();
        int groups = Math.ceilDiv(positions, panel);
        for (int l = 0; l < spec.layers(); l++)
            for (int h = 0; h < spec.kvHeads(); h++) {
                System.arraycopy(other.keys[l], other.keyGroup(h, 0), keys[l], keyGroup(h, 0), groups * panel * size);
                for (int g = 0; g < valuePanels; g++)
                    System.arraycopy(other.values[l], other.valueGroup(h, g), values[l], valueGroup(h, g),
                            positions * panel);
            }
        length = positions;
    }

    float[] keys(int layer) {
        return keys[layer];
    }

    float[] values(int layer) {
        return values[layer];
    }

    /** Where the keys of a head's {@code group}-th {@code panel} positions begin: {@code [headDim, panel]}. */
    int keyGroup(int head, int group) {
        return (head * capacity + group * panel) * spec.headDim();
    }

    /** Where a group of {@code panel} components of a head's values begins: {@code [capacity, panel]}. */
    int valueGroup(int head, int group) {
        return (head * valuePanels + group) * capacity * panel;
    }

    int valuePanels() {
        return valuePanels;
    }
}
