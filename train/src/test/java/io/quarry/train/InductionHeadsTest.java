package io.quarry.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarry.model.ModelSpec;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** After a few steps a model with the heads says random words again; one without them is at chance for long. */
class InductionHeadsTest {
    private static final int VOCABULARY = 100;
    private static final int SHORTEST = 4;
    private static final int LENGTH = 48;
    private static final int STEPS = 40;

    @Test
    void learnsToCopyAtOnce() throws Exception {
        ModelSpec spec = spec(3, 6, 3);
        Weights plain = Weights.initial(spec, 0.1, 4);
        assertThat(copying(plain)).isGreaterThan(4);
        assertThat(copying(InductionHeads.in(Weights.initial(spec, 0.1, 4), 0.1, 4))).isLessThan(2);
    }

    @Test
    void smallShapesHaveRoomToo() throws Exception {
        assertThat(copying(InductionHeads.in(Weights.initial(spec(2, 2, 1), 0.1, 4), 0.1, 4))).isLessThan(3);
        assertThat(copying(InductionHeads.in(Weights.initial(spec(2, 2, 2), 0.1, 4), 0.1, 4))).isLessThan(3);
    }

    @Test
    void leavesAModelWithoutRoomAsItIs() {
        ModelSpec spec = spec(1, 2, 1);
        same(InductionHeads.in(Weights.initial(spec, 0.1, 4), 0.1, 4), Weights.initial(spec, 0.1, 4));
    }

    @Test
    void isAPureFunctionOfTheSeed() {
        ModelSpec spec = spec(3, 6, 3);
        same(InductionHeads.in(Weights.initial(spec, 0.1, 4), 0.1, 4),
                InductionHeads.in(Weights.initial(spec, 0.1, 4), 0.1, 4));
    }

    private static void same(Weights one, Weights other) {
        for (int p = 0; p < one.params().size(); p++)
            assertThat(one.values(p)).containsExactly(other.values(p));
    }

    private static ModelSpec spec(int layers, int heads, int kvHeads) {
        return new ModelSpec(VOCABULARY, 96, layers, heads, kvHeads, 32, 128, 64, 10_000, 1e-5, 12, 1.0 / 32, 0.22,
                0.375, true, 0, 0, 1);
    }

    /** Nats a token on the repeated part of new rows, after training on rows of random periods; chance is 4.6. */
    private static double copying(Weights weights) throws Exception {
        Random random = new Random(7);
        AdamW optimizer = AdamW.fresh(Tiny.ADAMW, weights);
        try (Graph graph = FusedTransformer.float32(weights)) {
            for (int step = 0; step < STEPS; step++) {
                Rows rows = periods(8, random);
                Weights gradients = Weights.zeros(weights.spec());
                graph.backward(rows, TokenLoss.crossEntropy(rows.learned()), gradients);
                optimizer.step(gradients, gradients.norm(), 3e-3 * Math.min(1, (step + 1) / 10.0));
                graph.refresh();
            }
            Rows rows = periods(8, random);
            double nats = 0;
            for (float logProb : graph.logProbs(rows))
                nats -= logProb;
            System.err.println("NATS " + nats / rows.learned());
            return nats / rows.learned();
        }
    }

    /** Each row says a sequence of random words over and over; learned is what was said before. */
    private static Rows periods(int count, Random random) {
        int[] inputs = new int[count * LENGTH];
        int[] targets = new int[inputs.length];
        for (int row = 0; row < count; row++) {
            int period = random.nextInt(SHORTEST, LENGTH / 2);
            int[] words = random.ints(period, 2, VOCABULARY).toArray();
            for (int t = 0; t < LENGTH; t++) {
                inputs[row * LENGTH + t] = words[t % period];
                targets[row * LENGTH + t] = t < period ? Rows.NOT_LEARNED : words[(t + 1) % period];
            }
        }
        return new Rows(count, LENGTH, inputs, targets, new int[inputs.length], "periods");
    }
}
