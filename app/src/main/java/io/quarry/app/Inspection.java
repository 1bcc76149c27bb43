package io.quarry.app;

import io.quarry.ledger.Artifact;
import io.quarry.model.Checkpoint;
import io.quarry.model.Gguf;
import io.quarry.model.GgufMetadata;
import io.quarry.model.ModelCard;
import io.quarry.model.ModelSpec;
import io.quarry.model.SafeTensorsFolder;
import io.quarry.model.TemplateSources;
import io.quarry.model.Tensor;
import io.quarry.model.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What a model's files say of it, found without reading its weights.
 *
 * @param path         the folder or file
 * @param format       what kind of file it is, for people
 * @param name         what it calls itself; empty if it does not
 * @param architecture what its files call it
 * @param spec         sizes as the engine understands them; empty if it does not run the model
 * @param why          it does not; null if it does
 * @param tensors      all of them, by the names of the file
 * @param tokens       the tokenizer
 * @param templates    names of its chat templates; {@code default} is the usual one
 * @param licence      empty if nobody says
 */
record Inspection(Path path, String format, String name, String architecture, Optional<ModelSpec> spec, String why,
        List<Stored> tensors, TokenizerFacts tokens, List<String> templates, Optional<String> licence) {
    /** One tensor as it is stored; bytes with those of its scale. */
    record Stored(String name, List<Long> shape, String type, long numbers, long bytes) {
        static Stored of(Tensor tensor) {
            long scale = tensor.scale() == null ? 0 : tensor.scale().data().byteSize();
            return new Stored(tensor.name(), tensor.shape(), tensor.dtype().name(), tensor.elements(),
                    tensor.data().byteSize() + scale);
        }
    }

    /** What a checkpoint told, or why there is none. */
    private record Opened(Optional<ModelSpec> spec, String why) {
        static Opened of(Path path) {
            try (Checkpoint checkpoint = Checkpoint.open(path)) {
                return new Opened(Optional.of(checkpoint.spec()), null);
            } catch (IOException e) {
                return new Opened(Optional.empty(), Failure.sentence(e));
            }
        }
    }

    /** Reads all of it; a file that is damaged is an error, a model that is not computed here is none. */
    static Inspection of(Path path) throws IOException {
        return Files.isDirectory(path) ? ofFolder(path) : ofGguf(path);
    }

    private static Inspection ofGguf(Path path) throws IOException {
        try (Gguf gguf = Gguf.open(path)) {
            GgufMetadata keys = gguf.metadata();
            Opened opened = Opened.of(path);
            int shards = keys.has("split.count") ? keys.whole("split.count") : 1;
            return new Inspection(path, "GGUF file" + (shards > 1 ? " in " + shards + " shards" : ""),
                    keys.has("general.name") ? keys.string("general.name") : "", gguf.architecture(), opened.spec(),
                    opened.why(), stored(gguf), TokenizerFacts.ofGguf(path, keys),
                    names(TemplateSources.ofGguf(path, keys)),
                    ModelCard.licence(keys));
        }
    }

    private static Inspection ofFolder(Path dir) throws IOException {
        JsonFile config = JsonFile.read(dir.resolve("config.json"));
        try (SafeTensorsFolder weights = SafeTensorsFolder.open(dir)) {
            Opened opened = Opened.of(dir);
            String format = Artifact.exists(dir)
                    ? "artifact of the stage " + Artifact.open(dir).manifest().stage()
                    : "Hugging Face folder";
            return new Inspection(dir, format, dir.toAbsolutePath().normalize().getFileName().toString(),
                    config.root().path("model_type").asString("not said"), opened.spec(), opened.why(),
                    stored(weights), TokenizerFacts.ofFolder(dir), names(TemplateSources.ofFolder(dir)),
                    ModelCard.licence(dir.resolve(ModelCard.FILE)));
        }
    }

    private static List<String> names(TemplateSources templates) {
        return List.copyOf(templates.byName().keySet());
    }

    private static List<Stored> stored(Tensors tensors) {
        return tensors.tensors().values().stream().map(Stored::of).toList();
    }

    /** How many numbers a model's tensors hold together. */
    static long numbers(Path path) throws IOException {
        try (Tensors tensors = Files.isDirectory(path) ? SafeTensorsFolder.open(path) : Gguf.open(path)) {
            return tensors.tensors().values().stream().mapToLong(Tensor::elements).sum();
        }
    }

    /** All its weights; factors of RoPE are none. */
    long parameters() {
        return tensors.stream().filter(tensor -> !tensor.name().startsWith("rope_f")).mapToLong(Stored::numbers).sum();
    }

    long bytes() {
        return tensors.stream().mapToLong(Stored::bytes).sum();
    }
}
