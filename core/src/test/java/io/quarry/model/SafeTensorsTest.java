package io.quarry.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarry.kernel.DType;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafeTensorsTest {
    @TempDir
    Path dir;

    private static byte[] file(String header, int data) {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(8 + json.length + data).order(ByteOrder.LITTLE_ENDIAN).putLong(json.length).put(json)
                .array();
    }

    private Path write(byte[] bytes) throws IOException {
        return Files.write(dir.resolve("t.safetensors"), bytes);
    }

    @Test
    void whatIsWrittenIsRead() throws IOException {
        Path file = dir.resolve("t.safetensors");
        List<Param> params = List.of(new Param("a", List.of(2, 3)), new Param("empty", List.of(0, 7)),
                new Param("large", List.of(70_000)));
        float[] large = new float[70_000];
        for (int i = 0; i < large.length; i++)
            large[i] = i;
        for (DType type : new DType[] {DType.F32, DType.BF16}) {
            SafeTensorsWriter.write(file, params, type, p -> switch (p.name()) {
                case "a" -> new float[] {1, 2, 3, 4, 5, 6};
                case "empty" -> new float[0];
                default -> large;
            });
            try (SafeTensors read = SafeTensors.open(file)) {
                assertThat(read.tensors().keySet()).containsExactly("a", "empty", "large");
                assertThat(read.tensor("a").shape()).containsExactly(2L, 3L);
                assertThat(read.tensor("a").dtype()).isEqualTo(type);
                assertThat(read.tensor("a").f32()).containsExactly(1, 2, 3, 4, 5, 6);
                assertThat(read.tensor("empty").f32()).isEmpty();
                assertThat(read.tensor("large").f32()[255]).isEqualTo(255);
                assertThatThrownBy(() -> read.tensor("b")).hasMessageContainingAll("t.safetensors", "no tensor b");
            }
        }
        assertThat(dir.resolve("t.safetensors.partial")).doesNotExist();
    }

    @Test
    void aTensorOfTheWrongSizeIsNotWritten() {
        Path file = dir.resolve("t.safetensors");
        assertThatThrownBy(() -> SafeTensorsWriter.write(file, List.of(new Param("a", List.of(2))), DType.F32,
                p -> new float[3])).hasMessageContainingAll("a must have 2", "given 3");
        assertThat(file).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}} | takes 8",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0]}} | two numbers",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}} | whole numbers",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1.5],\"data_offsets\":[0,8]}} | whole numbers",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":2,\"data_offsets\":[0,8]}} | list of numbers",
        "{\"a\":{\"dtype\":\"Q9\",\"shape\":[2],\"data_offsets\":[0,8]}} | dtype is 'Q9'",
        "{\"a\":{\"shape\":[2],\"data_offsets\":[0,8]}} | dtype is ''",
        "{\"a\":7} | expected an object",
        "{\"a\":{}} | found null and null",
        "{\"a\":{\"dtype\":{},\"shape\":[2],\"data_offsets\":[0,8]}} | dtype must be a string",
        "{} x | no JSON object",
        "{}{} | behind its JSON object",
        "[1,2] | no JSON object but begins with START_ARRAY",
        "{\"a\": | no JSON",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},\"a\":{}} | Duplicate",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,2],\"data_offsets\":[0,8]}} | more numbers",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904],\"data_offsets\":[0,8]}} | more bytes",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[0,4611686018427387904,4],\"data_offsets\":[0,0]}} | more numbers",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,2],\"data_offsets\":[0,8]}} | more than 16",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[99999999999999999999],\"data_offsets\":[0,8]}} | whole numbers",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,12]}} | not whole",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}} | not whole",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}} | begins at byte 4",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
                + "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}} | begins at byte 4"})
    void aFalseHeaderIsSaid(String header, String message) throws IOException {
        Path file = write(file(header, 8));
        assertThatThrownBy(() -> SafeTensors.open(file)).isInstanceOf(IOException.class)
                .hasMessageContainingAll("t.safetensors", message);
    }

    @Test
    void falseLengthsAreSaid() throws IOException {
        for (long length : new long[] {-1, 0, 1, 9, Long.MAX_VALUE, Long.MIN_VALUE, 100_000_001}) {
            byte[] bytes = file("{}      ", 0);
            ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
            Path file = write(bytes);
            assertThatThrownBy(() -> SafeTensors.open(file)).isInstanceOf(IOException.class)
                    .hasMessageContainingAll("t.safetensors", Long.toString(length));
        }
        Path empty = write(new byte[3]);
        assertThatThrownBy(() -> SafeTensors.open(empty)).hasMessageContaining("3 bytes");
    }

    @Test
    void deepHeadersDoNotOverflowTheStack() throws IOException {
        Path file = write(file("{\"a\":" + "[".repeat(200_000), 0));
        assertThatThrownBy(() -> SafeTensors.open(file)).isInstanceOf(IOException.class);
    }

    /** The longest header that is let in: too many tensors are refused before they take memory. */
    @Test
    void aMillionTensorsAreRefused() throws IOException {
        StringBuilder header = new StringBuilder("{");
        for (int i = 0; i < 1_000_000; i++)
            header.append('"').append(i).append("\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]},");
        header.setCharAt(header.length() - 1, '}');
        Path file = write(file(header.toString(), 0));
        assertThatThrownBy(() -> SafeTensors.open(file)).isInstanceOf(IOException.class)
                .hasMessageContainingAll("t.safetensors", "more than 131072 tensors");
    }

    @Test
    void tensorsOfSeveralTypesAreWrittenAsTheyAreGiven() throws IOException {
        Path file = dir.resolve("t.safetensors");
        List<TensorInfo> infos = List.of(new TensorInfo("h", DType.F16, List.of(2L)),
                new TensorInfo("f", DType.F32, List.of(1L, 1L)));
        SafeTensorsWriter.write(file, infos, info -> {
            byte[] bytes = new byte[(int) info.bytes()];
            info.dtype().narrow(new float[] {1.5f, -2}, 0, (int) Tensor.elements(info.shape()),
                    MemorySegment.ofArray(bytes), 0);
            return MemorySegment.ofArray(bytes);
        });
        try (SafeTensors read = SafeTensors.open(file)) {
            assertThat(read.tensor("h").f32()).containsExactly(1.5f, -2);
            assertThat(read.tensor("f").f32()).containsExactly(1.5f);
            assertThat(read.tensor("f").shape()).containsExactly(1L, 1L);
        }
        List<TensorInfo> blocks = List.of(new TensorInfo("q", DType.Q8_0, List.of(32L)));
        assertThatThrownBy(() -> SafeTensorsWriter.write(file, blocks, info -> null))
                .hasMessageContainingAll("Q8_0", "no type of safetensors");
    }
}
