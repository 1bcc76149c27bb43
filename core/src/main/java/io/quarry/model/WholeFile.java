package io.quarry.model;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** Writes a file of which a reader sees all or nothing: under another name, which it loses when all is on the disk. */
final class WholeFile {
    /** Written at once; a buffer cannot be larger than 2 GiB. */
    private static final long PIECE = 1L << 26;

    /** What writes the content. */
    @FunctionalInterface
    interface Body {
        void write(FileChannel channel) throws IOException;
    }

    private WholeFile() {}

    static void write(Path file, Body body) throws IOException {
        Path partial = file.resolveSibling(file.getFileName() + ".partial");
        try {
            try (FileChannel channel = FileChannel.open(partial, StandardOpenOption.CREATE, StandardOpenOption.WRITE,
                    StandardOpenOption.TRUNCATE_EXISTING)) {
                body.write(channel);
                channel.force(true);
            }
            Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(partial);
        }
    }

    /** Appends the bytes of one tensor; throws where they are not as many as they have to be. */
    static void append(FileChannel channel, TensorInfo info, TensorContent content) throws IOException {
        MemorySegment bytes = content.of(info);
        if (bytes == null || bytes.byteSize() != info.bytes())
            throw new IllegalArgumentException(info.name() + " must have " + info.bytes() + " bytes, was given "
                    + (bytes == null ? "none" : bytes.byteSize()));
        append(channel, bytes);
    }

    static void append(FileChannel channel, MemorySegment bytes) throws IOException {
        for (long at = 0; at < bytes.byteSize(); at += PIECE) {
            ByteBuffer piece = bytes.asSlice(at, Math.min(PIECE, bytes.byteSize() - at)).asByteBuffer();
            while (piece.hasRemaining())
                channel.write(piece);
        }
    }
}
