package io.quarry.model;

import io.quarry.kernel.DType;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.function.Function;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Writes a safetensors file tensor by tensor, with memory for one at a time; a reader sees the whole file or none. */
public final class SafeTensorsWriter {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    /** Numbers converted at once. */
    private static final int CHUNK = 1 << 16;

    private SafeTensorsWriter() {}

    /**
     * Writes all tensors of a list.
     *
     * @param dtype   how the numbers are stored: F32, BF16 or F16, rounded to nearest even
     * @param weights gives the numbers of a tensor, row-major; asked once for each, in order
     */
    public static void write(Path file, List<Param> params, DType dtype, Function<Param, float[]> weights)
            throws IOException {
        Path partial = file.resolveSibling(file.getFileName() + ".partial");
        try (FileChannel channel = FileChannel.open(partial, StandardOpenOption.CREATE, StandardOpenOption.WRITE,
                StandardOpenOption.TRUNCATE_EXISTING)) {
            writeFully(channel, header(params, dtype));
            ByteBuffer chunk = ByteBuffer.allocateDirect(Math.toIntExact(dtype.bytes(CHUNK)));
            for (Param param : params) {
                float[] values = weights.apply(param);
                if (values == null || values.length != param.elements())
                    throw new IllegalArgumentException(param.name() + " must have " + param.elements()
                            + " numbers, was given " + (values == null ? "none" : values.length));
                write(channel, values, dtype, chunk);
            }
            channel.force(true);
        }
        Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static void write(FileChannel channel, float[] values, DType dtype, ByteBuffer chunk) throws IOException {
        for (int at = 0; at < values.length; at += CHUNK) {
            int count = Math.min(CHUNK, values.length - at);
            dtype.narrow(values, at, count, MemorySegment.ofBuffer(chunk.clear()), 0);
            writeFully(channel, chunk.limit((int) dtype.bytes(count)));
        }
    }

    private static ByteBuffer header(List<Param> params, DType dtype) {
        ObjectNode root = JSON.createObjectNode();
        root.putObject("__metadata__").put("format", "pt"); // transformers refuses a file that does not say so
        long at = 0;
        for (Param param : params) {
            long end = Math.addExact(at, dtype.bytes(param.elements()));
            ObjectNode entry = root.putObject(param.name()).put("dtype", dtype.name());
            param.shape().forEach(entry.withArray("shape")::add);
            entry.putArray("data_offsets").add(at).add(end);
            at = end;
        }
        byte[] json = root.toString().getBytes(StandardCharsets.UTF_8);
        int padded = Math.ceilDiv(json.length, 8) * 8; // the data begins aligned, as the format asks
        ByteBuffer out = ByteBuffer.allocate(8 + padded).order(ByteOrder.LITTLE_ENDIAN);
        out.putLong(padded).put(json);
        while (out.hasRemaining())
            out.put((byte) ' ');
        return out.flip();
    }

    private static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining())
            channel.write(bytes);
    }
}
