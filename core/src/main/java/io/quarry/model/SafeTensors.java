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
import java.util.SequencedMap;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads a safetensors file through a memory map. The file is untrusted: sizes, offsets, types and overlaps are checked
 * before anything is believed, and what is wrong is said with file, tensor, found and expected.
 *
 * <p>Layout: a little-endian long with the header's size, the header as a JSON object from name to {@code dtype},
 * {@code shape} and {@code data_offsets}, then the data without gaps.
 *
 * @see SafeTensorsFolder
 * @see SafeTensorsWriter
 */
public final class SafeTensors implements Tensors {
    /** The same limit as the reference reader. */
    private static final long MAX_HEADER = 100_000_000;
    private static final int MOST_DIMENSIONS = 16;
    private static final String METADATA = "__metadata__";
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

    private final Path file;
    private final Arena arena;
    private final SequencedMap<String, Tensor> tensors;

    private SafeTensors(Path file, Arena arena, SequencedMap<String, Tensor> tensors) {
        this.file = file;
        this.arena = arena;
        this.tensors = Collections.unmodifiableSequencedMap(tensors);
    }

    /** What the header says of one tensor, with its first byte and the one after its last, from the begin of the data. */
    private record Entry(String name, DType dtype, List<Long> shape, long begin, long end) {}

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
        MemorySegment data = all.asSlice(8 + header);
        List<Entry> entries = header(file, all.asSlice(8, header).toArray(ValueLayout.JAVA_BYTE));
        checkLayout(file, entries, data.byteSize());
        SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
        for (Entry e : entries)
            tensors.put(e.name(),
                    new Tensor(e.name(), e.dtype(), e.shape(), data.asSlice(e.begin(), e.end() - e.begin())));
        return new SafeTensors(file, arena, tensors);
    }

    /** Reads entry by entry: a header that is large for no good reason must not take memory. */
    private static List<Entry> header(Path file, byte[] json) throws IOException {
        List<Entry> entries = new ArrayList<>();
        try (JsonParser in = JSON.createParser(json)) {
            if (in.nextToken() != JsonToken.START_OBJECT)
                throw new IOException(
                        file + " has a header that is no JSON object but begins with " + in.currentToken());
            while (in.nextToken() != JsonToken.END_OBJECT) {
                String name = in.currentName();
                in.nextToken();
                if (name.equals(METADATA))
                    in.skipChildren();
                else if (entries.size() == MOST)
                    throw new IOException(file + " has more than " + MOST + " tensors");
                else
                    entries.add(entry(file + ", tensor " + name, name, in));
            }
            if (in.nextToken() != null)
                throw new IOException(file + " has a header with more behind its JSON object");
        } catch (JacksonException e) {
            throw new IOException(file + " has a header that is no JSON object: " + e.getOriginalMessage(), e);
        }
        return entries;
    }

    private static Entry entry(String where, String name, JsonParser in) throws IOException {
        if (in.currentToken() != JsonToken.START_OBJECT)
            throw new IOException(where + ": found " + in.currentToken() + ", expected an object");
        String stored = "";
        List<Long> shape = null;
        List<Long> offsets = null;
        while (in.nextToken() != JsonToken.END_OBJECT) {
            String key = in.currentName();
            in.nextToken();
            switch (key) {
                case "dtype" -> stored = text(where, in);
                case "shape" -> shape = longs(where, key, in);
                case "data_offsets" -> offsets = longs(where, key, in);
                default -> in.skipChildren();
            }
        }
        if (shape == null || offsets == null || offsets.size() != 2)
            throw new IOException(where + ": shape must be a list of numbers and data_offsets two numbers, found "
                    + shape + " and " + offsets);
        DType dtype = dtype(where, stored);
        long bytes;
        try {
            bytes = dtype.bytes(Tensor.elements(shape));
        } catch (IllegalArgumentException e) {
            throw new IOException(where + ": " + e.getMessage(), e);
        }
        if (offsets.get(1) - offsets.get(0) != bytes)
            throw new IOException(where + ": data_offsets " + offsets + " hold " + (offsets.get(1) - offsets.get(0))
                    + " bytes, " + dtype + " of shape " + shape + " takes " + bytes);
        return new Entry(name, dtype, shape, offsets.get(0), offsets.get(1));
    }

    private static String text(String where, JsonParser in) throws IOException {
        if (in.currentToken() != JsonToken.VALUE_STRING)
            throw new IOException(where + ": dtype must be a string, found " + in.currentToken());
        return in.getString();
    }

    private static DType dtype(String where, String stored) throws IOException {
        for (DType known : DType.values())
            if (known.block() == 1 && known.name().equals(stored))
                return known;
        throw new IOException(where + ": dtype is '" + stored + "', known are F32, F16, BF16 and F8_E4M3");
    }

    private static List<Long> longs(String where, String key, JsonParser in) throws IOException {
        if (in.currentToken() != JsonToken.START_ARRAY)
            throw new IOException(where + ": " + key + " must be a list of numbers, found " + in.currentToken());
        List<Long> out = new ArrayList<>();
        while (in.nextToken() != JsonToken.END_ARRAY) {
            boolean whole = in.currentToken() == JsonToken.VALUE_NUMBER_INT
                    && in.getNumberType() != JsonParser.NumberType.BIG_INTEGER;
            if (!whole || in.getLongValue() < 0)
                throw new IOException(where + ": " + key + " must hold whole numbers from 0, found "
                        + (whole ? in.getLongValue() : in.currentToken()));
            if (out.size() == MOST_DIMENSIONS)
                throw new IOException(where + ": " + key + " has more than " + MOST_DIMENSIONS + " numbers");
            out.add(in.getLongValue());
        }
        return List.copyOf(out);
    }

    /** Every byte of the data belongs to exactly one tensor. */
    private static void checkLayout(Path file, List<Entry> entries, long size) throws IOException {
        List<Entry> sorted = new ArrayList<>(entries);
        sorted.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
        long at = 0;
        for (Entry entry : sorted) {
            if (entry.begin() != at)
                throw new IOException(file + ", tensor " + entry.name() + ": begins at byte " + entry.begin()
                        + " of the data, the tensor before it ends at " + at);
            at = entry.end();
        }
        if (at != size)
            throw new IOException(
                    file + " is not whole: its tensors take " + at + " bytes, the file has " + size + " bytes of data");
    }

    @Override
    public Path path() {
        return file;
    }

    /** The tensors by name, in the order of the header. */
    @Override
    public SequencedMap<String, Tensor> tensors() {
        return tensors;
    }

    @Override
    public void close() {
        arena.close();
    }
}
