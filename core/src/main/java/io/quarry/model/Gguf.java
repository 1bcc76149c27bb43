package io.quarry.model;

import io.quarry.kernel.DType;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads a GGUF file, version 2 or 3, through a memory map; of a sharded model all files. Files are untrusted: lengths,
 * offsets, types and overlaps are checked before anything is believed, and what is wrong is said with file, key or tensor,
 * found and expected.
 *
 * <p>Layout: magic, version, number of tensors and of keys; the keys with their values; name, sizes (innermost first),
 * type and offset of every tensor; then, aligned, the data.
 *
 * {@snippet :
 * try (Gguf gguf = Gguf.open(file)) {
 *     int layers = gguf.metadata().whole(gguf.architecture() + ".block_count");
 *     Tensor embedding = gguf.tensor("token_embd.weight"); // [vocabulary, dim]
 * }
 * }
 *
 * @see GgufWriter
 */
public final class Gguf implements Tensors {
    static final int MAGIC = 0x46554747; // "GGUF"
    static final int VERSION = 3;
    static final String ARCHITECTURE = "general.architecture";
    static final String ALIGNMENT = "general.alignment";
    static final int DEFAULT_ALIGNMENT = 32;
    private static final String SHARDS = "split.count";
    private static final String SHARD = "split.no";
    private static final String TENSORS_OF_ALL = "split.tensors.count";
    private static final int MOST_DIMENSIONS = 4;
    private static final int MOST_KEYS = 1 << 16;
    private static final Pattern SHARD_NAME = Pattern.compile("(.*)-(\\d{5})-of-(\\d{5})\\.gguf");

    private final Path file;
    private final Arena arena;
    private final GgufMetadata metadata;
    private final SequencedMap<String, Tensor> tensors;

    private Gguf(Path file, Arena arena, GgufMetadata metadata, SequencedMap<String, Tensor> tensors) {
        this.file = file;
        this.arena = arena;
        this.metadata = metadata;
        this.tensors = Collections.unmodifiableSequencedMap(tensors);
    }

    /** What the head of one file says. */
    private record Head(GgufMetadata metadata, SequencedMap<String, Tensor> tensors) {}

    /** Where a tensor's bytes are, from the begin of the data. */
    private record Place(String name, DType dtype, List<Long> shape, long offset, long bytes) {}

