package io.quarry.model;

import io.quarry.kernel.DType;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.SequencedMap;
import tools.jackson.databind.node.ObjectNode;

/**
 * RoPE in a GGUF file and in a config: bases and scalings, which GGUF keeps partly as keys and partly as tensors of factors
 * that divide the frequencies.
 */
final class RopeKeys {
    private static final String FREQUENCIES = "rope_freqs.weight";
    private static final String LONG = "rope_factors_long.weight";
    private static final String SHORT = "rope_factors_short.weight";
    private static final String ORIGINAL = "original_max_position_embeddings";
    /** What Llama 3.1 and its descendants have, of which GGUF keeps only the factors that come out. */
    private static final double LLAMA3_LOW = 1;
    private static final double LLAMA3_HIGH = 4;
    private static final int LLAMA3_ORIGINAL = 8192;

    private RopeKeys() {}

    static void toGguf(Keys config, ModelSpec spec, String prefix, SequencedMap<String, GgufValue> all)
            throws IOException {
        Architecture architecture = spec.architecture();
        all.put(prefix + "rope.dimension_count", GgufValue.of(architecture.rotaryDim()));
        all.put(prefix + "rope.freq_base", GgufValue.of(spec.ropeTheta()));
        if (architecture.localRopeTheta() > 0)
            all.put(prefix + "rope.freq_base_swa", GgufValue.of(architecture.localRopeTheta()));
        String scaling = prefix + "rope.scaling.";
        switch (architecture.scaling()) {
            case RopeScaling.None none -> {
            }
            case RopeScaling.Llama3 llama3 -> {
            }
            case RopeScaling.Linear linear -> {
                all.put(scaling + "type", GgufValue.of("linear"));
                all.put(scaling + "factor", GgufValue.of(linear.factor()));
            }
            case RopeScaling.Yarn yarn -> {
                all.put(scaling + "type", GgufValue.of("yarn"));
                all.put(scaling + "factor", GgufValue.of(yarn.factor()));
                all.put(scaling + "original_context_length", GgufValue.of(yarn.trained()));
                all.put(scaling + "yarn_beta_fast", GgufValue.of(yarn.betaFast()));
                all.put(scaling + "yarn_beta_slow", GgufValue.of(yarn.betaSlow()));
                all.put(scaling + "attn_factor",
                        GgufValue.of(yarn.attentionFactor() / RopeScaling.Yarn.defaultAttentionFactor(yarn.factor())));
            }
            case RopeScaling.LongRope longRope when isOneSet(spec, longRope) -> {
            }
            case RopeScaling.LongRope longRope -> {
                all.put(scaling + "type", GgufValue.of("longrope"));
                all.put(scaling + "original_context_length", GgufValue.of(longRope.trained()));
                all.put(scaling + "attn_factor", GgufValue.of(longRope.attentionFactor()));
            }
            case RopeScaling other -> throw new IOException(config.where() + ": GGUF files have no key for the scaling "
                    + other.getClass().getSimpleName() + " of RoPE");
        }
    }

    /** The tensors of factors that a GGUF file has for a model. */
    static List<Derived> tensors(ModelSpec spec) {
        return switch (spec.architecture().scaling()) {
            case RopeScaling.Llama3 llama3 ->
                List.of(floats(FREQUENCIES, factors(llama3, spec.architecture().rotaryDim(), spec.ropeTheta())));
            case RopeScaling.LongRope longRope when isOneSet(spec, longRope) ->
                List.of(floats(FREQUENCIES, longRope.longFactors()));
            case RopeScaling.LongRope longRope ->
                List.of(floats(LONG, longRope.longFactors()), floats(SHORT, longRope.shortFactors()));
            default -> List.of();
        };
    }

    /** Whether the factors are the same at every length: what a GGUF file says with one tensor of them, but for Phi. */
    private static boolean isOneSet(ModelSpec spec, RopeScaling.LongRope scaling) {
        return !spec.architecture().family().equals("phi3") && scaling.attentionFactor() == 1
                && Arrays.equals(scaling.shortFactors(), scaling.longFactors());
    }

    private static Derived floats(String name, float[] values) {
        MemorySegment bytes = MemorySegment.ofArray(new byte[4 * values.length]);
        DType.F32.narrow(values, 0, values.length, bytes, 0);
        return Derived.same(name, new Tensor(name, DType.F32, List.of((long) values.length), bytes));
    }

    /** What each frequency is divided by: nothing, the factor, or between them something between. */
    private static float[] factors(RopeScaling.Llama3 llama3, int dim, double theta) {
        float[] all = new float[dim / 2];
        for (int i = 0; i < all.length; i++) {
            double wavelength = 2 * Math.PI * Math.pow(theta, 2.0 * i / dim);
            double smooth = (llama3.trained() / wavelength - llama3.lowFactor())
                    / (llama3.highFactor() - llama3.lowFactor());
            double kept = Math.clamp(smooth, 0, 1);
            all[i] = (float) (1 / ((1 - kept) / llama3.factor() + kept));
        }
        return all;
    }

