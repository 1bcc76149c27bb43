package io.quarry.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarry.kernel.DType;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
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
                assertThat(read.f32("a")).containsExactly(1, 2, 3, 4, 5, 6);
                assertThat(read.f32("empty")).isEmpty();
                assertThat(read.f32("large")[255]).isEqualTo(255);
                assertThatThrownBy(() -> read.f32("b")).hasMessageContainingAll("t.safetensors", "no tensor b");
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
        "{\"a\":7} | dtype is ''",
        "[1,2] | no JSON object but ARRAY",
        "{\"a\": | no JSON",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},\"a\":{}} | Duplicate",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,2],\"data_offsets\":[0,8]}} | more bytes",
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

    /** Bytes flipped, cut, doubled, numbers exchanged: every file is either read or refused with a sentence. */
    @Test
    void noMutationDoesHarm() {
        byte[] good = file("{\"__metadata__\":{\"format\":\"pt\"},\"a\":{\"dtype\":\"F32\",\"shape\":[2,2],"
                + "\"data_offsets\":[0,16]},\"b\":{\"dtype\":\"BF16\",\"shape\":[3],\"data_offsets\":[16,22]}}", 22);
        Random random = new Random(1);
        int refused = 0;
        int rounds = 20_000;
        for (int i = 0; i < rounds; i++) {
            MemorySegment bytes = MemorySegment.ofArray(mutate(good, random));
            try (SafeTensors read = SafeTensors.of(Path.of("t.safetensors"), Arena.ofConfined(), bytes)) {
                for (String name : read.tensors().keySet())
                    assertThat(read.f32(name).length).isLessThanOrEqualTo(good.length);
            } catch (IOException e) {
                assertThat(e.getMessage()).contains("t.safetensors");
                refused++;
            }
        }
        assertThat(refused).isBetween(rounds / 2, rounds - 1);
    }

    private static byte[] mutate(byte[] good, Random random) {
        byte[] bad = good.clone();
        for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
            int at = random.nextInt(bad.length);
            switch (random.nextInt(5)) {
                case 0 -> bad[at] = (byte) random.nextInt();
                case 1 -> bad[at] = (byte) "0123456789[]{},:\"-eF".charAt(random.nextInt(20));
                case 2 -> bad = Arrays.copyOf(bad, Math.max(1, at));
                case 3 -> bad = Arrays.copyOf(bad, bad.length + random.nextInt(9));
                default -> bad[random.nextInt(Math.min(8, bad.length))] = (byte) random.nextInt();
            }
        }
        return bad;
    }
}
