package io.quarry.infer;

import static io.quarry.model.Params.layer;

import io.quarry.kernel.Matrix;
import io.quarry.model.Architecture;
import io.quarry.model.Architecture.Mixer;
import io.quarry.model.ModelSpec;
import io.quarry.model.Params;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * A model's tensors in the layout of the kernels. What is computed from the same input stands in one matrix. Which of the
 * parts that only some families have is there, the tensors decide: a part that is null is not computed.
 */
final class Weights {
    /** Where tensors come from. */
    interface Source {
        boolean has(String name);

        /** The numbers of a tensor, row-major. */
        float[] f32(String name);

        /**
         * A tensor as a matrix.
         *
         * @param old what this source gave for it before, null if nothing; its memory may be used again
         */
        Matrix matrix(String name, int inputs, Matrix old);

        /** The matrices of a tensor that holds {@code count} of them, one below the other. */
        Matrix[] matrices(String name, int count, int inputs);
    }

    /**
     * One layer.
     *
     * @param norm1    gain before the mixer
     * @param mix      attention or Mamba
     * @param postMix  gain of the norm of what the mixer gives, or null
     * @param norm2    gain before the feed-forward part
     * @param forward  the part all tokens share, or null
     * @param experts  the parts a router chooses among, or null
     * @param postForward gain of the norm of what the feed-forward part gives, or null
     */
    record Block(float[] norm1, Mix mix, float[] postMix, float[] norm2, Forward forward, Experts experts,
            float[] postForward) {}

    sealed interface Mix {}

    /**
     * Attention.
     *
     * @param qkv   queries, then keys, then values: {@code [qDim + 2 kvDim, dim]}
     * @param bias  of these, or null
     * @param qNorm gain of the norm of each query head, or null
     * @param kNorm the same for keys
     * @param o     {@code [dim, qDim]}
     * @param oBias or null
     */
    record Heads(Matrix qkv, float[] bias, float[] qNorm, float[] kNorm, Matrix o, float[] oBias) implements Mix {}

    /**
     * A Mamba-2 mixer.
     *
     * @param in       gate, then what the convolution sees, then time steps: {@code [inner + convDim + heads, dim]}
     * @param conv     taps of each channel, the oldest first: {@code [convDim, conv]}
     * @param convBias or null
     * @param stepBias of each head
     * @param decay    of each head, below 0
     * @param skip     of each head
     * @param norms    gains of the norms of the gated result, one for each group
     * @param out      {@code [dim, inner]}
     */
    record Mamba(Matrix in, float[] conv, float[] convBias, float[] stepBias, float[] decay, float[] skip,
            float[][] norms,
            Matrix out) implements Mix {}

    /**
     * A gated feed-forward part.
     *
     * @param gateUp   gate, then what it gates: {@code [2 ffn, dim]}
     * @param bias     of these, or null
     * @param down     {@code [dim, ffn]}
     * @param downBias or null
     */
    record Forward(Matrix gateUp, float[] bias, Matrix down, float[] downBias) {}

    /** @param router {@code [count, dim]} */
    record Experts(Matrix router, Forward[] all) {}

    private final ModelSpec spec;
    /** Matrices as they were given, by name, for the next load. */
    private final Map<String, Matrix> given = new HashMap<>();
    private Matrix embedding;
    private final Block[] blocks;
    private float[] norm;
    private Matrix head;

    /** Nothing yet; {@link #load} fills it. */
    Weights(ModelSpec s) {
        this.spec = s;
        this.blocks = new Block[s.layers()];
    }

    /** Takes all tensors anew. */
    void load(Source from) {
        embedding = matrix(from, spec.dim(), Params.EMBEDDING);
        for (int l = 0; l < blocks.length; l++)
            blocks[l] = block(from, l);
        norm = vector(from, Params.FINAL_NORM);
        head = from.has(Params.LM_HEAD) ? matrix(from, spec.dim(), Params.LM_HEAD) : embedding;
    }

    private Block block(Source from, int l) {
        boolean sandwich = from.has(layer(l, "pre_feedforward_layernorm"));
        String afterMix = layer(l, "post_attention_layernorm");
        return new Block(vector(from, layer(l, "input_layernorm")),
                spec.architecture().blocks().get(l).mixer() == Mixer.MAMBA
                        ? mamba(from, l)
                        : heads(from, l),
                sandwich ? vector(from, afterMix) : null,
                vector(from, sandwich ? layer(l, "pre_feedforward_layernorm") : afterMix),
                forward(from, l), experts(from, l),
                sandwich ? vector(from, layer(l, "post_feedforward_layernorm")) : null);
    }

    private Heads heads(Source from, int l) {
        String[] names = from.has(layer(l, "self_attn.qkv_proj"))
                ? new String[] {layer(l, "self_attn.qkv_proj")}
                : new String[] {layer(l, "self_attn.q_proj"), layer(l, "self_attn.k_proj"),
                    layer(l, "self_attn.v_proj")};
        String o = layer(l, "self_attn.o_proj");
        return new Heads(matrix(from, spec.dim(), names), biases(from, names),
                optional(from, layer(l, "self_attn.q_norm")), optional(from, layer(l, "self_attn.k_norm")),
                matrix(from, spec.qDim(), o), biases(from, o));
    }

