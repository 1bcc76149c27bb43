package io.quarry.infer;

import io.quarry.kernel.DType;
import io.quarry.kernel.Matrix;
import io.quarry.kernel.Workers;
import io.quarry.model.Checkpoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** The weights of a checkpoint, packed for the kernels in the type they are stored in; memory of the file for one at a time. */
final class FileWeights implements Weights.Source {
    private final Checkpoint checkpoint;
    private final Arena arena;
    private final Workers workers;

    /**
     * Weights of a file or folder.
     *
     * @param arena   owns the packed weights
     * @param workers share the packing
     */
    FileWeights(Checkpoint checkpoint, Arena arena, Workers workers) {
        this.checkpoint = checkpoint;
        this.arena = arena;
        this.workers = workers;
    }

    @Override
    public boolean has(String name) {
        return checkpoint.has(name);
    }

    @Override
    public float[] f32(String name) {
        try {
            return checkpoint.f32(name);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Matrix matrix(String name, int inputs, Matrix old) {
        return matrices(name, 1, inputs)[0];
    }

    @Override
    public Matrix[] matrices(String name, int count, int inputs) {
        try (Arena room = Arena.ofShared()) {
            DType type = checkpoint.dtype(name);
            MemorySegment rows = checkpoint.rows(name, room, workers);
            long numbers = checkpoint.shape(name).stream().reduce(1L, (a, b) -> a * b);
            int outputs = Math.toIntExact(numbers / count / inputs);
            Matrix[] all = new Matrix[count];
            for (int i = 0; i < count; i++)
                all[i] = Matrix.pack(type, rows, i * type.bytes((long) outputs * inputs), outputs, inputs, arena,
                        workers);
            checkpoint.unload(name); // it is packed now
            return all;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
