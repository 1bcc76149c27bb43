package io.quarry.model;

import io.quarry.model.Architecture.Activation;
import io.quarry.model.Architecture.Block;
import io.quarry.model.Architecture.Experts;
import io.quarry.model.Architecture.Mamba;
import io.quarry.model.Architecture.Mixer;
import io.quarry.model.Architecture.Pairing;
import io.quarry.model.Architecture.Position;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * {@code config.json} of every family the engine computes, to {@link ModelSpec}. A multiplier of Granite that is missing
 * is an error, never 1, because a model with a wrong one still talks, only badly. Where a family's own class in
 * transformers has a default that published files rely on, it is that default.
 */
final class ConfigReader {
    /** Families, and the base of their frequencies where a file names none; 0: it must. */
    private static final Map<String, Double> THETA = Map.of("granite", 0.0, "granitemoe", 0.0, "granitemoehybrid",
            10_000.0, "llama", 10_000.0, "mistral", 10_000.0, "qwen2", 10_000.0, "qwen3", 10_000.0, "gemma2", 10_000.0,
            "gemma3_text", 1_000_000.0, "phi3", 10_000.0);

    /** A bound for what a hostile file may ask for. */
    private static final int MOST_LAYERS = 10_000;

    private final Keys c;
    private final String family;
    private final int dim;
    private final int layers;
    private final int heads;
    private final int headDim;
    private final int contextLength;

    private ConfigReader(Keys config) throws IOException {
        c = config;
        family = c.name("model_type", "");
        if (!THETA.containsKey(family))
            throw new IOException(c.where() + ": model_type is '" + family + "', this engine computes "
                    + THETA.keySet().stream().sorted().toList());
        dim = c.whole("hidden_size");
        layers = c.whole("num_hidden_layers");
        if (layers > MOST_LAYERS)
            throw new IOException(c.where() + ": num_hidden_layers is " + layers + ", more than " + MOST_LAYERS
                    + ", which no model has");
        heads = c.whole("num_attention_heads");
        headDim = c.whole("head_dim", family.startsWith("gemma") ? 256 : dim / Math.max(1, heads));
        contextLength = c.whole("max_position_embeddings");
    }

    /** Reads an object; a model that also sees pictures has the one for text inside. */
    static ModelSpec read(Keys config) throws IOException {
        Keys text = config.has("text_config") ? config.inside("text_config") : config;
        try {
            return new ConfigReader(text).spec();
        } catch (IllegalArgumentException e) {
            throw new IOException(text.where() + ": " + e.getMessage(), e);
        }
    }

    private ModelSpec spec() throws IOException {
        boolean granite = family.startsWith("granite");
        boolean gemma = family.startsWith("gemma");
        String kind = "full_attention";
        RopeConfig rope = RopeConfig.of(c, kind, THETA.get(family), headDim, contextLength);
        int eos = c.first("eos_token_id", 0);
        return new ModelSpec(c.whole("vocab_size"), dim, layers, heads, c.whole("num_key_value_heads", heads), headDim,
                c.whole(family.equals("granitemoehybrid") ? "shared_intermediate_size" : "intermediate_size"),
                reach(rope.scaling()), rope.theta(), c.number("rms_norm_eps"),
                granite ? c.number("embedding_multiplier") : gemma ? (float) Math.sqrt(dim) : 1,
                granite ? c.number("attention_multiplier") : gemmaScale(gemma),
                granite ? c.number("residual_multiplier") : 1, granite ? c.number("logits_scaling") : 1,
                c.flag("tie_word_embeddings", gemma), c.first("bos_token_id", eos), eos, c.first("pad_token_id", eos),
                new Architecture(family, activation(), c.number("attn_logit_softcapping", 0),
                        c.number("final_logit_softcapping", 0), rope.scaling(), localTheta(rope.theta()), rope.dim(),
                        Pairing.HALVES,
                        blocks(), experts(), mamba()));
    }

    /** How long a sequence may be: a base that grows with the sequence is made to go beyond the trained length. */
    private int reach(RopeScaling scaling) {
        return scaling instanceof RopeScaling.Dynamic dynamic
                ? (int) Math.min(Integer.MAX_VALUE, dynamic.factor() * contextLength)
                : contextLength;
    }

