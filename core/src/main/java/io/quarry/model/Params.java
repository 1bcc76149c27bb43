package io.quarry.model;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * The list of tensors of a model, written once. Loader, exporter, trainer, merger and memory plan all walk it; the names
 * are those of Hugging Face transformers.
 */
public final class Params {
    public static final String EMBEDDING = "model.embed_tokens.weight";
    public static final String FINAL_NORM = "model.norm.weight";
    public static final String LM_HEAD = "lm_head.weight";

    private Params() {}

    /** All tensors of a model as its family is written, in the order of the forward pass. */
    public static List<Param> of(ModelSpec s) {
        return of(s, name -> !s.tiedEmbeddings() && name.equals(LM_HEAD));
    }

    /**
     * All tensors that a file must hold, given those it holds: some families have biases, norms of queries and keys,
     * norms behind a half block, or matrices in one piece, and which of these a model has, its tensors say.
     */
    public static List<Param> of(ModelSpec s, Predicate<String> has) {
        List<Param> all = new ArrayList<>();
        all.add(new Param(EMBEDDING, List.of(s.vocabulary(), s.dim())));
        for (int l = 0; l < s.layers(); l++) {
            Layer layer = new Layer(s, l, has, all);
            layer.vector("input_layernorm", s.dim());
            if (s.architecture().blocks().get(l).mixer() == Architecture.Mixer.MAMBA)
                layer.mamba(s.architecture().mamba());
            else
                layer.attention();
            layer.vector("post_attention_layernorm", s.dim());
            if (has.test(layer(l, "pre_feedforward_layernorm"))) {
                layer.vector("pre_feedforward_layernorm", s.dim());
                layer.vector("post_feedforward_layernorm", s.dim());
            }
            layer.forward();
        }
        all.add(new Param(FINAL_NORM, List.of(s.dim())));
        if (has.test(LM_HEAD))
            all.add(new Param(LM_HEAD, List.of(s.vocabulary(), s.dim())));
        return List.copyOf(all);
    }

    /** Adds the tensors of one layer. */
    private record Layer(ModelSpec s, int l, Predicate<String> has, List<Param> all) {
        void vector(String part, int size) {
            all.add(new Param(layer(l, part), List.of(size)));
        }

        void matrix(String part, int outputs, int inputs) {
            all.add(new Param(layer(l, part), List.of(outputs, inputs)));
            if (has.test(bias(layer(l, part))))
                all.add(new Param(bias(layer(l, part)), List.of(outputs)));
        }

        void attention() {
            if (has.test(layer(l, "self_attn.qkv_proj"))) {
                matrix("self_attn.qkv_proj", s.qDim() + 2 * s.kvDim(), s.dim());
            } else {
                matrix("self_attn.q_proj", s.qDim(), s.dim());
                matrix("self_attn.k_proj", s.kvDim(), s.dim());
                matrix("self_attn.v_proj", s.kvDim(), s.dim());
            }
            for (String norm : List.of("self_attn.q_norm", "self_attn.k_norm"))
                if (has.test(layer(l, norm)))
                    vector(norm, s.headDim());
            matrix("self_attn.o_proj", s.dim(), s.qDim());
        }

        void mamba(Architecture.Mamba m) {
            matrix("mamba.in_proj", m.inner() + m.convDim() + m.heads(), s.dim());
            all.add(new Param(layer(l, "mamba.conv1d"), List.of(m.convDim(), 1, m.conv())));
            if (has.test(inLayer(l, "mamba.conv1d.bias")))
                all.add(new Param(inLayer(l, "mamba.conv1d.bias"), List.of(m.convDim())));
            for (String part : List.of("mamba.dt_bias", "mamba.A_log", "mamba.D"))
                all.add(new Param(inLayer(l, part), List.of(m.heads())));
            vector("mamba.norm", m.inner());
            matrix("mamba.out_proj", s.dim(), m.inner());
        }

        void forward() {
            Architecture.Experts e = s.architecture().experts();
            if (e != null) {
                matrix("block_sparse_moe.router.layer", e.count(), s.dim());
                all.add(new Param(layer(l, "block_sparse_moe.input_linear"),
                        List.of(e.count(), 2 * e.ffn(), s.dim())));
                all.add(new Param(layer(l, "block_sparse_moe.output_linear"), List.of(e.count(), s.dim(), e.ffn())));
            }
            if (has.test(layer(l, "shared_mlp.input_linear")) || e != null && e.shared()) {
                matrix("shared_mlp.input_linear", 2 * s.ffn(), s.dim());
                matrix("shared_mlp.output_linear", s.dim(), s.ffn());
            } else if (has.test(layer(l, "mlp.gate_up_proj"))) {
                matrix("mlp.gate_up_proj", 2 * s.ffn(), s.dim());
                matrix("mlp.down_proj", s.dim(), s.ffn());
            } else if (e == null) {
                matrix("mlp.gate_proj", s.ffn(), s.dim());
                matrix("mlp.up_proj", s.ffn(), s.dim());
                matrix("mlp.down_proj", s.dim(), s.ffn());
            }
        }
    }

    /** The full name of a tensor of layer {@code l}, for instance {@code self_attn.q_proj}. */
    public static String layer(int l, String part) {
        return inLayer(l, part + ".weight");
    }

    /** The full name of a tensor of layer {@code l} that is no weight, for instance {@code mamba.A_log}. */
    public static String inLayer(int l, String part) {
        return "model.layers." + l + "." + part;
    }

    /** The name of the bias that belongs to a weight. */
    public static String bias(String weight) {
        return weight.substring(0, weight.length() - "weight".length()) + "bias";
    }
}
