package io.quarry.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.quarry.model.Params;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class AdamWTest {
    @Test
    void twentyStepsEqualTheReference() throws Exception {
        JsonNode golden = Golden.read("granite_grads.json").get("adamw");
        String matrix = Params.layer(0, "self_attn.k_proj");
        String vector = Params.layer(0, "input_layernorm");
        Weights weights = Weights.zeros(Tiny.SPEC);
        Golden.numbers(1, weights.values(matrix), 1, 0);
        Golden.numbers(2, weights.values(vector), 1, 0);
        AdamW adamw = AdamW.fresh(Tiny.ADAMW, weights);
        for (int step = 0; step < 20; step++) {
            Weights gradients = Weights.zeros(Tiny.SPEC);
            Golden.numbers(10 + step, gradients.values(matrix), 0.5, 0);
            Golden.numbers(40 + step, gradients.values(vector), 0.5, 0);
            double norm = gradients.norm();
            assertThat(norm).isCloseTo(golden.get("norms").get(step).asDouble(), within(1e-5));
            adamw.step(gradients, norm, 0.01 / (1 + 0.1 * step));
        }
        assertThat(Arrays.copyOf(weights.values(matrix), 12)).containsExactly(Golden.floats(golden.get("matrix")),
                within(1e-6f));
        assertThat(weights.values(vector)).containsExactly(Golden.floats(golden.get("vector")), within(1e-6f));
    }
}
