package io.quarry.model;

import io.quarry.kernel.DType;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads a safetensors file through a memory map. The file is untrusted: sizes, offsets, types and overlaps are checked
 * before anything is believed, and what is wrong is said with file, tensor, found and expected.
 *
 * <p>Layout: a little-endian long with the header's size, the header as a JSON object from name to {@code dtype},
 * {@code shape} and {@code data_offsets}, then the data without gaps.
 *
 * @see SafeTensorsWriter
 */
public final class SafeTensors implements AutoCloseable {
    /** The same limit as the reference reader. */
    private static final long MAX_HEADER = 100_000_000;
    private static final String METADATA = "__metadata__";
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

    /**
     * One tensor of the file.
     *
     * @param dtype how its numbers are stored
     * @param shape sizes, outermost first; empty for a single number
     * @param begin first byte, from the begin of the data
     * @param end   byte after the last
     */
    public record Tensor(DType dtype, List<Long> shape, long begin, long end) {
        public long elements() {
            return (end - begin) / dtype.blockBytes();
        }
    }

    private final Path file;
    private final Arena arena;
    private final MemorySegment data;
    private final SequencedMap<String, Tensor> tensors;

    private SafeTensors(Path file, Arena arena, MemorySegment data, SequencedMap<String, Tensor> tensors) {
        this.file = file;
        this.arena = arena;
        this.data = data;
        this.tensors = tensors;
    }

    /** Maps and checks a file. */
    public static SafeTensors open(Path file) throws IOException {
        Arena arena = Arena.ofShared();
        try (FileChannel channel = FileChannel.open(file)) {
            MemorySegment all = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
            return of(file, arena, all);
        } catch (IOException | RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    /** Checks bytes that are there already; {@code arena} is closed with the result. */
    static SafeTensors of(Path file, Arena arena, MemorySegment all) throws IOException {
        long size = all.byteSize();
        if (size < 8)
            throw new IOException(file + " is no safetensors file: it has " + size + " bytes, at least 8 are needed");
        long header = all.get(ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), 0);
        if (header < 2 || header > MAX_HEADER || header > size - 8)
            throw new IOException(file + " is no whole safetensors file: its header claims " + header
                    + " bytes, the file has " + (size - 8) + " after the length (limit " + MAX_HEADER + ")");
        byte[] json = all.asSlice(8, header).toArray(ValueLayout.JAVA_BYTE);
        MemorySegment data = all.asSlice(8 + header);
        SequencedMap<String, Tensor> tensors = header(file, json);
        checkLayout(file, tensors, data.byteSize());
        return new SafeTensors(file, arena, data, Collections.unmodifiableSequencedMap(tensors));
    }

    private static SequencedMap<String, Tensor> header(Path file, byte[] json) throws IOException {
        JsonNode root;
        try {
            root = JSON.readTree(json);
        } catch (JacksonException e) {
            throw new IOException(file + " has a header that is no JSON object: " + e.getOriginalMessage(), e);
        }
        if (!root.isObject())
            throw new IOException(file + " has a header that is no JSON object but " + root.getNodeType());
        SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> entry : root.properties())
            if (!entry.getKey().equals(METADATA))
                tensors.put(entry.getKey(), tensor(file + ", tensor " + entry.getKey(), entry.getValue()));
        return tensors;
    }

    private static Tensor tensor(String where, JsonNode entry) throws IOException {
        DType dtype = null;
        String stored = entry.path("dtype").asString("");
        for (DType known : DType.values())
            if (known.block() == 1 && known.name().equals(stored))
                dtype = known;
        if (dtype == null)
            throw new IOException(where + ": dtype is '" + stored + "', known are F32, F16, BF16, F8_E4M3");
        List<Long> shape = longs(where, entry, "shape");
        List<Long> offsets = longs(where, entry, "data_offsets");
        if (offsets.size() != 2)
            throw new IOException(where + ": data_offsets must be two numbers, found " + offsets.size());
        long bytes = dtype.blockBytes();
        try {
            for (long n : shape)
                bytes = Math.multiplyExact(bytes, n);
        } catch (ArithmeticException e) {
            throw new IOException(where + ": shape " + shape + " has more bytes than a long can count", e);
        }
        if (offsets.get(1) - offsets.get(0) != bytes)
            throw new IOException(where + ": data_offsets " + offsets + " hold " + (offsets.get(1) - offsets.get(0))
                    + " bytes, " + dtype + " of shape " + shape + " takes " + bytes);
        return new Tensor(dtype, shape, offsets.get(0), offsets.get(1));
    }

    private static List<Long> longs(String where, JsonNode entry, String key) throws IOException {
        JsonNode list = entry.path(key);
        if (!list.isArray())
            throw new IOException(where + ": " + key + " must be a list of numbers, found " + list.getNodeType());
        List<Long> out = new ArrayList<>(list.size());
        for (JsonNode n : list.values()) {
            if (!n.isIntegralNumber() || !n.canConvertToLong() || n.longValue() < 0)
                throw new IOException(where + ": " + key + " must hold whole numbers from 0, found " + n.getNodeType());
            out.add(n.longValue());
        }
        return List.copyOf(out);
    }

    /** Every byte of the data belongs to exactly one tensor. */
    private static void checkLayout(Path file, Map<String, Tensor> tensors, long size) throws IOException {
        List<Map.Entry<String, Tensor>> sorted = new ArrayList<>(tensors.entrySet());
        sorted.sort(Comparator.comparingLong((Map.Entry<String, Tensor> e) -> e.getValue().begin())
                .thenComparingLong(e -> e.getValue().end()));
        long at = 0;
        for (Map.Entry<String, Tensor> entry : sorted) {
            Tensor t = entry.getValue();
            if (t.begin() != at)
                throw new IOException(file + ", tensor " + entry.getKey() + ": begins at byte " + t.begin()
                        + " of the data, the tensor before it ends at " + at);
            at = t.end();
        }
        if (at != size)
            throw new IOException(
                    file + " is not whole: its tensors take " + at + " bytes, the file has " + size + " bytes of data");
    }

    /** The tensors by name, in the order of the header. */
    public SequencedMap<String, Tensor> tensors() {
        return tensors;
    }

    /** The numbers of a tensor, widened to floats. */
    public float[] f32(String name) throws IOException {
        Tensor tensor = tensor(name);
        if (tensor.elements() > Integer.MAX_VALUE - 8)
            throw new IOException(file + ", tensor " + name + ": " + tensor.elements()
                    + " numbers do not fit in one array (limit 2^31)");
        float[] out = new float[(int) tensor.elements()];
        tensor.dtype().widen(data, tensor.begin(), out, 0, out.length);
        return out;
    }

    /** One tensor's entry; throws if there is none of that name. */
    public Tensor tensor(String name) throws IOException {
        Tensor tensor = tensors.get(name);
        if (tensor == null)
            throw new IOException(file + " has no tensor " + name + "; it has " + tensors.size() + ", for instance "
                    + tensors.keySet().stream().limit(4).toList());
        return tensor;
    }

    @Override
    public void close() {
        arena.close();
    }
}
