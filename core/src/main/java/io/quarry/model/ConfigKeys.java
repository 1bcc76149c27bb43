package io.quarry.model;

import io.quarry.model.Architecture.Mixer;
import io.quarry.model.Architecture.Position;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What {@code config.json} and the keys of a GGUF file call the same sizes: written once, used both ways. What is missing is
 * an error, never a default, where a model without it would be another model.
 */
final class ConfigKeys {
    private static final String KV_HEADS = "num_key_value_heads";
    private static final String KV_HEADS_GGUF = "attention.head_count_kv";
    private static final String LAYER_TYPES = "layer_types";

    private enum Sort {
        WHOLE, NUMBER
    }

    /** A number that both have; where it is optional, it is left out where it is missing or null. */
    private record Key(String gguf, String hf, Sort sort, boolean optional) {}

    private ConfigKeys() {}

    private static List<Key> keys(Family family) {
        List<Key> all = new ArrayList<>();
        whole(all, "vocab_size", "vocab_size");
        whole(all, "context_length", "max_position_embeddings");
        whole(all, "embedding_length", "hidden_size");
        whole(all, "block_count", "num_hidden_layers");
        whole(all, "feed_forward_length", "intermediate_size");
        whole(all, "attention.head_count", "num_attention_heads");
        number(all, "attention.layer_norm_rms_epsilon", "rms_norm_eps");
        if (family.granite()) {
            number(all, "attention.scale", "attention_multiplier");
            number(all, "embedding_scale", "embedding_multiplier");
            number(all, "residual_scale", "residual_multiplier");
            number(all, "logit_scale", "logits_scaling");
        }
        if (family.gguf.equals("granitemoe") || family == Family.GRANITE_HYBRID) {
            all.add(new Key("expert_count", "num_local_experts", Sort.WHOLE, family == Family.GRANITE_HYBRID));
            all.add(new Key("expert_used_count", "num_experts_per_tok", Sort.WHOLE, family == Family.GRANITE_HYBRID));
            all.add(new Key("expert_shared_feed_forward_length", "shared_intermediate_size", Sort.WHOLE, true));
        }
        if (family == Family.GRANITE_HYBRID) {
            whole(all, "ssm.conv_kernel", "mamba_d_conv");
            whole(all, "ssm.state_size", "mamba_d_state");
            whole(all, "ssm.group_count", "mamba_n_groups");
            whole(all, "ssm.time_step_rank", "mamba_n_heads");
        }
        if (family == Family.GEMMA2) {
            number(all, "attn_logit_softcapping", "attn_logit_softcapping");
            number(all, "final_logit_softcapping", "final_logit_softcapping");
        }
        if (family.gemma())
            whole(all, "attention.sliding_window", "sliding_window");
        else if (family.gguf.equals("llama") || family == Family.PHI3)
            all.add(new Key("attention.sliding_window", "sliding_window", Sort.WHOLE, true));
        return all;
    }

    private static void whole(List<Key> all, String gguf, String hf) {
        all.add(new Key(gguf, hf, Sort.WHOLE, false));
    }

    private static void number(List<Key> all, String gguf, String hf) {
        all.add(new Key(gguf, hf, Sort.NUMBER, false));
    }

    /**
     * The keys of the model's sizes for a GGUF file.
     *
     * @param config what the model says of itself
     * @param spec   the same as the engine understands it
     */
    static SequencedMap<String, GgufValue> toGguf(Keys config, ModelSpec spec, Family family) throws IOException {
        SequencedMap<String, GgufValue> all = new LinkedHashMap<>();
        String prefix = family.gguf + ".";
        for (Key key : keys(family)) {
            if (key.optional() && !config.has(key.hf()))
                continue;
            all.put(prefix + key.gguf(), key.sort() == Sort.WHOLE
                    ? GgufValue.of(config.whole(key.hf()))
                    : GgufValue.of(config.number(key.hf())));
        }
        Architecture.Experts experts = spec.architecture().experts();
        all.put(prefix + "feed_forward_length", GgufValue.of(experts != null ? experts.ffn() : spec.ffn()));
        all.put(prefix + KV_HEADS_GGUF, kvHeads(spec));
        if (spec.qDim() != spec.dim()) {
            all.put(prefix + "attention.key_length", GgufValue.of(spec.headDim()));
            all.put(prefix + "attention.value_length", GgufValue.of(spec.headDim()));
        }
        if (family.gemma())
            all.put(prefix + "attention.scale", GgufValue.of(spec.attentionMultiplier()));
        if (family == Family.GRANITE_HYBRID) {
            boolean turned = spec.architecture().blocks().stream().anyMatch(b -> b.position() != Position.NONE);
            all.put(prefix + "ssm.inner_size", GgufValue.of(spec.architecture().mamba().inner()));
            all.put(prefix + "rope.scaling.finetuned", GgufValue.of(turned));
        }
        RopeKeys.toGguf(config, spec, prefix, all);
        return all;
    }

