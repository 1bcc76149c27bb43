package io.quarry.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarry.kernel.DType;
import io.quarry.kernel.Workers;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SplittableRandom;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ConvertTest {
    private static final Path TOKENIZER = Path.of("src/test/resources/golden/tokenizer.json");

    @TempDir
    private Path dir;

    private Path toGguf(Path folder, DType type) throws IOException {
        Path out = dir.resolve("out.gguf");
        Convert.toGguf(folder, out, type, Workers.NONE, outcome -> {});
        return out;
    }

    private Path toHf(Path gguf) throws IOException {
        Path out = dir.resolve("back");
        Convert.toHuggingFace(gguf, out, DType.F32, Workers.NONE, outcome -> {});
        return out;
    }

    private static Map<String, float[]> values(Tensors tensors) {
        Map<String, float[]> all = new HashMap<>();
        tensors.tensors().forEach((name, tensor) -> all.put(name, tensor.f32()));
        return all;
    }

    /** A folder with a config and random tensors of the given names and shapes, near 1 where they are gains. */
    private Path folder(String config, Map<String, long[]> shapes) throws IOException {
        Path folder = Files.createDirectories(dir.resolve("in"));
        Files.writeString(folder.resolve("config.json"), config);
        SplittableRandom random = new SplittableRandom(7);
        List<TensorInfo> infos = new ArrayList<>();
        shapes.forEach((name, shape) -> infos
                .add(new TensorInfo(name, DType.F32, Arrays.stream(shape).boxed().toList())));
        SafeTensorsWriter.write(folder.resolve("model.safetensors"), infos, info -> {
            float[] values = new float[(int) (info.bytes() / 4)];
            for (int i = 0; i < values.length; i++)
                values[i] = (float) random.nextGaussian();
            MemorySegment bytes = MemorySegment.ofArray(new byte[(int) info.bytes()]);
            DType.F32.narrow(values, 0, values.length, bytes, 0);
            return bytes;
        });
        return folder;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aGraniteComesBackAsItWas(boolean tied) throws IOException {
        Path folder = dir.resolve("in");
        ModelSpec spec = PicoGranite.spec(1020).withTiedEmbeddings(tied);
        PicoGranite.write(folder, spec, 3, DType.F32);
        Files.copy(TOKENIZER, folder.resolve("tokenizer.json"));
        Files.writeString(folder.resolve("tokenizer_config.json"),
                "{\"bos_token\":\"<|end_of_text|>\",\"pad_token\":{\"content\":\"<|pad|>\"},\"add_bos_token\":false}");
        Files.writeString(folder.resolve("chat_template.jinja"), "{{ messages }}");
        Files.createDirectories(folder.resolve("additional_chat_templates"));
        Files.writeString(folder.resolve("additional_chat_templates/tool_use.jinja"), "{{ tools }}");
        Files.writeString(folder.resolve("README.md"),
                "---\nlicense: other\nlicense_name: quarrymen\ntags: [a]\n---\n# A model\n");
        Path file = toGguf(folder, null);
        try (Gguf gguf = Gguf.open(file)) {
            GgufMetadata m = gguf.metadata();
            assertThat(gguf.architecture()).isEqualTo("granite");
            assertThat(m.number("granite.attention.scale")).isEqualTo(0.0625f);
            assertThat(m.number("granite.residual_scale")).isEqualTo(0.22f);
            assertThat(m.number("granite.embedding_scale")).isEqualTo(12);
            assertThat(m.number("granite.logit_scale")).isEqualTo(2.5f);
            assertThat(m.whole("granite.attention.head_count_kv")).isEqualTo(2);
            assertThat(m.whole("granite.attention.key_length")).isEqualTo(16);
            assertThat(m.whole("granite.rope.dimension_count")).isEqualTo(16);
            assertThat(m.string("tokenizer.ggml.model")).isEqualTo("gpt2");
            assertThat(m.string("tokenizer.ggml.pre")).isEqualTo("dbrx");
            assertThat(m.strings("tokenizer.ggml.tokens")).hasSize(1020).contains("<|end_of_text|>", "[PAD1019]");
            assertThat(m.wholes("tokenizer.ggml.token_type")[m.whole("tokenizer.ggml.bos_token_id")]).isEqualTo(3);
            assertThat(m.whole("tokenizer.ggml.padding_token_id")).isEqualTo(972);
            assertThat(m.flag("tokenizer.ggml.add_bos_token")).isFalse();
            assertThat(m.strings("tokenizer.ggml.merges")).hasSize(716);
            assertThat(m.string("tokenizer.chat_template")).isEqualTo("{{ messages }}");
            assertThat(m.string("tokenizer.chat_template.tool_use")).isEqualTo("{{ tools }}");
            assertThat(m.string("general.license")).isEqualTo("other");
            assertThat(ModelCard.licence(m)).contains("quarrymen");
            assertThat(gguf.tensors().containsKey("output.weight")).isEqualTo(!tied);
        }
        Path back = toHf(file);
        try (Checkpoint was = Checkpoint.open(folder); Checkpoint is = Checkpoint.open(back)) {
            ModelSpec found = is.spec();
            assertThat(found).isEqualTo(new ModelSpec(spec.vocabulary(), spec.dim(), spec.layers(), spec.heads(),
                    spec.kvHeads(), spec.headDim(), spec.ffn(), spec.contextLength(), spec.ropeTheta(), spec.normEps(),
                    spec.embeddingMultiplier(), spec.attentionMultiplier(), spec.residualMultiplier(),
                    spec.logitsScaling(), tied, 973, spec.eos(), 972));
            for (Param param : Params.of(spec))
                assertThat(is.f32(param.name())).as(param.name()).isEqualTo(was.f32(param.name()));
        }
        assertThat(back.resolve("chat_template.jinja")).hasContent("{{ messages }}");
        assertThat(back.resolve("additional_chat_templates/tool_use.jinja")).hasContent("{{ tools }}");
        assertThat(ModelCard.licence(back.resolve(ModelCard.FILE))).contains("quarrymen");
        assertThat(Files.readString(back.resolve("tokenizer_config.json"))).contains("\"<|end_of_text|>\"", "<|pad|>");
    }

    /** Pair i of a head stands at 2i and 2i + 1 in GGUF files, at i and i + d/2 in Hugging Face's. */
    @Test
    void rowsOfHeadsAreTurnedAsLlamaCppTurnsThem() throws IOException {
        Path folder = dir.resolve("in");
        ModelSpec spec = PicoGranite.write(folder, 30, 3);
        try (Gguf gguf = Gguf.open(toGguf(folder, null)); Checkpoint was = Checkpoint.open(folder)) {
            float[] hf = was.f32("model.layers.1.self_attn.k_proj.weight");
            float[] turned = gguf.tensor("blk.1.attn_k.weight").f32();
            int half = spec.headDim() / 2;
            for (int head = 0; head < spec.kvHeads(); head++)
                for (int i = 0; i < half; i++)
                    for (int p = 0; p < 2; p++)
                        for (int c = 0; c < spec.dim(); c++)
                            assertThat(turned[((head * half + i) * 2 + p) * spec.dim() + c])
                                    .isEqualTo(hf[((head * 2 + p) * half + i) * spec.dim() + c]);
            assertThat(gguf.tensor("blk.1.attn_v.weight").f32())
                    .isEqualTo(was.f32("model.layers.1.self_attn.v_proj.weight"));
        }
    }

    @Test
    void aHybridComesBackAsItWas() throws IOException {
        String config = """
                {"model_type":"granitemoehybrid","vocab_size":24,"hidden_size":8,"num_hidden_layers":2,
                "num_attention_heads":2,"num_key_value_heads":1,"intermediate_size":6,"shared_intermediate_size":10,
                "num_local_experts":3,"num_experts_per_tok":2,"max_position_embeddings":64,"rms_norm_eps":1e-5,
                "rope_theta":10000,"embedding_multiplier":12,"attention_multiplier":0.5,"residual_multiplier":0.22,
                "logits_scaling":8,"mamba_n_heads":4,"mamba_d_head":4,"mamba_n_groups":1,"mamba_d_state":5,"mamba_d_conv":4,
                "mamba_expand":2,"tie_word_embeddings":true,"layer_types":["mamba","attention"],"position_embedding_type":null}""";
        Map<String, long[]> shapes = new HashMap<>();
        shapes.put("model.embed_tokens.weight", new long[] {24, 8});
        shapes.put("model.norm.weight", new long[] {8});
        for (int l = 0; l < 2; l++) {
            String at = "model.layers." + l + ".";
            shapes.put(at + "input_layernorm.weight", new long[] {8});
            shapes.put(at + "post_attention_layernorm.weight", new long[] {8});
            shapes.put(at + "block_sparse_moe.router.layer.weight", new long[] {3, 8});
            shapes.put(at + "block_sparse_moe.input_linear.weight", new long[] {3, 12, 8});
            shapes.put(at + "block_sparse_moe.output_linear.weight", new long[] {3, 8, 6});
            shapes.put(at + "shared_mlp.input_linear.weight", new long[] {20, 8});
            shapes.put(at + "shared_mlp.output_linear.weight", new long[] {8, 10});
        }
        shapes.put("model.layers.0.mamba.in_proj.weight", new long[] {46, 8});
        shapes.put("model.layers.0.mamba.conv1d.weight", new long[] {26, 1, 4});
        shapes.put("model.layers.0.mamba.conv1d.bias", new long[] {26});
        shapes.put("model.layers.0.mamba.dt_bias", new long[] {4});
        shapes.put("model.layers.0.mamba.A_log", new long[] {4});
        shapes.put("model.layers.0.mamba.D", new long[] {4});
        shapes.put("model.layers.0.mamba.norm.weight", new long[] {16});
        shapes.put("model.layers.0.mamba.out_proj.weight", new long[] {8, 16});
        shapes.put("model.layers.1.self_attn.q_proj.weight", new long[] {8, 8});
        shapes.put("model.layers.1.self_attn.k_proj.weight", new long[] {4, 8});
        shapes.put("model.layers.1.self_attn.v_proj.weight", new long[] {4, 8});
        shapes.put("model.layers.1.self_attn.o_proj.weight", new long[] {8, 8});
        Path folder = folder(config, shapes);
        Path file = toGguf(folder, null);
        try (Gguf gguf = Gguf.open(file); SafeTensorsFolder was = SafeTensorsFolder.open(folder)) {
            assertThat(gguf.architecture()).isEqualTo("granitehybrid");
            assertThat(gguf.metadata().wholes("granitehybrid.attention.head_count_kv")).containsExactly(0, 1);
            assertThat(gguf.metadata().whole("granitehybrid.ssm.inner_size")).isEqualTo(16);
            assertThat(gguf.metadata().flag("granitehybrid.rope.scaling.finetuned")).isFalse();
            assertThat(gguf.metadata().string("tokenizer.ggml.model")).isEqualTo("no_vocab");
            float[] log = was.tensor("model.layers.0.mamba.A_log").f32();
            float[] a = gguf.tensor("blk.0.ssm_a").f32();
            assertThat(gguf.tensor("blk.0.ssm_a").shape()).containsExactly(4L, 1L);
            for (int i = 0; i < a.length; i++)
                assertThat(a[i]).isEqualTo((float) -Math.exp(log[i]));
            assertThat(gguf.tensor("blk.0.ssm_conv1d.weight").shape()).containsExactly(26L, 4L);
            float[] both = was.tensor("model.layers.1.block_sparse_moe.input_linear.weight").f32();
            float[] up = gguf.tensor("blk.1.ffn_up_exps.weight").f32();
            assertThat(gguf.tensor("blk.1.ffn_up_exps.weight").shape()).containsExactly(3L, 6L, 8L);
            assertThat(Arrays.copyOfRange(up, 2 * 48, 3 * 48))
                    .isEqualTo(Arrays.copyOfRange(both, 2 * 96 + 48, 3 * 96));
        }
        Path back = toHf(file);
        try (SafeTensorsFolder was = SafeTensorsFolder.open(folder);
                SafeTensorsFolder is = SafeTensorsFolder.open(back)) {
            Map<String, float[]> expected = values(was);
            Map<String, float[]> found = values(is);
            assertThat(found.keySet()).isEqualTo(expected.keySet());
            expected.forEach((name, numbers) -> {
                if (name.endsWith("A_log"))
                    for (int i = 0; i < numbers.length; i++)
                        assertThat(found.get(name)[i]).isCloseTo(numbers[i], Offset.offset(1e-6f));
                else
                    assertThat(found.get(name)).as(name).isEqualTo(numbers);
                assertThat(is.tensors().get(name).shape()).isEqualTo(was.tensors().get(name).shape());
            });
        }
        sameConfig(config, back);
    }

    /** Every number the config had, the one that came back has too. */
    private static void sameConfig(String config, Path back) throws IOException {
        JsonNode was = JsonMapper.shared().readTree(config);
        JsonNode is = JsonMapper.shared().readTree(Files.readString(back.resolve("config.json")));
        Comparator<JsonNode> numbers = (a, b) -> a.isNumber() && b.isNumber()
                ? Double.compare(a.doubleValue(), b.doubleValue())
                : a.equals(b) ? 0 : 1;
        was.properties().forEach(entry -> assertThat(entry.getValue().equals(numbers, is.path(entry.getKey())))
                .as(entry + " against " + is.path(entry.getKey())).isTrue());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"llama | llama |", "mistral | llama |", "qwen2 | qwen2 | bias",
        "qwen3 | qwen3 | norms", "gemma2 | gemma2 | four", "gemma3_text | gemma3 | four norms", "phi3 | phi3 | fused"})
    void otherFamiliesComeBackAsTheyWere(String type, String architecture, String traits) throws IOException {
        String has = traits == null ? "" : traits;
        String more = type.equals("gemma2") ? "\"attn_logit_softcapping\":50,\"final_logit_softcapping\":30," : "";
        if (type.startsWith("gemma"))
            more += "\"sliding_window\":16,\"query_pre_attn_scalar\":9,";
        if (type.equals("phi3"))
            more += "\"rope_scaling\":{\"rope_type\":\"longrope\",\"type\":\"longrope\",\"long_factor\":[1.5,2],"
                    + "\"short_factor\":[1,1.25]},\"original_max_position_embeddings\":32,";
        if (type.equals("llama"))
            more += "\"rope_scaling\":{\"rope_type\":\"llama3\",\"factor\":8,\"low_freq_factor\":1,\"high_freq_factor\":4,"
                    + "\"original_max_position_embeddings\":8192},";
        if (type.equals("qwen2"))
            more += "\"rope_scaling\":{\"rope_type\":\"longrope\",\"factor\":1,\"attention_factor\":1,"
                    + "\"original_max_position_embeddings\":64,\"long_factor\":[1.5,2.25],\"short_factor\":[1.5,2.25]},"
                    + "\"original_max_position_embeddings\":64,";
        if (type.equals("qwen3"))
            more += "\"rope_scaling\":{\"rope_type\":\"yarn\",\"factor\":4,\"original_max_position_embeddings\":16,"
                    + "\"beta_fast\":32,\"beta_slow\":1},";
        String config = "{" + more
                + "\"vocab_size\":20,\"hidden_size\":8,\"num_hidden_layers\":1,\"num_attention_heads\":2,"
                + "\"num_key_value_heads\":1,\"head_dim\":4,\"intermediate_size\":6,\"max_position_embeddings\":64,"
                + "\"rms_norm_eps\":1e-6,\"tie_word_embeddings\":true,\"rope_theta\":50000000}";
        Map<String, long[]> shapes = new HashMap<>();
        shapes.put("model.embed_tokens.weight", new long[] {20, 8});
        shapes.put("model.norm.weight", new long[] {8});
        shapes.put("model.layers.0.input_layernorm.weight", new long[] {8});
        shapes.put("model.layers.0.post_attention_layernorm.weight", new long[] {8});
        if (has.contains("four")) {
            shapes.put("model.layers.0.pre_feedforward_layernorm.weight", new long[] {8});
            shapes.put("model.layers.0.post_feedforward_layernorm.weight", new long[] {8});
        }
        if (has.contains("norms")) {
            shapes.put("model.layers.0.self_attn.q_norm.weight", new long[] {4});
            shapes.put("model.layers.0.self_attn.k_norm.weight", new long[] {4});
        }
        if (has.contains("fused")) {
            shapes.put("model.layers.0.self_attn.qkv_proj.weight", new long[] {16, 8});
            shapes.put("model.layers.0.mlp.gate_up_proj.weight", new long[] {12, 8});
        } else {
            for (String part : List.of("q", "k", "v")) {
                long rows = part.equals("q") ? 8 : 4;
                shapes.put("model.layers.0.self_attn." + part + "_proj.weight", new long[] {rows, 8});
                if (has.contains("bias"))
                    shapes.put("model.layers.0.self_attn." + part + "_proj.bias", new long[] {rows});
            }
            shapes.put("model.layers.0.mlp.gate_proj.weight", new long[] {6, 8});
            shapes.put("model.layers.0.mlp.up_proj.weight", new long[] {6, 8});
        }
        shapes.put("model.layers.0.self_attn.o_proj.weight", new long[] {8, 8});
        shapes.put("model.layers.0.mlp.down_proj.weight", new long[] {8, 6});
        Path folder = folder("{\"model_type\":\"" + type + "\"," + config.substring(1), shapes);
        Path file = toGguf(folder, null);
        try (Gguf gguf = Gguf.open(file)) {
            assertThat(gguf.architecture()).isEqualTo(architecture);
            if (type.equals("qwen2")) // one set of factors is what Llama's files have
                assertThat(gguf.tensor("rope_freqs.weight").f32()).containsExactly(1.5f, 2.25f);
            if (type.startsWith("gemma"))
                assertThat(gguf.tensor("output_norm.weight").f32()[0]).isNotEqualTo(0f);
        }
        Path back = toHf(file);
        try (SafeTensorsFolder was = SafeTensorsFolder.open(folder);
                SafeTensorsFolder is = SafeTensorsFolder.open(back)) {
            Map<String, float[]> found = values(is);
            Map<String, float[]> expected = values(was);
            assertThat(found.keySet()).isEqualTo(expected.keySet());
            expected.forEach((name, numbers) -> {
                if (type.startsWith("gemma") && name.contains("norm"))
                    for (int i = 0; i < numbers.length; i++) // 1 + g - 1 loses the last bits of g
                        assertThat(found.get(name)[i]).isCloseTo(numbers[i], Offset.offset(3e-7f));
                else
                    assertThat(found.get(name)).as(name).isEqualTo(numbers);
            });
        }
        sameConfig(config, back);
    }

    @Test
    void whatCannotBeConvertedIsSaid() throws IOException {
        Map<String, long[]> shapes = new HashMap<>();
        shapes.put("model.embed_tokens.weight", new long[] {20, 8});
        Path folder = folder("{\"model_type\":\"bloom\"}", shapes);
        assertThatThrownBy(() -> toGguf(folder, null)).isInstanceOf(IOException.class)
                .hasMessageContainingAll("config.json", "'bloom'", "granitemoehybrid");
        folder("{\"model_type\":\"granite\",\"hidden_size\":8,\"num_attention_heads\":2}", shapes);
        assertThatThrownBy(() -> toGguf(folder, null)).hasMessageContainingAll("config.json", "num_hidden_layers",
                "found nothing");
        Path pico = dir.resolve("pico");
        PicoGranite.write(pico, 20, 1);
        String config = Files.readString(pico.resolve("config.json"));
        Files.writeString(pico.resolve("config.json"), config.replace("residual_multiplier", "residual"));
        assertThatThrownBy(() -> toGguf(pico, null)).hasMessageContainingAll("residual_multiplier", "found nothing");
        Files.writeString(pico.resolve("config.json"), config.replace("\"head_dim\" : 16", "\"head_dim\" : 24"));
        assertThatThrownBy(() -> toGguf(pico, null)).hasMessageContainingAll("q_proj", "shape is [64, 32]");
        Files.writeString(pico.resolve("config.json"), config);
        Files.copy(TOKENIZER, pico.resolve("tokenizer.json"));
        assertThatThrownBy(() -> toGguf(pico, null)).hasMessageContainingAll("tokenizer.json", "the model has 20 rows");
        assertThat(dir.resolve("out.gguf")).doesNotExist();
        Files.delete(pico.resolve("tokenizer.json"));
        Path bad = dir.resolve("bad.gguf");
        rewrite(pico, bad, "tokenizer.chat_template.../../x", GgufValue.of("{{ 1 }}"));
        assertThatThrownBy(() -> toHf(bad)).hasMessageContainingAll("tokenizer.chat_template.../../x",
                "letters, digits");
        rewrite(pico, bad, "granite.block_count", GgufValue.of(Integer.MAX_VALUE));
        assertThatThrownBy(() -> toHf(bad)).hasMessageContainingAll("bad.gguf", "2147483647 layers",
                "which no model has");
        rewrite(pico, bad, "granite.attention.key_length", GgufValue.of(24));
        assertThatThrownBy(() -> toHf(bad)).isInstanceOf(IOException.class).hasMessageContainingAll("bad.gguf",
                "attn_q.weight", "no whole heads of 24");
        rewrite(pico, bad, "granite.attention.key_length", GgufValue.of(0));
        assertThatThrownBy(() -> toHf(bad)).isInstanceOf(IOException.class).hasMessageContaining("bad.gguf");
        assertThatThrownBy(() -> Convert.toHuggingFace(dir.resolve("x"), dir, DType.Q8_0, Workers.NONE, o -> {}))
                .hasMessageContaining("F32, F16 or BF16");
    }

    /** Factors that are no numbers above 0, or too few, are no scaling. */
    @Test
    void wrongFactorsOfRopeAreSaid() throws IOException {
        Path pico = dir.resolve("pico");
        PicoGranite.write(pico, 20, 1);
        for (float[] factors : new float[][] {{1, 2}, {1, 1, 1, 0, 1, 1, 1, 1}, {1, 1, 1, Float.NaN, 1, 1, 1, 1}}) {
            Path bad = dir.resolve("bad.gguf");
            try (Gguf good = Gguf.open(toGguf(pico, null))) {
                List<TensorInfo> infos = new ArrayList<>(good.tensors().values().stream()
                        .map(t -> new TensorInfo(t.name(), t.dtype(), t.shape())).toList());
                infos.add(new TensorInfo("rope_freqs.weight", DType.F32, List.of((long) factors.length)));
                MemorySegment bytes = MemorySegment.ofArray(new byte[4 * factors.length]);
                DType.F32.narrow(factors, 0, factors.length, bytes, 0);
                GgufWriter.write(bad, new LinkedHashMap<>(good.metadata().values()), infos,
                        info -> info.name().startsWith("rope") ? bytes : good.tensors().get(info.name()).data());
            }
            assertThatThrownBy(() -> Checkpoint.open(bad)).isInstanceOf(IOException.class)
                    .hasMessageContainingAll("bad.gguf", "rope_freqs.weight", "found", "expected");
        }
    }

    /** The GGUF file of a folder with one key more. */
    private void rewrite(Path folder, Path to, String key, GgufValue value) throws IOException {
        try (Gguf good = Gguf.open(toGguf(folder, null))) {
            SequencedMap<String, GgufValue> metadata = new LinkedHashMap<>(good.metadata().values());
            metadata.put(key, value);
            List<TensorInfo> infos = good.tensors().values().stream()
                    .map(t -> new TensorInfo(t.name(), t.dtype(), t.shape())).toList();
            GgufWriter.write(to, metadata, infos, info -> good.tensors().get(info.name()).data());
        }
    }
}
