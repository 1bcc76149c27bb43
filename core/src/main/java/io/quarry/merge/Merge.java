package io.quarry.merge;

import io.quarry.kernel.DType;
import io.quarry.model.Checkpoint;
import io.quarry.model.ModelSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;

/**
 * Merges two checkpoints of one architecture tensor by tensor: after a stage of context extension, to keep what the model
 * knew before it. Only one tensor of each is in memory at a time.
 */
public final class Merge {
    /** From this cosine on two tensors are taken as parallel, where the formula of slerp would divide by nearly 0. */
    private static final double PARALLEL = 0.9995;

    /** The rules by the names recipes use. */
    public static final Map<String, Rule> RULES = Map.of("linear", Merge::linear, "slerp", Merge::slerp);

    private Merge() {}

    /** How two tensors become one. */
    @FunctionalInterface
    public interface Rule {
        /**
         * A new tensor between two of the same shape.
         *
         * @param weight share of the newer one, in [0, 1]; 0 gives the older, 1 the newer
         */
        float[] merge(float[] older, float[] newer, double weight);
    }

    /** The weighted mean (arXiv 2203.05482). */
    static float[] linear(float[] older, float[] newer, double weight) {
        return mix(older, newer, 1 - weight, weight);
    }

    /**
     * Along the arc between the two, each flattened to one vector: the length changes as little as the direction. Where
     * they are all but parallel, or one is zero, the straight line.
     */
    static float[] slerp(float[] older, float[] newer, double weight) {
        double cosine = dot(older, newer) / Math.sqrt(dot(older, older) * dot(newer, newer));
        if (!(Math.abs(cosine) <= PARALLEL))
            return linear(older, newer, weight);
        double angle = Math.acos(cosine);
        return mix(older, newer, Math.sin((1 - weight) * angle) / Math.sin(angle),
                Math.sin(weight * angle) / Math.sin(angle));
    }

    private static float[] mix(float[] a, float[] b, double shareA, double shareB) {
        float[] mixed = new float[a.length];
        for (int i = 0; i < a.length; i++)
            mixed[i] = (float) (shareA * a[i] + shareB * b[i]);
        return mixed;
    }

    private static double dot(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++)
            sum += (double) a[i] * b[i];
        return sum;
    }

    /**
     * Merges two checkpoints and writes the result in f32, with the tokenizer, context length and RoPE base of the newer.
     *
     * @param rule   name in {@link #RULES}
     * @param weight share of the newer checkpoint
     * @throws IOException              if the two differ in more than context length and RoPE base
     * @throws IllegalArgumentException if there is no such rule or the weight is outside [0, 1]
     */
    public static void run(String rule, double weight, Path older, Path newer, Path out) throws IOException {
        Rule function = RULES.get(rule);
        if (function == null)
            throw new IllegalArgumentException(
                    "there is no merge rule " + rule + "; there are " + RULES.keySet().stream().sorted().toList());
        if (!(weight >= 0 && weight <= 1))
            throw new IllegalArgumentException("the weight of a merge must be in [0, 1], was " + weight);
        try (Checkpoint from = Checkpoint.open(older); Checkpoint to = Checkpoint.open(newer)) {
            ModelSpec spec = to.spec();
            ModelSpec same = from.spec().withContext(spec.contextLength(), spec.ropeTheta());
            if (!same.equals(spec))
                throw new IOException("cannot merge " + older + " with " + newer + ": one is " + from.spec()
                        + ", the other " + spec);
            Checkpoint.write(out, spec, DType.F32, param -> {
                try {
                    return function.merge(from.f32(param.name()), to.f32(param.name()), weight);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }, newer);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }
}
