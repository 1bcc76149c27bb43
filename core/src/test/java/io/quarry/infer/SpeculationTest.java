package io.quarry.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarry.kernel.Kernels;
import io.quarry.kernel.KvType;
import io.quarry.model.ModelSpec;
import io.quarry.model.PicoGranite;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Guesses change when a text is there, never what it says. */
class SpeculationTest {
    private static final ModelSpec SPEC = PicoGranite.spec(300);

    private static Lm open(int threads, int slots, long cacheBytes, KvType type) {
        return Lm.of(SPEC, PicoGranite.weights(SPEC, 1),
                new Engine(Kernels.best(), threads, slots, cacheBytes, type));
    }

    /** Texts that repeat themselves, by their prompt or because the model falls into a circle, and some that do not. */
    private static List<Request> mixed(int count) {
        Random random = new Random(7);
        List<Request> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int[] part = random.ints(1 + random.nextInt(25), 2, SPEC.vocabulary()).toArray();
            int[] prompt = new int[1 + random.nextInt(90)];
            for (int k = 0; k < prompt.length; k++)
                prompt[k] = i % 3 == 0 ? 2 + random.nextInt(298) : part[k % part.length];
            Sampling sampling = switch (i % 4) {
                case 0, 1 -> Sampling.GREEDY;
                case 2 -> Sampling.at(0.3, i).withTopP(0.9);
                default -> Sampling.at(0.2, i).withPenalties(new Penalties(1.05, 20, 0.05, 0.02));
            };
            Request request = new Request(prompt, 20 + random.nextInt(140), sampling,
                    i % 5 == 0 ? Set.of(5, 6) : Set.of())
                    .withAlternatives(i % 2);
            all.add(i % 6 == 1 ? request.withPrefix(part[0], 9, part[0]) : request);
        }
        return all;
    }

    private static void assertSame(List<Completion> found, List<Completion> expected) {
        for (int i = 0; i < expected.size(); i++) {
            assertThat(found.get(i).tokens()).as("text %d", i).containsExactly(expected.get(i).tokens());
            assertThat(found.get(i).logProbs()).as("text %d", i).containsExactly(expected.get(i).logProbs());
            assertThat(found.get(i).alternatives()).isEqualTo(expected.get(i).alternatives());
            assertThat(found.get(i).finish()).isEqualTo(expected.get(i).finish());
        }
    }

    private static List<Completion> without(List<Request> requests) {
        try (Lm lm = open(2, 4, 1 << 26, KvType.F16)) {
            List<Completion> out = lm.generate(requests.stream().map(r -> r.withSpeculation(false)).toList());
            assertThat(lm.speculated()).isEqualTo(new Speculated(0, 0));
            return out;
        }
    }

    @Test
    void lookUpGivesTheSameTexts() {
        List<Request> requests = mixed(48);
        List<Completion> expected = without(requests);
        try (Lm lm = open(2, 4, 1 << 26, KvType.F16)) {
            List<Completion> alone = new ArrayList<>();
            for (Request request : requests)
                alone.add(lm.generate(request));
            assertSame(alone, expected);
            Speculated first = lm.speculated();
            assertThat(first.right()).isGreaterThan(500);
            assertThat(first.guessed()).isGreaterThan(first.right());
            assertSame(lm.generate(requests), expected);
            assertThat(lm.speculated().right()).isGreaterThan(first.right() + 100);
        }
    }

    @Test
    void aDraftModelGivesTheSameTexts() {
        List<Request> requests = mixed(48);
        List<Completion> expected = without(requests);
        for (long seed : new long[] {1, 2}) // one that always guesses right, and one that never does
            try (Lm draft = Lm.of(SPEC, PicoGranite.weights(SPEC, seed), Engine.of(1));
                    Lm lm = open(2, 4, 1 << 26, KvType.F16)) {
                lm.useDraft(draft);
                assertSame(lm.generate(requests), expected);
                for (int i = 0; i < 12; i++)
                    assertSame(List.of(lm.generate(requests.get(i))), List.of(expected.get(i)));
                // Who uses the draft model itself meets nothing of what it only guessed.
                assertSame(draft.generate(requests.subList(0, 8)), fresh(seed, requests.subList(0, 8)));
                draft.load(PicoGranite.weights(SPEC, 3)); // all memory has been given back, or this waits for ever
            }
    }

    private static List<Completion> fresh(long seed, List<Request> requests) {
        try (Lm lm = Lm.of(SPEC, PicoGranite.weights(SPEC, seed), Engine.of(1))) {
            return lm.generate(requests);
        }
    }

    @Test
    void aDraftModelThatIsTheModelIsRightOnGreedyTexts() {
        try (Lm draft = open(1, 4, 1 << 26, KvType.F16); Lm lm = open(2, 4, 1 << 26, KvType.F16)) {
            lm.useDraft(draft);
            for (int i = 0; i < 10; i++)
                lm.generate(new Request(new Random(i).ints(9, 2, 300).toArray(), 100, Sampling.GREEDY, Set.of()));
            assertThat(lm.speculated().right()).isGreaterThan(lm.speculated().guessed() * 9 / 10).isGreaterThan(300);
        }
    }

    /** With room for a text and a half, sequences are interrupted amid their guesses. */
    @ParameterizedTest
    @EnumSource(KvType.class)
    void littleMemoryGivesTheSameTexts(KvType type) {
        List<Request> requests = mixed(24);
        List<Completion> expected;
        try (Lm lm = open(1, 1, 1 << 26, type)) {
            expected = lm.generate(requests.stream().map(r -> r.withSpeculation(false)).toList());
        }
        long page = pageBytes(type);
        for (int pages : new int[] {4, 5, 7})
            try (Lm lm = open(2, 6, pages * page, type)) {
                assertSame(lm.generate(requests), expected);
                assertSame(lm.generate(requests), expected);
            }
    }

    private static long pageBytes(KvType type) {
        try (Lm lm = open(1, 1, 1 << 26, type)) {
            return lm.generator().pool().pageBytes();
        }
    }

    @Test
    void draftModelsThatDoNotFitAreSaid() {
        ModelSpec other = PicoGranite.spec(200);
        try (Lm lm = open(1, 1, 1 << 24, KvType.F16);
                Lm second = open(1, 1, 1 << 24, KvType.F16);
                Lm words = Lm.of(other, PicoGranite.weights(other, 1), Engine.of(1))) {
            assertThatThrownBy(() -> lm.useDraft(words)).hasMessageContainingAll("300", "200");
            assertThatThrownBy(() -> lm.useDraft(lm)).hasMessageContaining("another");
            lm.useDraft(second);
            assertThatThrownBy(() -> second.useDraft(lm)).hasMessageContaining("no draft model");
        }
    }
}
