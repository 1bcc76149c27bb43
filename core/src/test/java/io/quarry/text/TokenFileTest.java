package io.quarry.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenFileTest {
    @TempDir
    private Path folder;
    private Path file;

    @BeforeEach
    void name() {
        file = folder.resolve("shard.qtok");
    }

    private byte[] written(boolean masked) throws IOException {
        try (TokenFile.Writer writer = new TokenFile.Writer(file, masked)) {
            writer.add(new int[] {1, 2, 100_351}, new byte[] {1, 1, 1});
            writer.add(new int[0]);
            writer.add(new int[] {4, 5});
        }
        return Files.readAllBytes(file);
    }

    @Test
    void givesBackDocumentsAndMask() throws IOException {
        try (TokenFile.Writer writer = new TokenFile.Writer(file, true)) {
            writer.add(new int[] {1, 2, 100_351}, new byte[] {0, 1, 0});
            writer.add(new int[0]);
            writer.add(new int[] {4, 5});
        }
        try (TokenFile tokens = TokenFile.open(file)) {
            assertThat(tokens.documents()).isEqualTo(3);
            assertThat(tokens.tokens()).isEqualTo(5);
            assertThat(tokens.masked()).isTrue();
            assertThat(tokens.document(0)).containsExactly(1, 2, 100_351);
            assertThat(tokens.document(1)).isEmpty();
            assertThat(tokens.document(2)).containsExactly(4, 5);
            assertThat(tokens.start(3)).isEqualTo(5);
            byte[] mask = new byte[5];
            tokens.copyMask(0, mask, 0, 5);
            assertThat(mask).containsExactly(0, 1, 0, 1, 1);
        }
    }

    @Test
    void withoutMaskEverythingIsLearned() throws IOException {
        written(false);
        try (TokenFile tokens = TokenFile.open(file)) {
            byte[] mask = new byte[4];
            tokens.copyMask(1, mask, 1, 3);
            assertThat(mask).containsExactly(0, 1, 1, 1);
        }
    }

    /** Longer than the buffers of the writer, in documents, tokens and mask. */
    @Test
    void givesBackManyTokens() throws IOException {
        int documents = 150_000;
        int[] all = new Random(3).ints(documents * 8, 0, 100_352).toArray();
        byte[] mask = new byte[all.length];
        IntStream.range(0, all.length).forEach(i -> mask[i] = (byte) (all[i] & 1));
        try (TokenFile.Writer writer = new TokenFile.Writer(file, true)) {
            for (int d = 0; d < documents; d++)
                writer.add(Arrays.copyOfRange(all, d * 8, d * 8 + 8), Arrays.copyOfRange(mask, d * 8, d * 8 + 8));
        }
        try (TokenFile tokens = TokenFile.open(file)) {
            int[] gotten = new int[all.length];
            byte[] gottenMask = new byte[all.length];
            tokens.copy(0, gotten, 0, all.length);
            tokens.copyMask(0, gottenMask, 0, all.length);
            assertThat(gotten).isEqualTo(all);
            assertThat(gottenMask).isEqualTo(mask);
            assertThat(tokens.start(documents - 1)).isEqualTo(all.length - 8);
        }
    }

    @Test
    void aFileOfNothingIsWhole() throws IOException {
        new TokenFile.Writer(file, false).close();
        try (TokenFile tokens = TokenFile.open(file)) {
            assertThat(tokens.documents()).isZero();
            assertThat(tokens.tokens()).isZero();
        }
    }

    @Test
    void refusesEveryTruncation() throws IOException {
        byte[] whole = written(true);
        for (int length = 0; length < whole.length; length++)
            refuses(Arrays.copyOf(whole, length));
        refuses(Arrays.copyOf(whole, whole.length + 1));
    }

    @Test
    void refusesHostileHeaders() throws IOException {
        byte[] whole = written(true);
        refuses(patched(whole, 0, 7));
        refuses(patched(whole, 4, 2));
        refuses(patched(whole, 24, 0));
        refuses(patched(whole, 24, 3));
        for (long lie : new long[] {-1, Long.MAX_VALUE, Long.MIN_VALUE, 1L << 61, 4}) {
            refuses(patchedLong(whole, 8, lie));
            refuses(patchedLong(whole, 16, lie));
        }
    }

    @Test
    void refusesAnIndexThatDoesNotRise() throws IOException {
        byte[] whole = written(false);
        refuses(patchedLong(whole, 32, 1)); // the first document must start at 0
        refuses(patchedLong(whole, 40, -1));
        refuses(patchedLong(whole, 40, 6));
        refuses(patchedLong(whole, 48, 2)); // under the one before
        refuses(patchedLong(whole, 56, 4)); // the end is not the number of tokens
    }

    private static byte[] patched(byte[] whole, int at, int value) {
        byte[] bytes = whole.clone();
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(at, value);
        return bytes;
    }

    private static byte[] patchedLong(byte[] whole, int at, long value) {
        byte[] bytes = whole.clone();
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(at, value);
        return bytes;
    }

    private void refuses(byte[] bytes) throws IOException {
        Files.write(file, bytes);
        assertThatThrownBy(() -> TokenFile.open(file).close()).as("%d bytes", bytes.length)
                .isInstanceOf(IOException.class).hasMessageContaining(file.toString());
    }

    @Test
    void aMaskMustFitItsDocumentAndItsFile() throws IOException {
        try (TokenFile.Writer writer = new TokenFile.Writer(file, false)) {
            assertThatThrownBy(() -> writer.add(new int[2], new byte[1])).hasMessageContaining("a mask of 1 for 2");
            assertThatThrownBy(() -> writer.add(new int[2], new byte[] {1, 0})).hasMessageContaining("has no mask");
        }
    }
}
