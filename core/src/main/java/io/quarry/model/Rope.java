package io.quarry.model;

import java.util.Arrays;

/**
 * Rotary position embedding: the angle of pair i at position p is {@code p * theta^(-2i/d)}. Layout of Hugging Face
 * ({@code rotate_half}): pair i is {@code (x[i], x[i + d/2])}. Angles are rounded to floats where Hugging Face rounds
 * them, or long contexts would drift apart. Grows its tables as positions are asked for; not for several threads at once.
 */
public final class Rope {
    private final int half;
    private final float[] frequencies;
    private int positions;
    private float[] cos = {};
    private float[] sin = {};

    public Rope(ModelSpec spec) {
        frequencies = frequencies(spec);
        half = frequencies.length;
    }

    /** {@code theta^(-2i/d)} for each pair. */
    public static float[] frequencies(ModelSpec spec) {
        float[] all = new float[spec.headDim() / 2];
        for (int i = 0; i < all.length; i++)
            all[i] = 1 / (float) Math.pow(spec.ropeTheta(), (float) (2 * i) / spec.headDim());
        return all;
    }

    /** Makes sure that positions below {@code count} are in the tables. */
    public void reach(int count) {
        if (count <= positions)
            return;
        int from = positions;
        positions = Math.max(count, Math.min(2 * positions, 1 << 20));
        cos = Arrays.copyOf(cos, Math.multiplyExact(positions, half));
        sin = Arrays.copyOf(sin, positions * half);
        for (int p = from; p < positions; p++)
            for (int i = 0; i < half; i++) {
                float angle = p * frequencies[i];
                cos[p * half + i] = (float) Math.cos(angle);
                sin[p * half + i] = (float) Math.sin(angle);
            }
    }

    /** Cosines, {@code [positions, headDim / 2]}. */
    public float[] cos() {
        return cos;
    }

    /** Sines, {@code [positions, headDim / 2]}. */
    public float[] sin() {
        return sin;
    }
}
