package io.quarry.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.quarry.kernel.DType;
import io.quarry.kernel.Kernels;
import io.quarry.kernel.KvType;
import io.quarry.kernel.Workers;
import io.quarry.model.Convert;
import io.quarry.model.ModelSpec;
import io.quarry.model.PicoGranite;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Weights of four and six bits, which multiply what is read in another way than what is picked: which of the two is taken
 * follows from the token alone, never from the step it is computed in.
 */
class QuantizedTest {
    private static final ModelSpec SPEC = new ModelSpec(300, 64, 2, 4, 2, 16, 96, 256, 10_000, 1e-5, 12, 0.0625, 0.22,
            2.5, true, 0, 0, 1);

    @TempDir
    private Path dir;
    private Path file;

    @BeforeEach
    void write() throws IOException {
        PicoGranite.write(dir.resolve("floats"), SPEC, 1, DType.F32);
        file = dir.resolve("q4.gguf");
        Convert.toGguf(dir.resolve("floats"), file, DType.Q4_0, Workers.NONE, outcome -> {});
    }

    private Lm open(int threads, int slots, long cacheBytes) throws IOException {
        return Lm.open(file, new Engine(Kernels.best(), threads, slots, cacheBytes, KvType.F16));
    }

    private static int[] text(Random random, int length) {
        return random.ints(length, 2, SPEC.vocabulary()).toArray();
    }

    /** Texts that begin alike, some of which repeat themselves, so that guesses are right, and some with a given answer. */
    private static List<Request> mixed(int count) {
        Random random = new Random(7);
        int[] shared = text(random, 80);
        List<Request> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int[] part = text(random, 1 + random.nextInt(25));
            int[] prompt = new int[1 + random.nextInt(120)];
            for (int k = 0; k < prompt.length; k++)
                prompt[k] = i % 2 == 0 ? shared[k % shared.length] : part[k % part.length];
            Request request = new Request(prompt, 20 + random.nextInt(90),
                    i % 3 == 0 ? Sampling.GREEDY : Sampling.at(0.3, i), Set.of(5, 6));
            all.add(i % 6 == 1 ? request.withPrefix(part[0], 9, part[0]) : request);
        }
        return all;
    }

    @Test
    void neighboursGuessesAndLittleMemoryDoNotChangeABit() throws IOException {
        List<Request> requests = mixed(24);
        List<Completion> expected = new ArrayList<>();
        for (Request request : requests) // a model for each, so that nothing is known beforehand
            try (Lm alone = open(1, 1, 1 << 24)) {
                expected.add(alone.generate(request.withSpeculation(false)));
            }
        long page;
        try (Lm lm = open(1, 1, 1 << 24)) {
            page = lm.generator().pool().pageBytes();
        }
        for (int pages : new int[] {4, 7, 100})
            try (Lm lm = open(2, 12, pages * page)) {
                GeneratorTest.assertSame(lm.generate(requests), expected);
                assertThat(lm.speculated().right()).isPositive();
            }
    }

    /** Whoever reads a text that was picked finds it as likely as who picked it, but for the last bits of sums. */
    @Test
    void whatIsPickedIsAsLikelyAsWhenItIsRead() throws IOException {
        try (Lm lm = open(2, 4, 1 << 24)) {
            int[] prompt = text(new Random(3), 90);
            Completion said = lm.generate(new Request(prompt, 60, Sampling.at(1, 5), Set.of()));
            int[] all = new int[prompt.length + said.tokens().length];
            System.arraycopy(prompt, 0, all, 0, prompt.length);
            System.arraycopy(said.tokens(), 0, all, prompt.length, said.tokens().length);
            float[] read;
            try (Lm other = open(1, 1, 1 << 24)) {
                read = other.score(all);
            }
            for (int i = 0; i < said.tokens().length; i++)
                assertThat(said.logProbs()[i]).isCloseTo(read[prompt.length - 1 + i], within(2e-3f));
        }
    }

    @Test
    void textsThatAreScoredTogetherScoreAsAlone() throws IOException {
        Random random = new Random(4);
        List<int[]> texts = new ArrayList<>();
        for (int i = 0; i < 9; i++)
            texts.add(text(random, 2 + random.nextInt(200)));
        try (Lm lm = open(2, 4, 1 << 24)) {
            List<float[]> together = lm.score(texts);
            for (int i = 0; i < texts.size(); i++)
                assertThat(together.get(i)).containsExactly(lm.score(texts.get(i)));
        }
    }
}
