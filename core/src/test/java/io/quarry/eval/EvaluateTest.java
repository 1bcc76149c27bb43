package io.quarry.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.quarry.text.TokenFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EvaluateTest {
    /** By its definition: the shares p from which what was seen is 1.96 standard deviations of p away. */
    @ParameterizedTest
    @CsvSource({"0, 10", "10, 10", "41, 100", "1, 200", "7, 9", "500, 1000"})
    void wilson(long correct, long total) {
        Interval interval = Interval.wilson(correct, total);
        double seen = (double) correct / total;
        for (double p : new double[] {interval.low(), interval.high()})
            if (p > 0 && p < 1)
                assertThat(Math.abs(seen - p)).isCloseTo(1.959964 * Math.sqrt(p * (1 - p) / total), within(1e-6));
        assertThat(interval.low()).isLessThanOrEqualTo(seen);
        assertThat(interval.high()).isGreaterThanOrEqualTo(seen);
        assertThat(interval.high() - interval.low()).isGreaterThan(0.01);
    }

    @Test
    void nothingAskedIsNothingKnown() {
        assertThat(Interval.wilson(0, 0)).isEqualTo(new Interval(0, 1));
        assertThatThrownBy(() -> new Score(3, 2)).hasMessageContaining("3 of 2");
    }

    @Test
    void countsWhatTheGraderTakes() {
        Task task = Tasks.of("word-problems");
        Respondent everyThirdRight = prompts -> IntStream.range(0, prompts.size()).mapToObj(i -> i % 3 == 0
                ? "Answer: " + task.sample(Split.HELD_OUT, 2, i).truth().get("answer")
                : "Answer: -1").toList();
        Scored scored = new Evaluate(everyThirdRight).run(task, Split.HELD_OUT, 2, 30);
        assertThat(scored.score()).isEqualTo(new Score(10, 30));
        assertThat(scored.score()).hasToString("33.3 % [19.2, 51.2] of 30");
        assertThat(scored.answers()).hasSize(30);
        assertThat(scored.answers().getFirst().correct()).isTrue();
        assertThat(scored.answers().get(1).reason()).startsWith("expected ");
        assertThat(scored.answers().get(1).prompt()).startsWith("user: ");
        assertThat(scored.examples(2)).hasSize(2).first().asString().contains("correct=true");
    }

    @Test
    void noticesAnAnswerThatIsMissing() {
        assertThatThrownBy(() -> new Evaluate(prompts -> List.of()).run(Tasks.of("lists"), Split.TRAIN, 1, 3))
                .hasMessageContaining("asked 3").hasMessageContaining("got 0");
    }

    @Test
    void heldOutLossWeighsTokensAndCutsWindows(@TempDir Path dir) throws IOException {
        Path path = dir.resolve("tokens.bin");
        try (TokenFile.Writer writer = new TokenFile.Writer(path, false)) {
            writer.add(new int[] {1, 2, 3, 4, 5, 6, 7});
            writer.add(new int[] {9});
            writer.add(new int[] {1, 2, 3});
            writer.add(new int[] {8, 8, 8, 8});
        }
        List<Integer> lengths = new ArrayList<>();
        HeldOutLoss.Scores scores = texts -> texts.stream().map(text -> {
            lengths.add(text.length);
            float[] out = new float[text.length - 1];
            for (int i = 0; i < out.length; i++)
                out[i] = -text[i + 1];
            return out;
        }).toList();
        try (TokenFile file = TokenFile.open(path)) {
            HeldOutLoss loss = HeldOutLoss.of(file, 6, 4, scores);
            assertThat(lengths).containsExactly(4, 3, 3);
            assertThat(loss.tokens()).isEqualTo(7);
            assertThat(loss.documents()).isEqualTo(2);
            assertThat(loss.nats()).isCloseTo((2 + 3 + 4 + 6 + 7 + 2 + 3) / 7.0, within(1e-9));
            assertThat(loss.interval().low()).isLessThan(loss.nats());
            assertThatThrownBy(() -> HeldOutLoss.of(file, 6, 1, scores)).hasMessageContaining("window");
        }
    }

    @Test
    void intervalOfARatioCoversTheTruth() {
        java.util.Random random = new java.util.Random(5);
        int covered = 0;
        for (int run = 0; run < 400; run++) {
            double[] sums = new double[60];
            long[] counts = new long[60];
            for (int d = 0; d < sums.length; d++) {
                counts[d] = 5 + random.nextInt(100);
                double level = 3 + 0.4 * random.nextGaussian();
                sums[d] = counts[d] * level;
            }
            Interval interval = Interval.ratio(sums, counts);
            covered += interval.low() <= 3 && 3 <= interval.high() ? 1 : 0;
        }
        assertThat(covered / 400.0).isBetween(0.91, 0.98);
    }
}
