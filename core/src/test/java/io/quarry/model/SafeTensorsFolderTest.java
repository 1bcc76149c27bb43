package io.quarry.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarry.kernel.DType;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SafeTensorsFolderTest {
    private static final String FP8 = "{\"quantization_config\":{\"quant_method\":\"compressed-tensors\","
            + "\"format\":\"float-quantized\"}}";

    @TempDir
    private Path dir;

    private static TensorInfo info(String name, DType dtype, long... shape) {
        return new TensorInfo(name, dtype, Arrays.stream(shape).boxed().toList());
    }

    private void write(String file, Map<String, float[]> values, TensorInfo... infos) throws IOException {
        SafeTensorsWriter.write(dir.resolve(file), List.of(infos), info -> {
            MemorySegment bytes = MemorySegment.ofArray(new byte[(int) info.bytes()]);
            float[] numbers = values.get(info.name());
            info.dtype().narrow(numbers, 0, numbers.length, bytes, 0);
            return bytes;
        });
    }

    private void index(String json) throws IOException {
        Files.writeString(dir.resolve("model.safetensors.index.json"), json);
    }

    private void twoShards() throws IOException {
        write("model-00001-of-00002.safetensors", Map.of("a", new float[] {1, 2}), info("a", DType.F32, 2));
        write("model-00002-of-00002.safetensors", Map.of("b", new float[] {3}, "c", new float[] {4}),
                info("b", DType.F16, 1), info("c", DType.BF16, 1));
    }

    @Test
    void shardsAreOneModel() throws IOException {
        twoShards();
        index("{\"metadata\":{\"total_size\":12},\"weight_map\":{\"a\":\"model-00001-of-00002.safetensors\","
                + "\"b\":\"model-00002-of-00002.safetensors\",\"c\":\"model-00002-of-00002.safetensors\"}}");
        try (SafeTensorsFolder folder = SafeTensorsFolder.open(dir)) {
            assertThat(folder.tensors().keySet()).containsExactly("a", "b", "c");
            assertThat(folder.tensor("a").f32()).containsExactly(1, 2);
            assertThat(folder.tensor("c").f32()).containsExactly(4);
            assertThatThrownBy(() -> folder.tensor("d")).hasMessageContaining("has no tensor d");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {"{ | no JSON", "[] | weight_map", "{} | found nothing",
        "{\"weight_map\":{}} | found OBJECT", "{\"weight_map\":[1]} | found ARRAY",
        "{\"weight_map\":{\"a\":7}} | name of a safetensors file",
        "{\"weight_map\":{\"a\":\"../x.safetensors\"}} | name of a safetensors file",
        "{\"weight_map\":{\"a\":\"/etc/passwd\"}} | name of a safetensors file",
        "{\"weight_map\":{\"a\":\".safetensors\"}} | name of a safetensors file",
        "{\"weight_map\":{\"a\":\"x.safetensors\"}} | x.safetensors",
        "{\"weight_map\":{\"x\":\"model-00001-of-00002.safetensors\"}} | where it is not"})
    void aFalseIndexIsSaid(String json, String message) throws IOException {
        twoShards();
        index(json);
        assertThatThrownBy(() -> SafeTensorsFolder.open(dir)).isInstanceOf(IOException.class)
                .hasMessageContaining(message);
    }

    @Test
    void aTensorInTwoShardsIsSaid() throws IOException {
        twoShards();
        write("extra.safetensors", Map.of("a", new float[] {1, 2}), info("a", DType.F32, 2));
        index("{\"weight_map\":{\"b\":\"model-00002-of-00002.safetensors\",\"a\":\"model-00001-of-00002.safetensors\","
                + "\"c\":\"extra.safetensors\"}}");
        assertThatThrownBy(() -> SafeTensorsFolder.open(dir)).hasMessageContainingAll("tensor a", "another shard");
    }

    @Test
    void aFolderWithoutWeightsIsSaid() {
        assertThatThrownBy(() -> SafeTensorsFolder.open(dir)).isInstanceOf(IOException.class)
                .hasMessageContainingAll("neither model.safetensors nor", "index.json");
    }

    /** A scale for each row, as LLM Compressor writes it: values times scale, exactly. */
    @ParameterizedTest
    @ValueSource(strings = {"F32", "BF16"})
    void eightBitsComeWithTheirScales(DType scales) throws IOException {
        Files.writeString(dir.resolve("config.json"), FP8);
        write("model.safetensors",
                Map.of("l.weight", new float[] {1, -448, 0.5f, 1.125f, 2, 3}, "l.weight_scale", new float[] {0.25f, 3},
                        "l.input_scale", new float[] {9}, "n.weight", new float[] {7}, "m.weight", new float[] {1, 2},
                        "m.weight_scale", new float[] {0.5f}),
                info("l.weight", DType.F8_E4M3, 2, 3), info("l.weight_scale", scales, 2, 1),
                info("l.input_scale", DType.F32, 1), info("n.weight", DType.BF16, 1),
                info("m.weight", DType.F8_E4M3, 2, 1), info("m.weight_scale", scales, 1));
        try (SafeTensorsFolder folder = SafeTensorsFolder.open(dir)) {
            assertThat(folder.tensors().keySet()).containsExactly("l.weight", "n.weight", "m.weight");
            Tensor weight = folder.tensor("l.weight");
            assertThat(weight.f32()).containsExactly(0.25f, -112, 0.125f, 3.375f, 6, 9);
            float[] part = new float[4];
            weight.widen(2, part, 1, 3);
            assertThat(part).containsExactly(0, 0.125f, 3.375f, 6);
            assertThat(folder.tensor("m.weight").f32()).containsExactly(0.5f, 1);
        }
    }

    @Test
    void eightBitsWithoutAScaleAreNoWeight() throws IOException {
        write("model.safetensors", Map.of("l.weight", new float[] {1, 2}), info("l.weight", DType.F8_E4M3, 2, 1));
        assertThatThrownBy(() -> SafeTensorsFolder.open(dir)).isInstanceOf(IOException.class)
                .hasMessageContainingAll("l.weight", "no l.weight_scale");
        write("model.safetensors", Map.of("l.weight", new float[] {1, 2}, "l.weight_scale", new float[] {1, 1, 1}),
                info("l.weight", DType.F8_E4M3, 2, 1), info("l.weight_scale", DType.F32, 3));
        assertThatThrownBy(() -> SafeTensorsFolder.open(dir)).isInstanceOf(IOException.class)
                .hasMessageContainingAll("l.weight has 2 rows", "[3]");
    }

    @ParameterizedTest
    @CsvSource({"gptq,", "compressed-tensors,pack-quantized", "fp8,float-quantized"})
    void otherWaysToQuantiseAreNotRead(String method, String format) throws IOException {
        Files.writeString(dir.resolve("config.json"), "{\"quantization_config\":{\"quant_method\":\"" + method
                + "\",\"format\":\"" + format + "\"}}");
        write("model.safetensors", Map.of("a", new float[] {1}), info("a", DType.F32, 1));
        assertThatThrownBy(() -> SafeTensorsFolder.open(dir)).isInstanceOf(IOException.class)
                .hasMessageContainingAll("config.json", "'" + method + "'", "float-quantized (FP8) is read");
    }
}