    static void toHf(Gguf gguf, String prefix, ObjectNode config) throws IOException {
        GgufMetadata m = gguf.metadata();
        double theta = m.has(prefix + "rope.freq_base")
                ? ConfigKeys.shortest(m.number(prefix + "rope.freq_base"))
                : 10_000; // what GGUF files mean that say nothing
        config.put("rope_theta", theta);
        int headDim = ConfigKeys.headDim(m, prefix);
        if (m.has(prefix + "rope.dimension_count") && m.whole(prefix + "rope.dimension_count") != headDim)
            config.put("partial_rotary_factor", (double) m.whole(prefix + "rope.dimension_count") / headDim);
        if (m.has(prefix + "rope.freq_base_swa"))
            config.put("rope_local_base_freq", ConfigKeys.shortest(m.number(prefix + "rope.freq_base_swa")));
        String type = m.has(prefix + "rope.scaling.type") ? m.string(prefix + "rope.scaling.type") : "none";
        if (gguf.tensors().containsKey(FREQUENCIES))
            divided(gguf, prefix, theta, config);
        else if (gguf.tensors().containsKey(LONG))
            longrope(gguf, prefix, config);
        else if (type.equals("linear") || type.equals("yarn"))
            scaled(m, prefix, type, config);
        else if (type.equals("none"))
            config.putNull("rope_scaling");
        else
            throw new IOException(gguf.path() + ", key " + prefix + "rope.scaling.type: found '" + type
                    + "' without its factors, expected none, linear or yarn");
    }

    private static void scaled(GgufMetadata m, String prefix, String type, ObjectNode config) throws IOException {
        ObjectNode rope = config.putObject("rope_scaling").put("rope_type", type);
        double factor = ConfigKeys.shortest(m.number(prefix + "rope.scaling.factor"));
        rope.put("factor", factor);
        if (type.equals("linear"))
            return;
        rope.put(ORIGINAL, m.whole(prefix + "rope.scaling.original_context_length"));
        for (String beta : List.of("beta_fast", "beta_slow"))
            if (m.has(prefix + "rope.scaling.yarn_" + beta))
                rope.put(beta, ConfigKeys.shortest(m.number(prefix + "rope.scaling.yarn_" + beta)));
        double times = m.has(prefix + "rope.scaling.attn_factor") ? m.number(prefix + "rope.scaling.attn_factor") : 1;
        if (times != 1)
            rope.put("attention_factor", ConfigKeys.shortest(times * RopeScaling.Yarn.defaultAttentionFactor(factor)));
    }

    /**
     * Factors that divide the frequencies. Where they are those of Llama 3.1's scaling, a config says it with four numbers;
     * any others it lists, once for short and once for long sequences.
     */
    private static void divided(Gguf gguf, String prefix, double theta, ObjectNode config) throws IOException {
        GgufMetadata m = gguf.metadata();
        int headDim = ConfigKeys.headDim(m, prefix);
        int dim = m.has(prefix + "rope.dimension_count") ? m.whole(prefix + "rope.dimension_count") : headDim;
        float[] found = gguf.tensor(FREQUENCIES).f32();
        double factor = 1;
        for (float f : found)
            factor = Math.max(factor, f);
        if (found.length != dim / 2)
            throw new IOException(gguf.path() + ", tensor " + FREQUENCIES + ": found " + found.length
                    + " factors, expected " + dim / 2 + ", one for each pair that turns");
        for (float f : found)
            if (!(f > 0) || Float.isInfinite(f))
                throw new IOException(gguf.path() + ", tensor " + FREQUENCIES + ": found the factor " + f
                        + ", expected numbers above 0");
        float[] expected = factors(new RopeScaling.Llama3(factor, LLAMA3_LOW, LLAMA3_HIGH, LLAMA3_ORIGINAL), dim,
                theta);
        boolean llama3 = true;
        for (int i = 0; i < found.length; i++)
            llama3 &= Math.abs(found[i] - expected[i]) <= 1e-4 * expected[i];
        ObjectNode rope = config.putObject("rope_scaling");
        if (llama3) {
            rope.put("rope_type", "llama3").put("factor", factor).put("low_freq_factor", LLAMA3_LOW)
                    .put("high_freq_factor", LLAMA3_HIGH).put(ORIGINAL, LLAMA3_ORIGINAL);
            return;
        }
        int length = m.whole(prefix + "context_length");
        config.put(ORIGINAL, length);
        rope.put("rope_type", "longrope").put("factor", 1.0).put("attention_factor", 1.0).put(ORIGINAL, length);
        for (String key : List.of("long_factor", "short_factor")) {
            rope.putArray(key);
            for (float f : found)
                rope.withArray(key).add(ConfigKeys.shortest(f));
        }
    }

    private static void longrope(Gguf gguf, String prefix, ObjectNode config) throws IOException {
        GgufMetadata m = gguf.metadata();
        int original = m.whole(prefix + "rope.scaling.original_context_length");
        config.put(ORIGINAL, original);
        ObjectNode rope = config.putObject("rope_scaling").put("rope_type", "longrope").put("type", "longrope");
        for (String name : List.of(LONG, SHORT)) {
            String key = name.equals(LONG) ? "long_factor" : "short_factor";
            rope.putArray(key);
            for (float f : gguf.tensor(name).f32())
                rope.withArray(key).add(ConfigKeys.shortest(f));
        }
        if (!m.has(prefix + "rope.scaling.attn_factor"))
            return;
        double said = m.number(prefix + "rope.scaling.attn_factor");
        double usual = RopeScaling.LongRope
                .defaultAttentionFactor((double) m.whole(prefix + "context_length") / original, original);
        if (Math.abs(said - usual) > 1e-6 * usual)
            rope.put("attention_factor", ConfigKeys.shortest(said));
    }
}