    /** One number for all layers; of a hybrid one for each, 0 where a layer has no attention. */
    private static GgufValue kvHeads(ModelSpec spec) {
        List<Architecture.Block> blocks = spec.architecture().blocks();
        if (blocks.stream().allMatch(block -> block.mixer() == Mixer.ATTENTION))
            return GgufValue.of(spec.kvHeads());
        return GgufValue
                .of(blocks.stream().mapToInt(b -> b.mixer() == Mixer.ATTENTION ? spec.kvHeads() : 0).toArray());
    }

    /** A {@code config.json} for the keys of a GGUF file, as far as its keys say it. */
    static ObjectNode toHf(Gguf gguf, Family family, int vocabulary) throws IOException {
        GgufMetadata m = gguf.metadata();
        String prefix = family.gguf + ".";
        ObjectNode config = JsonMapper.shared().createObjectNode();
        config.putArray("architectures").add(family.hfClass);
        config.put("model_type", family.modelType);
        for (Key key : keys(family)) {
            if (key.hf().equals("vocab_size"))
                config.put(key.hf(), vocabulary);
            else if (key.sort() == Sort.WHOLE && !(key.optional() && !m.has(prefix + key.gguf())))
                config.put(key.hf(), m.whole(prefix + key.gguf()));
            else if (key.sort() == Sort.NUMBER)
                config.put(key.hf(), shortest(m.number(prefix + key.gguf())));
        }
        int layers = m.whole(prefix + "block_count");
        int heads = m.whole(prefix + "attention.head_count");
        int[] kvHeads = m.has(prefix + KV_HEADS_GGUF) ? m.wholes(prefix + KV_HEADS_GGUF, layers) : new int[] {heads};
        int most = 0;
        for (int n : kvHeads)
            most = Math.max(most, n);
        config.put(KV_HEADS, most);
        config.put("head_dim", headDim(m, prefix));
        if (family == Family.GRANITE_HYBRID)
            hybrid(m, prefix, kvHeads, config);
        if (family.gemma()) {
            config.put("hidden_activation", "gelu_pytorch_tanh");
            config.put("query_pre_attn_scalar", m.has(prefix + "attention.scale")
                    ? whole(Math.pow(m.number(prefix + "attention.scale"), -2))
                    : headDim(m, prefix));
        } else {
            config.put("hidden_act", "silu");
        }
        RopeKeys.toHf(gguf, prefix, config);
        return config;
    }

    private static void hybrid(GgufMetadata m, String prefix, int[] kvHeads, ObjectNode config) throws IOException {
        int inner = m.whole(prefix + "ssm.inner_size");
        config.put("mamba_expand", inner / Math.max(1, m.whole(prefix + "embedding_length")));
        config.put("mamba_d_head", inner / Math.max(1, m.whole(prefix + "ssm.time_step_rank")));
        config.put("mamba_conv_bias", true).put("mamba_proj_bias", false);
        if (!config.has("num_local_experts"))
            config.put("num_local_experts", 0).put("num_experts_per_tok", 0);
        if (m.has(prefix + "rope.scaling.finetuned") && m.flag(prefix + "rope.scaling.finetuned"))
            config.put("position_embedding_type", "rope");
        else
            config.putNull("position_embedding_type");
        config.putArray(LAYER_TYPES);
        for (int n : kvHeads)
            config.withArray(LAYER_TYPES).add(n == 0 ? "mamba" : "attention");
    }

    /** Size of one head: said, or the width shared out among the heads. */
    static int headDim(GgufMetadata m, String prefix) throws IOException {
        if (m.has(prefix + "attention.key_length"))
            return m.whole(prefix + "attention.key_length");
        return m.whole(prefix + "embedding_length") / Math.max(1, m.whole(prefix + "attention.head_count"));
    }

    /** The float's own decimal form: 0.22 and not 0.2199999988. */
    static double shortest(double number) {
        return Double.parseDouble(Float.toString((float) number));
    }

    /** A number that comes out of a rounded root and was whole before, most likely. */
    private static double whole(double number) {
        return Math.abs(number - Math.rint(number)) < 1e-5 * number ? Math.rint(number) : number;
    }

    /** Ids that begin, end and fill texts, which the config says and the tokenizer of a GGUF file. */
    static void ids(Keys config, SequencedMap<String, GgufValue> metadata) throws IOException {
        for (String[] role : new String[][] {{"bos", "bos"}, {"eos", "eos"}, {"pad", "padding"}})
            if (config.has(role[0] + "_token_id"))
                metadata.put("tokenizer.ggml." + role[1] + "_token_id",
                        GgufValue.of(config.first(role[0] + "_token_id", 0)));
    }
}
