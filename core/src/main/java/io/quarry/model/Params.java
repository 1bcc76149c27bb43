package io.quarry.model;

import java.util.ArrayList;
import java.util.List;

/**
 * The list of tensors of a model, written once. Loader, exporter, trainer, merger and memory plan all walk it; the names
 * are those of {@code GraniteForCausalLM} in Hugging Face transformers.
 */
public final class Params {
    public static final String EMBEDDING = "model.embed_tokens.weight";
    public static final String FINAL_NORM = "model.norm.weight";
    public static final String LM_HEAD = "lm_head.weight";

    private Params() {}

    /** All tensors in the order of the forward pass. */
    public static List<Param> of(ModelSpec s) {
        List<Param> all = new ArrayList<>();
        all.add(new Param(EMBEDDING, List.of(s.vocabulary(), s.dim())));
        for (int l = 0; l < s.layers(); l++) {
            all.add(new Param(layer(l, "input_layernorm"), List.of(s.dim())));
            all.add(new Param(layer(l, "self_attn.q_proj"), List.of(s.qDim(), s.dim())));
            all.add(new Param(layer(l, "self_attn.k_proj"), List.of(s.kvDim(), s.dim())));
            all.add(new Param(layer(l, "self_attn.v_proj"), List.of(s.kvDim(), s.dim())));
            all.add(new Param(layer(l, "self_attn.o_proj"), List.of(s.dim(), s.qDim())));
            all.add(new Param(layer(l, "post_attention_layernorm"), List.of(s.dim())));
            all.add(new Param(layer(l, "mlp.gate_proj"), List.of(s.ffn(), s.dim())));
            all.add(new Param(layer(l, "mlp.up_proj"), List.of(s.ffn(), s.dim())));
            all.add(new Param(layer(l, "mlp.down_proj"), List.of(s.dim(), s.ffn())));
        }
        all.add(new Param(FINAL_NORM, List.of(s.dim())));
        if (!s.tiedEmbeddings())
            all.add(new Param(LM_HEAD, List.of(s.vocabulary(), s.dim())));
        return List.copyOf(all);
    }

    /** The full name of a tensor of layer {@code l}, for instance {@code self_attn.q_proj}. */
    public static String layer(int l, String part) {
        return "model.layers." + l + "." + part + ".weight";
    }
}
