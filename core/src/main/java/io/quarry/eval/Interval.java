package io.quarry.eval;

/**
 * A 95 % interval around something measured.
 *
 * @param low  lower end
 * @param high upper end
 */
public record Interval(double low, double high) {
    /** Two-sided 95 % point of the normal distribution. */
    private static final double Z = 1.959963984540054;

    /**
     * Wilson's interval of a share (JASA 22, 1927): right also for few items and for shares near 0 and 1.
     *
     * @param total 0 gives [0, 1]: nothing is known
     */
    public static Interval wilson(long correct, long total) {
        if (correct < 0 || correct > total)
            throw new IllegalArgumentException("correct must be in [0, total], was " + correct + " of " + total);
        if (total == 0)
            return new Interval(0, 1);
        double share = (double) correct / total;
        double z2 = Z * Z / total;
        double middle = (share + z2 / 2) / (1 + z2);
        double half = Z / (1 + z2) * Math.sqrt(share * (1 - share) / total + z2 / (4 * total));
        // at the edges the formula gives the edge exactly, rounding does not
        return new Interval(correct == 0 ? 0 : middle - half, correct == total ? 1 : middle + half);
    }

    /**
     * Interval of a ratio of sums over independent documents, by the delta method: documents, not tokens, are what was drawn.
     *
     * @param sums    of each document, for instance its loss in nats
     * @param weights of each document, for instance its tokens
     */
    public static Interval ratio(double[] sums, long[] weights) {
        double sum = 0;
        double weight = 0;
        for (int i = 0; i < sums.length; i++) {
            sum += sums[i];
            weight += weights[i];
        }
        double ratio = sum / weight;
        if (sums.length < 2)
            return new Interval(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
        double squares = 0;
        for (int i = 0; i < sums.length; i++) {
            double residual = sums[i] - ratio * weights[i];
            squares += residual * residual;
        }
        int n = sums.length;
        double half = Z * Math.sqrt(squares * n / (n - 1)) / weight;
        return new Interval(ratio - half, ratio + half);
    }
}
