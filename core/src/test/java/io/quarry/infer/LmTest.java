package io.quarry.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarry.kernel.Kernels;
import io.quarry.kernel.KvType;
import io.quarry.model.ModelSpec;
import io.quarry.model.Params;
import io.quarry.model.PicoGranite;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class LmTest {
    private static final ModelSpec SPEC = PicoGranite.spec(300);
    private static Lm lm;

    private static Lm open(int threads, int slots, long cacheBytes) {
        return Lm.of(SPEC, PicoGranite.weights(SPEC, 1), new Engine(Kernels.best(), threads, slots, cacheBytes));
    }

    /** Bytes of a page of the cache. */
    private static long pageBytes(KvType type) {
        AttentionShape shape = new AttentionShape(SPEC.heads(), SPEC.kvHeads(), SPEC.headDim(), 1, 0, 0, null);
        try (KvPool pool = new KvPool(type, Collections.nCopies(SPEC.layers(), shape), 1, null)) {
            return pool.pageBytes();
        }
    }

    @BeforeAll
    static void make() {
        lm = open(3, 8, 1 << 26);
    }

    @AfterAll
    static void close() {
        lm.close();
    }

    private static int[] text(Random random, int length) {
        return random.ints(length, 2, SPEC.vocabulary()).toArray();
    }

    /** Requests of all kinds: short and long prompts, common beginnings, greedy and sampled, early stops. */
    private static List<Request> mixed(int count) {
        Random random = new Random(4);
        int[] shared = text(random, 40);
        List<Request> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int[] prompt = i % 3 == 0 ? shared : text(random, 1 + random.nextInt(180));
            Sampling sampling = i % 4 == 0 ? Sampling.GREEDY : Sampling.at(0.9, i).withTopK(i % 5 * 10).withTopP(0.95);
            all.add(new Request(prompt, random.nextInt(70), sampling, Set.of(5, 6, 7, 8, 9, 10)));
        }
        return all;
    }

    private static void assertSame(Completion found, Completion expected) {
        assertThat(found.tokens()).containsExactly(expected.tokens());
        assertThat(found.logProbs()).containsExactly(expected.logProbs());
        assertThat(found.finish()).isEqualTo(expected.finish());
    }

    @Test
    void aTextDoesNotDependOnItsNeighbours() {
        List<Request> requests = mixed(40);
        List<Completion> together = lm.generate(requests);
        assertThat(together).extracting(Completion::finish).contains(Completion.Finish.STOP,
                Completion.Finish.LENGTH);
        try (Lm single = open(1, 1, 1 << 26)) {
            for (int i = 0; i < requests.size(); i++)
                assertSame(together.get(i), single.generate(requests.get(i)));
        }
        List<Request> reversed = new ArrayList<>(requests);
        Collections.reverse(reversed);
        List<Completion> again = lm.generate(reversed);
        for (int i = 0; i < requests.size(); i++)
            assertSame(again.get(requests.size() - 1 - i), together.get(i));
    }

    @Test
    void manyThreadsShareOneModel() throws Exception {
        List<Request> requests = mixed(24);
        List<Completion> expected = lm.generate(requests);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<Completion>> calls = new ArrayList<>();
            for (Request request : requests)
                calls.add(() -> lm.generate(request, token -> true));
            List<Future<Completion>> found = threads.invokeAll(calls);
            for (int i = 0; i < found.size(); i++)
                assertSame(found.get(i).get(), expected.get(i));
        }
    }

    @Test
    void prefillEqualsDecodeBitForBit() {
        int[] prompt = text(new Random(3), 150);
        Completion said = lm.generate(new Request(prompt, 60, Sampling.at(1, 9), Set.of()));
        int[] whole = Arrays.copyOf(prompt, 210);
        System.arraycopy(said.tokens(), 0, whole, 150, 60);
        float[] scored = lm.score(whole);
        assertThat(Arrays.copyOfRange(scored, 149, 209)).containsExactly(said.logProbs());
    }

    @Test
    void scoringManyTextsEqualsScoringEach() {
        Random random = new Random(6);
        List<int[]> texts = new ArrayList<>();
        for (int i = 0; i < 30; i++)
            texts.add(text(random, 1 + random.nextInt(SPEC.contextLength())));
        List<float[]> scores = lm.score(texts);
        for (int i = 0; i < texts.size(); i++)
            assertThat(scores.get(i)).containsExactly(lm.score(texts.get(i)));
    }

    @Test
    void scoresAreTheLogSoftmaxOfTheLogits() {
        int[] text = text(new Random(8), 20);
        float[] logits = lm.logits(text);
        float[] scores = lm.score(text);
        int vocabulary = SPEC.vocabulary();
        for (int t = 0; t < scores.length; t++) {
            double sum = 0;
            for (int v = 0; v < vocabulary; v++)
                sum += Math.exp(logits[t * vocabulary + v]);
            double expected = logits[t * vocabulary + text[t + 1]] - Math.log(sum);
            assertThat((double) scores[t]).isCloseTo(expected, org.assertj.core.api.Assertions.within(1e-5));
        }
    }

    @Test
    void listenerHearsEveryTokenAndMayCancel() {
        Request request = new Request(new int[] {3, 4}, 50, Sampling.at(1, 2), Set.of());
        Completion all = lm.generate(request);
        List<Integer> heard = new ArrayList<>();
        Completion cut = lm.generate(request, token -> {
            heard.add(token.id());
            return heard.size() < 7;
        });
        assertThat(heard).hasSize(7);
        assertThat(cut.finish()).isEqualTo(Completion.Finish.CANCELLED);
        assertThat(cut.tokens()).containsExactly(Arrays.copyOf(all.tokens(), 7));
        assertSame(lm.generate(request), all);
    }

    @Test
    void aFailingListenerFreesItsPlace() {
        Request request = new Request(new int[] {3, 4}, 50, Sampling.GREEDY, Set.of());
        try (Lm one = open(1, 1, 1 << 26)) {
            assertThatThrownBy(() -> one.generate(request, token -> {
                throw new IllegalStateException("gone");
            })).hasMessage("gone");
            assertThat(one.generate(request).tokens()).hasSize(50);
        }
    }

    @Test
    void theStopIsNotPartOfTheText() {
        int[] free = lm.generate(new Request(new int[] {9}, 30, Sampling.at(1, 3), Set.of())).tokens();
        int stop = free[12];
        Completion stopped = lm.generate(new Request(new int[] {9}, 30, Sampling.at(1, 3), Set.of(stop)));
        assertThat(stopped.finish()).isEqualTo(Completion.Finish.STOP);
        assertThat(free).startsWith(stopped.tokens());
        assertThat(stopped.tokens()).doesNotContain(stop).hasSizeLessThanOrEqualTo(12);
    }

    @Test
    void endsAtTheContext() {
        int[] prompt = text(new Random(5), 250);
        Completion c = lm.generate(new Request(prompt, 100, Sampling.GREEDY, Set.of()));
        assertThat(c.tokens()).hasSize(SPEC.contextLength() - 250);
        assertThat(c.finish()).isEqualTo(Completion.Finish.LENGTH);
        assertThat(lm.generate(new Request(text(new Random(5), 256), 5, Sampling.GREEDY, Set.of())).tokens())
                .isEmpty();
    }

    @Test
    void badTextsAreSaid() {
        assertThatThrownBy(() -> lm.generate(new Request(new int[257], 1, Sampling.GREEDY, Set.of())))
                .hasMessageContainingAll("257", "256");
        assertThatThrownBy(() -> lm.score(new int[] {1, 300})).hasMessageContainingAll("300", "vocabulary");
        assertThatThrownBy(() -> lm.logits(new int[] {-1})).hasMessageContaining("-1");
        assertThatThrownBy(() -> lm.score(new int[0])).hasMessageContaining("at least one token");
    }

    @Test
    void littleCacheMakesTextsWaitNotFail() {
        List<Request> requests = mixed(20);
        try (Lm small = open(2, 8, pageBytes(KvType.F32) * 6)) { // the longest text has four

            List<Completion> found = small.generate(requests);
            List<Completion> expected = lm.generate(requests);
            for (int i = 0; i < found.size(); i++)
                assertSame(found.get(i), expected.get(i));
        }
        try (Lm tiny = open(2, 8, 1000)) {
            assertThatThrownBy(() -> tiny.generate(requests)).hasMessageContaining("key-value cache");
        }
    }

    @Test
    void newWeightsTakeTheirPlace() {
        Request request = new Request(new int[] {3, 4, 5}, 20, Sampling.at(1, 2), Set.of());
        try (Lm other = Lm.of(SPEC, PicoGranite.weights(SPEC, 2), Engine.of(2).with(KvType.F32))) {
            Completion before = other.generate(request);
            other.load(PicoGranite.weights(SPEC, 1));
            assertThat(before.tokens()).isNotEqualTo(lm.generate(request).tokens());
            assertSame(other.generate(request), lm.generate(request));
        }
    }

    @Test
    void damagedWeightsAreAnErrorNotEndlessGarbage() {
        var weights = PicoGranite.weights(SPEC, 1);
        float[] norm = weights.apply(Params.FINAL_NORM);
        norm[3] = Float.NaN;
        Request request = new Request(new int[] {3}, 5, Sampling.at(1, 2), Set.of());
        try (Lm damaged = Lm.of(SPEC, weights, Engine.of(1))) {
            assertThatThrownBy(() -> damaged.generate(request)).hasMessageContainingAll("NaN", "position 1");
            assertThatThrownBy(() -> damaged.generate(request, token -> true)).hasMessageContaining("NaN");
            assertThatThrownBy(() -> damaged.score(new int[] {1, 2})).hasMessageContaining("NaN");
        }
    }

    @Test
    void aClosedModelSaysSo() {
        Lm closed = open(2, 2, 1 << 26);
        closed.close();
        Request request = new Request(new int[] {3}, 5, Sampling.GREEDY, Set.of());
        assertThatThrownBy(() -> closed.generate(request)).hasMessageContaining("closed");
        assertThatThrownBy(() -> closed.score(new int[] {1, 2})).hasMessageContaining("closed");
    }
}
