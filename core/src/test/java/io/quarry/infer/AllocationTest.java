package io.quarry.infer;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.quarry.kernel.Kernels;
import io.quarry.kernel.KvLayout;
import io.quarry.kernel.KvType;
import io.quarry.model.ModelSpec;
import io.quarry.model.PicoGranite;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Decoding allocates nothing: a vector that is boxed or a task that is made anew shows here. What the compiler has not
 * compiled yet does allocate, so stretches of tokens are decoded until one is free of it.
 */
class AllocationTest {
    private static final ModelSpec SPEC = PicoGranite.spec(300).withContext(4096, 10_000);
    private static final int STRETCH = 1000;
    private static final int STRETCHES = 60;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** The threads that decode. */
    private static long[] threads() {
        return Thread.getAllStackTraces().keySet().stream().filter(t -> t.getName().startsWith("quarry-"))
                .mapToLong(Thread::threadId).toArray();
    }

    /** Of the cache: pages that were made stay, so three texts have just enough, and soon there are no new ones. */
    private static long bytes(KvType type) {
        KvLayout layout = new KvLayout(type, SPEC.headDim());
        return 3 * KvPool.pages(SPEC.contextLength()) * SPEC.layers() * SPEC.kvHeads() * layout.bytes();
    }

    @ParameterizedTest
    @EnumSource(KvType.class)
    void decodingAllocatesNothing(KvType type) {
        try (Lm lm = Lm.of(SPEC, PicoGranite.weights(SPEC, 1), new Engine(Kernels.best(), 2, 3, bytes(type), type))) {
            List<Long> perToken = new ArrayList<>();
            while (perToken.size() < STRETCHES) {
                List<Sequence> texts = new ArrayList<>();
                for (int i = 0; i < 3; i++)
                    texts.add(lm.sequence(new Request(new int[] {3 + i}, 4000, Sampling.at(1, i), Set.of()), false));
                lm.generator().submit(texts);
                Sequence text = texts.getFirst();
                long[] threads = threads();
                while (text.length() < 4001 - STRETCH) {
                    long[] begin = sample(lm, text, threads);
                    long[] end;
                    do
                        end = sample(lm, text, threads);
                    while (end[1] < begin[1] + STRETCH && !text.ended());
                    if (text.ended())
                        break;
                    perToken.add((end[0] - begin[0]) / (3 * (end[1] - begin[1])));
                    if (perToken.getLast() == 0)
                        return;
                }
                texts.forEach(Sequence::cancel);
            }
            assertThat(perToken).as("bytes a token in stretches of %d", STRETCH).contains(0L);
        }
    }

    /** Bytes allocated so far by threads, and tokens of a text. */
    private static long[] sample(Lm lm, Sequence text, long[] threads) {
        long[] out = new long[2];
        lm.generator().between(() -> {
            out[0] = Arrays.stream(THREADS.getThreadAllocatedBytes(threads)).sum();
            out[1] = text.length();
        });
        LockSupport.parkNanos(2_000_000); // who asks for the decoder too often makes the lock allocate
        return out;
    }
}
