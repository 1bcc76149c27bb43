package io.quarry.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarry.kernel.DType;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GgufTest {
    private static final Path GOLDEN = Path.of("src/test/resources/golden/gguf");

    @TempDir
    private Path dir;

    @Test
    void everyKindOfValueIsRead() throws IOException {
        try (Gguf gguf = Gguf.open(GOLDEN.resolve("all.gguf"))) {
            GgufMetadata m = gguf.metadata();
            assertThat(gguf.architecture()).isEqualTo("test");
            assertThat(m.whole("u8")).isEqualTo(255);
            assertThat(m.whole("u16")).isEqualTo(65535);
            assertThat(m.whole("layers")).isEqualTo(3);
            assertThat(m.number("f32")).isEqualTo(0.1f);
            assertThat(m.number("f64")).isEqualTo(0.1);
            assertThat(m.number("i8")).isEqualTo(-128);
            assertThat(m.number("i16")).isEqualTo(-32768);
            assertThat(m.number("i32")).isEqualTo(Integer.MIN_VALUE);
            assertThat(m.number("u32")).isEqualTo(4294967295.0);
            assertThat(m.number("i64")).isEqualTo(Long.MIN_VALUE);
            assertThat(m.number("u64")).isEqualTo(0x1p64);
            assertThat(m.flag("yes")).isTrue();
            assertThat(m.flag("no")).isFalse();
            assertThat(m.string("text")).isEqualTo("Mühle 😀\n");
            assertThat(m.string("empty")).isEmpty();
            assertThat(m.strings("strings")).containsExactly("", "a", "日本");
            assertThat(m.wholes("wholes")).containsExactly(1, 2, Integer.MAX_VALUE);
            assertThat(m.wholes("bytes")).containsExactly(1, 2, 255);
            assertThat(m.numbers("fractions")).containsExactly(0.5f, -0.25f);
            assertThat(m.numbers("wholes")).containsExactly(1, 2, 0x1p31f);
            assertThat(m.flags("flags")).containsExactly(true, false, true);
            assertThat(m.wholes("layers", 4)).containsExactly(3, 3, 3, 3);
            assertThat(m.wholes("wholes", 3)).containsExactly(1, 2, Integer.MAX_VALUE);
            assertThat(m.has("u8")).isTrue();
            assertThat(m.has("u9")).isFalse();
        }
    }

    @Test
    void whatIsAskedForAndNotThereIsSaid() throws IOException {
        try (Gguf gguf = Gguf.open(GOLDEN.resolve("all.gguf"))) {
            GgufMetadata m = gguf.metadata();
            assertThatThrownBy(() -> m.whole("u9")).isInstanceOf(IOException.class).hasMessageContainingAll("all.gguf",
                    "no key u9");
            assertThatThrownBy(() -> m.whole("text")).hasMessageContainingAll("all.gguf", "key text", "'Mühle 😀\n'",
                    "STRING", "expected a whole number");
            assertThatThrownBy(() -> m.whole("u32")).hasMessageContainingAll("4294967295", "from 0 to 2^31 - 1");
            assertThatThrownBy(() -> m.whole("u64")).hasMessageContaining("18446744073709551615");
            assertThatThrownBy(() -> m.whole("i8")).hasMessageContaining("-128");
            assertThatThrownBy(() -> m.whole("f32")).hasMessageContainingAll("0.1", "F32");
            assertThatThrownBy(() -> m.string("u8")).hasMessageContainingAll("255 (U8)", "expected a string");
            assertThatThrownBy(() -> m.flag("strings")).hasMessageContainingAll("an array, 3 x STRING",
                    "true or false");
            assertThatThrownBy(() -> m.strings("text")).hasMessageContaining("an array of strings");
            assertThatThrownBy(() -> m.wholes("strings")).hasMessageContaining("an array of whole numbers");
            assertThatThrownBy(() -> m.wholes("wholes", 4)).hasMessageContaining("an array of 4 numbers");
            assertThatThrownBy(() -> m.number("yes")).hasMessageContaining("expected a number");
            assertThatThrownBy(() -> gguf.tensor("x")).hasMessageContainingAll("all.gguf has no tensor x",
                    "F32.weight");
        }
    }

    @Test
    void tensorsAreReadAsTheyAreStored() throws IOException {
        try (Gguf gguf = Gguf.open(GOLDEN.resolve("all.gguf"))) {
            for (DType type : DType.values())
                if (type != DType.F8_E4M3) {
                    Tensor tensor = gguf.tensor(type + ".weight");
                    assertThat(tensor.dtype()).isEqualTo(type);
                    assertThat(tensor.shape())
                            .isEqualTo(type.name().endsWith("_K") ? List.of(2L, 256L) : List.of(3L, 64L));
                    assertThat(tensor.data().byteSize()).isEqualTo(type.bytes(tensor.elements()));
                    assertThat(tensor.f32()).hasSize((int) tensor.elements());
                }
            Tensor cube = gguf.tensor("cube");
            assertThat(cube.shape()).containsExactly(2L, 3L, 5L);
            assertThat(cube.rows()).isEqualTo(6);
            assertThat(cube.columns()).isEqualTo(5);
            float[] row = new float[5];
            cube.dtype().widen(cube.row(4), 0, row, 0, 5);
            float[] same = new float[5];
            cube.widen(20, same, 0, 5);
            assertThat(row).isEqualTo(same);
            assertThat(gguf.tensors().firstEntry().getKey()).isEqualTo("F32.weight");
            assertThat(gguf.tensors().lastEntry().getKey()).isEqualTo("row");
        }
    }

    /** What is read and written again is the same file, byte for byte. */
    @Test
    void whatIsWrittenIsWhatGgufWrites() throws IOException {
        Path copy = dir.resolve("copy.gguf");
        try (Gguf gguf = Gguf.open(GOLDEN.resolve("all.gguf"))) {
            List<TensorInfo> infos = gguf.tensors().values().stream()
                    .map(t -> new TensorInfo(t.name(), t.dtype(), t.shape())).toList();
            GgufWriter.write(copy, new LinkedHashMap<>(gguf.metadata().values()), infos,
                    info -> gguf.tensors().get(info.name()).data());
        }
        assertThat(copy).hasSameBinaryContentAs(GOLDEN.resolve("all.gguf"));
        assertThat(dir.resolve("copy.gguf.partial")).doesNotExist();
    }

    @Test
    void valuesMadeHereAreReadBack() throws IOException {
        SequencedMap<String, GgufValue> values = new LinkedHashMap<>();
        values.put("general.alignment", GgufValue.of(64));
        values.put("text", GgufValue.of("é"));
        values.put("flag", GgufValue.of(true));
        values.put("number", GgufValue.of(0.25));
        values.put("strings", GgufValue.of(List.of("x", "")));
        values.put("wholes", GgufValue.of(new int[] {3, 0}));
        values.put("numbers", GgufValue.of(new float[] {1.5f}));
        Path file = dir.resolve("made.gguf");
        List<TensorInfo> infos = List.of(new TensorInfo("a", DType.F32, List.of(3L)),
                new TensorInfo("none", DType.F16, List.of(0L, 4L)), new TensorInfo("one", DType.F32, List.of()));
        GgufWriter.write(file, values, infos,
                info -> MemorySegment.ofArray(new byte[(int) info.bytes()]).fill((byte) 1));
        try (Gguf gguf = Gguf.open(file)) {
            GgufMetadata m = gguf.metadata();
            assertThat(m.values().keySet()).containsExactlyElementsOf(values.keySet());
            assertThat(m.string("text")).isEqualTo("é");
            assertThat(m.flag("flag")).isTrue();
            assertThat(m.number("number")).isEqualTo(0.25);
            assertThat(m.strings("strings")).containsExactly("x", "");
            assertThat(m.wholes("wholes")).containsExactly(3, 0);
            assertThat(m.numbers("numbers")).containsExactly(1.5f);
            assertThat(gguf.tensor("none").elements()).isZero();
            assertThat(gguf.tensor("one").data().get(ValueLayout.JAVA_BYTE, 3)).isEqualTo((byte) 1);
        }
    }

    @Test
    void whatCannotBeWrittenLeavesNothingBehind() {
        Path file = dir.resolve("bad.gguf");
        TensorInfo a = new TensorInfo("a", DType.F32, List.of(3L));
        assertThatThrownBy(() -> GgufWriter.write(file, new LinkedHashMap<>(), List.of(a),
                info -> MemorySegment.ofArray(new byte[11])))
                .hasMessageContainingAll("a must have 12 bytes", "given 11");
        assertThatThrownBy(() -> GgufWriter.write(file, new LinkedHashMap<>(), List.of(a, a), info -> null))
                .hasMessageContaining("two tensors with the name a");
        TensorInfo rows = new TensorInfo("r", DType.Q8_0, List.of(2L, 16L));
        assertThatThrownBy(() -> GgufWriter.write(file, new LinkedHashMap<>(), List.of(rows), info -> null))
                .hasMessageContaining("blocks of 32");
        TensorInfo fp8 = new TensorInfo("f", DType.F8_E4M3, List.of(1L));
        assertThatThrownBy(() -> GgufWriter.write(file, new LinkedHashMap<>(), List.of(fp8), info -> null))
                .hasMessageContaining("F8_E4M3 is no type of GGUF");
        assertThat(dir).isEmptyDirectory();
    }

    @Test
    void shardsAreOneModel() throws IOException {
        Path first = GOLDEN.resolve("split-00001-of-00002.gguf");
        try (Gguf gguf = Gguf.open(first)) {
            assertThat(gguf.tensors().keySet()).containsExactly("t0", "t1", "t2");
            assertThat(gguf.tensor("t2").f32()).containsOnly(2);
            assertThat(gguf.metadata().whole("layers")).isEqualTo(3);
        }
        assertThatThrownBy(() -> Gguf.open(GOLDEN.resolve("split-00002-of-00002.gguf")))
                .hasMessageContainingAll("one of 2 shards", "split-00001-of-00002.gguf");
        Path alone = dir.resolve("split-00001-of-00002.gguf");
        Files.copy(first, alone);
        assertThatThrownBy(() -> Gguf.open(alone)).hasMessageContaining("split-00002-of-00002.gguf is not there");
        Files.copy(first, dir.resolve("split-00002-of-00002.gguf"));
        assertThatThrownBy(() -> Gguf.open(alone)).hasMessageContainingAll("split-00002", "split.no", "found 0",
                "expected 1");
        Path renamed = dir.resolve("renamed.gguf");
        Files.copy(first, renamed);
        assertThatThrownBy(() -> Gguf.open(renamed)).hasMessageContainingAll("split.count", "found 2",
                "NAME-00001-of-00002.gguf");
    }

    @Test
    void whatIsNoFileIsSaid() {
        assertThatThrownBy(() -> Gguf.open(dir)).isInstanceOf(IOException.class).hasMessageContaining("is no file");
        assertThatThrownBy(() -> Gguf.open(dir.resolve("x.gguf"))).isInstanceOf(IOException.class)
                .hasMessageContaining("x.gguf is not there");
    }
}
