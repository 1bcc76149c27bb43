package io.quarry.judge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarry.recipe.Recipe;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VerdictTest {
    static Recipe.JudgePlan plan(String endpoint) {
        return new Recipe.JudgePlan(endpoint == null ? "programmatic" : "endpoint", endpoint, "judge-model",
                Map.of("correctness", 0.5, "completeness", 0.5),
                4, 3);
    }

    private static Map<Dimension, Double> scores(double correctness, double completeness) {
        Map<Dimension, Double> scores = new EnumMap<>(Dimension.class);
        for (Dimension dimension : Dimension.values())
            scores.put(dimension, 1.0);
        scores.put(Dimension.CORRECTNESS, correctness);
        scores.put(Dimension.COMPLETENESS, completeness);
        return scores;
    }

    @ParameterizedTest
    @CsvSource({"5, 5, ACCEPT", "5, 3, ACCEPT", "5, 2.9, BORDERLINE", "3, 3, BORDERLINE", "3, 2.9, REJECT",
        "1, 1, REJECT"})
    void decidesByTheThresholds(double correctness, double completeness, Verdict.Decision decision) {
        Verdict verdict = Verdict.of(plan(null), scores(correctness, completeness), Set.of(), "");
        assertThat(verdict.decision()).isEqualTo(decision);
        assertThat(verdict.score()).isEqualTo((correctness + completeness) / 2);
    }

    @ParameterizedTest
    @CsvSource({"HALLUCINATION, hallucination", "FALSE_PREMISE, false-premise",
        "INCORRECT_COMPUTATION, incorrect-computation"})
    void rejectsHardFaultsWhateverTheScore(HardReject fault, String cause) {
        Verdict verdict = Verdict.of(plan(null), scores(5, 5), Set.of(fault), "");
        assertThat(verdict.decision()).isEqualTo(Verdict.Decision.REJECT);
        assertThat(verdict.cause()).isEqualTo(cause);
    }

    @Test
    void refusesScoresOutOfRangeAndUnknownDimensions() {
        assertThatThrownBy(() -> Verdict.of(plan(null), scores(5, 6), Set.of(), ""))
                .hasMessage("the score of completeness must be in [1, 5], was 6.0");
        assertThatThrownBy(() -> Verdict.of(plan(null), Map.of(), Set.of(), "")).hasMessageContaining("was null");
        Recipe.JudgePlan unknown = new Recipe.JudgePlan("programmatic", null, null, Map.of("beauty", 1.0), 4, 3);
        assertThatThrownBy(() -> new ProgrammaticJudge(unknown, c -> "")).hasMessageContaining("beauty")
                .hasMessageContaining("conciseness");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"''|47 + 35 = 82. 82 - 12 = 70",
        "wrong calculation: 47 + 35 = 83|47 + 35 = 83",
        "wrong calculation: 9 / 2 = 4|8 / 2 = 4. 9 / 2 = 4", "wrong calculation: 6 * 7 = 41|6 * 7 = 41",
        "wrong calculation: 5 / 0 = 0|5 / 0 = 0", "''|no numbers"})
    void doesCalculationsAgain(String fault, String text) {
        assertThat(ProgrammaticJudge.wrongCalculation(text)).isEqualTo(fault);
    }
}
