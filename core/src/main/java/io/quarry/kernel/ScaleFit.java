package io.quarry.kernel;

/**
 * Finds the scale, and the offset where there is one, with which whole steps come closest to a few numbers: the least sum
 * of weighted squares. For given steps that is a linear problem; which steps, is tried: the range of the numbers is taken
 * for a little more or less than the steps reach, and the best of these trials is improved by rounding the numbers again
 * to what was found. Not for several threads at once.
 */
final class ScaleFit {
    /** By how many steps the range is taken for longer or shorter, at most, and from trial to trial. */
    private static final double REACH = 1;
    private static final double CLOSE = 0.1;
    private static final double WIDE = 0.2;
    /** Where the lowest step is tried to lie, in steps from the lowest number; saves 3 to 6 % of the squared error. */
    private static final double[] BASES = {-0.3, 0, 0.3};
    /** Rounds of improvement; it ends by itself before, mostly after two. */
    private static final int ROUNDS = 5;

    private final float[] x;
    private final double[] weight;
    private final int n;
    private int at;
    private int lowest;
    private int highest;
    private boolean shifted;
    private double scale;
    private double offset;
    private double error;

    /** Fits groups of {@code n} numbers of {@code x}; {@code weight} has one for each of them. */
    ScaleFit(float[] x, double[] weight, int n) {
        this.x = x;
        this.weight = weight;
        this.n = n;
    }

    /** Fits {@code x = scale q + offset} for {@code q} in [0, highest] and an offset that is not above 0. */
    void withOffset(int begin, int highestStep) {
        begin(begin, 0, highestStep, true);
        float min = 0;
        float max = Float.NEGATIVE_INFINITY;
        for (int i = at; i < at + n; i++) {
            min = Math.min(min, x[i]);
            max = Math.max(max, x[i]);
        }
        offset = max > min ? 0 : min; // all numbers the same
        if (max > min)
            for (double more = -REACH; more <= REACH; more += WIDE) {
                double step = ((double) max - min) / (highest + more);
                for (double base : BASES)
                    tryWith(1 / step, min + base * step);
            }
        improve();
    }

    /** Fits {@code x = scale q} for {@code q} in [lowest, -lowest - 1]; the scale may be negative. */
    void around(int begin, int lowestStep) {
        begin(begin, lowestStep, -lowestStep - 1, false);
        float farthest = 0;
        for (int i = at; i < at + n; i++)
            if (Math.abs(x[i]) > Math.abs(farthest))
                farthest = x[i];
        if (farthest != 0)
            for (double more = -REACH; more <= REACH; more += CLOSE)
                tryWith((lowest + more) / farthest, 0);
        improve();
    }

    private void begin(int begin, int low, int high, boolean withOffset) {
        at = begin;
        lowest = low;
        highest = high;
        shifted = withOffset;
        scale = 0;
        offset = 0;
        error = Double.POSITIVE_INFINITY;
    }

    private void improve() {
        for (int round = 0; round < ROUNDS && scale != 0; round++)
            if (!tryWith(1 / scale, offset))
                return;
    }

    /** Rounds to steps as {@code (x - base) inverse}, solves for scale and offset, and keeps them if they are better. */
    private boolean tryWith(double inverse, double base) {
        double w1 = 0, wq = 0, wqq = 0, wx = 0, wqx = 0, wxx = 0;
        for (int i = at; i < at + n; i++) {
            double v = x[i];
            double q = Math.max(lowest, Math.min(highest, Math.rint((v - base) * inverse)));
            double w = weight[i];
            w1 += w;
            wq += w * q;
            wqq += w * q * q;
            wx += w * v;
            wqx += w * q * v;
            wxx += w * v * v;
        }
        if (wqq == 0)
            return false;
        double s = wqx / wqq;
        double o = 0;
        double determinant = w1 * wqq - wq * wq;
        if (shifted && determinant > 0) {
            double free = (wqq * wx - wq * wqx) / determinant;
            if (free < 0) {
                o = free;
                s = (w1 * wqx - wx * wq) / determinant;
            }
        }
        double e = wxx + s * s * wqq + o * o * w1 + 2 * (s * o * wq - s * wqx - o * wx);
        if (!(e < error) || shifted && !(s > 0) || !Double.isFinite(s))
            return false;
        scale = s;
        offset = o;
        error = e;
        return true;
    }

    /** The scale of the last fit; 0 where all numbers are 0. */
    float scale() {
        return (float) scale;
    }

    /** The offset of the last fit, 0 or below. */
    float offset() {
        return (float) offset;
    }
}
