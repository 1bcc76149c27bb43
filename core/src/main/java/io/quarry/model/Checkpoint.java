package io.quarry.model;

import io.quarry.kernel.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * A model on disk: a folder as Hugging Face writes it, with {@code config.json}, {@code model.safetensors} or
 * its shards, and the files of the tokenizer.
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
            "chat_template.jinja", "special_tokens_map.json");

    private final Path dir;
    private final ModelSpec spec;
    private final Tensors weights;

    private Checkpoint(Path dir, ModelSpec spec, Tensors weights) {
        this.dir = dir;
        this.spec = spec;
        this.weights = weights;
    }

    /** Opens a folder; every tensor the model needs is there with its right shape, and no other, or this throws. */
    public static Checkpoint open(Path dir) throws IOException {
        ModelSpec config = Config.read(dir.resolve(Config.FILE));
        Tensors weights = SafeTensorsFolder.open(dir);
        try {
            ModelSpec spec = config.withTiedEmbeddings(!weights.tensors().containsKey(Params.LM_HEAD));
            if (!config.tiedEmbeddings() && spec.tiedEmbeddings())
                throw new IOException(dir + " has no " + Params.LM_HEAD + ", and " + Config.FILE
                        + " says that it is not the embedding");
            check(spec, weights);
            return new Checkpoint(dir, spec, weights);
        } catch (IOException | RuntimeException e) {
            weights.close();
            throw e;
        }
    }

    private static void check(ModelSpec spec, Tensors weights) throws IOException {
        Path file = weights.path();
        if (spec.layers() > weights.tensors().size())
            throw new IOException(file + " has " + weights.tensors().size() + " tensors, too few for " + spec.layers()
                    + " layers");
        Set<String> unknown = new HashSet<>(weights.tensors().keySet());
        for (Param param : Params.of(spec, weights.tensors()::containsKey)) {
            List<Long> expected = param.shape().stream().map(Integer::longValue).toList();
            List<Long> found = weights.tensor(param.name()).shape();
            if (!found.equals(expected))
                throw new IOException(file + ", tensor " + param.name() + ": shape is " + found + ", " + Config.FILE
                        + " asks for " + expected);
            unknown.remove(param.name());
        }
        if (!unknown.isEmpty())
            throw new IOException(
                    file + " has tensors that are no part of such a model (" + spec.architecture().family() + "): "
                            + unknown.stream().sorted().limit(8).toList());
    }

    /** Sizes and multipliers; whether the output matrix is the embedding is what the file holds, not what it claims. */
    public ModelSpec spec() {
        return spec;
    }

    public Path dir() {
        return dir;
    }

    /** Whether there is a tensor of that name. */
    public boolean has(String name) {
        return weights.tensors().containsKey(name);
    }

    /** The numbers of a tensor, row-major, widened to floats. Gains of norms are what the norm multiplies by. */
    public float[] f32(String name) throws IOException {
        float[] numbers = weights.tensor(name).f32();
        if (spec.architecture().family().startsWith("gemma") && name.endsWith("norm.weight"))
            for (int i = 0; i < numbers.length; i++) // Gemma stores what they differ from 1 by
                numbers[i] += 1;
        return numbers;
    }

    /** The tensors as they are stored. */
    Tensors tensors() {
        return weights;
    }

    /** How a tensor is stored. */
    public DType dtype(String name) throws IOException {
        return weights.tensor(name).dtype();
    }

    @Override
    public void close() {
        weights.close();
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
