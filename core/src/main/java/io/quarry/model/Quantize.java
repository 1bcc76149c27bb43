package io.quarry.model;

import io.quarry.kernel.DType;
import io.quarry.kernel.Workers;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.Consumer;

/**
 * Stores the matrices of a GGUF file in another type, tensor by tensor, with memory for one. The others stay as they are:
 * what has one dimension, norms, the router of experts, the small tensors of Mamba.
 */
public final class Quantize {
    private static final String FILE_TYPE = "general.file_type";
    private static final String SHARD_KEYS = "split.";
    private static final String OUTPUT = "output.weight";
    private static final String EMBEDDING = "token_embd.weight";
    /** Matrices by shape that are none by use: rounding them costs more than it saves. */
    private static final List<String> KEPT = List.of("_norm.weight", "ffn_gate_inp.weight", "ssm_conv1d.weight",
            "rope_freqs.weight", "rope_factors_long.weight", "rope_factors_short.weight");

    private Quantize() {}

    /**
     * What became of one tensor.
     *
     * @param name  in the file
     * @param shape sizes, outermost first
     * @param from  how it was stored
     * @param to    how it is stored now
     * @param error root of the mean squared miss over that of its numbers; 0 where nothing was rounded
     * @param note  why it has another type than was asked for; null where it has that type
     */
    public record Outcome(String name, List<Long> shape, DType from, DType to, double error, String note) {
        /** How many numbers it holds. */
        public long numbers() {
            return Tensor.elements(shape);
        }
    }

    /**
     * Writes {@code out}.
     *
     * @param type what matrices become; where their rows are no whole blocks, or for the output matrix, another, and the
     *             outcome says so
     * @param told hears of every tensor when it is written
     */
    public static void run(Gguf in, Path out, DType type, Workers workers, Consumer<Outcome> told) throws IOException {
        type.ggmlId();
        if (out.toAbsolutePath().normalize().equals(in.path().toAbsolutePath().normalize()))
            throw new IOException(out + " is the file that is read; name another to write to");
        SequencedMap<String, GgufValue> metadata = new LinkedHashMap<>();
        in.metadata().values().forEach((key, value) -> {
            if (!key.startsWith(SHARD_KEYS))
                metadata.put(key, value);
        });
        metadata.put(FILE_TYPE, GgufValue.of(fileType(type)));
        metadata.put("general.quantization_version", GgufValue.of(2));
        List<Derived> tensors = in.tensors().values().stream().map(t -> Derived.same(t.name(), t)).toList();
        write(out, metadata, tensors, type, false, workers, told);
    }

    /**
     * Writes a GGUF file with the type that each tensor gets when {@code type} is asked for.
     *
     * @param widened whether what is no matrix is stored as F32, as llama.cpp wants it, or stays as it is
     */
    static void write(Path out, SequencedMap<String, GgufValue> metadata, List<Derived> tensors, DType type,
            boolean widened, Workers workers, Consumer<Outcome> told) throws IOException {
        boolean tied = tensors.stream().noneMatch(t -> t.name().equals(OUTPUT));
        SequencedMap<String, Derived> byName = new LinkedHashMap<>();
        SequencedMap<String, Choice> choices = new LinkedHashMap<>();
        List<TensorInfo> infos = new ArrayList<>();
        for (Derived tensor : tensors) {
            Choice choice = choice(tensor, type, tied, widened);
            byName.put(tensor.name(), tensor);
            choices.put(tensor.name(), choice);
            infos.add(new TensorInfo(tensor.name(), choice.type(), tensor.shape()));
        }
        try (Arena arena = Arena.ofShared()) {
            MemorySegment room = arena.allocate(infos.stream().mapToLong(TensorInfo::bytes).max().orElse(0));
            GgufWriter.write(out, metadata, infos, info -> {
                Derived tensor = byName.get(info.name());
                Derived.Result result;
                try {
                    result = tensor.store(info.dtype(), room, workers);
                } catch (IllegalArgumentException e) {
                    throw new IOException(tensor.from().getFirst().name() + " cannot be stored: " + e.getMessage(), e);
                }
                told.accept(new Outcome(info.name(), info.shape(), tensor.stored(), info.dtype(), result.error(),
                        choices.get(info.name()).note()));
                return result.bytes();
            });
        }
    }

    private record Choice(DType type, String note) {}

    private static Choice choice(Derived tensor, DType type, boolean tied, boolean widened) {
        String name = tensor.name();
        if (!name.endsWith(".weight") || tensor.shape().size() < 2 || KEPT.stream().anyMatch(name::endsWith))
            return new Choice(widened ? DType.F32 : tensor.stored(), "no matrix of the products");
        if (type.block() == 1)
            return new Choice(type, null);
        boolean output = name.equals(OUTPUT) || tied && name.equals(EMBEDDING);
        DType wanted = output && type != DType.Q8_0 ? DType.Q6_K : type;
        DType fitting = fitting(wanted, tensor.shape().getLast());
        if (fitting != wanted)
            return new Choice(fitting,
                    "rows of " + tensor.shape().getLast() + " numbers are no whole blocks of " + wanted);
        return new Choice(wanted, wanted == type ? null : "the output matrix is worth more bits");
    }

    /** The same type, or the next better whose blocks fit in rows of that length. */
    private static DType fitting(DType type, long columns) {
        DType next = type;
        while (columns % next.block() != 0)
            next = switch (next) {
                case Q4_K -> DType.Q5_0;
                case Q5_K -> DType.Q5_1;
                case Q6_K -> DType.Q8_0;
                default -> DType.F16;
            };
        return next;
    }

    /** What {@code general.file_type} says of a file whose matrices have this type. */
    static int fileType(DType type) {
        return switch (type) {
            case F32 -> 0;
            case F16 -> 1;
            case Q4_0 -> 2;
            case Q4_1 -> 3;
            case Q8_0 -> 7;
            case Q5_0 -> 8;
            case Q5_1 -> 9;
            case Q4_K -> 14;
            case Q5_K -> 16;
            case Q6_K -> 18;
            case BF16 -> 32;
            case MXFP4 -> 38;
            case F8_E4M3 -> throw new IllegalArgumentException(type + " is no type of GGUF files");
        };
    }
}
