package io.quarry.infer;

import io.quarry.kernel.Kernels;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/** Picks the tokens of one sequence, with a generator of random numbers of its own. */
final class Sampler {
    private static final RandomGeneratorFactory<RandomGenerator> RANDOM = RandomGeneratorFactory
            .of("L64X128MixRandom");

    private static final int BLOCK = 64;

    private final Sampling sampling;
    private final Kernels kernels;
    private final RandomGenerator random;
    private long[] order = {};
    private float logProb;

    Sampler(Sampling sampling, Kernels kernels) {
        this.sampling = sampling;
        this.kernels = kernels;
        this.random = RANDOM.create(sampling.seed());
    }

    /**
     * Picks a token from {@code n} logits that begin at {@code at}.
     *
     * @param spare n numbers for its own use
     * @throws IllegalStateException if the logits are no numbers
     */
    int pick(float[] logits, int at, int n, float[] spare) {
        float max = kernels.max(logits, at, n);
        if (!Float.isFinite(max))
            throw new IllegalStateException("the model gave " + max + " as its largest logit; its weights are damaged"
                    + " or its training has diverged");
        double sum = kernels.exp(logits, at, max, 1, spare, 0, n);
        double all = sum;
        if (sampling.temperature() == 0)
            return picked(kernels.argmax(logits, at, n), logits, at, max, all);
        if (sampling.temperature() != 1)
            sum = kernels.exp(logits, at, max, (float) (1 / sampling.temperature()), spare, 0, n);
        boolean whole = sampling.topP() == 1 && (sampling.topK() == 0 || sampling.topK() >= n);
        return picked(whole ? draw(spare, n, sum) : drawLikeliest(spare, n, sum), logits, at, max, all);
    }

    /** Natural log-probability of the token picked last, under the model's own distribution. */
    float logProb() {
        return logProb;
    }

    private int picked(int token, float[] logits, int at, float max, double sum) {
        logProb = (float) (logits[at + token] - max - Math.log(sum));
        return token;
    }

    /** Walks by blocks to the block in which the drawn share falls, then by tokens. */
    private int draw(float[] p, int n, double sum) {
        double left = random.nextDouble() * sum;
        int i = 0;
        while (i + BLOCK <= n) {
            double block = sum(p, i);
            if (left < block)
                break;
            left -= block;
            i += BLOCK;
        }
        for (; i < n; i++) {
            left -= p[i];
            if (left < 0)
                return i;
        }
        do // the sum was rounded up: the last token that is possible
            i--;
        while (p[i] == 0);
        return i;
    }

    private static double sum(float[] p, int at) {
        double a = 0;
        double b = 0;
        double c = 0;
        double d = 0;
        for (int i = at; i < at + BLOCK; i += 4) { // four sums, because one would wait for itself
            a += p[i];
            b += p[i + 1];
            c += p[i + 2];
            d += p[i + 3];
        }
        return a + b + (c + d);
    }

    /** Draws among the likeliest only: the topK first, of these the fewest whose share reaches topP. */
    private int drawLikeliest(float[] p, int n, double sum) {
        int kept = 0;
        if (order.length < n)
            order = new long[n];
        float least = (float) ((1 - sampling.topP()) * sum / n); // all below it together are less than 1 - topP
        for (int i = 0; i < n; i++)
            if (p[i] >= least) // positive floats sort as their bits do; the complement puts the largest first
                order[kept++] = ((long) ~Float.floatToRawIntBits(p[i]) << 32) | i;
        Arrays.sort(order, 0, kept);
        if (sampling.topK() > 0)
            kept = Math.min(kept, sampling.topK());
        double total = 0;
        for (int i = 0; i < kept; i++)
            total += p[(int) order[i]];
        double nucleus = 0;
        double limit = sampling.topP() * (sampling.topK() > 0 ? total : sum);
        int end = 0;
        while (end < kept && nucleus < limit)
            nucleus += p[(int) order[end++]];
        double left = random.nextDouble() * nucleus;
        for (int i = 0; i < end; i++) {
            left -= p[(int) order[i]];
            if (left < 0)
                return (int) order[i];
        }
        return (int) order[end - 1];
    }
}