    /** Maps and checks a file; the first of a sharded model, and with it all others. */
    public static Gguf open(Path file) throws IOException {
        Matcher name = SHARD_NAME.matcher(file.getFileName().toString());
        Arena arena = Arena.ofShared();
        try {
            Head head = head(file, map(file, arena));
            SequencedMap<String, Tensor> tensors = new LinkedHashMap<>(head.tensors());
            if (head.metadata().has(SHARDS) && head.metadata().whole(SHARDS) > 1)
                addShards(file, name, head, tensors, arena);
            return new Gguf(file, arena, head.metadata(), tensors);
        } catch (IOException | RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    private static MemorySegment map(Path file, Arena arena) throws IOException {
        if (!Files.isRegularFile(file))
            throw new IOException(file + (Files.exists(file) ? " is no file" : " is not there"));
        try (FileChannel channel = FileChannel.open(file)) {
            return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
        }
    }

    /** Every shard says its number and how many there are; the first has the metadata of the model. */
    private static void addShards(Path file, Matcher name, Head first, SequencedMap<String, Tensor> tensors,
            Arena arena) throws IOException {
        int count = first.metadata().whole(SHARDS);
        if (!name.matches() || Integer.parseInt(name.group(3)) != count)
            throw new IOException(file + ", key " + SHARDS + ": found " + count
                    + ", but the file is not named NAME-00001-of-%05d.gguf".formatted(count));
        if (Integer.parseInt(name.group(2)) != 1)
            throw new IOException(file + " is one of " + count + " shards; open the first, "
                    + shard(file, name, 1, count).getFileName());
        for (int i = 1; i <= count; i++) {
            Path path = shard(file, name, i, count);
            Head head = i == 1 ? first : head(path, map(path, arena));
            expect(path, head, SHARD, i - 1);
            expect(path, head, SHARDS, count);
            if (i > 1)
                for (Tensor tensor : head.tensors().values())
                    if (tensors.putIfAbsent(tensor.name(), tensor) != null)
                        throw new IOException(path + ", tensor " + tensor.name() + ": a shard before has it too");
            if (tensors.size() > MOST)
                throw new IOException(path + ": with it the shards have more than " + MOST + " tensors");
        }
        if (first.metadata().has(TENSORS_OF_ALL))
            expect(file, first, TENSORS_OF_ALL, tensors.size());
    }

    private static Path shard(Path file, Matcher name, int i, int count) {
        return file.resolveSibling("%s-%05d-of-%05d.gguf".formatted(name.group(1), i, count));
    }

    private static void expect(Path file, Head head, String key, int expected) throws IOException {
        int found = head.metadata().whole(key);
        if (found != expected)
            throw new IOException(file + ", key " + key + ": found " + found + ", expected " + expected);
    }

    /** Checks bytes that are there already; {@code arena} is closed with the result. */
    static Gguf of(Path file, Arena arena, MemorySegment all) throws IOException {
        Head head = head(file, all);
        return new Gguf(file, arena, head.metadata(), head.tensors());
    }

    private static Head head(Path file, MemorySegment all) throws IOException {
        GgufInput in = new GgufInput(file, all);
        int magic = in.u32("magic");
        if (magic != MAGIC)
            throw in.wrong("magic", "found 0x%08x, expected 0x%08x; it is no GGUF file".formatted(magic, MAGIC));
        int version = in.u32("version");
        if (version != 2 && version != VERSION)
            throw in.wrong("version", Integer.reverseBytes(version) == VERSION
                    ? "the file is big endian; only little endian is read"
                    : "found " + Integer.toUnsignedString(version) + ", expected 2 or 3");
        int count = (int) in.count("number of tensors", MOST);
        long keys = in.count("number of keys", MOST_KEYS);
        SequencedMap<String, GgufValue> values = new LinkedHashMap<>();
        for (long i = 0; i < keys; i++) {
            String key = in.name("key " + i);
            if (values.putIfAbsent(key, in.value("key " + key)) != null)
                throw in.wrong("key " + key, "it is there twice");
        }
        GgufMetadata metadata = new GgufMetadata(file, values);
        int alignment = metadata.has(ALIGNMENT) ? metadata.whole(ALIGNMENT) : DEFAULT_ALIGNMENT;
        if (Integer.bitCount(alignment) != 1)
            throw in.wrong("key " + ALIGNMENT, "found " + alignment + ", expected a power of two");
        List<Place> places = new ArrayList<>();
        for (int i = 0; i < count; i++)
            places.add(place(in, i, alignment));
        long begin = Math.min(all.byteSize(), Math.ceilDiv(in.at(), alignment) * (long) alignment);
        return new Head(metadata, tensors(in, places, all.asSlice(begin)));
    }

    private static Place place(GgufInput in, int i, int alignment) throws IOException {
        String name = in.name("tensor " + i);
        String where = "tensor " + name;
        int dimensions = in.u32(where);
        if (dimensions < 0 || dimensions > MOST_DIMENSIONS)
            throw in.wrong(where, "found " + Integer.toUnsignedString(dimensions) + " dimensions, expected at most "
                    + MOST_DIMENSIONS);
        List<Long> shape = new ArrayList<>();
        for (int d = 0; d < dimensions; d++)
            shape.addFirst(in.count(where, Long.MAX_VALUE));
        int id = in.u32(where);
        DType dtype = DType.ofGgmlId(id).orElseThrow(() -> in.wrong(where,
                "found type %d, known are F32 0, F16 1, Q4_0 2, Q4_1 3, Q5_0 6, Q5_1 7, Q8_0 8, Q4_K 12, Q5_K 13, Q6_K 14, "
                        .formatted(id) + "BF16 30, MXFP4 39"));
        long offset = in.u64(where);
        if (offset < 0 || offset % alignment != 0)
            throw in.wrong(where, "its data begin at " + Long.toUnsignedString(offset)
                    + ", which is no multiple of the alignment " + alignment);
        try {
            dtype.bytes(shape.isEmpty() ? 1 : shape.getLast()); // rows are whole blocks
            return new Place(name, dtype, shape, offset, dtype.bytes(Tensor.elements(shape)));
        } catch (IllegalArgumentException e) {
            throw new IOException(in.wrong(where, e.getMessage()).getMessage(), e);
        }
    }

    /** No byte of the data belongs to two tensors. */
    private static SequencedMap<String, Tensor> tensors(GgufInput in, List<Place> places, MemorySegment data)
            throws IOException {
        List<Place> sorted = new ArrayList<>(places);
        sorted.sort(Comparator.comparingLong(Place::offset).thenComparingLong(Place::bytes));
        Place before = null;
        for (Place place : sorted) {
            if (place.offset() > data.byteSize() || place.bytes() > data.byteSize() - place.offset())
                throw in.wrong("tensor " + place.name(), "it takes " + place.bytes() + " bytes from " + place.offset()
                        + " on, the file has " + data.byteSize() + " bytes of data; it is not whole");
            if (before != null && place.offset() < before.offset() + before.bytes())
                throw in.wrong("tensor " + place.name(), "it begins at byte " + place.offset()
                        + " of the data, inside of tensor " + before.name());
            before = place;
        }
        SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
        for (Place p : places) {
            Tensor tensor = new Tensor(p.name(), p.dtype(), p.shape(), data.asSlice(p.offset(), p.bytes()));
            if (tensors.putIfAbsent(p.name(), tensor) != null)
                throw in.wrong("tensor " + p.name(), "it is there twice");
        }
        return tensors;
    }

    /** The first file. */
    @Override
    public Path path() {
        return file;
    }

    public GgufMetadata metadata() {
        return metadata;
    }

    /** What begins the keys of the model's sizes: {@code granite}, {@code llama}, .... */
    public String architecture() throws IOException {
        return metadata.string(ARCHITECTURE);
    }

    /** The tensors of all files by name, in their order. */
    @Override
    public SequencedMap<String, Tensor> tensors() {
        return tensors;
    }

    @Override
    public void close() {
        arena.close();
    }
}
