package io.quarry.model;

import io.quarry.kernel.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** {@code config.json}: read for every family by {@link ConfigReader}, written for {@code GraniteForCausalLM}. */
final class Config {
    static final String FILE = "config.json";
    static final String GENERATION_FILE = "generation_config.json";
    private static final JsonMapper JSON = JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT)
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build();

    private Config() {}

    static ModelSpec read(Path file) throws IOException {
        return ConfigReader.read(keys(file));
    }

    static Keys keys(Path file) throws IOException {
        try {
            return new Keys(file.toString(), JSON.readTree(Files.readAllBytes(file)));
        } catch (JacksonException e) {
            throw new IOException(file + " is no JSON: " + e.getOriginalMessage(), e);
        }
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

    static String torchName(DType dtype) {
        return switch (dtype) {
            case F32 -> "float32";
            case BF16 -> "bfloat16";
            case F16 -> "float16";
            default -> throw new IllegalArgumentException("config.json has no name for " + dtype);
        };
    }
}
