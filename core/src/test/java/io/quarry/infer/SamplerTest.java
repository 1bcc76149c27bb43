package io.quarry.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.quarry.kernel.Kernels;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SamplerTest {
    private static final int DRAWS = 40_000;

    private static Sampler sampler(Sampling sampling, int vocabulary) {
        return new Sampler(sampling, Kernels.best(), 0, 1000, vocabulary);
    }

    private static double[] frequencies(Sampling sampling, float[] logits) {
        Sampler sampler = sampler(sampling, logits.length);
        double[] out = new double[logits.length];
        float[] spare = new float[logits.length];
        for (int i = 0; i < DRAWS; i++)
            out[sampler.pick(logits, 0, logits.length, spare)] += 1.0 / DRAWS;
        return out;
    }

    private static double[] softmax(float[] logits, double temperature) {
        double[] p = new double[logits.length];
        for (int i = 0; i < p.length; i++)
            p[i] = Math.exp(logits[i] / temperature);
        double sum = Arrays.stream(p).sum();
        return Arrays.stream(p).map(v -> v / sum).toArray();
    }

    private static float[] logits(int n) {
        float[] out = new float[n];
        for (int i = 0; i < n; i++)
            out[i] = (float) Math.sin(i * 1.7) * 2;
        return out;
    }

    @Test
    void drawsFollowTheSoftmax() {
        for (int n : new int[] {3, 64, 150})
            for (double temperature : new double[] {1, 0.5, 2}) {
                double[] found = frequencies(Sampling.at(temperature, 5), logits(n));
                double[] expected = softmax(logits(n), temperature);
                for (int i = 0; i < n; i++) // five standard deviations
                    assertThat(found[i]).isCloseTo(expected[i],
                            within(5 * Math.sqrt(expected[i] * (1 - expected[i]) / DRAWS) + 1e-9));
            }
    }

    @Test
    void topKKeepsTheLikeliest() {
        float[] logits = {1, 5, 3, 4, 2};
        double[] found = frequencies(Sampling.at(1, 1).withTopK(2), logits);
        double second = Math.exp(4) / (Math.exp(4) + Math.exp(5));
        assertThat(found[3]).isCloseTo(second, within(0.01));
        assertThat(found[1] + found[3]).isCloseTo(1, within(1e-9));
    }

    @Test
    void topPKeepsTheFewestThatReachIt() {
        float[] logits = {(float) Math.log(0.5), (float) Math.log(0.3), (float) Math.log(0.15), (float) Math.log(0.05)};
        double[] found = frequencies(Sampling.at(1, 1).withTopP(0.75), logits);
        assertThat(found[0]).isCloseTo(0.5 / 0.8, within(0.015));
        assertThat(found[0] + found[1]).isCloseTo(1, within(1e-9));
        found = frequencies(Sampling.at(1, 1).withTopP(0.9), logits);
        assertThat(found[2]).isCloseTo(0.15 / 0.95, within(0.015));
        assertThat(found[3]).isZero();
        found = frequencies(Sampling.at(1, 1).withTopP(0.01), logits);
        assertThat(found[0]).isCloseTo(1, within(1e-9));
    }

    @Test
    void minPKeepsWhatIsNotMuchLessLikelyThanTheLikeliest() {
        float[] logits = {(float) Math.log(0.5), (float) Math.log(0.3), (float) Math.log(0.15), (float) Math.log(0.05)};
        double[] found = frequencies(Sampling.at(1, 1).withMinP(0.29), logits);
        assertThat(found[2]).isCloseTo(0.15 / 0.95, within(0.015));
        assertThat(found[3]).isZero();
        found = frequencies(Sampling.at(1, 1).withMinP(1), logits);
        assertThat(found[0]).isCloseTo(1, within(1e-9));
        // It is taken after the temperature, and topP is a share of what it leaves.
        found = frequencies(Sampling.at(2, 1).withMinP(0.31), logits);
        assertThat(found[3]).isPositive();
        found = frequencies(Sampling.at(1, 1).withMinP(0.5).withTopP(0.62), logits);
        assertThat(found[0]).isCloseTo(1, within(1e-9));
    }

    @Test
    void theColdestTemperatureIsGreedy() {
        float[] logits = {1, 5, 3, 4.999f, -7};
        assertThat(frequencies(Sampling.at(Double.MIN_VALUE, 1), logits)[1]).isCloseTo(1, within(1e-9));
    }

    @Test
    void impossibleTokensAreNeverDrawn() {
        float[] logits = new float[200];
        Arrays.fill(logits, Float.NEGATIVE_INFINITY);
        logits[77] = 0;
        logits[130] = 0;
        double[] found = frequencies(Sampling.at(1, 1), logits);
        assertThat(found[77] + found[130]).isCloseTo(1, within(1e-9));
        assertThat(found[77]).isCloseTo(0.5, within(0.02));
    }

    @Test
    void greedyTakesTheLargestAndTellsItsProbabilityAtTemperatureOne() {
        float[] logits = {9, 0, 1, 3, 2};
        Sampler greedy = sampler(Sampling.GREEDY, 4);
        assertThat(greedy.pick(logits, 1, 4, new float[4])).isEqualTo(2);
        double expected = 3 - Math.log(Math.exp(0) + Math.exp(1) + Math.exp(3) + Math.exp(2));
        assertThat((double) greedy.logProb()).isCloseTo(expected, within(1e-5));
        Sampler cold = sampler(Sampling.at(0.1, 1), 4);
        assertThat(cold.pick(logits, 1, 4, new float[4])).isEqualTo(2);
        assertThat((double) cold.logProb()).isCloseTo(expected, within(1e-5));
    }

    @Test
    void theSeedDecides() {
        float[] logits = logits(100);
        assertThat(texts(1, logits)).isEqualTo(texts(1, logits));
        assertThat(texts(1, logits)).isNotEqualTo(texts(2, logits));
    }

    /** What these seeds drew before minP, penalties and bias were there: results of training runs stand on them. */
    @Test
    void seedsDrawWhatTheyAlwaysDrew() {
        List<Sampling> all = List.of(Sampling.at(1, 0), Sampling.at(0.7, 0), Sampling.at(1, 0).withTopK(40),
                Sampling.at(0.9, 0).withTopP(0.95), Sampling.at(1.3, 0).withTopK(20).withTopP(0.9),
                Sampling.at(2, 0).withTopP(0.5), Sampling.at(1, 0).withTopK(5000).withTopP(0.99));
        assertThat(all.stream().map(s -> drawn(s, 17))).containsExactly(-1900339919, 1502943649, -1900339919,
                -1112157760, 1883442153, -73716462, -1977381864);
        assertThat(all.stream().map(s -> drawn(s, 300))).containsExactly(-583920411, -1037540883, 2081877763,
                -1671967711, 444231226, -1215324684, -275178099);
        assertThat(all.stream().map(s -> drawn(s, 5000))).containsExactly(231266738, 1640902914, -1500857627, 696405977,
                872957459, -1513381786, 1613560118);
    }

    private static int drawn(Sampling sampling, int n) {
        Sampler sampler = new Sampler(sampling.withSeed(42 + n), Kernels.scalar(), 0, 1000, n);
        SplittableRandom random = new SplittableRandom(n);
        int hash = 1;
        for (int i = 0; i < 300; i++)
            hash = 31 * hash + sampler.pick(uniform(random, n), 0, n, new float[n]);
        return hash;
    }

    private static float[] uniform(SplittableRandom random, int n) {
        float[] out = new float[n];
        for (int i = 0; i < n; i++)
            out[i] = (float) random.nextDouble(-6, 6);
        return out;
    }

    private static int[] texts(long seed, float[] logits) {
        Sampler sampler = sampler(Sampling.at(1, seed), logits.length);
        int[] out = new int[50];
        Arrays.setAll(out, i -> sampler.pick(logits, 0, logits.length, new float[logits.length]));
        return out;
    }
}
