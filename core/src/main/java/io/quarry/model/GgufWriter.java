package io.quarry.model;

import io.quarry.model.GgufValue.Type;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;

/** Writes a GGUF file of version 3 tensor by tensor, with memory for one at a time; a reader sees the whole file or none. */
public final class GgufWriter {
    private GgufWriter() {}

    /**
     * Writes all of a model.
     *
     * @param metadata in the order of the file; {@code general.alignment} is obeyed
     * @param content  asked once for each tensor, in order
     */
    public static void write(Path file, SequencedMap<String, GgufValue> metadata, List<TensorInfo> tensors,
            TensorContent content) throws IOException {
        int alignment = metadata.containsKey(Gguf.ALIGNMENT)
                ? new GgufMetadata(file, metadata).whole(Gguf.ALIGNMENT)
                : Gguf.DEFAULT_ALIGNMENT;
        if (Integer.bitCount(alignment) != 1)
            throw new IllegalArgumentException(Gguf.ALIGNMENT + " must be a power of two, was " + alignment);
        byte[] head = head(metadata, tensors, alignment);
        WholeFile.write(file, channel -> {
            WholeFile.append(channel, MemorySegment.ofArray(head));
            for (TensorInfo info : tensors) {
                WholeFile.append(channel, info, content);
                long gap = aligned(info.bytes(), alignment) - info.bytes();
                WholeFile.append(channel, MemorySegment.ofArray(new byte[(int) gap]));
            }
        });
    }

    private static long aligned(long bytes, int alignment) {
        return Math.multiplyExact(Math.ceilDiv(bytes, alignment), (long) alignment);
    }

    /** Everything before the data, padded to where they begin. */
    private static byte[] head(Map<String, GgufValue> metadata, List<TensorInfo> tensors, int alignment) {
        Out out = new Out();
        out.u32(Gguf.MAGIC).u32(Gguf.VERSION).u64(tensors.size()).u64(metadata.size());
        metadata.forEach((key, value) -> {
            out.string(key).u32(value.type().ordinal());
            if (value.type() == Type.ARRAY)
                out.u32(value.elements().ordinal()).u64(value.count());
            out.bytes(value.bytes().toArray(ValueLayout.JAVA_BYTE));
        });
        Set<String> names = new HashSet<>();
        long at = 0;
        for (TensorInfo info : tensors) {
            if (!names.add(info.name()))
                throw new IllegalArgumentException("there are two tensors with the name " + info.name());
            out.string(info.name()).u32(info.shape().size());
            info.shape().reversed().forEach(out::u64);
            out.u32(info.dtype().ggmlId()).u64(at);
            at = Math.addExact(at, aligned(info.bytes(), alignment));
        }
        out.bytes(new byte[(int) (aligned(out.size(), alignment) - out.size())]);
        return out.all.toByteArray();
    }

    /** Little-endian numbers and strings with their lengths, one after the other. */
    private static final class Out {
        private final ByteArrayOutputStream all = new ByteArrayOutputStream();

        Out bytes(byte[] bytes) {
            all.writeBytes(bytes);
            return this;
        }

        Out u32(int value) {
            return bytes(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array());
        }

        Out u64(long value) {
            return bytes(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array());
        }

        Out string(String text) {
            byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
            return u64(utf8.length).bytes(utf8);
        }

        long size() {
            return all.size();
        }
    }
}
