package io.quarry.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.quarry.kernel.Kernels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

/** The engine against GraniteForCausalLM: golden values of {@code tools/golden/granite_logits.py}. */
class GraniteParityTest {
    private record Golden(int[] tokens, int[] prompt, int[] greedy, List<Integer> rows, float[][] logits,
            double logLikelihood) {}

    @ParameterizedTest
    @CsvSource({"tied,vector", "tied,scalar", "untied,vector", "untied,scalar"})
    void reproducesTheReference(String model, String kernels) throws Exception {
        Path dir = Path.of(getClass().getResource("/golden/granite/" + model).toURI());
        Golden golden = JsonMapper.shared().readValue(Files.readString(dir.resolve("golden.json")), Golden.class);
        Kernels chosen = kernels.equals("scalar") ? Kernels.scalar() : Kernels.best();
        try (Lm lm = Lm.open(dir, new Engine(chosen, 2, 4, 1 << 26))) {
            int vocabulary = lm.spec().vocabulary();
            float[] logits = lm.logits(golden.tokens);
            for (int r = 0; r < golden.rows.size(); r++)
                for (int v = 0; v < vocabulary; v++)
                    assertThat(logits[golden.rows.get(r) * vocabulary + v])
                            .as("logit %d after token %d", v, golden.rows.get(r))
                            .isCloseTo(golden.logits[r][v], within(1e-5f));
            double sum = 0;
            for (float logProb : lm.score(golden.tokens))
                sum += logProb;
            assertThat(sum).isCloseTo(golden.logLikelihood, within(1e-3));
            Completion said = lm
                    .generate(new Request(golden.prompt, golden.greedy.length, Sampling.GREEDY, Set.of()));
            assertThat(said.tokens()).containsExactly(golden.greedy);
        }
    }
}
