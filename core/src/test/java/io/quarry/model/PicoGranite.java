package io.quarry.model;

import io.quarry.kernel.DType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;

/** Makes tiny, seeded, real Granite models for tests: grouped heads, all four multipliers, random weights. */
public final class PicoGranite {
    private PicoGranite() {}

    /** Two layers of width 32, grouped heads, odd multipliers; some 60 KB as floats. */
    public static ModelSpec spec(int vocabulary) {
        return new ModelSpec(vocabulary, 32, 2, 4, 2, 16, 48, 256, 10_000, 1e-5, 12, 0.0625, 0.22, 2.5, true, 0, 0, 1);
    }

    /** A small model of {@link #spec} in a folder, stored as floats. */
    public static ModelSpec write(Path dir, int vocabulary, long seed) throws IOException {
        ModelSpec spec = spec(vocabulary);
        write(dir, spec, seed, DType.F32);
        return spec;
    }

    /** A model of any spec in a folder. */
    public static void write(Path dir, ModelSpec spec, long seed, DType dtype) throws IOException {
        Function<String, float[]> weights = weights(spec, seed);
        Checkpoint.write(dir, spec, dtype, param -> weights.apply(param.name()), null);
    }

    /** Random weights by name: norms near 1, matrices of a size that makes lively logits. */
    public static Function<String, float[]> weights(ModelSpec spec, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Map<String, float[]> all = new HashMap<>();
        for (Param param : Params.of(spec)) {
            float[] values = new float[Math.toIntExact(param.elements())];
            for (int i = 0; i < values.length; i++)
                values[i] = param.decays()
                        ? (float) (random.nextGaussian() / Math.sqrt(param.shape().getLast()))
                        : (float) (1 + 0.1 * random.nextGaussian());
            all.put(param.name(), values);
        }
        return all::get;
    }
}
