package io.quarry.rl;

import io.quarry.train.Rows;
import io.quarry.train.TokenLoss;

/**
 * The DAPO loss (arXiv 2503.14476) with a divergence from a reference model: the mean over all answer tokens of the batch
 * of {@code -min(r A, clip(r, 1 - low, 1 + high) A) + kl * k3}, with {@code r = exp(new - old)} and
 * {@code k3 = exp(d) - d - 1}, {@code d = reference - new}.
 *
 * <p>Arrays are in the order of the positions of {@link Rows}.
 *
 * @param advantages of the answer each token belongs to
 * @param old        log-probabilities under the model that answered; null if that is the model itself, so that r is 1
 * @param reference  log-probabilities under the reference model
 * @param bounds     clips and weight of the divergence
 * @param tokens     answer tokens of the batch
 */
public record Dapo(double[] advantages, float[] old, float[] reference, Bounds bounds, long tokens)
        implements
            TokenLoss {
    /** Beyond these a log-ratio or a divergence is cut, so that one strange token cannot rule the step. */
    private static final double LONGEST_LOG = 20;
    private static final double LARGEST_KL = 10;
    /** Added to the deviation; a group whose answers are equally good has no advantage at all. */
    private static final double EPSILON = 1e-6;

    /** Lower and upper clip of the ratio, and the weight of the divergence. */
    public record Bounds(double low, double high, double kl) {}

    /** Advantages of the answers to one prompt: how much better than the group, in its unbiased deviations. */
    public static double[] advantages(double[] rewards) {
        double mean = 0;
        for (double reward : rewards)
            mean += reward / rewards.length;
        double variance = 0;
        for (double reward : rewards)
            variance += (reward - mean) * (reward - mean) / (rewards.length - 1);
        double deviation = Math.sqrt(variance);
        double[] advantages = new double[rewards.length];
        if (deviation > EPSILON)
            for (int i = 0; i < rewards.length; i++)
                advantages[i] = (rewards[i] - mean) / (deviation + EPSILON);
        return advantages;
    }

    private double ratio(int position, double logProb) {
        return old == null ? 1 : Math.exp(Math.clamp(logProb - old[position], -LONGEST_LOG, LONGEST_LOG));
    }

    private double distance(int position, double logProb) {
        return Math.clamp(reference[position] - logProb, -LONGEST_LOG, LONGEST_LOG);
    }

    private static double k3(double distance) {
        return Math.min(LARGEST_KL, Math.exp(distance) - distance - 1);
    }

    /** Whether the clip is in force, so that the token pulls no further. */
    public boolean clipped(int position, double logProb) {
        double advantage = advantages[position];
        double ratio = ratio(position, logProb);
        return ratio * advantage > Math.clamp(ratio, 1 - bounds.low, 1 + bounds.high) * advantage;
    }

    @Override
    public double slope(int position, double logProb) {
        double policy = clipped(position, logProb) ? 0 : -advantages[position] * ratio(position, logProb);
        double distance = distance(position, logProb);
        boolean free = Math.abs(distance) < LONGEST_LOG && k3(distance) < LARGEST_KL;
        return (policy + (free ? bounds.kl * (1 - Math.exp(distance)) : 0)) / tokens;
    }

    /** The loss of one token, already divided by the number of tokens. */
    public double loss(int position, double logProb) {
        double advantage = advantages[position];
        double ratio = ratio(position, logProb);
        double policy = -Math.min(ratio * advantage,
                Math.clamp(ratio, 1 - bounds.low, 1 + bounds.high) * advantage);
        return (policy + bounds.kl * divergence(position, logProb)) / tokens;
    }

    /** The k3 estimate of the divergence at one token, in nats. */
    public double divergence(int position, double logProb) {
        return k3(distance(position, logProb));
    }
}
