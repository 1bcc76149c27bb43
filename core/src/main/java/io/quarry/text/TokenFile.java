package io.quarry.text;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/**
 * Tokens of many documents in one memory-mapped file: what the data side writes and the training side reads.
 *
 * <p>Layout, little endian: 32 bytes of header (magic {@code "QTOK"}, version, documents as a long, tokens as a long,
 * flags), then {@code documents + 1} longs with the index of each document's first token (the last is the number of
 * tokens), then one int per token, then, if flag 1 is set, one byte per token that is 1 where the token is learned.
 * Tokens are ints, not shorts: Granite's vocabulary has 100,352 entries.
 */
public final class TokenFile implements AutoCloseable {
    private static final int MAGIC = 0x4B4F5451; // "QTOK"
    private static final int VERSION = 1;
    private static final int HEADER = 32;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final Arena arena;
    private final MemorySegment all;
    private final long documents;
    private final long tokens;
    private final boolean masked;

    private TokenFile(Arena arena, MemorySegment all, long documents, long tokens, boolean masked) {
        this.arena = arena;
        this.all = all;
        this.documents = documents;
        this.tokens = tokens;
        this.masked = masked;
    }

    /** Maps a file; throws with file, found and expected if it is not whole. */
    public static TokenFile open(Path file) throws IOException {
        long size = Files.size(file);
        if (size < HEADER)
            throw new IOException(
                    file + " is no token file: it has " + size + " bytes, the header alone has " + HEADER);
        Arena arena = Arena.ofShared();
        try (FileChannel channel = FileChannel.open(file)) {
            MemorySegment all = channel.map(FileChannel.MapMode.READ_ONLY, 0, size, arena);
            long documents = all.get(LONG, 8);
            long tokens = all.get(LONG, 16);
            boolean masked = (all.get(INT, 24) & 1) != 0;
            if (all.get(INT, 0) != MAGIC || all.get(INT, 4) != VERSION)
                throw new IOException(file + " is no token file of version " + VERSION);
            if (documents < 0 || tokens < 0 || documents > size / 8 || tokens > size / 4
                    || size != HEADER + (documents + 1) * 8 + tokens * (masked ? 5 : 4))
                throw new IOException(file + " is not whole: " + size + " bytes for " + documents + " documents and "
                        + tokens + " tokens");
            if ((all.get(INT, 24) & ~1) != 0)
                throw new IOException(file + " has flags " + all.get(INT, 24) + "; only 1 (a mask) is known");
            TokenFile opened = new TokenFile(arena, all, documents, tokens, masked);
            opened.requireOrder(file);
            return opened;
        } catch (IOException | RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    /** The index must rise from 0 to the number of tokens, else a document would have a negative length. */
    private void requireOrder(Path file) throws IOException {
        long before = 0;
        for (long d = 0; d <= documents; d++) {
            long at = start(d);
            if (at < before || at > tokens || d == 0 && at != 0)
                throw new IOException(file + " is corrupt: document " + d + " starts at token " + at
                        + ", the one before at " + before + " of " + tokens);
            before = at;
        }
        if (before != tokens)
            throw new IOException(file + " is corrupt: its documents end at token " + before + " of " + tokens);
    }

    public long documents() {
        return documents;
    }

    public long tokens() {
        return tokens;
    }

    /** Whether only some tokens are learned (SFT: those of the assistant). */
    public boolean masked() {
        return masked;
    }

    /** Index of the first token of document {@code d}; {@code start(documents())} is {@link #tokens()}. */
    public long start(long d) {
        return all.get(LONG, HEADER + d * 8);
    }

    /** Tokens of document {@code d}. */
    public int[] document(long d) {
        int[] out = new int[Math.toIntExact(start(d + 1) - start(d))];
        copy(start(d), out, 0, out.length);
        return out;
    }

    /** Copies {@code length} tokens from index {@code at} to {@code to[offset..]}. */
    public void copy(long at, int[] to, int offset, int length) {
        MemorySegment.copy(all, INT, HEADER + (documents + 1) * 8 + at * 4, to, offset, length);
    }

    /** Copies the mask of {@code length} tokens: 1 where the token is learned; all 1 in a file without mask. */
    public void copyMask(long at, byte[] to, int offset, int length) {
        if (masked)
            MemorySegment.copy(all, ValueLayout.JAVA_BYTE, HEADER + (documents + 1) * 8 + tokens * 4 + at, to, offset,
                    length);
        else
            Arrays.fill(to, offset, offset + length, (byte) 1);
    }

    @Override
    public void close() {
        arena.close();
    }

    /** Collects documents in memory and writes the file at {@link #close()}; fine for shards of some 100 MB. */
    public static final class Writer implements AutoCloseable {
        private static final int MOST = Integer.MAX_VALUE - 8; // an array of the JVM

        private final Path file;
        private final boolean masked;
        private int[] tokens = new int[1 << 16];
        private byte[] mask; // as long as tokens, or empty
        private long[] starts = new long[1 << 10];
        private int size;
        private int documents;

        public Writer(Path file, boolean masked) {
            this.file = file;
            this.masked = masked;
            mask = new byte[masked ? tokens.length : 0];
        }

        /** Appends a document of which every token is learned. */
        public void add(int[] document) {
            append(document);
            if (masked)
                Arrays.fill(mask, size - document.length, size, (byte) 1);
        }

        /** Appends a document with its mask: 1 where the token is learned. */
        public void add(int[] document, byte[] learned) {
            if (learned.length != document.length)
                throw new IllegalArgumentException(
                        "a mask of " + learned.length + " for " + document.length + " tokens");
            append(document);
            if (masked)
                System.arraycopy(learned, 0, mask, size - learned.length, learned.length);
            else
                for (byte one : learned)
                    if (one != 1)
                        throw new IllegalArgumentException(file + " has no mask, so every token is learned; found one "
                                + "that is not. Open the writer with a mask");
        }

        private void append(int[] document) {
            if (document.length > tokens.length - size)
                grow(document.length);
            if (documents == starts.length)
                starts = Arrays.copyOf(starts, starts.length * 2);
            starts[documents++] = size;
            System.arraycopy(document, 0, tokens, size, document.length);
            size += document.length;
        }

        private void grow(int more) {
            long needed = (long) size + more;
            if (needed > MOST)
                throw new IllegalStateException(file + " would have " + needed + " tokens, a shard has at most " + MOST
                        + "; write more and smaller shards");
            int capacity = (int) Math.min(MOST, Math.max(tokens.length * 2L, needed));
            tokens = Arrays.copyOf(tokens, capacity);
            if (masked)
                mask = Arrays.copyOf(mask, capacity);
        }

        public long documents() {
            return documents;
        }

        public long tokens() {
            return size;
        }

        /** Writes the file. It is whole only after this returned. */
        @Override
        public void close() throws IOException {
            try (FileChannel out = FileChannel.open(file, StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
                ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 20).order(ByteOrder.LITTLE_ENDIAN);
                buffer.putInt(MAGIC).putInt(VERSION).putLong(documents).putLong(size).putInt(masked ? 1 : 0).putInt(0);
                flush(buffer, out);
                for (int at = 0, n; at < documents; at += n) {
                    n = Math.min(documents - at, buffer.capacity() / Long.BYTES);
                    buffer.asLongBuffer().put(starts, at, n);
                    flush(buffer.position(n * Long.BYTES), out);
                }
                flush(buffer.putLong(size), out);
                for (int at = 0, n; at < size; at += n) {
                    n = Math.min(size - at, buffer.capacity() / Integer.BYTES);
                    buffer.asIntBuffer().put(tokens, at, n);
                    flush(buffer.position(n * Integer.BYTES), out);
                }
                for (int at = 0, n; masked && at < size; at += n) {
                    n = Math.min(size - at, buffer.capacity());
                    flush(buffer.put(mask, at, n), out);
                }
            }
        }

        private static void flush(ByteBuffer buffer, FileChannel out) throws IOException {
            buffer.flip();
            while (buffer.hasRemaining())
                out.write(buffer);
            buffer.clear();
        }
    }
}
