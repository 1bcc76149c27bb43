package io.quarry.infer;

import io.quarry.model.Architecture;
import io.quarry.model.ModelSpec;
import io.quarry.model.Rope;

/**
 * How one layer attends. Layers of a model may differ in it.
 *
 * @param heads   query heads
 * @param kvHeads key and value heads; divides {@code heads}
 * @param headDim size of one head
 * @param scale   what q.k is multiplied by
 * @param window  a query at position i sees the keys j with {@code i - window < j <= i}; 0 is no window: all up to i
 * @param softCap scaled scores s become {@code softCap * tanh(s / softCap)} before the mask; 0 leaves them
 * @param rope    turns queries and keys by their positions; null for a layer without positions
 */
record AttentionShape(int heads, int kvHeads, int headDim, float scale, int window, float softCap, Rope rope) {
    AttentionShape {
        if (heads < 1 || kvHeads < 1 || heads % kvHeads != 0)
            throw new IllegalArgumentException("kvHeads must divide heads, was " + kvHeads + " for " + heads);
        if (headDim < 1)
            throw new IllegalArgumentException("headDim must be positive, was " + headDim);
        if (window < 0)
            throw new IllegalArgumentException("window must be 0 (none) or more, was " + window);
        if (!(softCap >= 0))
            throw new IllegalArgumentException("softCap must be 0 (none) or more, was " + softCap);
    }

    /** That of one layer of a model. */
    static AttentionShape of(ModelSpec spec, Architecture.Block block, Rope global, Rope local) {
        return new AttentionShape(spec.heads(), spec.kvHeads(), spec.headDim(), (float) spec.attentionMultiplier(),
                block.window(), (float) spec.architecture().attentionSoftCap(), switch (block.position()) {
                    case GLOBAL -> global;
                    case LOCAL -> local;
                    case NONE -> null;
                });
    }

    /** Query heads that share a key head. */
    int group() {
        return heads / kvHeads;
    }

    /** Width of all queries of a token. */
    int qDim() {
        return heads * headDim;
    }

    /** Width of all keys of a token, which is also that of its values. */
    int kvDim() {
        return kvHeads * headDim;
    }

    /** The first position that a query at {@code position} sees. */
    int first(int position) {
        return window == 0 ? 0 : Math.max(0, position - window + 1);
    }
}
