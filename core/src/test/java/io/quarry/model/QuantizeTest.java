package io.quarry.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarry.kernel.DType;
import io.quarry.kernel.Workers;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SplittableRandom;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class QuantizeTest {
    @TempDir
    private Path dir;
    private Path file;

    @BeforeEach
    void write() throws IOException {
        file = dir.resolve("in.gguf");
        SequencedMap<String, GgufValue> metadata = new LinkedHashMap<>();
        metadata.put("general.architecture", GgufValue.of("granite"));
        metadata.put("general.file_type", GgufValue.of(0));
        metadata.put("split.count", GgufValue.of(1));
        List<TensorInfo> infos = List.of(new TensorInfo("token_embd.weight", DType.F32, List.of(300L, 256L)),
                new TensorInfo("blk.0.attn_norm.weight", DType.F32, List.of(256L)),
                new TensorInfo("blk.0.attn_q.weight", DType.F16, List.of(64L, 256L)),
                new TensorInfo("blk.0.attn_q.bias", DType.F32, List.of(64L)),
                new TensorInfo("blk.0.ffn_gate_inp.weight", DType.F32, List.of(4L, 256L)),
                new TensorInfo("blk.0.ffn_down_exps.weight", DType.F32, List.of(4L, 5L, 96L)),
                new TensorInfo("blk.0.ffn_odd.weight", DType.F32, List.of(2L, 40L)));
        SplittableRandom random = new SplittableRandom(2);
        GgufWriter.write(file, metadata, infos, info -> {
            float[] values = new float[(int) Tensor.elements(info.shape())];
            for (int i = 0; i < values.length; i++)
                values[i] = (float) (0.02 * random.nextGaussian());
            MemorySegment bytes = MemorySegment.ofArray(new byte[(int) info.bytes()]);
            info.dtype().narrow(values, 0, values.length, bytes, 0);
            return bytes;
        });
    }

    private Map<String, Quantize.Outcome> run(DType type, Path out, int threads) throws IOException {
        List<Quantize.Outcome> told = new ArrayList<>();
        try (Gguf in = Gguf.open(file); Workers workers = new Workers(threads)) {
            Quantize.run(in, out, type, workers, told::add);
            assertThat(told.stream().map(Quantize.Outcome::name).toList())
                    .containsExactlyElementsOf(in.tensors().keySet());
        }
        Map<String, Quantize.Outcome> byName = new HashMap<>();
        told.forEach(outcome -> byName.put(outcome.name(), outcome));
        return byName;
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "F8_E4M3")
    void matricesGetTheTypeAndTheRestStays(DType type) throws IOException {
        Path out = dir.resolve("out.gguf");
        Map<String, Quantize.Outcome> told = run(type, out, 1);
        try (Gguf in = Gguf.open(file); Gguf read = Gguf.open(out)) {
            assertThat(read.metadata().string("general.architecture")).isEqualTo("granite");
            assertThat(read.metadata().whole("general.file_type")).isEqualTo(Quantize.fileType(type));
            assertThat(read.metadata().has("split.count")).isFalse();
            for (Tensor tensor : read.tensors().values()) {
                assertThat(told.get(tensor.name()).to()).isEqualTo(tensor.dtype());
                assertThat(told.get(tensor.name()).from()).isEqualTo(in.tensor(tensor.name()).dtype());
                float[] was = in.tensor(tensor.name()).f32();
                float[] is = tensor.f32();
                double misses = 0;
                double squares = 0;
                for (int i = 0; i < was.length; i++) {
                    misses += Math.pow((double) is[i] - was[i], 2);
                    squares += Math.pow(was[i], 2);
                }
                assertThat(told.get(tensor.name()).error()).isCloseTo(Math.sqrt(misses / squares),
                        Percentage.withPercentage(0.001));
                if (told.get(tensor.name()).note() == null)
                    assertThat(tensor.dtype()).isEqualTo(type);
            }
            assertThat(told.get("blk.0.attn_q.weight").to()).isEqualTo(type);
            assertThat(told.get("blk.0.attn_norm.weight").error()).isZero();
            assertThat(told.get("blk.0.attn_norm.weight").to()).isEqualTo(DType.F32);
            assertThat(told.get("blk.0.attn_q.bias").to()).isEqualTo(DType.F32);
            assertThat(told.get("blk.0.ffn_gate_inp.weight").to()).isEqualTo(DType.F32);
        }
    }

    @Test
    void whereBlocksDoNotFitTheNextBetterTypeIsTakenAndSaid() throws IOException {
        Map<String, Quantize.Outcome> told = run(DType.Q4_K, dir.resolve("out.gguf"), 1);
        assertThat(told.get("blk.0.ffn_down_exps.weight").to()).isEqualTo(DType.Q5_0);
        assertThat(told.get("blk.0.ffn_down_exps.weight").note()).contains("rows of 96 numbers", "blocks of Q4_K");
        assertThat(told.get("blk.0.ffn_odd.weight").to()).isEqualTo(DType.F16);
        assertThat(told.get("token_embd.weight").to()).isEqualTo(DType.Q6_K);
        assertThat(told.get("token_embd.weight").note()).contains("output matrix");
        assertThat(run(DType.Q5_K, dir.resolve("out.gguf"), 1).get("blk.0.ffn_down_exps.weight").to())
                .isEqualTo(DType.Q5_1);
        assertThat(run(DType.Q6_K, dir.resolve("out.gguf"), 1).get("blk.0.ffn_down_exps.weight").to())
                .isEqualTo(DType.Q8_0);
        Map<String, Quantize.Outcome> eight = run(DType.Q8_0, dir.resolve("out.gguf"), 1);
        assertThat(eight.get("token_embd.weight").to()).isEqualTo(DType.Q8_0);
    }

    @Test
    void threadsDoNotChangeAByte() throws IOException {
        run(DType.Q4_K, dir.resolve("one.gguf"), 1);
        run(DType.Q4_K, dir.resolve("three.gguf"), 3);
        assertThat(dir.resolve("three.gguf")).hasSameBinaryContentAs(dir.resolve("one.gguf"));
    }

    @Test
    void whatCannotBeStoredIsSaidAndNothingIsLeft() throws IOException {
        Path bad = dir.resolve("bad.gguf");
        GgufWriter.write(bad, new LinkedHashMap<>(), List.of(new TensorInfo("a.weight", DType.F32, List.of(1L, 32L))),
                info -> {
                    float[] values = new float[32];
                    values[9] = Float.NaN;
                    MemorySegment bytes = MemorySegment.ofArray(new byte[128]);
                    DType.F32.narrow(values, 0, 32, bytes, 0);
                    return bytes;
                });
        Path out = dir.resolve("out.gguf");
        try (Gguf in = Gguf.open(bad)) {
            assertThatThrownBy(() -> Quantize.run(in, out, DType.Q8_0, Workers.NONE, o -> {}))
                    .isInstanceOf(IOException.class).hasMessageContainingAll("a.weight", "number 9 is NaN");
            assertThatThrownBy(() -> Quantize.run(in, bad, DType.Q8_0, Workers.NONE, o -> {}))
                    .isInstanceOf(IOException.class).hasMessageContaining("the file that is read");
            assertThatThrownBy(() -> Quantize.run(in, out, DType.F8_E4M3, Workers.NONE, o -> {}))
                    .hasMessageContaining("no type of GGUF");
        }
        assertThat(out).doesNotExist();
    }
}
