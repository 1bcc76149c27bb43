package io.quarry.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class TransformerTest {
    /** The weights and rows of tools/golden/granite_grads.py. */
    static Weights weights() {
        Weights weights = Weights.zeros(Tiny.SPEC);
        for (int p = 0; p < weights.params().size(); p++)
            Golden.numbers(p, weights.values(p), 0.2, weights.params().get(p).decays() ? 0 : 1);
        return weights;
    }

    static Rows rows() {
        int length = 24;
        int[] inputs = new int[2 * length];
        int[] targets = new int[2 * length];
        for (int r = 0; r < 2; r++)
            for (int i = 0; i < length; i++) {
                inputs[r * length + i] = (7 * r + 13 * i + i * i) % 80;
                targets[r * length + i] = (7 * r + 13 * (i + 1) + (i + 1) * (i + 1)) % 80;
            }
        return new Rows(2, length, inputs, targets, new int[2 * length], "golden");
    }

    /** Loss, logits and every gradient against {@code GraniteForCausalLM}. */
    static void matchesReference(Graph graph) throws Exception {
        JsonNode golden = Golden.read("granite_grads.json");
        Weights gradients = Weights.zeros(Tiny.SPEC);
        Rows rows = rows();
        float[] logProbs = graph.backward(rows, TokenLoss.crossEntropy(rows.learned()), gradients);
        assertThat(-Trainer.sum(logProbs) / rows.learned()).isCloseTo(golden.get("loss").asDouble(), within(1e-5));
        assertThat(graph.logProbs(rows)).containsExactly(logProbs, within(1e-5f));
        for (var param : gradients.params()) {
            float[] found = gradients.values(param.name());
            JsonNode wanted = golden.get("grads").get(param.name());
            double norm = 0;
            for (float g : found)
                norm += (double) g * g;
            assertThat(Math.sqrt(norm)).as(param.name()).isCloseTo(wanted.get("norm").asDouble(), within(1e-5));
            assertThat(Arrays.copyOf(found, 6)).as(param.name())
                    .containsExactly(Golden.floats(wanted.get("first")), within(1e-5f));
            assertThat(Arrays.copyOfRange(found, found.length - 6, found.length)).as(param.name())
                    .containsExactly(Golden.floats(wanted.get("last")), within(1e-5f));
        }
    }

    @Test
    void matchesTheReferenceInLossAndGradients() throws Exception {
        try (Transformer model = new Transformer(weights(), false)) {
            matchesReference(model);
            float[] logits = model.logits(rows());
            int last = logits.length - Tiny.SPEC.vocabulary();
            assertThat(Arrays.copyOfRange(logits, last, last + 12))
                    .containsExactly(Golden.floats(Golden.read("granite_grads.json").get("logits")), within(1e-5f));
        }
    }

    @Test
    void whatIsNotLearnedHasNoGradient() {
        Rows rows = rows();
        int[] none = new int[rows.targets().length];
        Arrays.fill(none, Rows.NOT_LEARNED);
        Weights gradients = Weights.zeros(Tiny.SPEC);
        try (Transformer model = new Transformer(weights(), false)) {
            float[] logProbs = model.backward(new Rows(2, 24, rows.inputs(), none, rows.first(), ""),
                    TokenLoss.crossEntropy(1), gradients);
            assertThat(logProbs).containsOnly(0);
            assertThat(gradients.norm()).isZero();
        }
    }

    @Test
    void documentsInOneRowDoNotSeeEachOther() {
        Rows rows = Tiny.rows(2, 24, 3);
        Rows alone = Tiny.rows(2, 24, 3);
        for (int r = 0; r < 2; r++)
            for (int i = 0; i < 8; i++)
                alone.inputs()[r * 24 + i] = 5;
        try (Transformer model = new Transformer(weights(), false)) {
            float[] a = model.logProbs(rows);
            float[] b = model.logProbs(alone);
            for (int r = 0; r < 2; r++) {
                assertThat(Arrays.copyOfRange(a, r * 24 + 8, r * 24 + 24)).as("the second document")
                        .containsExactly(Arrays.copyOfRange(b, r * 24 + 8, r * 24 + 24), within(1e-6f));
                assertThat(Arrays.copyOfRange(a, r * 24, r * 24 + 8)).as("the first")
                        .isNotEqualTo(Arrays.copyOfRange(b, r * 24, r * 24 + 8));
            }
        }
    }
}
