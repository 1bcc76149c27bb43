package io.quarry.eval;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarry.judge.BadSamples;
import io.quarry.judge.Candidate;
import io.quarry.judge.Judge;
import io.quarry.judge.RuleFilters;
import io.quarry.judge.Samples;
import io.quarry.judge.Verdict;
import io.quarry.recipe.Recipe;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The judge that knows the truth, on what the tasks make. */
class CandidatesTest {
    static final Recipe.JudgePlan PLAN = new Recipe.JudgePlan("programmatic", null, null,
            Map.of("instruction-following", 0.25, "correctness", 0.30, "completeness", 0.15, "conciseness", 0.10,
                    "naturalness", 0.10, "calibration", 0.10),
            4.0, 3.0);
    private static final Judge JUDGE = Candidates.programmatic(PLAN);
    private static final RuleFilters FILTERS = new RuleFilters(Set.of(), 4000);

    static List<String> names() {
        return Tasks.names();
    }

    @ParameterizedTest
    @MethodSource("names")
    void acceptsEveryRightSolution(String name) throws Exception {
        Task task = Tasks.of(name);
        for (int i = 0; i < 1000; i++) {
            Candidate candidate = Candidates.of(task.sample(Split.TRAIN, 5, i));
            Candidate normal = RuleFilters.normalised(candidate);
            assertThat(normal).isEqualTo(candidate);
            assertThat(FILTERS.fault(normal)).as(() -> candidate.toString()).isEmpty();
            Verdict verdict = JUDGE.judge(candidate);
            assertThat(verdict.decision()).as(() -> verdict + " on " + candidate).isEqualTo(Verdict.Decision.ACCEPT);
            assertThat(verdict.rejects()).isEmpty();
        }
    }

    @Test
    void catchesEveryKindOfBadSample() throws Exception {
        Map<String, Long> items = new TreeMap<>();
        for (String name : names())
            items.put(name, 1500L);
        Samples.Outcome outcome = new Samples(FILTERS, JUDGE, 1, 2).sift(Candidates.draw(items, 0.5, 3));
        Map<BadSamples.Kind, Samples.Caught> bad = new EnumMap<>(BadSamples.Kind.class);
        for (BadSamples.Kind kind : BadSamples.Kind.values())
            bad.put(kind, outcome.bad().get(kind.key()));
        bad.forEach((kind, count) -> {
            assertThat(count.made()).as(kind.key()).isGreaterThan(100);
            assertThat((double) count.caught() / count.made()).as("%s: %s", kind.key(), count).isGreaterThan(0.98);
        });
        assertThat(outcome.reasons()).containsKeys("hallucination", "false-premise", "incorrect-computation");
        long good = Candidates.draw(items, 0.5, 3).stream().filter(o -> o.bad() == null).count();
        long dropped = outcome.candidates() - outcome.accepted().size();
        assertThat(outcome.accepted().size() + outcome.reasons().get("duplicate"))
                .as("good samples are lost only as duplicates").isGreaterThanOrEqualTo(good);
        assertThat(outcome.reasons().values().stream().mapToLong(Long::longValue).sum()).isEqualTo(dropped);
    }

    @Test
    void namesTheHardRejectOfEachKind() throws Exception {
        Map<String, Long> items = new TreeMap<>();
        for (String name : names())
            items.put(name, 600L);
        Map<BadSamples.Kind, int[]> counts = new EnumMap<>(BadSamples.Kind.class);
        for (Samples.Offered offered : Candidates.draw(items, 1, 8)) {
            String reject = switch (offered.bad()) {
                case WRONG_COMPUTATION -> "incorrect-computation";
                case HALLUCINATION -> "hallucination";
                case FALSE_PREMISE -> "false-premise";
                default -> null;
            };
            if (reject == null)
                continue;
            int[] count = counts.computeIfAbsent(offered.bad(), k -> new int[2]);
            count[0]++;
            if (JUDGE.judge(offered.candidate()).rejects().stream().anyMatch(r -> r.key().equals(reject)))
                count[1]++;
        }
        assertThat(counts).hasSize(3);
        counts.forEach((kind, count) -> assertThat(count[1]).as("%s of %d", kind, count[0])
                .isGreaterThanOrEqualTo(count[0] * 95 / 100));
    }

    @Test
    void neverSeesTheMarkOfABadSample() throws Exception {
        List<Samples.Offered> offered = Candidates.draw(Map.of("word-problems", 200L), 0.3, 1);
        List<Samples.Offered> unmarked = offered.stream().map(o -> new Samples.Offered(o.candidate(), null)).toList();
        Samples samples = new Samples(FILTERS, JUDGE, 1, 0);
        assertThat(samples.sift(unmarked).verdicts()).isEqualTo(samples.sift(offered).verdicts());
        assertThat(samples.sift(unmarked).accepted()).isEqualTo(samples.sift(offered).accepted());
    }

    @Test
    void drawsTheSameCandidatesAgain() {
        Map<String, Long> items = Map.of("tool-calls", 50L, "grounded", 50L);
        assertThat(Candidates.draw(items, 0.2, 9)).isEqualTo(Candidates.draw(items, 0.2, 9))
                .isNotEqualTo(Candidates.draw(items, 0.2, 10));
    }

    @Test
    void rejectsHeldOutQuestionsThatSlipIn() throws Exception {
        Set<Long> heldOut = Candidates.heldOut(Map.of("logic", 20), 4);
        Candidate leaked = Candidates.of(Tasks.of("logic").sample(Split.HELD_OUT, 4, 7));
        Samples.Outcome outcome = new Samples(new RuleFilters(heldOut, 4000), JUDGE, 1, 5)
                .sift(List.of(new Samples.Offered(leaked, null)));
        assertThat(outcome.accepted()).isEmpty();
        assertThat(outcome.reasons()).isEqualTo(Map.of("held-out question", 1L));
    }
}
