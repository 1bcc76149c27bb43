package io.quarry.model;

import io.quarry.kernel.DType;
import io.quarry.kernel.Workers;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.Consumer;
import tools.jackson.databind.node.ObjectNode;

/**
 * Turns a Hugging Face folder into a GGUF file that llama.cpp reads, and a GGUF file into a folder that transformers reads,
 * tensor by tensor, with memory for one: names, layouts, sizes, tokenizer.
 */
public final class Convert {
    private static final String EMBEDDING = "token_embd.weight";
    private static final String OUTPUT = "output.weight";

    private Convert() {}

    /**
     * Writes the GGUF file of a Hugging Face folder.
     *
     * @param type what its matrices become; null leaves them as they are, where GGUF files have their type
     * @param told hears of every tensor when it is written
     */
    public static void toGguf(Path dir, Path out, DType type, Workers workers, Consumer<Quantize.Outcome> told)
            throws IOException {
        try (Checkpoint in = Checkpoint.open(dir)) {
            Keys config = Config.keys(dir.resolve(Config.FILE));
            ModelSpec spec = in.spec();
            Family family = family(spec);
            DType matrices = type != null ? type : in.dtype(Params.EMBEDDING);
            Architecture.Mamba mamba = spec.architecture().mamba();
            TensorNames names = new TensorNames(dir.toString(), family.gguf, spec.architecture().experts() != null,
                    spec.headDim(), mamba == null ? 1 : mamba.groups());
            List<Derived> tensors = new ArrayList<>(RopeKeys.tensors(spec));
            tensors.addAll(names.toGguf(in.tensors().tensors().values()));
            SequencedMap<String, GgufValue> metadata = new LinkedHashMap<>();
            metadata.put(Gguf.ARCHITECTURE, GgufValue.of(family.gguf));
            metadata.put("general.type", GgufValue.of("model"));
            metadata.put("general.name", GgufValue.of(dir.toAbsolutePath().normalize().getFileName().toString()));
            ModelCard.toGguf(dir, metadata);
            metadata.put("general.file_type", GgufValue.of(Quantize.fileType(matrices)));
            metadata.put("general.quantization_version", GgufValue.of(2));
            metadata.putAll(ConfigKeys.toGguf(config, spec, family));
            ConfigKeys.ids(config, metadata);
            TokenizerKeys.add(dir, spec.vocabulary(), metadata);
            Quantize.write(out, metadata, tensors, matrices, true, workers, told);
        } catch (IllegalArgumentException e) {
            throw new IOException(dir + ": " + e.getMessage(), e);
        }
    }

    /** A hybrid all of whose layers have attention is a model without Mamba, and GGUF files call it so. */
    private static Family family(ModelSpec spec) throws IOException {
        String type = spec.architecture().family();
        Family family = Family.ofModelType(type).orElseThrow(() -> new IOException(
                "model_type is '" + type + "', converted are " + Family.modelTypes()));
        boolean mamba = spec.architecture().blocks().stream().anyMatch(b -> b.mixer() == Architecture.Mixer.MAMBA);
        if (family != Family.GRANITE_HYBRID || mamba)
            return family;
        return spec.architecture().experts() != null ? Family.GRANITE_MOE : Family.GRANITE;
    }

    /**
     * Writes {@code config.json}, {@code model.safetensors} and what the keys say of the tokenizer, its roles and the chat
     * templates, and of the licence. The vocabulary itself, {@code tokenizer.json}, is written by whoever reads tokenizers.
     *
     * @param type F32, F16 or BF16: how all tensors are stored; null takes that of the embedding where it is one of these,
     *             else F16, or BF16 where numbers may be too large for it
     * @param told hears of every tensor when it is written
     */
    public static void toHuggingFace(Path file, Path dir, DType type, Workers workers, Consumer<Quantize.Outcome> told)
            throws IOException {
        if (type != null && type != DType.F32 && type != DType.F16 && type != DType.BF16)
            throw new IllegalArgumentException("a Hugging Face folder is written as F32, F16 or BF16, not as " + type);
        try (Gguf in = Gguf.open(file)) {
            Folder folder = folder(in);
            DType stored = type != null ? type : plain(in);
            folder.config().put("torch_dtype", Config.torchName(stored));
            Files.createDirectories(dir);
            write(dir.resolve(SafeTensorsFolder.FILE), folder.tensors(), stored, workers, told);
            Files.writeString(dir.resolve(Config.FILE), folder.config().toPrettyString() + "\n");
            TemplateSources.ofGguf(file, in.metadata()).write(dir);
            HfRoles.write(in.metadata(), dir);
            ModelCard.toHf(in.metadata(), dir);
        } catch (IllegalArgumentException e) {
            throw new IOException(file + ": " + e.getMessage(), e);
        }
    }

    /** The scales of MXFP4 are powers of two up to 2^127, those of the other blocks halves. */
    private static DType plain(Gguf in) throws IOException {
        DType embedding = in.tensor(EMBEDDING).dtype();
        if (embedding.block() == 1)
            return embedding;
        boolean large = in.tensors().values().stream().anyMatch(t -> t.dtype() == DType.MXFP4);
        return large ? DType.BF16 : DType.F16;
    }

    /**
     * The Hugging Face folder that a GGUF file stands for.
     *
     * @param config  its {@code config.json}
     * @param tensors by the names they have there
     */
    record Folder(ObjectNode config, List<Derived> tensors) {}

    static Folder folder(Gguf in) throws IOException {
        String architecture = in.architecture();
        Family family = Family.ofGguf(architecture).orElseThrow(() -> new IOException(in.path() + ", key "
                + Gguf.ARCHITECTURE + ": found '" + architecture + "', known are " + Family.architectures()));
        if (in.metadata().has("granitemoe.expert_shared_feed_forward_length"))
            family = Family.GRANITE_MOE_SHARED;
        Tensor embedding = in.tensor(EMBEDDING);
        ObjectNode config = ConfigKeys.toHf(in, family, Math.toIntExact(embedding.rows()));
        config.put("tie_word_embeddings", !in.tensors().containsKey(OUTPUT));
        config.put("attention_bias", in.tensors().containsKey("blk.0.attn_q.bias"));
        config.put("mlp_bias", in.tensors().containsKey("blk.0.ffn_gate.bias"));
        HfRoles.add(in.metadata(), config);
        boolean experts = config.path("num_local_experts").asInt(0) > 0;
        TensorNames names = new TensorNames(in.path().toString(), family.gguf, experts,
                ConfigKeys.headDim(in.metadata(), family.gguf + "."), 1);
        return new Folder(config, names.toHf(in.tensors()));
    }

    private static void write(Path out, List<Derived> tensors, DType type, Workers workers,
            Consumer<Quantize.Outcome> told) throws IOException {
        SequencedMap<String, Derived> byName = new LinkedHashMap<>();
        tensors.forEach(tensor -> byName.put(tensor.name(), tensor));
        List<TensorInfo> infos = tensors.stream().map(t -> new TensorInfo(t.name(), type, t.shape())).toList();
        try (Arena arena = Arena.ofShared()) {
            MemorySegment room = arena.allocate(infos.stream().mapToLong(TensorInfo::bytes).max().orElse(0));
            SafeTensorsWriter.write(out, infos, info -> {
                Derived tensor = byName.get(info.name());
                Derived.Result result = tensor.store(type, room, workers);
                told.accept(
                        new Quantize.Outcome(info.name(), info.shape(), tensor.stored(), type, result.error(), null));
                return result.bytes();
            });
        }
    }
}
