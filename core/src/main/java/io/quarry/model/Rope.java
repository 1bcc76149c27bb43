package io.quarry.model;

import io.quarry.kernel.Kernels;
import java.util.Arrays;
import java.util.LinkedHashMap;

/**
 * Rotary position embedding: the angle of pair i at position p is {@code p * theta^(-2i/d)}, its frequencies changed as
 * {@link RopeScaling} says. Angles are rounded to floats where Hugging Face rounds them, or long contexts would drift
 * apart. Tables grow as positions are asked for by {@link #reach}, which is not for several threads at once;
 * {@link #turn} is.
 */
public final class Rope {
    /** Frequencies kept for different lengths, where they depend on the length. */
    private static final int KEPT = 256;

    private final double theta;
    private final int dim;
    private final Architecture.Pairing pairing;
    private final RopeScaling scaling;
    /** By {@link RopeScaling#kind}, the one reached last at the end. */
    private final LinkedHashMap<Integer, Table> tables = new LinkedHashMap<>();
    /** The one reached last: nearly always the one wanted, and found without making an Integer. */
    private Table last;
    private int lastKind;

    /**
     * The rotation of a model's layers with {@link Architecture.Position#GLOBAL}.
     *
     * @param spec its base, its scaling
     */
    public static Rope global(ModelSpec spec) {
        Architecture a = spec.architecture();
        return new Rope(spec.ropeTheta(), a.rotaryDim(), a.pairing(), a.scaling());
    }

    /** The rotation of the layers with {@link Architecture.Position#LOCAL}: a base of their own, never scaled. */
    public static Rope local(ModelSpec spec) {
        Architecture a = spec.architecture();
        return new Rope(a.localRopeTheta(), a.rotaryDim(), a.pairing(), RopeScaling.NONE);
    }

    private Rope(double theta, int dim, Architecture.Pairing pairing, RopeScaling scaling) {
        this.theta = theta;
        this.dim = dim;
        this.pairing = pairing;
        this.scaling = scaling;
    }

    /** Sequences that may become so long turn like all others of the same number. */
    public int kind(int length) {
        return scaling.kind(length);
    }

    /** {@code theta^(-2i/d)} for each pair of a head that turns whole, as trained. */
    public static float[] frequencies(ModelSpec spec) {
        return frequencies(spec.ropeTheta(), spec.headDim());
    }

    static float[] frequencies(double theta, int dim) {
        float[] all = new float[dim / 2];
        for (int i = 0; i < all.length; i++)
            all[i] = 1 / (float) Math.pow(theta, (float) (2 * i) / dim);
        return all;
    }

    /**
     * Makes sure that positions are in the tables.
     *
     * @param length how long the sequence may become; some scalings depend on it
     * @param count  positions below this are wanted
     */
    public void reach(int length, int count) {
        int kind = scaling.kind(length);
        Table table = last;
        if (table == null || kind != lastKind) {
            table = tables.remove(kind);
            if (table == null)
                table = new Table(scaling.frequencies(frequencies(theta, dim), theta, length));
            if (tables.size() == KEPT)
                tables.pollFirstEntry();
            tables.put(kind, table);
            last = table;
            lastKind = kind;
        }
        table.reach(count, (float) scaling.attentionFactor());
    }

    /**
     * Turns one head.
     *
     * @param length   how long the sequence may become, as {@link #reach} was told
     * @param position of the token
     */
    public void turn(Kernels kernels, float[] x, int at, int length, int position) {
        int kind = scaling.kind(length);
        Table table = kind == lastKind ? last : tables.get(kind);
        int half = dim / 2;
        if (pairing == Architecture.Pairing.HALVES)
            kernels.rotate(x, at, half, table.cos, table.sin, position * half);
        else
            kernels.rotateNeighbours(x, at, half, table.cos, table.sin, position * half);
    }

    /** Cosines and sines, {@code [positions, dim / 2]}. */
    private static final class Table {
        private final float[] frequencies;
        private int positions;
        private float[] cos = {};
        private float[] sin = {};

        Table(float[] frequencies) {
            this.frequencies = frequencies;
        }

        void reach(int count, float factor) {
            if (count <= positions)
                return;
            int half = frequencies.length;
            int from = positions;
            positions = Math.max(count, Math.min(2 * positions, 1 << 20));
            cos = Arrays.copyOf(cos, Math.multiplyExact(positions, half));
            sin = Arrays.copyOf(sin, positions * half);
            for (int p = from; p < positions; p++)
                for (int i = 0; i < half; i++) {
                    float angle = p * frequencies[i];
                    cos[p * half + i] = (float) Math.cos(angle) * factor;
                    sin[p * half + i] = (float) Math.sin(angle) * factor;
                }
        }
    }
}