    private Mamba mamba(Source from, int l) {
        Architecture.Mamba m = spec.architecture().mamba();
        float[] decay = vector(from, Params.inLayer(l, "mamba.A_log"));
        for (int h = 0; h < decay.length; h++)
            decay[h] = -(float) Math.exp(decay[h]);
        return new Mamba(matrix(from, spec.dim(), layer(l, "mamba.in_proj")),
                vector(from, layer(l, "mamba.conv1d")), optional(from, Params.inLayer(l, "mamba.conv1d.bias")),
                vector(from, Params.inLayer(l, "mamba.dt_bias")), decay, vector(from, Params.inLayer(l, "mamba.D")),
                groups(vector(from, layer(l, "mamba.norm")), m.groups()),
                matrix(from, m.inner(), layer(l, "mamba.out_proj")));
    }

    private static float[][] groups(float[] all, int count) {
        float[][] groups = new float[count][];
        int width = all.length / count;
        for (int g = 0; g < count; g++)
            groups[g] = Arrays.copyOfRange(all, g * width, (g + 1) * width);
        return groups;
    }

    private Forward forward(Source from, int l) {
        String shared = layer(l, "shared_mlp.input_linear");
        if (from.has(shared))
            return forward(from, spec.ffn(), layer(l, "shared_mlp.output_linear"), shared);
        if (spec.architecture().experts() != null)
            return null;
        String down = layer(l, "mlp.down_proj");
        String fused = layer(l, "mlp.gate_up_proj");
        return from.has(fused)
                ? forward(from, spec.ffn(), down, fused)
                : forward(from, spec.ffn(), down, layer(l, "mlp.gate_proj"), layer(l, "mlp.up_proj"));
    }

    private Forward forward(Source from, int ffn, String down, String... gateUp) {
        return new Forward(matrix(from, spec.dim(), gateUp), biases(from, gateUp),
                matrix(from, ffn, down), biases(from, down));
    }

    /** Experts stand in one tensor each for all ways in and all ways out: {@code [count, 2 ffn, dim], [count, dim, ffn]}. */
    private Experts experts(Source from, int l) {
        Architecture.Experts e = spec.architecture().experts();
        if (e == null)
            return null;
        Matrix[] in = from.matrices(layer(l, "block_sparse_moe.input_linear"), e.count(), spec.dim());
        Matrix[] out = from.matrices(layer(l, "block_sparse_moe.output_linear"), e.count(), e.ffn());
        Forward[] all = new Forward[e.count()];
        for (int i = 0; i < all.length; i++)
            all[i] = new Forward(in[i], null, out[i], null);
        return new Experts(matrix(from, spec.dim(), layer(l, "block_sparse_moe.router.layer")), all);
    }

    /** Matrices of the same inputs one below the other. */
    private Matrix matrix(Source from, int inputs, String... names) {
        Matrix[] parts = new Matrix[names.length];
        for (int i = 0; i < names.length; i++) {
            parts[i] = from.matrix(names[i], inputs, given.get(names[i]));
            given.put(names[i], parts[i]);
        }
        return Matrix.stack(parts);
    }

    private float[] biases(Source from, String... names) {
        if (!from.has(Params.bias(names[0])))
            return null;
        float[] all = {};
        for (String name : names) {
            float[] one = from.f32(Params.bias(name));
            int at = all.length;
            all = Arrays.copyOf(all, at + one.length);
            System.arraycopy(one, 0, all, at, one.length);
        }
        return all;
    }

    private static float[] vector(Source from, String name) {
        return from.f32(name).clone();
    }

    private static float[] optional(Source from, String name) {
        return from.has(name) ? vector(from, name) : null;
    }

    /** Bytes of matrices that the step of one token reads: all, but of experts those it uses. */
    long stepBytes() {
        long bytes = head.bytes();
        for (Block block : blocks) {
            bytes += switch (block.mix()) {
                case Heads h -> h.qkv().bytes() + h.o().bytes();
                case Mamba m -> m.in().bytes() + m.out().bytes();
            };
            if (block.forward() != null)
                bytes += bytes(block.forward());
            if (block.experts() != null)
                bytes += block.experts().router().bytes()
                        + bytes(block.experts().all()[0]) * spec.architecture().experts().used();
        }
        return bytes;
    }

    private static long bytes(Forward forward) {
        return forward.gateUp().bytes() + forward.down().bytes();
    }

    Matrix embedding() {
        return embedding;
    }

    Block block(int layer) {
        return blocks[layer];
    }

    float[] norm() {
        return norm;
    }

    /** The output matrix; the embedding itself where they are tied. */
    Matrix head() {
        return head;
    }
}
