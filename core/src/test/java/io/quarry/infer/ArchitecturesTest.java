package io.quarry.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.quarry.kernel.DType;
import io.quarry.kernel.Kernels;
import io.quarry.kernel.Workers;
import io.quarry.model.Convert;
import io.quarry.model.Param;
import io.quarry.model.SafeTensorsWriter;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Every architecture against transformers: golden values of {@code tools/golden/architectures.py}. */
class ArchitecturesTest {
    @TempDir
    Path dir;

    private static JsonNode golden() {
        try (InputStream in = ArchitecturesTest.class.getResourceAsStream("/golden/architectures.json")) {
            return JsonMapper.shared().readTree(in);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    static Stream<String> models() {
        return golden().propertyStream().map(java.util.Map.Entry::getKey);
    }

    @ParameterizedTest
    @MethodSource("models")
    void reproducesTheReference(String model) throws IOException {
        JsonNode golden = golden().get(model);
        write(dir, golden);
        for (Kernels kernels : List.of(Kernels.scalar(), Kernels.best()))
            try (Lm lm = Lm.open(dir, new Engine(kernels, 2, 4, 1 << 26))) {
                for (int text = 0; text < golden.get("texts").size(); text++) {
                    int[] tokens = ints(golden.get("texts").get(text));
                    check(model + ", " + kernels.name(), golden.get("logits").get(text), lm.logits(tokens), tokens);
                }
            }
    }

    /** One token at a time must say what the whole text at once says: caches, windows and states are the same. */
    @ParameterizedTest
    @MethodSource("models")
    void continuesAsItScores(String model) throws IOException {
        JsonNode golden = golden().get(model);
        write(dir, golden);
        try (Lm lm = Lm.open(dir, new Engine(Kernels.best(), 2, 4, 1 << 26))) {
            int[] prompt = ints(golden.get("texts").get(0));
            Completion said = lm.generate(new Request(prompt, 14, Sampling.GREEDY, Set.of()));
            assertThat(said.tokens()).hasSize(14);
            int[] all = java.util.Arrays.copyOf(prompt, prompt.length + 14);
            System.arraycopy(said.tokens(), 0, all, prompt.length, 14);
            float[] scores = lm.score(all);
            for (int i = 0; i < 14; i++)
                assertThat(said.logProbs()[i]).as("token %d", i).isCloseTo(scores[prompt.length - 1 + i],
                        within(1e-4f));
        }
    }

    /** Those a GGUF file can say: it has no dynamic scaling, no window of llama and qwen2, and one pattern of Gemma 3. */
    static Stream<String> modelsOfGguf() {
        Set<String> others = Set.of("llama-dynamic", "mistral", "qwen2-window", "gemma3");
        return models().filter(model -> !others.contains(model));
    }

    /** The same model as a GGUF file, in the names and layouts of that format, says the same. */
    @ParameterizedTest
    @MethodSource("modelsOfGguf")
    void reproducesTheReferenceFromGguf(String model) throws IOException {
        JsonNode golden = golden().get(model);
        write(dir, golden);
        Path file = dir.resolve("model.gguf");
        Convert.toGguf(dir, file, DType.F32, Workers.NONE, told -> {});
        try (Lm lm = Lm.open(file, new Engine(Kernels.best(), 2, 4, 1 << 26))) {
            for (int text = 0; text < golden.get("texts").size(); text++) {
                int[] tokens = ints(golden.get("texts").get(text));
                check(model, golden.get("logits").get(text), lm.logits(tokens), tokens);
            }
        }
    }

    private static void check(String what, JsonNode rows, float[] logits, int[] tokens) {
        int vocabulary = rows.get(0).size();
        for (int r = 0; r < rows.size(); r++)
            for (int v = 0; v < vocabulary; v++) {
                int row = tokens.length - rows.size() + r;
                assertThat(logits[row * vocabulary + v]).as("%s: logit %d after token %d of %d", what, v, row,
                        tokens.length).isCloseTo((float) rows.get(r).get(v).doubleValue(), within(1e-4f));
            }
    }

    static void write(Path dir, JsonNode golden) throws IOException {
        Files.writeString(dir.resolve("config.json"), golden.get("config").toString());
        List<Param> params = new ArrayList<>();
        golden.get("tensors").propertyStream().forEach(tensor -> {
            List<Integer> shape = new ArrayList<>();
            tensor.getValue().forEach(size -> shape.add(size.intValue()));
            params.add(new Param(tensor.getKey(), shape));
        });
        SafeTensorsWriter.write(dir.resolve("model.safetensors"), params, DType.F32, ArchitecturesTest::numbers);
    }

    /** The weights of the golden models: from the name of a tensor and the place of a number in it. */
    private static float[] numbers(Param param) {
        CRC32 crc = new CRC32();
        crc.update(param.name().getBytes(StandardCharsets.UTF_8));
        float[] all = new float[Math.toIntExact(param.elements())];
        for (int i = 0; i < all.length; i++) {
            long mixed = i * 2654435761L + crc.getValue() & 0xFFFFFFFFL;
            mixed = (mixed ^ mixed >>> 15) * 2246822519L & 0xFFFFFFFFL;
            mixed ^= mixed >>> 13;
            all[i] = (float) (mixed / 0x1p32 - 0.5);
        }
        return all;
    }

    private static int[] ints(JsonNode list) {
        return list.valueStream().mapToInt(JsonNode::intValue).toArray();
    }
}
