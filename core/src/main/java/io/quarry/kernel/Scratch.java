package io.quarry.kernel;

/** What one worker needs while it computes a panel; arrays grow and are kept. */
final class Scratch {
    private int[] bytes = {};
    private float[] steps = {};
    private float[] scales = {};
    private float[] minima = {};
    private float[] wide = {};
    private float[] row = {};
    /** Sums of groups of inputs: {@code [groups, height, PANEL]}. */
    final short[] sums = new short[GROUPS * 8 * Matrix.PANEL];
    /** The same, of lower bits. */
    final short[] lowSums = new short[GROUPS * 8 * Matrix.PANEL];
    /** Results of a tile: {@code [height, PANEL]}. */
    final float[] y = new float[8 * Matrix.PANEL];

    /** Groups whose sums are held before they are scaled: 16 KB of sums, so that all stays in the first cache. */
    static final int GROUPS = 16;

    /** What sums of lower bits begin with. */
    static final short[] NOTHING = new short[GROUPS * 8];

    int[] bytes(int size) {
        return bytes.length < size ? bytes = new int[size] : bytes;
    }

    float[] steps(int size) {
        return steps.length < size ? steps = new float[size] : steps;
    }

    float[] scales(int size) {
        return scales.length < size ? scales = new float[size] : scales;
    }

    float[] minima(int size) {
        return minima.length < size ? minima = new float[size] : minima;
    }

    /** Weights of a panel as floats. */
    float[] wide(int size) {
        return wide.length < size ? wide = new float[size] : wide;
    }

    float[] row(int size) {
        return row.length < size ? row = new float[size] : row;
    }
}
