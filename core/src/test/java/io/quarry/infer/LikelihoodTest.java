package io.quarry.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.quarry.kernel.Kernels;
import io.quarry.model.ModelSpec;
import io.quarry.model.PicoGranite;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class LikelihoodTest {
    private static final ModelSpec SPEC = PicoGranite.spec(300);
    private static final int CONTEXT = SPEC.contextLength();
    private static Lm lm;

    @BeforeAll
    static void make() {
        lm = Lm.of(SPEC, PicoGranite.weights(SPEC, 1), new Engine(Kernels.best(), 2, 4, 1 << 26));
    }

    @AfterAll
    static void close() {
        lm.close();
    }

    private static int[] text(Random random, int length) {
        return random.ints(length, 2, SPEC.vocabulary()).toArray();
    }

    private static int[] joined(int[] a, int[] b) {
        int[] out = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, out, a.length, b.length);
        return out;
    }

    @Test
    void continuationsAreScoredAfterTheirContexts() {
        Random random = new Random(1);
        List<Continuation> asked = new ArrayList<>();
        for (int i = 0; i < 20; i++)
            asked.add(new Continuation(text(random, 1 + random.nextInt(200)), text(random, random.nextInt(50))));
        List<Likelihood> found = lm.likelihoods(asked);
        for (int i = 0; i < asked.size(); i++) {
            Continuation c = asked.get(i);
            float[] whole = lm.score(joined(c.context(), c.text()));
            assertThat(found.get(i).logProbs())
                    .containsExactly(Arrays.copyOfRange(whole, c.context().length - 1, whole.length));
            double sum = 0;
            for (float logProb : found.get(i).logProbs())
                sum += logProb;
            assertThat(found.get(i).sum()).isEqualTo(sum);
            if (c.text().length > 0)
                assertThat(found.get(i).perplexity()).isCloseTo(Math.exp(-sum / c.text().length), within(1e-9));
        }
    }

    @Test
    void greedyIsWhatGreedyDecodingSays() {
        int[] context = text(new Random(2), 30);
        int[] said = lm.generate(new Request(context, 20, Sampling.GREEDY, Set.of())).tokens();
        int[] other = said.clone();
        other[19] = (other[19] + 1) % SPEC.vocabulary();
        List<Likelihood> found = lm
                .likelihoods(List.of(new Continuation(context, said), new Continuation(context, other)));
        assertThat(found).extracting(Likelihood::greedy).containsExactly(true, false);
    }

    @Test
    void theLastTokenMayStandBehindTheContext() {
        Random random = new Random(3);
        Continuation full = new Continuation(text(random, CONTEXT - 9), text(random, 10));
        assertThat(lm.likelihoods(List.of(full)).getFirst().logProbs()).hasSize(10);
        Continuation over = new Continuation(text(random, CONTEXT - 9), text(random, 11));
        assertThatThrownBy(() -> lm.likelihoods(List.of(over))).hasMessageContainingAll("247", "11", "256");
    }

    /** The windows of lm-evaluation-harness's {@code get_rolling_token_windows}, whose prefix token is our first. */
    private static double harness(int[] text, int overlap) {
        int length = text.length - 1;
        double sum = 0;
        int predicted = 0;
        while (predicted < length) {
            int most = predicted == 0 ? CONTEXT : CONTEXT - overlap + 1;
            int count = Math.min(most, length - predicted);
            int end = predicted + count;
            int[] window = Arrays.copyOfRange(text, predicted == 0 ? 0 : end - CONTEXT, end + 1);
            int context = window.length - count;
            sum += lm.likelihoods(List.of(new Continuation(Arrays.copyOf(window, context),
                    Arrays.copyOfRange(window, context, window.length)))).getFirst().sum();
            predicted = end;
        }
        return sum;
    }

    @Test
    void longTextsAreScoredInWindows() {
        Random random = new Random(4);
        for (int length : new int[] {2, CONTEXT, CONTEXT + 1, CONTEXT + 2, 2 * CONTEXT + 1, 700})
            for (int overlap : new int[] {1, 2, 128, 200}) {
                int[] text = text(random, length);
                Likelihood found = lm.rolling(text, overlap);
                assertThat(found.logProbs()).hasSize(length - 1).doesNotContain(0);
                assertThat(found.sum()).isCloseTo(harness(text, overlap), within(1e-3));
                if (length <= CONTEXT)
                    assertThat(found.logProbs()).containsExactly(lm.score(text));
            }
        assertThat(lm.rolling(text(random, CONTEXT + 5), CONTEXT).logProbs()).hasSize(CONTEXT + 4);
    }

    @Test
    void badTextsAreSaid() {
        assertThatThrownBy(() -> lm.rolling(new int[] {1, 2}, 0)).hasMessageContainingAll("1 to 256", "was 0");
        assertThatThrownBy(() -> lm.rolling(new int[] {1, 2}, 257)).hasMessageContaining("was 257");
        assertThatThrownBy(() -> lm.rolling(new int[] {1, 300}, 1)).hasMessageContaining("300");
        assertThatThrownBy(() -> lm.rolling(new int[] {1}, 1).perplexity()).hasMessageContaining("no token");
        assertThatThrownBy(() -> new Continuation(new int[0], new int[] {1})).hasMessageContaining("context");
    }
}
