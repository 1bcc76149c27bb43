package io.quarry.model;

import io.quarry.kernel.DType;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Writes a safetensors file tensor by tensor, with memory for one at a time; a reader sees the whole file or none. */
public final class SafeTensorsWriter {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private SafeTensorsWriter() {}

    /**
     * Writes all tensors of a list.
     *
     * @param dtype   how the numbers are stored: F32, BF16 or F16, rounded to nearest even
     * @param weights gives the numbers of a tensor, row-major; asked once for each, in order
     */
    public static void write(Path file, List<Param> params, DType dtype, Function<Param, float[]> weights)
            throws IOException {
        Map<String, Param> byName = new HashMap<>();
        params.forEach(param -> byName.put(param.name(), param));
        List<TensorInfo> infos = params.stream().map(param -> new TensorInfo(param.name(), dtype,
                param.shape().stream().map(Integer::longValue).toList())).toList();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment room = arena.allocate(infos.stream().mapToLong(TensorInfo::bytes).max().orElse(0));
            write(file, infos, info -> {
                Param param = byName.get(info.name());
                float[] values = weights.apply(param);
                if (values == null || values.length != param.elements())
                    throw new IllegalArgumentException(param.name() + " must have " + param.elements()
                            + " numbers, was given " + (values == null ? "none" : values.length));
                dtype.narrow(values, 0, values.length, room, 0);
                return room.asSlice(0, info.bytes());
            });
        }
    }

    /** Writes tensors of several types, all of them plain, as {@code content} gives them; asked once for each, in order. */
    public static void write(Path file, List<TensorInfo> tensors, TensorContent content) throws IOException {
        ByteBuffer header = header(tensors);
        WholeFile.write(file, channel -> {
            WholeFile.append(channel, MemorySegment.ofBuffer(header));
            for (TensorInfo info : tensors)
                WholeFile.append(channel, info, content);
        });
    }

    private static ByteBuffer header(List<TensorInfo> tensors) {
        ObjectNode root = JSON.createObjectNode();
        root.putObject("__metadata__").put("format", "pt"); // transformers refuses a file that does not say so
        long at = 0;
        for (TensorInfo info : tensors) {
            if (info.dtype().block() != 1)
                throw new IllegalArgumentException(
                        info.name() + " is to be stored as " + info.dtype()
                                + ", which is no type of safetensors files");
            if (root.has(info.name()))
                throw new IllegalArgumentException("there are two tensors with the name " + info.name());
            long end = Math.addExact(at, info.bytes());
            ObjectNode entry = root.putObject(info.name()).put("dtype", info.dtype().name());
            entry.putArray("shape");
            info.shape().forEach(entry.withArray("shape")::add);
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
}
