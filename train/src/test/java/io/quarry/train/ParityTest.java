package io.quarry.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.quarry.infer.Engine;
import io.quarry.infer.Lm;
import io.quarry.kernel.KvType;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** The model exists twice on purpose; here the two agree. */
class ParityTest {
    @Test
    void engineAndGraphGiveTheSameLogits() {
        Weights weights = TransformerTest.weights();
        Rows rows = TransformerTest.rows();
        try (Transformer graph = new Transformer(weights, false);
                Lm lm = Lm.of(Tiny.SPEC, weights::values, Engine.of(2).with(KvType.F32))) {
            float[] wanted = graph.logits(rows);
            for (int r = 0; r < rows.rows(); r++) {
                int[] tokens = Arrays.copyOfRange(rows.inputs(), r * rows.length(), (r + 1) * rows.length());
                int size = rows.length() * Tiny.SPEC.vocabulary();
                assertThat(lm.logits(tokens)).containsExactly(Arrays.copyOfRange(wanted, r * size, (r + 1) * size),
                        within(1e-4f));
            }
        }
    }
}
