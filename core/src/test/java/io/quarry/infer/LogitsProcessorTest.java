package io.quarry.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.sun.management.ThreadMXBean;
import io.quarry.kernel.Kernels;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LogitsProcessorTest {
    private static final int VOCABULARY = 50;
    private static final Map<Integer, Float> BIAS = Map.of(3, 2f, 4, Float.NEGATIVE_INFINITY, 7, -1.5f);

    private static float[] logits(Random random) {
        float[] out = new float[VOCABULARY];
        for (int i = 0; i < VOCABULARY; i++)
            out[i] = (float) (3 * random.nextGaussian());
        return out;
    }

    /** The definitions, word for word, over the whole history. */
    private static float[] changed(float[] logits, Sampling sampling, List<Integer> text, int prompt) {
        float[] out = logits.clone();
        sampling.bias().forEach((token, by) -> out[token] += by);
        Penalties p = sampling.penalties();
        int from = p.window() == 0 ? 0 : Math.max(0, text.size() - p.window());
        for (int token = 0; token < VOCABULARY; token++) {
            if (text.subList(from, text.size()).contains(token))
                out[token] = out[token] > 0 ? out[token] / (float) p.repetition() : out[token] * (float) p.repetition();
            int wanted = token;
            long count = text.subList(prompt, text.size()).stream().filter(t -> t == wanted).count();
            if (count > 0)
                out[token] -= count * (float) p.frequency() + (float) p.presence();
        }
        return out;
    }

    @Test
    void drawsAsFromLogitsThatWereChangedByTheDefinitions() {
        for (Penalties penalties : List.of(Penalties.NONE, Penalties.repetition(1.3, 0), Penalties.repetition(1.8, 9),
                Penalties.of(0.4, 0), Penalties.of(0, 1.1), new Penalties(0.8, 64, -0.2, 0.7)))
            for (double temperature : new double[] {0, 0.8}) {
                Sampling sampling = Sampling.at(temperature, 5).withTopP(0.9).withPenalties(penalties).withBias(BIAS);
                Random random = new Random(6);
                List<Integer> text = new ArrayList<>();
                Sampler sampler = new Sampler(sampling, Kernels.scalar(), 0, 120, VOCABULARY);
                Sampler plain = new Sampler(sampling.withPenalties(Penalties.NONE).withBias(Map.of()),
                        Kernels.scalar(), 0, 120, VOCABULARY);
                for (int i = 0; i < 120; i++) {
                    int token = random.nextInt(VOCABULARY);
                    if (i >= 20) {
                        float[] logits = logits(random);
                        float[] before = logits.clone();
                        float[] spare = new float[VOCABULARY];
                        token = sampler.pick(logits, 0, VOCABULARY, spare);
                        assertThat(logits).containsExactly(before);
                        assertThat(token).isNotEqualTo(4).isEqualTo(
                                plain.pick(changed(logits, sampling, text, 20), 0, VOCABULARY, spare));
                        plain.score(token, logits, 0, VOCABULARY, spare);
                        assertThat(sampler.logProb()).isEqualTo(plain.logProb());
                    }
                    sampler.count(token, i >= 20);
                    text.add(token);
                }
            }
    }

    @Test
    void aBiasMayForbidButNotAll() {
        Sampling sampling = Sampling.GREEDY
                .withBias(Map.of(0, Float.NEGATIVE_INFINITY, 1, Float.NEGATIVE_INFINITY));
        assertThat(new Sampler(sampling, Kernels.best(), 0, 9, 3).pick(new float[] {7, 8, 1}, 0, 3, new float[3]))
                .isEqualTo(2);
        assertThatThrownBy(
                () -> new Sampler(sampling, Kernels.best(), 0, 9, 2).pick(new float[] {7, 8}, 0, 2, new float[2]))
                .hasMessageContaining("at least one token");
    }

    @Test
    void badValuesAreSaid() {
        assertThatThrownBy(() -> Sampling.GREEDY.withBias(Map.of(1, Float.NaN))).hasMessageContaining("NaN for 1");
        assertThatThrownBy(() -> Sampling.GREEDY.withBias(Map.of(-1, 1f))).hasMessageContaining("for -1");
        assertThatThrownBy(() -> Sampling.GREEDY.withMinP(1.1)).hasMessageContaining("minP must be in [0, 1]");
        assertThatThrownBy(() -> Sampling.GREEDY.withTopP(0)).hasMessageContaining("topP");
        assertThatThrownBy(() -> Sampling.GREEDY.withTopK(-1)).hasMessageContaining("topK");
        assertThatThrownBy(() -> Sampling.at(Double.NaN, 1)).hasMessageContaining("temperature");
        assertThatThrownBy(() -> Penalties.repetition(0, 1)).hasMessageContaining("above 0");
        assertThatThrownBy(() -> Penalties.repetition(1, -1)).hasMessageContaining("window");
        assertThatThrownBy(() -> Penalties.of(Double.NaN, 0)).hasMessageContaining("frequency");
        assertThatThrownBy(() -> Penalties.of(0, Double.POSITIVE_INFINITY)).hasMessageContaining("presence");
    }

    @Test
    void alternativesAreTheLikeliestOfTheModelItself() {
        Random random = new Random(2);
        Sampling sampling = Sampling.at(1, 1).withBias(BIAS);
        for (int most : new int[] {1, 5, VOCABULARY}) {
            Sampler sampler = new Sampler(sampling, Kernels.scalar(), most, 9, VOCABULARY);
            float[] logits = logits(random);
            logits[20] = logits[10]; // equal: the lower id first
            double sum = 0;
            for (float logit : logits)
                sum += Math.exp(logit);
            int token = sampler.pick(logits, 0, VOCABULARY, new float[VOCABULARY]);
            Integer[] order = new Integer[VOCABULARY];
            Arrays.setAll(order, i -> i);
            Arrays.sort(order, (a, b) -> Float.compare(logits[b], logits[a]));
            for (int rank = 0; rank < most; rank++) {
                assertThat(sampler.alternative(rank)).isEqualTo(order[rank]);
                assertThat((double) sampler.alternativeLogProb(rank)).isCloseTo(logits[order[rank]] - Math.log(sum),
                        within(1e-5));
                if (order[rank] == token)
                    assertThat(sampler.alternativeLogProb(rank)).isEqualTo(sampler.logProb());
            }
        }
    }

    @Test
    void allocatesNothingPerToken() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        Sampling sampling = Sampling.at(0.8, 1).withTopK(30).withTopP(0.9).withMinP(0.01).withBias(BIAS)
                .withPenalties(new Penalties(1.2, 16, 0.2, 0.1));
        Sampler sampler = new Sampler(sampling, Kernels.scalar(), 5, 100_000, VOCABULARY);
        float[] logits = logits(new Random(1));
        float[] spare = new float[VOCABULARY];
        long bytes = -1;
        for (int stretch = 0; bytes != 0 && stretch < 200; stretch++) { // what is not compiled yet allocates
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 500; i++)
                sampler.count(sampler.pick(logits, 0, VOCABULARY, spare), true);
            bytes = threads.getCurrentThreadAllocatedBytes() - before;
        }
        assertThat(bytes).as("bytes allocated in 500 tokens").isZero();
    }
}
