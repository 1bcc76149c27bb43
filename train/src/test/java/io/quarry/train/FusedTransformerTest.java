package io.quarry.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.quarry.kernel.DType;
import io.quarry.kernel.StepKernels;
import io.quarry.model.ModelSpec;
import org.junit.jupiter.api.Test;

class FusedTransformerTest {
    @Test
    void matchesTheReferenceInLossAndGradients() throws Exception {
        try (FusedTransformer model = FusedTransformer.float32(TransformerTest.weights())) {
            TransformerTest.matchesReference(model);
        }
    }

    /** Several blocks of queries, grouped heads, two documents a row, tokens that are not learned, an untied head. */
    @Test
    void matchesTheDefinitionOnLongRowsWithSegmentsAndMasks() {
        ModelSpec spec = new ModelSpec(83, 24, 2, 6, 2, 6, 20, 450, 10_000, 1e-5, 3, 0.3, 0.4, 1.5, false, 0, 0, 1);
        Weights weights = Weights.initial(spec, 0.3, 5);
        Rows rows = Tiny.rows(2, 450, 4); // the third block of queries begins with the second document
        TokenLoss loss = (position, logProb) -> Math.sin(position) * Math.exp(logProb / 4);
        Weights wanted = Weights.zeros(spec);
        Weights found = Weights.zeros(spec);
        try (Graph definition = new Transformer(weights, false);
                Graph fused = FusedTransformer.float32(weights)) {
            float[] logProbs = definition.backward(rows, loss, wanted);
            assertThat(fused.backward(rows, loss, found)).containsExactly(logProbs, within(2e-4f));
        }
        for (var param : wanted.params())
            assertThat(distance(wanted, found, param.name())).as(param.name()).isLessThan(1e-4);
    }

    /** In bf16 single numbers are rounded to 8 bits; the direction of every gradient must still be the same. */
    @Test
    void bfloat16MatchesTheDefinitionWithinItsRounding() {
        Weights weights = Weights.initial(Tiny.SPEC, 0.1, 6);
        Rows rows = Tiny.rows(6, 64, 5);
        for (StepKernels kernels : new StepKernels[] {StepKernels.best(), StepKernels.scalar(DType.BF16)}) {
            Weights wanted = Weights.zeros(Tiny.SPEC);
            Weights found = Weights.zeros(Tiny.SPEC);
            TokenLoss loss = TokenLoss.crossEntropy(rows.learned());
            try (Graph definition = new Transformer(weights, false);
                    Graph fused = FusedTransformer.of(weights, kernels)) {
                float[] logProbs = definition.backward(rows, loss, wanted);
                assertThat(fused.backward(rows, loss, found)).containsExactly(logProbs, within(0.1f));
            }
            for (var param : wanted.params())
                assertThat(distance(wanted, found, param.name())).as(kernels + " " + param.name()).isLessThan(0.03);
        }
    }

    @Test
    void lanesGiveTheGradientOfOne() {
        Weights weights = Weights.initial(Tiny.SPEC, 0.1, 6);
        Rows rows = Tiny.rows(7, 32, 5);
        TokenLoss loss = TokenLoss.crossEntropy(rows.learned());
        Weights one = Weights.zeros(Tiny.SPEC);
        Weights three = Weights.zeros(Tiny.SPEC);
        try (Graph alone = FusedTransformer.float32(weights);
                Graph lanes = new Lanes(weights, 3, 64, lane -> FusedTransformer.float32(weights))) {
            float[] logProbs = alone.backward(rows, loss, one);
            assertThat(lanes.backward(rows, loss, three)).containsExactly(logProbs, within(1e-6f));
        }
        for (var param : one.params())
            assertThat(distance(one, three, param.name())).as(param.name()).isLessThan(1e-5);
    }

    /** Length of the difference over the length of what is wanted. */
    private static double distance(Weights wanted, Weights found, String name) {
        double difference = 0;
        double length = 0;
        for (int i = 0; i < wanted.values(name).length; i++) {
            double w = wanted.values(name)[i];
            difference += Math.pow(found.values(name)[i] - w, 2);
            length += w * w;
        }
        assertThat(length).as("gradient of " + name).isPositive();
        return Math.sqrt(difference / length);
    }
}
