package io.quarry.train;

import io.quarry.model.ModelSpec;
import io.quarry.model.Param;
import io.quarry.model.Params;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * One f32 number per parameter of a model, tensor by tensor in the order of {@link Params#of}: the master weights, and
 * equally their gradients and the moments of the optimizer.
 */
public final class Weights {
    private final ModelSpec spec;
    private final List<Param> params;
    private final float[][] values;
    private final Map<String, Integer> index = new HashMap<>();

    private Weights(ModelSpec spec) {
        this.spec = spec;
        this.params = Params.of(spec);
        this.values = new float[params.size()][];
        for (int p = 0; p < values.length; p++) {
            values[p] = new float[Math.toIntExact(params.get(p).elements())];
            index.put(params.get(p).name(), p);
        }
    }

    /** All zero. */
    public static Weights zeros(ModelSpec spec) {
        return new Weights(spec);
    }

    /** A new model: matrices normal with deviation {@code range}, gains of norms 1. A pure function of the seed. */
    public static Weights initial(ModelSpec spec, double range, long seed) {
        Weights made = new Weights(spec);
        for (int p = 0; p < made.values.length; p++) {
            Random random = new Random(seed * 1_000_003 + p);
            float[] tensor = made.values[p];
            boolean matrix = made.params.get(p).decays();
            for (int i = 0; i < tensor.length; i++)
                tensor[i] = matrix ? (float) (range * random.nextGaussian()) : 1;
        }
        return made;
    }

    public ModelSpec spec() {
        return spec;
    }

    public List<Param> params() {
        return params;
    }

    /** The numbers of parameter {@code p}, rows first; the array itself, not a copy. */
    public float[] values(int p) {
        return values[p];
    }

    /** The numbers of a parameter by its name in {@link Params}. */
    public float[] values(String name) {
        Integer p = index.get(name);
        if (p == null)
            throw new IllegalArgumentException("the model has no parameter " + name + "; it has " + index.keySet());
        return values[p];
    }

    /** Adds another set of the same model, number by number. */
    public void add(Weights other) {
        for (int p = 0; p < values.length; p++) {
            float[] to = values[p];
            float[] from = other.values[p];
            for (int i = 0; i < to.length; i++)
                to[i] += from[i];
        }
    }

    /** Sets all to zero. */
    public void clear() {
        for (float[] tensor : values)
            java.util.Arrays.fill(tensor, 0);
    }

    /** The Euclidean length of all numbers taken as one vector; NaN or infinite if one of them is. */
    public double norm() {
        double sum = 0;
        for (float[] tensor : values)
            sum += squares(tensor);
        return Math.sqrt(sum);
    }

    /** Eight running sums: one alone would wait for its own last addition at every element. */
    private static double squares(float[] tensor) {
        double[] sums = new double[8];
        int i = 0;
        for (; i + 8 <= tensor.length; i += 8)
            for (int lane = 0; lane < 8; lane++)
                sums[lane] += (double) tensor[i + lane] * tensor[i + lane];
        for (; i < tensor.length; i++)
            sums[0] += (double) tensor[i] * tensor[i];
        double sum = 0;
        for (double part : sums)
            sum += part;
        return sum;
    }
}
