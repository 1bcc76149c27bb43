package io.quarry.model;

import io.quarry.kernel.DType;
import io.quarry.kernel.Workers;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * A model on disk: a folder as Hugging Face writes it, with {@code config.json}, {@code model.safetensors} or its shards,
 * and the files of the tokenizer; or a GGUF file.
 *
 * {@snippet :
 * try (Checkpoint checkpoint = Checkpoint.open(dir)) {
 *     float[] embedding = checkpoint.f32(Params.EMBEDDING); // [vocabulary, dim]
 * }
 * }
 */
public final class Checkpoint implements AutoCloseable {
    public static final String WEIGHTS = SafeTensorsFolder.FILE;
    /** What belongs to the tokenizer; copied along from checkpoint to checkpoint where it is there. */
    public static final List<String> TOKENIZER_FILES = List.of("tokenizer.json", "tokenizer_config.json",
            TemplateSources.FILE, "special_tokens_map.json");

    private final Path path;
    private final ModelSpec spec;
    private final Tensors file;
    /** By the names of {@link Params}. */
    private final Map<String, Derived> tensors = new LinkedHashMap<>();

    private Checkpoint(Path path, ModelSpec spec, Tensors file, List<Derived> tensors) {
        this.path = path;
        this.spec = spec;
        this.file = file;
        tensors.forEach(tensor -> this.tensors.put(tensor.name(), tensor));
    }

    /**
     * Opens a Hugging Face folder or a GGUF file; every tensor the model needs is there with its right shape, and no
     * other, or this throws.
     */
    public static Checkpoint open(Path path) throws IOException {
        return Files.isRegularFile(path) ? openGguf(path) : openFolder(path);
    }

