package io.quarry.infer;

import io.quarry.kernel.Panels;
import io.quarry.model.ModelSpec;
import io.quarry.model.Params;
import java.util.function.Function;

/** A model's tensors in the layout of the kernels. What is computed from the same input stands in one matrix. */
final class Weights {
    /**
     * One transformer block.
     *
     * @param norm1  gain before attention
     * @param qkv    queries, then keys, then values: {@code [qDim + 2 kvDim, dim]}
     * @param o      {@code [dim, qDim]}
     * @param norm2  gain before the feed-forward part
     * @param gateUp gate, then what it gates: {@code [2 ffn, dim]}
     * @param down   {@code [dim, ffn]}
     */
    record Block(float[] norm1, Panels qkv, Panels o, float[] norm2, Panels gateUp, Panels down) {}

    private final ModelSpec spec;
    private final Panels embedding;
    private final Block[] blocks;
    private final float[] norm;
    private final Panels head;

    /** Room for a model's tensors; {@link #load} fills it. */
    Weights(ModelSpec s, int panel) {
        spec = s;
        embedding = new Panels(s.vocabulary(), s.dim(), panel);
        blocks = new Block[s.layers()];
        for (int l = 0; l < blocks.length; l++)
            blocks[l] = new Block(new float[s.dim()], new Panels(s.qDim() + 2 * s.kvDim(), s.dim(), panel),
                    new Panels(s.dim(), s.qDim(), panel), new float[s.dim()], new Panels(2 * s.ffn(), s.dim(), panel),
                    new Panels(s.dim(), s.ffn(), panel));
        norm = new float[s.dim()];
        head = s.tiedEmbeddings() ? embedding : new Panels(s.vocabulary(), s.dim(), panel);
    }

    /** Takes all tensors anew from a function of their names that gives them row-major. */
    void load(Function<String, float[]> weights) {
        embedding.fill(0, weights.apply(Params.EMBEDDING));
        for (int l = 0; l < blocks.length; l++) {
            Block b = blocks[l];
            fill(b.norm1, weights, Params.layer(l, "input_layernorm"));
            b.qkv.fill(0, weights.apply(Params.layer(l, "self_attn.q_proj")));
            b.qkv.fill(spec.qDim(), weights.apply(Params.layer(l, "self_attn.k_proj")));
            b.qkv.fill(spec.qDim() + spec.kvDim(), weights.apply(Params.layer(l, "self_attn.v_proj")));
            b.o.fill(0, weights.apply(Params.layer(l, "self_attn.o_proj")));
            fill(b.norm2, weights, Params.layer(l, "post_attention_layernorm"));
            b.gateUp.fill(0, weights.apply(Params.layer(l, "mlp.gate_proj")));
            b.gateUp.fill(spec.ffn(), weights.apply(Params.layer(l, "mlp.up_proj")));
            b.down.fill(0, weights.apply(Params.layer(l, "mlp.down_proj")));
        }
        fill(norm, weights, Params.FINAL_NORM);
        if (head != embedding)
            head.fill(0, weights.apply(Params.LM_HEAD));
    }

    private static void fill(float[] to, Function<String, float[]> weights, String name) {
        float[] from = weights.apply(name);
        if (from.length != to.length)
            throw new IllegalArgumentException(name + " has " + from.length + " numbers, expected " + to.length);
        System.arraycopy(from, 0, to, 0, to.length);
    }

    Panels embedding() {
        return embedding;
    }

    Block block(int layer) {
        return blocks[layer];
    }

    float[] norm() {
        return norm;
    }

    /** The output matrix; the embedding itself where they are tied. */
    Panels head() {
        return head;
    }
}
