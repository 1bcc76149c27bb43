package io.quarry.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarry.kernel.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class CheckpointTest {
    @TempDir
    Path dir;

    private void config(UnaryOperator<ObjectNode> change) throws IOException {
        Path file = dir.resolve("config.json");
        ObjectNode root = (ObjectNode) JsonMapper.shared().readTree(Files.readString(file));
        Files.writeString(file, change.apply(root).toString());
    }

    @Test
    void whatIsWrittenIsRead() throws IOException {
        for (boolean tied : new boolean[] {true, false})
            for (DType type : new DType[] {DType.F32, DType.BF16}) {
                ModelSpec spec = PicoGranite.spec(50).withTiedEmbeddings(tied);
                PicoGranite.write(dir, spec, 3, type);
                try (Checkpoint read = Checkpoint.open(dir)) {
                    assertThat(read.spec()).isEqualTo(spec);
                    var weights = PicoGranite.weights(spec, 3);
                    for (Param param : Params.of(spec)) {
                        assertThat(read.dtype(param.name())).isEqualTo(type);
                        float[] values = read.f32(param.name());
                        if (type == DType.F32)
                            assertThat(values).containsExactly(weights.apply(param.name()));
                        else
                            assertThat(values).hasSize((int) param.elements());
                    }
                }
            }
    }

    @ParameterizedTest
    @ValueSource(strings = {"embedding_multiplier", "attention_multiplier", "residual_multiplier", "logits_scaling"})
    void aMissingMultiplierIsAnError(String multiplier) throws IOException {
        PicoGranite.write(dir, 50, 1);
        config(root -> root.without(multiplier));
        assertThatThrownBy(() -> Checkpoint.open(dir)).isInstanceOf(IOException.class)
                .hasMessageContainingAll("config.json", multiplier, "found nothing");
    }

    @Test
    void readsTheRopeBaseOfOldAndNewConfigs() throws IOException {
        PicoGranite.write(dir, 50, 1);
        config(root -> root.without("rope_parameters").put("rope_theta", 5e6));
        try (Checkpoint read = Checkpoint.open(dir)) {
            assertThat(read.spec().ropeTheta()).isEqualTo(5e6);
        }
        config(root -> {
            root.remove("rope_theta");
            root.putObject("rope_parameters").put("rope_type", "default").put("rope_theta", 7e6);
            return root;
        });
        try (Checkpoint read = Checkpoint.open(dir)) {
            assertThat(read.spec().ropeTheta()).isEqualTo(7e6);
        }
        config(root -> {
            root.putObject("rope_parameters").put("rope_type", "yarn").put("rope_theta", 7e6);
            return root;
        });
        assertThatThrownBy(() -> Checkpoint.open(dir)).hasMessageContaining("factor must be a number, found nothing");
        config(root -> {
            root.putObject("rope_parameters").put("rope_type", "spiral").put("rope_theta", 7e6);
            return root;
        });
        assertThatThrownBy(() -> Checkpoint.open(dir)).hasMessageContaining("rope_type is 'spiral'");
        config(root -> root.without("rope_parameters"));
        assertThatThrownBy(() -> Checkpoint.open(dir)).hasMessageContaining("no number rope_theta");
    }

    @Test
    void aShippedOutputMatrixIsUsedWhateverTheFlagSays() throws IOException {
        PicoGranite.write(dir, PicoGranite.spec(50).withTiedEmbeddings(false), 1, DType.F32);
        config(root -> root.put("tie_word_embeddings", true));
        try (Checkpoint read = Checkpoint.open(dir)) {
            assertThat(read.spec().tiedEmbeddings()).isFalse();
        }
    }

    @Test
    void aModelThatIsNotWholeIsSaid() throws IOException {
        PicoGranite.write(dir, 50, 1);
        config(root -> root.put("tie_word_embeddings", false));
        assertThatThrownBy(() -> Checkpoint.open(dir)).hasMessageContaining("has no lm_head.weight");
        PicoGranite.write(dir, 50, 1);
        config(root -> root.put("intermediate_size", 49));
        assertThatThrownBy(() -> Checkpoint.open(dir)).hasMessageContainingAll("gate_proj", "[48, 32]", "[49, 32]");
        config(root -> root.put("intermediate_size", 48).put("num_hidden_layers", 3));
        assertThatThrownBy(() -> Checkpoint.open(dir)).hasMessageContaining("no tensor model.layers.2.");
        config(root -> root.put("num_hidden_layers", 2_000_000_000));
        assertThatThrownBy(() -> Checkpoint.open(dir)).hasMessageContaining("num_hidden_layers is 2000000000");
        config(root -> root.put("num_hidden_layers", 1));
        assertThatThrownBy(() -> Checkpoint.open(dir)).hasMessageContaining("no part of such a model (granite)");
        config(root -> root.put("num_attention_heads", 0));
        assertThatThrownBy(() -> Checkpoint.open(dir)).isInstanceOf(IOException.class).hasMessageContaining("heads");
        config(root -> root.put("model_type", "lama"));
        assertThatThrownBy(() -> Checkpoint.open(dir)).hasMessageContaining("model_type is 'lama'");
        Files.writeString(dir.resolve("config.json"), "{");
        assertThatThrownBy(() -> Checkpoint.open(dir)).hasMessageContaining("config.json is no JSON");
    }

    @Test
    void aFolderWithoutWeightsIsSaid() throws IOException {
        PicoGranite.write(dir, 50, 1);
        Files.delete(dir.resolve("model.safetensors"));
        assertThatThrownBy(() -> Checkpoint.open(dir)).hasMessageContaining("has neither model.safetensors nor");
    }

    @Test
    void theTokenizerIsCopiedAlong() throws IOException {
        Path from = Files.createDirectory(dir.resolve("from"));
        Files.writeString(from.resolve("tokenizer.json"), "{}");
        Files.writeString(from.resolve("chat_template.jinja"), "x");
        Files.writeString(from.resolve("notes.txt"), "not mine");
        Path to = dir.resolve("to");
        ModelSpec spec = PicoGranite.spec(50);
        var weights = PicoGranite.weights(spec, 1);
        Checkpoint.write(to, spec, DType.F32, p -> weights.apply(p.name()), from);
        assertThat(to.resolve("tokenizer.json")).hasContent("{}");
        assertThat(to.resolve("chat_template.jinja")).hasContent("x");
        assertThat(to.resolve("notes.txt")).doesNotExist();
    }
}
