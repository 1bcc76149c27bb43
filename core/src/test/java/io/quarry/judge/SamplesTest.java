package io.quarry.judge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SamplesTest {
    private static final RuleFilters FILTERS = new RuleFilters(Set.of(), 100);

    private static Verdict verdict(double score) {
        Map<Dimension, Double> scores = new EnumMap<>(Dimension.class);
        for (Dimension dimension : Dimension.values())
            scores.put(dimension, score);
        return Verdict.of(VerdictTest.plan(null), scores, Set.of(), "scored " + score);
    }

    private static List<Samples.Offered> offered(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> new Samples.Offered(RuleFiltersTest.candidate("Number " + i + "."), null)).toList();
    }

    /** The first verdict waits for the second, so both must be asked for at once. */
    @Test
    void judgesAtOnceAndKeepsTheOrder() throws Exception {
        CountDownLatch second = new CountDownLatch(1);
        Judge judge = candidate -> {
            if (candidate.response().content().equals("Number 0."))
                second.await();
            else
                second.countDown();
            return verdict(5);
        };
        Samples.Outcome outcome = new Samples(FILTERS, judge, 4, 1).sift(offered(30));
        assertThat(outcome.accepted()).isEqualTo(offered(30).stream().map(Samples.Offered::candidate).toList());
        assertThat(outcome.examples()).hasSize(1);
    }

    @Test
    void aJudgeThatFailsStopsTheSifting() {
        Judge judge = candidate -> {
            if (candidate.response().content().equals("Number 7."))
                throw new IOException("the judge is gone");
            return verdict(5);
        };
        for (int parallel : new int[] {1, 4})
            assertThatThrownBy(() -> new Samples(FILTERS, judge, parallel, 1).sift(offered(30)))
                    .isInstanceOf(IOException.class).hasMessage("the judge is gone");
    }

    @Test
    void countsByDecisionAndReasonAndDropsDuplicatesUnjudged() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        Judge judge = candidate -> verdict(List.of(5.0, 3.5, 2.0).get(asked.getAndIncrement() % 3));
        List<Samples.Offered> all = new java.util.ArrayList<>(offered(9));
        all.addAll(offered(2));
        all.add(new Samples.Offered(RuleFiltersTest.candidate(""), BadSamples.Kind.TRUNCATED));
        Samples.Outcome outcome = new Samples(FILTERS, judge, 1, 9).sift(all);
        assertThat(asked).hasValue(9);
        assertThat(outcome.verdicts()).isEqualTo(Map.of("accept", 3L, "borderline", 3L, "reject", 6L));
        assertThat(outcome.reasons()).containsEntry("duplicate", 2L).containsEntry("empty", 1L)
                .containsEntry("low correctness", 6L);
        assertThat(outcome.bad()).isEqualTo(Map.of("truncated", new Samples.Caught(1, 1)));
        Map<String, Object> facts = outcome.facts(c -> c.response().content());
        assertThat(facts).containsEntry("candidates", 12L).containsEntry("accepted", 3L);
        assertThat(facts.get("bad")).isEqualTo(Map.of("truncated", Map.of("made", 1L, "caught", 1L)));
    }
}
