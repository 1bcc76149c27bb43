package io.quarry.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Files that lie about what is in them: each is refused with a sentence that names the file and the place. */
class HostileGgufTest {
    private static final int STRING = 8;
    private static final int ARRAY = 9;
    private static final int BOOL = 7;
    private static final int U32 = 4;

    /** A file under construction. */
    private static final class Bytes {
        private final ByteArrayOutputStream all = new ByteArrayOutputStream();

        Bytes u32(int n) {
            all.writeBytes(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(n).array());
            return this;
        }

        Bytes u64(long n) {
            all.writeBytes(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(n).array());
            return this;
        }

        Bytes text(String text) {
            return raw(text.getBytes(StandardCharsets.UTF_8));
        }

        Bytes raw(byte... bytes) {
            u64(bytes.length);
            all.writeBytes(bytes);
            return this;
        }

        Bytes head(long tensors, long keys) {
            return u32(Gguf.MAGIC).u32(3).u64(tensors).u64(keys);
        }

        /** A tensor of floats. */
        Bytes tensor(String name, long offset, long... sizes) {
            text(name).u32(sizes.length);
            for (long size : sizes)
                u64(size);
            return u32(0).u64(offset);
        }

        Bytes data(int bytes) {
            while (all.size() % 32 != 0)
                all.write(0);
            all.writeBytes(new byte[bytes]);
            return this;
        }
    }

    private static Gguf open(byte[] bytes) throws IOException {
        return Gguf.of(Path.of("bad.gguf"), Arena.ofConfined(), MemorySegment.ofArray(bytes));
    }

    private static void refused(Consumer<Bytes> content, String... message) {
        Bytes bytes = new Bytes();
        content.accept(bytes);
        assertThatThrownBy(() -> open(bytes.all.toByteArray()).close()).isInstanceOf(IOException.class)
                .hasMessageStartingWith("bad.gguf").hasMessageContainingAll(message);
    }

    @Test
    void headsThatAreNone() {
        refused(b -> {}, "magic", "0 bytes", "not whole");
        refused(b -> b.u32(0x67676d6c).u32(3), "magic", "0x67676d6c", "no GGUF file");
        refused(b -> b.u32(Gguf.MAGIC).u32(1).u64(0).u64(0), "version", "found 1", "2 or 3");
        refused(b -> b.u32(Gguf.MAGIC).u32(-1).u64(0).u64(0), "version", "found 4294967295");
        refused(b -> b.u32(Gguf.MAGIC).u32(0x03000000).u64(0).u64(0), "big endian");
        refused(b -> b.head(1_000_000, 0), "number of tensors", "found 1000000", "at most 131072");
        refused(b -> b.head(-1, 0), "number of tensors", "18446744073709551615");
        refused(b -> b.head(0, 1L << 40), "number of keys", "1099511627776");
        refused(b -> b.head(0, Long.MIN_VALUE), "number of keys", "9223372036854775808");
        refused(b -> b.head(100_000, 0), "tensor 0", "not whole");
        refused(b -> b.head(0, 60_000), "key 0", "not whole");
    }

    @Test
    void keysThatLie() {
        refused(b -> b.head(0, 1).u64(Long.MAX_VALUE), "key 0", "9223372036854775807", "65535");
        refused(b -> b.head(0, 1).u64(100), "key 0", "100 more are needed", "not whole");
        refused(b -> b.head(0, 1).raw((byte) 'k', (byte) 0xFF).u32(U32).u32(1), "key 0", "no UTF-8");
        refused(b -> b.head(0, 1).raw((byte) 0xED, (byte) 0xA0, (byte) 0x80).u32(U32).u32(1), "no UTF-8");
        refused(b -> b.head(0, 2).text("k").u32(U32).u32(1).text("k").u32(U32).u32(1), "key k", "twice");
        refused(b -> b.head(0, 1).text("k").u32(13).u32(1), "key k", "value type 13");
        refused(b -> b.head(0, 1).text("k").u32(-1).u32(1), "key k", "value type 4294967295");
    }

    @Test
    void valuesThatLie() {
        refused(b -> b.head(0, 1).text("k").u32(U32), "key k", "4 more are needed");
        refused(b -> b.head(0, 1).text("k").u32(BOOL).u32(2), "key k", "the byte 2", "true or false");
        refused(b -> b.head(0, 1).text("k").u32(STRING).u64(1L << 60), "key k", "1152921504606846976");
        refused(b -> b.head(0, 1).text("k").u32(STRING).u64(1L << 20), "key k", "1048576 more are needed");
        refused(b -> b.head(0, 1).text("k").u32(ARRAY).u32(ARRAY).u64(1), "key k", "array of arrays");
        refused(b -> b.head(0, 1).text("k").u32(ARRAY).u32(U32).u64(1L << 62), "key k", "4611686018427387904");
        refused(b -> b.head(0, 1).text("k").u32(ARRAY).u32(U32).u64(1L << 24), "key k", "67108864 more are needed");
        refused(b -> b.head(0, 1).text("k").u32(ARRAY).u32(STRING).u64(1L << 24), "key k", "134217728 more");
        refused(b -> b.head(0, 1).text("k").u32(ARRAY).u32(STRING).u64(2).text("a").u64(99), "key k", "99 more");
        refused(b -> b.head(0, 1).text("k").u32(ARRAY).u32(BOOL).u64(4).u32(0x01000201), "key k", "the byte 2");
        for (int alignment : new int[] {0, 3, 48, -1, Integer.MAX_VALUE})
            refused(b -> b.head(0, 1).text("general.alignment").u32(U32).u32(alignment), "key general.alignment");
        refused(b -> b.head(0, 1).text("general.alignment").u32(STRING).text("32"), "general.alignment", "'32'");
    }