    /** The base of Gemma 3's layers with a window; 0 where no layer has one of its own. */
    private double localTheta(double global) throws IOException {
        if (!family.equals("gemma3_text"))
            return 0;
        return c.has("rope_local_base_freq")
                ? c.number("rope_local_base_freq")
                : RopeConfig.of(c, "sliding_attention", global, headDim, contextLength).theta();
    }

    private double gemmaScale(boolean gemma) throws IOException {
        return 1 / Math.sqrt(gemma ? c.number("query_pre_attn_scalar") : headDim);
    }

    private Activation activation() throws IOException {
        String name = c.name("hidden_activation", c.name("hidden_act", "silu"));
        c.expect("hidden_act", name, "silu", "gelu_pytorch_tanh");
        return name.equals("silu") ? Activation.SILU : Activation.GELU_TANH;
    }

    private List<Block> blocks() throws IOException {
        int window = c.whole("sliding_window", 0);
        List<String> kinds = c.has("layer_types") ? c.names("layer_types") : impliedKinds(window);
        if (kinds.size() != layers)
            throw new IOException(c.where() + ": layer_types names " + kinds.size() + " layers, num_hidden_layers is "
                    + layers);
        boolean hybrid = family.equals("granitemoehybrid");
        Position all = hybrid && !c.name("position_embedding_type", "").equals("rope")
                ? Position.NONE
                : Position.GLOBAL;
        List<Block> blocks = new ArrayList<>();
        for (String kind : kinds)
            blocks.add(switch (kind) {
                case "full_attention", "attention" -> new Block(Mixer.ATTENTION, 0, all);
                case "sliding_attention" -> {
                    if (window == 0)
                        throw new IOException(c.where() + ": layer_types has sliding_attention without sliding_window");
                    yield new Block(Mixer.ATTENTION, window,
                            family.equals("gemma3_text") ? Position.LOCAL : Position.GLOBAL);
                }
                case "mamba", "linear_attention" -> new Block(Mixer.MAMBA, 0, Position.NONE);
                default -> throw new IOException(c.where() + ": layer_types has '" + kind
                        + "', this engine computes full_attention, sliding_attention, attention, mamba");
            });
        return blocks;
    }

    /** What older files leave to the family's class. */
    private List<String> impliedKinds(int window) throws IOException {
        int pattern = c.whole("sliding_window_pattern", 6);
        int windowed = c.whole("max_window_layers", layers);
        boolean used = c.flag("use_sliding_window", false);
        List<String> kinds = new ArrayList<>();
        for (int l = 0; l < layers; l++)
            kinds.add(switch (family) {
                case "mistral", "phi3" -> window > 0;
                case "qwen2", "qwen3" -> used && window > 0 && l >= windowed;
                case "gemma2" -> l % 2 == 0;
                case "gemma3_text" -> (l + 1) % pattern != 0;
                default -> false;
            } ? "sliding_attention" : "full_attention");
        return kinds;
    }

    private Experts experts() throws IOException {
        if (!family.startsWith("granitemoe") || c.whole("num_local_experts") == 0)
            return null;
        return new Experts(c.whole("num_local_experts"), c.whole("num_experts_per_tok"), c.whole("intermediate_size"),
                family.equals("granitemoehybrid"));
    }

    private Mamba mamba() throws IOException {
        if (!family.equals("granitemoehybrid") || !c.has("mamba_n_heads"))
            return null;
        int mambaHeads = c.whole("mamba_n_heads");
        int inner = c.whole("mamba_expand", 2) * dim;
        boolean given = c.has("mamba_d_head") && c.root().get("mamba_d_head").isNumber();
        double[] limits = limits();
        return new Mamba(mambaHeads, given ? c.whole("mamba_d_head") : inner / Math.max(1, mambaHeads),
                c.whole("mamba_n_groups"), c.whole("mamba_d_state"), c.whole("mamba_d_conv"), limits[0], limits[1]);
    }

    /** JSON has no infinity: transformers writes {@code Infinity} bare, or as an object, or leaves the key out. */
    private double[] limits() {
        var list = c.root().path("time_step_limit");
        double most = list.isArray() && list.size() == 2 && list.get(1).isNumber()
                ? list.get(1).doubleValue()
                : Double.POSITIVE_INFINITY;
        double least = list.isArray() && list.size() == 2 && list.get(0).isNumber() ? list.get(0).doubleValue() : 0;
        return new double[] {least, most};
    }
}
