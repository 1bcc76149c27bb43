package io.quarry.model;

import io.quarry.kernel.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code config.json} of {@code GraniteForCausalLM}, to and from {@link ModelSpec}. Read strictly: a multiplier that is
 * missing is an error, never 1, because a model with a wrong one still talks, only badly.
 */
final class Config {
    static final String FILE = "config.json";
    static final String GENERATION_FILE = "generation_config.json";
    private static final JsonMapper JSON = JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private final Path file;
    private final JsonNode root;

    private Config(Path file, JsonNode root) {
        this.file = file;
        this.root = root;
    }

    static ModelSpec read(Path file) throws IOException {
        JsonNode root;
        try {
            root = JSON.readTree(Files.readAllBytes(file));
        } catch (JacksonException e) {
            throw new IOException(file + " is no JSON: " + e.getOriginalMessage(), e);
        }
        return new Config(file, root).spec();
    }

    private ModelSpec spec() throws IOException {
        expect("model_type", root.path("model_type").asString(""), "granite");
        expect("hidden_act", root.path("hidden_act").asString("silu"), "silu");
        expect("attention_bias", root.path("attention_bias").asString("false"), "false");
        expect("mlp_bias", root.path("mlp_bias").asString("false"), "false");
        int dim = whole("hidden_size");
        int heads = whole("num_attention_heads");
        int kvHeads = present("num_key_value_heads") ? whole("num_key_value_heads") : heads;
        int headDim = present("head_dim") ? whole("head_dim") : dim / Math.max(1, heads);
        int eos = present("eos_token_id") ? whole("eos_token_id") : 0;
        try {
            return new ModelSpec(whole("vocab_size"), dim, whole("num_hidden_layers"), heads, kvHeads, headDim,
                    whole("intermediate_size"), whole("max_position_embeddings"), theta(), number("rms_norm_eps"),
                    number("embedding_multiplier"), number("attention_multiplier"), number("residual_multiplier"),
                    number("logits_scaling"), root.path("tie_word_embeddings").asBoolean(false),
                    present("bos_token_id") ? whole("bos_token_id") : eos, eos,
                    present("pad_token_id") ? whole("pad_token_id") : eos);
        } catch (IllegalArgumentException e) {
            throw new IOException(file + ": " + e.getMessage(), e);
        }
    }

    /** transformers 5 writes {@code rope_parameters}, older versions {@code rope_theta} and {@code rope_scaling}. */
    private double theta() throws IOException {
        JsonNode scaling = present("rope_parameters") ? root.get("rope_parameters") : root.path("rope_scaling");
        JsonNode type = scaling.path("rope_type").isMissingNode() ? scaling.path("type") : scaling.path("rope_type");
        expect("rope_type", type.asString("default"), "default");
        JsonNode theta = scaling.path("rope_theta").isNumber() ? scaling.get("rope_theta") : root.path("rope_theta");
        if (!theta.isNumber())
            throw new IOException(file + " has no number rope_theta, neither at the top nor in rope_parameters");
        return theta.doubleValue();
    }

    private void expect(String key, String found, String expected) throws IOException {
        if (!found.equals(expected))
            throw new IOException(file + ": " + key + " is '" + found + "', this engine computes '" + expected + "'");
    }

    private boolean present(String key) {
        return root.hasNonNull(key);
    }

    private int whole(String key) throws IOException {
        JsonNode n = root.path(key);
        if (n.isArray() && !n.isEmpty()) // eos_token_id may be a list; the first is the one that ends a turn
            n = n.get(0);
        if (!n.isIntegralNumber() || !n.canConvertToInt() || n.intValue() < 0)
            throw new IOException(file + ": " + key + " must be a whole number from 0 to 2^31, found " + found(n));
        return n.intValue();
    }

    private double number(String key) throws IOException {
        JsonNode n = root.path(key);
        if (!n.isNumber())
            throw new IOException(file + ": " + key + " must be a number, found " + found(n)
                    + "; a Granite model without it would be another model");
        return n.doubleValue();
    }

    private static String found(JsonNode n) {
        return n.isMissingNode() ? "nothing" : n.toString();
    }

    /** Writes {@code config.json} and {@code generation_config.json} so that transformers 4.5x and 5.x read them. */
    static void write(Path dir, ModelSpec s, DType dtype) throws IOException {
        ObjectNode c = JSON.createObjectNode();
        c.putArray("architectures").add("GraniteForCausalLM");
        c.put("model_type", "granite").put("vocab_size", s.vocabulary()).put("hidden_size", s.dim())
                .put("intermediate_size", s.ffn()).put("num_hidden_layers", s.layers())
                .put("num_attention_heads", s.heads()).put("num_key_value_heads", s.kvHeads())
                .put("head_dim", s.headDim()).put("hidden_act", "silu")
                .put("max_position_embeddings", s.contextLength()).put("initializer_range", 0.1)
                .put("rms_norm_eps", s.normEps()).put("use_cache", true)
                .put("tie_word_embeddings", s.tiedEmbeddings()).put("attention_bias", false).put("mlp_bias", false)
                .put("attention_dropout", 0.0).put("embedding_multiplier", s.embeddingMultiplier())
                .put("attention_multiplier", s.attentionMultiplier())
                .put("residual_multiplier", s.residualMultiplier()).put("logits_scaling", s.logitsScaling())
                .put("rope_theta", s.ropeTheta()).put("bos_token_id", s.bos()).put("eos_token_id", s.eos())
                .put("pad_token_id", s.pad()).put("torch_dtype", torchName(dtype)).put("dtype", torchName(dtype));
        c.putNull("rope_scaling");
        c.putObject("rope_parameters").put("rope_type", "default").put("rope_theta", s.ropeTheta());
        Files.writeString(dir.resolve(FILE), c.toPrettyString() + "\n");
        ObjectNode g = JSON.createObjectNode();
        g.put("bos_token_id", s.bos()).put("eos_token_id", s.eos()).put("pad_token_id", s.pad());
        Files.writeString(dir.resolve(GENERATION_FILE), g.toPrettyString() + "\n");
    }

    private static String torchName(DType dtype) {
        return switch (dtype) {
            case F32 -> "float32";
            case BF16 -> "bfloat16";
            case F16 -> "float16";
            default -> throw new IllegalArgumentException("config.json has no name for " + dtype);
        };
    }
}
