package io.quarry.train;

import io.quarry.ledger.Hash;
import io.quarry.model.ModelSpec;
import io.quarry.model.Param;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/** Weights to and from checkpoint folders. */
final class Checkpoints {
    private Checkpoints() {}

    static Weights read(Path dir, ModelSpec spec) throws IOException {
        Weights weights = Weights.zeros(spec);
        ByteBuffer all = ByteBuffer.wrap(Files.readAllBytes(dir.resolve("weights.bin")));
        for (Param param : weights.params())
            for (int i = 0; i < weights.values(param.name()).length; i++)
                weights.values(param.name())[i] = all.getFloat();
        return weights;
    }

    static void write(Path dir, Weights weights, Path tokenizerFrom) throws IOException {
        Files.createDirectories(dir);
        ByteBuffer all = ByteBuffer.allocate(Math.toIntExact(weights.spec().parameters() * 4));
        for (Param param : weights.params())
            for (float value : weights.values(param.name()))
                all.putFloat(value);
        Files.write(dir.resolve("weights.bin"), all.array());
    }

    static String hash(Path dir) throws IOException {
        return Hash.of(dir.resolve("weights.bin"));
    }
}
