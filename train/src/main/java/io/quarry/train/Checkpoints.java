package io.quarry.train;

import io.quarry.kernel.DType;
import io.quarry.ledger.Hash;
import io.quarry.model.Checkpoint;
import io.quarry.model.ModelSpec;
import io.quarry.model.Param;
import java.io.IOException;
import java.nio.file.Path;

/** Master weights from and to checkpoint folders, in f32. */
public final class Checkpoints {
    private Checkpoints() {}

    /**
     * Reads the weights of a checkpoint into a model that may differ from it in context length and RoPE base alone.
     *
     * @throws IOException if the checkpoint is of another architecture, with both
     */
    public static Weights read(Path dir, ModelSpec spec) throws IOException {
        try (Checkpoint checkpoint = Checkpoint.open(dir)) {
            ModelSpec found = checkpoint.spec().withContext(spec.contextLength(), spec.ropeTheta());
            if (!found.equals(spec))
                throw new IOException(dir + " holds the model " + found + ", this stage trains " + spec);
            Weights weights = Weights.zeros(spec);
            for (Param param : weights.params()) {
                float[] values = checkpoint.f32(param.name());
                System.arraycopy(values, 0, weights.values(param.name()), 0, values.length);
            }
            return weights;
        }
    }

    /** Writes a checkpoint with the tokenizer's files of another folder, if one is given. */
    public static void write(Path dir, Weights weights, Path tokenizerFrom) throws IOException {
        Checkpoint.write(dir, weights.spec(), DType.F32, param -> weights.values(param.name()), tokenizerFrom);
    }

    /** A hash of what {@link #read} would give. */
    public static String hash(Path dir) throws IOException {
        return Hash.of(dir.resolve(Checkpoint.WEIGHTS));
    }
}
