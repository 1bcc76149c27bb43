package io.quarry.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarry.kernel.DType;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files with bits, bytes, numbers and parts changed: every one is read, or refused with a sentence that names it. */
class MutatedFilesTest {
    @TempDir
    private Path dir;

    /** What is done with a file; throws only IOException. */
    private interface Reading {
        void read(byte[] bytes) throws IOException;
    }

    private static void refusedOrRead(byte[] good, int head, int rounds, String name, Reading reading) {
        Mutations mutations = new Mutations(new SplittableRandom(1));
        int refused = 0;
        for (int i = 0; i < rounds; i++) {
            byte[] bad = mutations.of(good, head);
            try {
                reading.read(bad);
            } catch (IOException e) {
                assertThat(e.getMessage()).contains(name);
                refused++;
            }
        }
        assertThat(refused).isBetween(rounds / 3, rounds - 1);
    }

    @Test
    void gguf() throws IOException {
        byte[] good = Files.readAllBytes(Path.of("src/test/resources/golden/gguf/all.gguf"));
        refusedOrRead(good, 1600, 60_000, "bad.gguf", bytes -> {
            try (Gguf gguf = Gguf.of(Path.of("bad.gguf"), Arena.ofConfined(), MemorySegment.ofArray(bytes))) {
                Walk.all(gguf);
            }
        });
    }

    @Test
    void safetensors() {
        String header = "{\"__metadata__\":{\"format\":\"pt\"},\"a\":{\"dtype\":\"F32\",\"shape\":[2,2],"
                + "\"data_offsets\":[0,16]},\"b\":{\"dtype\":\"BF16\",\"shape\":[3],\"data_offsets\":[16,22]}}";
        byte[] good = new byte[8 + header.length() + 22];
        good[0] = (byte) header.length();
        System.arraycopy(header.getBytes(StandardCharsets.US_ASCII), 0, good, 8, header.length());
        refusedOrRead(good, 8 + header.length(), 60_000, "bad.safetensors", bytes -> {
            Path name = Path.of("bad.safetensors");
            try (SafeTensors file = SafeTensors.of(name, Arena.ofConfined(), MemorySegment.ofArray(bytes))) {
                Walk.all(file);
            }
        });
    }

    @Test
    void indices() throws IOException {
        Path folder = dir.resolve("bad");
        PicoGranite.write(folder, 20, 1);
        Files.move(folder.resolve("model.safetensors"), folder.resolve("m.safetensors"));
        byte[] good = ("{\"metadata\":{\"total_size\":1},\"weight_map\":{\"" + Params.EMBEDDING
                + "\":\"m.safetensors\",\"" + Params.FINAL_NORM + "\":\"m.safetensors\"}}")
                .getBytes(StandardCharsets.US_ASCII);
        refusedOrRead(good, good.length, 500, "bad", bytes -> {
            Files.write(folder.resolve("model.safetensors.index.json"), bytes);
            SafeTensorsFolder.open(folder).close();
        });
    }

    @Test
    void configs() throws IOException {
        Path folder = dir.resolve("bad");
        PicoGranite.write(folder, PicoGranite.spec(20), 1, DType.BF16);
        byte[] good = Files.readAllBytes(folder.resolve("config.json"));
        refusedOrRead(good, good.length, 1_000, "bad", bytes -> {
            Files.write(folder.resolve("config.json"), bytes);
            Checkpoint.open(folder).close();
        });
    }
}
