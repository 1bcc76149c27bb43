package io.quarry.infer;

import io.quarry.model.ModelSpec;

/** What one sequence brings to a step of the decoder: some of its tokens, and its cache. Reused from step to step. */
final class Span {
    final KvCache cache;
    /** The tokens of the sequence so far; may be longer. */
    int[] tokens;
    /** Position of the first token of this step; all before it are in the cache. */
    int from;
    int count;
    /**
     * Positions before this hold text that is read, those from it on tokens that were picked. A step takes positions of one
     * kind; the former are prefilled, the latter decoded: see {@link io.quarry.kernel.Matrix}.
     */
    int given;
    /** Logits are wanted of this position and all after it. */
    int readFrom;
    /** What the reader of the logits wants to find again. */
    final Object owner;

    /** What layers remember that keep no keys and values; made when first asked for. */
    private MambaMixer.State[] states;

    /** The state of a layer; empty where the sequence begins. */
    MambaMixer.State state(int layer, ModelSpec spec) {
        if (states == null)
            states = new MambaMixer.State[spec.layers()];
        if (states[layer] == null || from == 0)
            states[layer] = new MambaMixer.State(spec.architecture().mamba());
        return states[layer];
    }

    boolean prefilled() {
        return from < given;
    }

    Span(KvCache cache, int[] tokens, Object owner) {
        this.cache = cache;
        this.tokens = tokens;
        this.owner = owner;
    }
}