    @Test
    void textsThatAreNoneAreRefusedWhenTheyAreAskedFor() throws IOException {
        Bytes bytes = new Bytes().head(0, 1).text("k").u32(STRING).raw((byte) 'a', (byte) 0xC0);
        try (Gguf gguf = open(bytes.all.toByteArray())) {
            assertThatThrownBy(() -> gguf.metadata().string("k")).isInstanceOf(IOException.class)
                    .hasMessageContainingAll("bad.gguf, key k", "no UTF-8");
        }
    }

    @Test
    void tensorsThatLie() {
        refused(b -> b.head(1, 0).text("t").u32(5), "tensor t", "5 dimensions", "at most 4");
        refused(b -> b.head(1, 0).text("t").u32(-1), "tensor t", "4294967295 dimensions");
        refused(b -> b.head(1, 0).tensor("t", 0, -4).data(64), "tensor t", "18446744073709551612");
        refused(b -> b.head(1, 0).tensor("t", 0, 1L << 32, 1L << 32).data(64), "tensor t", "than a long can count");
        refused(b -> b.head(1, 0).tensor("t", 0, 1L << 62).data(64), "tensor t", "more bytes than a long counts");
        refused(b -> b.head(1, 0).tensor("t", 0, 1L << 30).data(64), "tensor t", "4294967296 bytes", "not whole");
        refused(b -> b.head(1, 0).tensor("t", 7, 2).data(64), "tensor t", "begin at 7", "alignment 32");
        refused(b -> b.head(1, 0).tensor("t", -32, 2).data(64), "tensor t", "18446744073709551584");
        refused(b -> b.head(1, 0).tensor("t", 64, 2).data(64), "tensor t", "from 64 on", "64 bytes of data");
        refused(b -> b.head(1, 0).tensor("t", Long.MAX_VALUE - 31, 2).data(64), "tensor t", "64 bytes of data");
        refused(b -> b.head(1, 0).text("t").u32(1).u64(4).u32(4).u64(0).data(64), "tensor t", "type 4", "Q4_K 12");
        refused(b -> b.head(1, 0).text("t").u32(1).u64(33).u32(2).u64(0).data(64), "tensor t", "blocks of 32", "33");
        refused(b -> b.head(1, 0).text("t").u32(2).u64(16).u64(2).u32(2).u64(0).data(64), "tensor t", "blocks of 32");
        refused(b -> b.head(1, 0).raw((byte) 0x80).u32(0), "tensor 0", "no UTF-8");
    }

    @Test
    void tensorsThatShareBytes() {
        refused(b -> b.head(2, 0).tensor("a", 0, 16).tensor("b", 32, 8).data(128), "tensor b", "byte 32",
                "inside of tensor a");
        refused(b -> b.head(2, 0).tensor("a", 32, 8).tensor("b", 32, 8).data(128), "inside of tensor a");
        refused(b -> b.head(2, 0).tensor("a", 0, 4).tensor("a", 32, 4).data(128), "tensor a", "twice");
    }

    @Test
    void gapsAndTensorsWithoutNumbersAreNoLies() throws IOException {
        Bytes bytes = new Bytes().head(3, 0).tensor("b", 64, 4).tensor("none", 64, 0).tensor("a", 0, 4).data(96);
        try (Gguf gguf = open(bytes.all.toByteArray())) {
            assertThat(gguf.tensors().keySet()).containsExactly("b", "none", "a");
        }
    }

    /** Cut anywhere, a file is refused, or what is left is whole in itself. */
    @Test
    void filesCutAnywhere() throws IOException {
        byte[] whole = Files.readAllBytes(Path.of("src/test/resources/golden/gguf/all.gguf"));
        int dataEnd = whole.length - 32;
        for (int length = 0; length < dataEnd; length += length < 2048 ? 1 : 37) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> open(cut)).as("cut to " + length).isInstanceOf(IOException.class)
                    .hasMessageStartingWith("bad.gguf").hasMessageContaining("not whole");
        }
    }

    /** The most keys and the longest arrays that are let in are read in no time and with little memory. */
    @Test
    void theLargestThatIsLetInIsHarmless() throws IOException {
        Bytes bytes = new Bytes().head(0, 65_536);
        for (int i = 0; i < 65_535; i++)
            bytes.text("k" + i).u32(U32).u32(i);
        bytes.text("array").u32(ARRAY).u32(STRING).u64(1_000_000);
        bytes.all.writeBytes(new byte[8_000_000]);
        try (Gguf gguf = open(bytes.all.toByteArray())) {
            assertThat(gguf.metadata().values()).hasSize(65_536);
            assertThat(gguf.metadata().strings("array")).hasSize(1_000_000);
        }
    }
}
