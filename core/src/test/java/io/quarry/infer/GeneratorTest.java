package io.quarry.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarry.kernel.Kernels;
import io.quarry.kernel.KvLayout;
import io.quarry.kernel.KvType;
import io.quarry.model.ModelSpec;
import io.quarry.model.PicoGranite;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Many texts at once in little memory: none is changed by the others, none waits for ever, each leaves at once. */
class GeneratorTest {
    private static final ModelSpec SPEC = PicoGranite.spec(300);
    private static final AttentionShape SHAPE = new AttentionShape(SPEC.heads(), SPEC.kvHeads(), SPEC.headDim(), 1, 0,
            0, null);

    /** A model with room for so many pages of 64 positions. */
    private static Lm open(int threads, int slots, int pages, KvType type) {
        try (KvPool pool = new KvPool(type, Collections.nCopies(SPEC.layers(), SHAPE), 1, null)) {
            return Lm.of(SPEC, PicoGranite.weights(SPEC, 1),
                    new Engine(Kernels.best(), threads, slots, pages * pool.pageBytes(), type));
        }
    }

    private static int[] text(Random random, int length) {
        return random.ints(length, 2, SPEC.vocabulary()).toArray();
    }

    /** Requests that share beginnings, whole pages of them and parts, and go on for long. */
    private static List<Request> mixed(int count, long seed) {
        Random random = new Random(seed);
        int[] shared = text(random, 150);
        List<Request> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int[] prompt = text(random, 1 + random.nextInt(170));
            System.arraycopy(shared, 0, prompt, 0, Math.min(prompt.length, random.nextInt(150)));
            Sampling sampling = i % 4 == 0 ? Sampling.GREEDY : Sampling.at(0.9, i);
            all.add(new Request(prompt, random.nextInt(80), sampling, Set.of(5, 6)));
        }
        return all;
    }

    static void assertSame(List<Completion> found, List<Completion> expected) {
        for (int i = 0; i < expected.size(); i++) {
            assertThat(found.get(i).tokens()).as("text %d", i).containsExactly(expected.get(i).tokens());
            assertThat(found.get(i).logProbs()).as("text %d", i).containsExactly(expected.get(i).logProbs());
            assertThat(found.get(i).finish()).isEqualTo(expected.get(i).finish());
        }
    }

    private static List<Completion> oneByOne(List<Request> requests, KvType type) {
        List<Completion> out = new ArrayList<>();
        for (Request request : requests) // a model for each, so that nothing is known beforehand
            try (Lm alone = open(1, 1, 4, type)) {
                out.add(alone.generate(request));
            }
        return out;
    }

    @ParameterizedTest
    @EnumSource(KvType.class)
    void memoryNeighboursAndThreadsDoNotChangeABit(KvType type) {
        List<Request> requests = mixed(24, 5);
        List<Completion> expected = oneByOne(requests, type);
        for (int pages : new int[] {4, 5, 9, 100})
            try (Lm lm = open(2, 12, pages, type)) {
                assertSame(lm.generate(requests), expected);
                assertSame(lm.generate(requests), expected); // whose beginnings are known now
            }
    }

    @Test
    void scoringAmongGeneratingIsTheSame() throws Exception {
        List<Request> requests = mixed(20, 8);
        List<Completion> expected = oneByOne(requests, KvType.F16);
        Random random = new Random(1);
        List<int[]> texts = new ArrayList<>();
        for (int i = 0; i < 12; i++)
            texts.add(text(random, 2 + random.nextInt(200)));
        List<float[]> scores;
        try (Lm alone = open(1, 1, 4, KvType.F16)) {
            scores = alone.score(texts);
        }
        try (Lm lm = open(2, 8, 6, KvType.F16); ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<List<Completion>> completions = threads.submit(() -> lm.generate(requests));
            List<Future<List<float[]>>> scored = new ArrayList<>();
            for (int i = 0; i < 4; i++)
                scored.add(threads.submit(() -> lm.score(texts)));
            for (Future<List<float[]>> one : scored)
                for (int i = 0; i < texts.size(); i++)
                    assertThat(one.get().get(i)).containsExactly(scores.get(i));
            assertSame(completions.get(), expected);
        }
    }

    /** With room for one text and a half, all end though each but the oldest is interrupted, and in their order. */
    @Test
    void theOldestGoesOn() {
        List<Integer> ended = Collections.synchronizedList(new ArrayList<>());
        try (Lm lm = open(1, 8, 6, KvType.F32)) {
            List<Sequence> sequences = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                int which = i;
                Sequence s = lm.sequence(new Request(text(new Random(i), 100), 120, Sampling.at(1, i), Set.of()),
                        false);
                s.result.thenRun(() -> ended.add(which));
                sequences.add(s);
            }
            lm.generator().submit(sequences);
            sequences.forEach(s -> s.result.join());
        }
        assertThat(ended).containsExactly(0, 1, 2, 3, 4, 5);
    }

    @Test
    void cancellingFreesAtOnce() {
        Request endless = new Request(new int[] {3, 4}, 200, Sampling.at(1, 2), Set.of());
        try (Lm lm = open(1, 2, 4, KvType.F16)) {
            int[] heard = new int[1];
            Completion cut = lm.generate(endless, token -> ++heard[0] < 5);
            assertThat(cut.finish()).isEqualTo(Completion.Finish.CANCELLED);
            assertThat(lm.generator().available()).isEqualTo(4);
            assertThat(lm.generate(endless).tokens()).hasSize(200);
            assertThat(lm.generator().available()).isEqualTo(4);
        }
    }

    /** The next request of a chat finds all of the last one but the token that was never put in. */
    @Test
    void whatWasSaidIsKnownToTheNextRequest() {
        int[] prompt = text(new Random(2), 100);
        try (Lm lm = open(1, 2, 8, KvType.Q8)) {
            int[] said = lm.generate(new Request(prompt, 40, Sampling.GREEDY, Set.of())).tokens();
            int[] next = Arrays.copyOf(prompt, 160);
            System.arraycopy(said, 0, next, 100, 40);
            System.arraycopy(text(new Random(3), 20), 0, next, 140, 20);
            assertThat(lm.generator().known(next)).isEqualTo(139);
            lm.load(PicoGranite.weights(SPEC, 2));
            assertThat(lm.generator().known(next)).as("with other weights").isZero();
        }
    }

    @Test
    void aTextThatCannotFitIsRefusedAndOneThatCouldGrowTooLongIsCut() {
        try (Lm lm = open(1, 2, 2, KvType.F16)) {
            assertThat(lm.contextLength()).isEqualTo(2 * KvLayout.SLOTS);
            assertThatThrownBy(() -> lm.generate(new Request(new int[129], 5, Sampling.GREEDY, Set.of())))
                    .hasMessageContainingAll("129 tokens", "key-value cache", "128", "Q8");
            assertThatThrownBy(() -> lm.score(new int[129])).hasMessageContaining("key-value cache");
            Completion cut = lm.generate(new Request(new int[100], 100, Sampling.GREEDY, Set.of()));
            assertThat(cut.tokens()).hasSize(28);
            assertThat(cut.finish()).isEqualTo(Completion.Finish.LENGTH);
        }
    }

    @Test
    void theTypesDifferButLittle() {
        int[] text = text(new Random(4), 200);
        float[] exact;
        try (Lm lm = open(1, 1, 4, KvType.F32)) {
            exact = lm.score(text);
        }
        for (KvType type : List.of(KvType.F16, KvType.Q8))
            try (Lm lm = open(1, 1, 4, type)) {
                float[] found = lm.score(text);
                double square = 0;
                for (int i = 0; i < found.length; i++)
                    square += Math.pow(found[i] - exact[i], 2) / found.length;
                assertThat(Math.sqrt(square)).as("%s", type).isBetween(1e-7, type == KvType.F16 ? 1e-3 : 2e-2);
            }
    }
}
