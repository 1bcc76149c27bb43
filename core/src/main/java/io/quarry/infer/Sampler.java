package io.quarry.infer;

import io.quarry.kernel.Kernels;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/** Picks the tokens of one sequence, with a generator of random numbers of its own; the order is {@link Sampling}'s. */
final class Sampler {
    private static final RandomGeneratorFactory<RandomGenerator> RANDOM = RandomGeneratorFactory
            .of("L64X128MixRandom");

    private static final int BLOCK = 64;

    private final Sampling sampling;
    private final Kernels kernels;
    private final RandomGenerator random;
    /** Bias and penalties; null where there are none. */
    private final LogitsProcessor processor;
    private final Likeliest likeliest = new Likeliest();
    private final int[] alternatives;
    private final float[] alternativeLogProbs;
    private float logProb;

    /**
     * A sampler that has seen no text.
     *
     * @param alternatives likeliest tokens that are noted for each token
     * @param positions    tokens that prompt and answer may have together
     */
    Sampler(Sampling sampling, Kernels kernels, int alternatives, int positions, int vocabulary) {
        this.sampling = sampling;
        this.kernels = kernels;
        this.random = RANDOM.create(sampling.seed());
        this.processor = LogitsProcessor.neutral(sampling)
                ? null
                : new LogitsProcessor(sampling, positions, vocabulary);
        this.alternatives = new int[alternatives];
        this.alternativeLogProbs = new float[alternatives];
    }

    /**
     * Takes note of the next token of the text, one picked here too.
     *
     * @param answer whether it is the answer's, not the prompt's
     */
    void count(int token, boolean answer) {
        if (processor != null)
            processor.count(token, answer);
    }

    /**
     * Picks a token from {@code n} logits that begin at {@code at}.
     *
     * @param spare n numbers for its own use
     * @throws IllegalStateException if the logits are no numbers
     */
    int pick(float[] logits, int at, int n, float[] spare) {
        float max = largest(logits, at, n);
        double sum = kernels.exp(logits, at, max, 1, spare, 0, n);
        noteAlternatives(logits, at, n, max, sum);
        int token;
        if (processor == null) {
            token = pick(logits, at, n, spare, max, sum);
        } else {
            processor.apply(logits, at);
            float changed = kernels.max(logits, at, n);
            if (!Float.isFinite(changed))
                throw new IllegalStateException("after logit bias and penalties the largest logit is " + changed
                        + "; they must leave at least one token possible");
            token = pick(logits, at, n, spare, changed, kernels.exp(logits, at, changed, 1, spare, 0, n));
            processor.undo(logits, at);
        }
        logProb = (float) (logits[at + token] - max - Math.log(sum));
        return token;
    }

    /** Notes the log-probabilities of a token that is given, not picked. */
    void score(int token, float[] logits, int at, int n, float[] spare) {
        float max = largest(logits, at, n);
        double sum = kernels.exp(logits, at, max, 1, spare, 0, n);
        noteAlternatives(logits, at, n, max, sum);
        logProb = (float) (logits[at + token] - max - Math.log(sum));
    }

    private float largest(float[] logits, int at, int n) {
        float max = kernels.max(logits, at, n);
        if (!Float.isFinite(max))
            throw new IllegalStateException("the model gave " + max + " as its largest logit; its weights are damaged"
                    + " or its training has diverged");
        return max;
    }

    /** Natural log-probability of the token picked or scored last, under the model's own distribution. */
    float logProb() {
        return logProb;
    }

    /** The likeliest tokens in the place of the one picked or scored last, the likeliest first. */
    int alternative(int rank) {
        return alternatives[rank];
    }

    /** Log-probability of an {@link #alternative}. */
    float alternativeLogProb(int rank) {
        return alternativeLogProbs[rank];
    }

    private void noteAlternatives(float[] logits, int at, int n, float max, double sum) {
        int most = alternatives.length;
        int held = 0;
        for (int i = 0; i < n && most > 0; i++) {
            float logit = logits[at + i];
            if (held == most && !(logit > logits[at + alternatives[held - 1]]))
                continue;
            int place = held < most ? held++ : held - 1;
            for (; place > 0 && logit > logits[at + alternatives[place - 1]]; place--)
                alternatives[place] = alternatives[place - 1];
            alternatives[place] = i;
        }
        for (int rank = 0; rank < held; rank++)
            alternativeLogProbs[rank] = (float) (logits[at + alternatives[rank]] - max - Math.log(sum));
    }

    /**
     * Temperature and what follows it.
     *
     * @param spare {@code exp(logit - max)}, whose sum is {@code sum}
     */
    private int pick(float[] logits, int at, int n, float[] spare, float max, double sum) {
        if (sampling.temperature() == 0)
            return kernels.argmax(logits, at, n);
        double share = sum;
        if (sampling.temperature() != 1) {
            float scale = (float) Math.min(1 / sampling.temperature(), Float.MAX_VALUE);
            share = kernels.exp(logits, at, max, scale, spare, 0, n);
        }
        if (sampling.minP() > 0)
            share = cut(spare, n, (float) sampling.minP());
        boolean whole = sampling.topP() == 1 && (sampling.topK() == 0 || sampling.topK() >= n);
        return whole ? draw(spare, n, share) : drawLikeliest(spare, n, share);
    }

    /** Takes out all below {@code least}, the likeliest being 1, and returns the sum of the rest. */
    private static double cut(float[] p, int n, float least) {
        double sum = 0;
        for (int i = 0; i < n; i++)
            if (p[i] < least)
                p[i] = 0;
            else
                sum += p[i];
        return sum;
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
        float least = (float) ((1 - sampling.topP()) * sum / n); // all below it together are less than 1 - topP
        likeliest.fill(p, n, Math.max(least, Float.MIN_VALUE));
        int kept = likeliest.count();
        double limit = sampling.topP() * sum;
        if (sampling.topK() > 0) {
            kept = Math.min(kept, sampling.topK());
            double total = 0;
            for (int rank = 0; rank < kept; rank++)
                total += p[likeliest.token(rank)];
            limit = sampling.topP() * total;
        }
        double nucleus = 0;
        int end = 0;
        while (end < kept && nucleus < limit)
            nucleus += p[likeliest.token(end++)];
        double left = random.nextDouble() * nucleus;
        for (int rank = 0; rank < end; rank++) {
            left -= p[likeliest.token(rank)];
            if (left < 0)
                return likeliest.token(rank);
        }
        return likeliest.token(end - 1);
    }
}
