package io.quarry.model;

import io.quarry.model.RopeScaling.LongRope;
import io.quarry.model.RopeScaling.Yarn;
import java.io.IOException;

/**
 * The rotary part of {@code config.json}: transformers 5 writes {@code rope_parameters}, older versions
 * {@code rope_theta} and {@code rope_scaling}, with or without a {@code rope_type} inside.
 *
 * @param theta   base of the frequencies
 * @param scaling how they are changed
 * @param dim     components of a head that turn
 */
record RopeConfig(double theta, RopeScaling scaling, int dim) {

    /**
     * Reads it.
     *
     * @param kind      which of several where a model has some, for instance {@code full_attention}
     * @param absent    the base where the file names none, 0 if it must
     * @param trained   the length the model was made for
     */
    static RopeConfig of(Keys config, String kind, double absent, int headDim, int trained) throws IOException {
        Keys inside = config.has("rope_parameters") ? config.inside("rope_parameters") : config.inside("rope_scaling");
        if (inside.has(kind))
            inside = inside.inside(kind);
        double theta = inside.has("rope_theta") ? inside.number("rope_theta") : config.number("rope_theta", absent);
        if (theta == 0)
            throw new IOException(config.where()
                    + " has no number rope_theta, neither at the top nor in rope_parameters");
        double turning = inside.number("partial_rotary_factor", config.number("partial_rotary_factor", 1));
        return new RopeConfig(theta, scaling(config, inside, trained), (int) (headDim * turning));
    }

    private static RopeScaling scaling(Keys config, Keys inside, int trained) throws IOException {
        String type = inside.name("rope_type", inside.name("type", "default"));
        int original = inside.whole("original_max_position_embeddings",
                config.whole("original_max_position_embeddings", trained));
        return switch (type) {
            case "default" -> RopeScaling.NONE;
            case "linear" -> new RopeScaling.Linear(inside.number("factor"));
            case "dynamic" -> new RopeScaling.Dynamic(inside.number("factor"), original);
            case "llama3" -> new RopeScaling.Llama3(inside.number("factor"), inside.number("low_freq_factor"),
                    inside.number("high_freq_factor"), inside.whole("original_max_position_embeddings"));
            case "yarn" -> yarn(inside, original);
            case "longrope", "su" -> {
                double factor = config.has("original_max_position_embeddings")
                        ? (double) trained / original
                        : inside.number("factor", (double) trained / original);
                yield new LongRope(inside.numbers("short_factor"), inside.numbers("long_factor"), original,
                        inside.number("attention_factor", LongRope.defaultAttentionFactor(factor, original)));
            }
            default -> throw new IOException(inside.where() + ": rope_type is '" + type
                    + "', this engine computes 'default', 'linear', 'dynamic', 'llama3', 'yarn', 'longrope'");
        };
    }

    private static Yarn yarn(Keys inside, int original) throws IOException {
        double factor = inside.number("factor");
        double attention = Yarn.defaultAttentionFactor(factor);
        if (inside.has("attention_factor"))
            attention = inside.number("attention_factor");
        else if (inside.has("mscale") && inside.has("mscale_all_dim"))
            attention = Yarn.magnitude(factor, inside.number("mscale"))
                    / Yarn.magnitude(factor, inside.number("mscale_all_dim"));
        return new Yarn(factor, original, inside.number("beta_fast", 32), inside.number("beta_slow", 1),
                inside.flag("truncate", true), attention);
    }
}