    private static Checkpoint openFolder(Path dir) throws IOException {
        ModelSpec config = Config.read(dir.resolve(Config.FILE));
        Tensors file = SafeTensorsFolder.open(dir);
        try {
            List<Derived> tensors = file.tensors().values().stream().map(t -> Derived.same(t.name(), t)).toList();
            return checked(dir, config, file, tensors);
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /** A GGUF file is read as the folder that it would be converted to. */
    private static Checkpoint openGguf(Path path) throws IOException {
        Gguf file = Gguf.open(path);
        try {
            Convert.Folder folder = Convert.folder(file);
            return checked(path, ConfigReader.read(new Keys(path.toString(), folder.config())), file, folder.tensors());
        } catch (IllegalArgumentException e) {
            file.close();
            throw new IOException(path + ": " + e.getMessage(), e);
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private static Checkpoint checked(Path path, ModelSpec config, Tensors file, List<Derived> tensors)
            throws IOException {
        boolean tied = tensors.stream().noneMatch(tensor -> tensor.name().equals(Params.LM_HEAD));
        if (tied && !config.tiedEmbeddings())
            throw new IOException(path + " has no " + Params.LM_HEAD + ", and " + Config.FILE
                    + " says that it is not the embedding");
        Checkpoint checkpoint = new Checkpoint(path, config.withTiedEmbeddings(tied), file, tensors);
        checkpoint.check();
        return checkpoint;
    }

    private void check() throws IOException {
        if (spec.layers() > tensors.size())
            throw new IOException(path + " has " + tensors.size() + " tensors, too few for " + spec.layers()
                    + " layers");
        Set<String> unknown = new HashSet<>(tensors.keySet());
        for (Param param : Params.of(spec, tensors::containsKey)) {
            List<Long> expected = param.shape().stream().map(Integer::longValue).toList();
            List<Long> found = tensor(param.name()).shape();
            if (!found.equals(expected))
                throw new IOException(path + ", tensor " + param.name() + ": shape is " + found + ", " + Config.FILE
                        + " asks for " + expected);
            unknown.remove(param.name());
        }
        if (!unknown.isEmpty())
            throw new IOException(
                    path + " has tensors that are no part of such a model (" + spec.architecture().family() + "): "
                            + unknown.stream().sorted().limit(8).toList());
    }

    /** Sizes and multipliers; whether the output matrix is the embedding is what the file holds, not what it claims. */
    public ModelSpec spec() {
        return spec;
    }

    /** The folder or the file. */
    public Path path() {
        return path;
    }

    private Derived tensor(String name) throws IOException {
        Derived tensor = tensors.get(name);
        if (tensor == null)
            throw new IOException(path + " has no tensor " + name + "; it has " + tensors.size() + ", for instance "
                    + tensors.keySet().stream().limit(4).toList());
        return tensor;
    }

    /** What the file or folder holds, by its own names. */
    public Tensors tensors() {
        return file;
    }

    /** Whether there is a tensor of that name. */
    public boolean has(String name) {
        return tensors.containsKey(name);
    }

    /** The numbers of a tensor, row-major, widened to floats. Gains of norms are what the norm multiplies by. */
    public float[] f32(String name) throws IOException {
        Derived tensor = tensor(name);
        long elements = Tensor.elements(tensor.shape());
        if (elements > Integer.MAX_VALUE - 8)
            throw new IOException(path + ", tensor " + name + ": " + elements
                    + " numbers do not fit in one array (limit 2^31)");
        float[] numbers = new float[(int) elements];
        tensor.store(DType.F32, MemorySegment.ofArray(numbers), Workers.NONE);
        if (spec.architecture().family().startsWith("gemma") && name.endsWith("norm.weight"))
            for (int i = 0; i < numbers.length; i++) // Gemma stores what they differ from 1 by
                numbers[i] += 1;
        return numbers;
    }

    /**
     * How {@link #rows} gives a tensor: as it is stored, but numbers of eight bits with a scale apart, and what stands in
     * several tensors of several types, as BF16.
     */
    public DType dtype(String name) throws IOException {
        Derived tensor = tensor(name);
        boolean plain = tensor.from().stream().allMatch(t -> t.dtype() == tensor.stored() && t.scale() == null);
        return plain ? tensor.stored() : DType.BF16;
    }

    /**
     * The rows of a tensor one after the other, as {@link #dtype} says: where the file has them, or in memory of the
     * caller's where it has them in another way.
     */
    public MemorySegment rows(String name, Arena arena, Workers workers) throws IOException {
        Derived tensor = tensor(name);
        DType type = dtype(name);
        MemorySegment stored = tensor.stored(type);
        if (stored != null)
            return stored;
        MemorySegment room = arena.allocate(Math.max(1, type.bytes(Tensor.elements(tensor.shape()))), 64);
        return tensor.store(type, room, workers).bytes();
    }

    /** The types in which {@link #rows} gives matrices. */
    public Set<DType> matrixTypes() throws IOException {
        Set<DType> types = new TreeSet<>();
        for (Map.Entry<String, Derived> tensor : tensors.entrySet())
            if (tensor.getValue().shape().size() > 1)
                types.add(dtype(tensor.getKey()));
        return types;
    }

    /** Bytes that all tensors take together, each as {@link #rows} gives it. */
    public long bytes() throws IOException {
        long bytes = 0;
        for (String name : tensors.keySet())
            bytes = Math.addExact(bytes, dtype(name).bytes(Tensor.elements(shape(name))));
        return bytes;
    }

    /** Lets go of the memory that a tensor of the file takes in this process, once it is not needed any more. */
    public void unload(String name) throws IOException {
        tensor(name).unload();
    }

    /** Sizes of a tensor, outermost first. */
    public List<Long> shape(String name) throws IOException {
        return tensor(name).shape();
    }

    @Override
    public void close() {
        file.close();
    }

    /**
     * Writes a folder that {@link #open} and Hugging Face transformers read.
     *
     * @param dtype         how the weights are stored
     * @param weights       gives the numbers of a tensor, row-major; asked once for each of {@link Params#of}
     * @param tokenizerFrom folder whose tokenizer files are copied; null if there are none yet
     */
    public static void write(Path dir, ModelSpec spec, DType dtype, Function<Param, float[]> weights,
            Path tokenizerFrom) throws IOException {
        Files.createDirectories(dir);
        SafeTensorsWriter.write(dir.resolve(WEIGHTS), Params.of(spec), dtype, weights);
        Config.write(dir, spec, dtype);
        if (tokenizerFrom != null && !tokenizerFrom.toAbsolutePath().equals(dir.toAbsolutePath()))
            for (String name : TOKENIZER_FILES)
                if (Files.exists(tokenizerFrom.resolve(name)))
                    Files.copy(tokenizerFrom.resolve(name), dir.resolve(name), StandardCopyOption.REPLACE_EXISTING);
    }
}
