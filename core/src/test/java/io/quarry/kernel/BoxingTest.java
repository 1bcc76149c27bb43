package io.quarry.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * No kernel keeps vectors as objects once it is compiled: they would show as bytes allocated. All of this is run twice, once
 * with {@code -XX:-UseTypeProfile}: then the compiler knows of a vector what the code tells it and nothing that was
 * counted before (see {@link Vectors}), as it does by chance when methods are compiled early.
 */
@Tag("boxing")
class BoxingTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int ROUNDS = 3000;
    private static final int TURNS = 20;

    private final Random random = new Random(1);
    private final Kernels kernels = Kernels.best();

    private float[] numbers(int n) {
        float[] numbers = new float[n];
        for (int i = 0; i < n; i++)
            numbers[i] = (float) random.nextGaussian();
        return numbers;
    }

    private static MemorySegment memory(long bytes) {
        return Arena.ofAuto().allocate(bytes, 64);
    }

    private static void allocatesNothing(String what, Runnable task) {
        allocates(0, what, task);
    }

    /** What is not compiled yet allocates more than {@code most} bytes, so there are rounds until one does not. */
    private static void allocates(long most, String what, Runnable task) {
        long bytes = Long.MAX_VALUE;
        for (int round = 0; round < ROUNDS && bytes > most * TURNS; round++) {
            long before = THREADS.getTotalThreadAllocatedBytes();
            for (int i = 0; i < TURNS; i++)
                task.run();
            bytes = THREADS.getTotalThreadAllocatedBytes() - before;
            if (bytes > most * TURNS)
                LockSupport.parkNanos(1_000_000); // the compiler works beside us
        }
        assertThat(bytes).as("bytes allocated by %d times %s", TURNS, what).isLessThanOrEqualTo(most * TURNS);
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void products(DType type) {
        int outputs = 128, inputs = 256;
        MemorySegment file = memory(type.bytes((long) outputs * inputs));
        type.narrow(numbers(outputs * inputs), 0, outputs * inputs, file, 0);
        Matrix w = Matrix.pack(type, file, 0, outputs, inputs, Arena.ofAuto(), Workers.NONE);
        Rows activations = new Rows();
        float[] x = numbers(41 * inputs);
        float[] y = new float[41 * outputs];
        try (Workers two = new Workers(2)) {
            // what is kept as in the file is widened by plain loops, whose small objects, unlike vectors, are not our matter
            long most = w instanceof StoredMatrix ? 1024 : 0;
            for (int rows : new int[] {1, 2, 5, 9, 41}) // tiles of 1, 2, 4 and 8 rows
                for (int decoded : new int[] {0, rows})
                    allocates(most, rows + " rows, " + decoded + " of them decoded, times " + type,
                            () -> kernels.matmul(activations.of(x, 0, decoded, rows, inputs), w, y, 0, outputs, two));
        }
    }

    /** As a native library takes them. */
    @ParameterizedTest
    @EnumSource(DType.class)
    void pairsOfWeights(DType type) {
        MemorySegment file = memory(type.bytes(64 * 256));
        type.narrow(numbers(64 * 256), 0, 64 * 256, file, 0);
        Matrix w = Matrix.pack(type, file, 0, 64, 256, Arena.ofAuto(), Workers.NONE);
        Scratch scratch = new Scratch();
        float[] x = numbers(1000);
        MemorySegment to = memory(2 * 64 * 256);
        allocates(w instanceof StoredMatrix ? 1024 : 0, "pairs of " + type,
                () -> w.bf16(0, 0, 256, kernels, scratch, to.address()));
        allocatesNothing("rounding", () -> VectorBf16.round(x, 0, 1000, to.address()));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4, 11})
    void panels(int rows) {
        float[] x = numbers(rows * 64), y = new float[rows * 100];
        Panels panels = new Panels(100, 64, kernels.panel());
        allocatesNothing(rows + " rows times panels", () -> kernels.matmul(x, rows, panels, y, Workers.NONE));
    }

    @ParameterizedTest
    @EnumSource(KvType.class)
    void attention(KvType type) {
        AttentionKernels paged = AttentionKernels.of(kernels);
        KvLayout layout = new KvLayout(type, 64);
        int slots = KvLayout.SLOTS;
        MemorySegment page = memory(layout.bytes());
        for (int slot = 0; slot < slots; slot++)
            paged.store(layout, page, 0, slot, numbers(128), 0, 64);
        for (int rows : new int[] {1, 4, 5, 8, 60}) {
            AttentionSpare spare = new AttentionSpare(rows, 64);
            float[] queries = numbers(rows * 64), scores = new float[rows * slots], out = new float[rows * 64];
            allocatesNothing("attention of " + rows + " rows", () -> {
                paged.scores(layout, page, 0, queries, rows, scores, 0, slots, spare);
                paged.softCap(scores, 0, slots, 1, 30, spare);
                paged.weigh(scores, 0, slots, 30, 1, spare);
                paged.gather(layout, page, 0, slots, scores, 0, slots, rows, out, spare);
            });
        }
    }

    @Test
    void rows() {
        int n = 1000;
        float[] x = numbers(2 * n), y = numbers(2 * n), gain = numbers(n);
        allocatesNothing("rmsNorm", () -> kernels.rmsNorm(x, 0, gain, 1e-5f, y, 0, n));
        allocatesNothing("rotate", () -> kernels.rotate(y, 0, n / 2, x, x, 0));
        allocatesNothing("addScaled", () -> kernels.addScaled(y, 0, x, 0, 1e-6f, n));
        allocatesNothing("scale", () -> kernels.scale(y, 0, 1, n));
        allocatesNothing("swiglu", () -> kernels.swiglu(x, 0, y, 0, n));
        allocatesNothing("argmax", () -> kernels.argmax(x, 0, n));
        allocatesNothing("exp", () -> kernels.exp(x, 0, 3, 1, y, 0, n));
    }

    /** Each takes a few rows of floats from the heap, once a call. */
    @Test
    void trainingSteps() {
        StepKernels step = StepKernels.best();
        int rows = 4, n = 96;
        long few = 4 * (4 * n + 4 * 16);
        MemorySegment a = memory(2L * rows * 2 * n), b = memory(2L * rows * 2 * n), c = memory(2L * rows * 2 * n);
        float[] x = numbers(rows * n), y = numbers(rows * n), gain = numbers(n), dgain = new float[n];
        float[] inverse = new float[rows], dx = new float[rows * n];
        allocatesNothing("store", () -> step.store(x, 0, 1, a, 0, rows * n));
        allocates(4 * rows * n + 16, "accumulate", () -> step.accumulate(a, 0, 1e-6f, y, 0, rows * n));
        allocates(few, "addNorm", () -> step.addNorm(rows, x, a, 0.1f, y, gain, 1e-5f, inverse, b));
        allocates(few, "normBackward", () -> step.normBackward(rows, x, inverse, gain, b, dx, dgain));
        allocates(few, "swiglu", () -> step.swiglu(rows, n, a, b));
        allocates(few, "swigluBackward", () -> step.swigluBackward(rows, n, c, b));
        allocates(few, "logSum", () -> step.logSum(a, 0, n, 1));
        allocates(few, "logProbBackward", () -> step.logProbBackward(c, 0, n, 1, 3, 5, 1));
        StepKernels.Heads heads = new StepKernels.Heads(1, 4, 1, 1, 32);
        float[] cos = numbers(4 * 16), sin = numbers(4 * 16), dk = numbers(4 * 32), dv = numbers(4 * 32);
        MemorySegment q = memory(256), k = memory(256), v = memory(256);
        allocates(few, "split", () -> step.split(heads, a, cos, sin, q, k, v));
        allocates(few, "join", () -> step.join(heads, q, dk, dv, cos, sin, c));
        StepKernels.Block block = new StepKernels.Block(new StepKernels.Heads(1, 64, 1, 1, 32), 0, 64, 0);
        MemorySegment scores = memory(2 * 64 * 64), dp = memory(2 * 64 * 64);
        int[] first = new int[64];
        float[] logSums = new float[64];
        allocates(few, "softmax", () -> step.softmax(block, scores, 1, first, logSums));
        allocates(few, "softmaxBackward", () -> step.softmaxBackward(block, scores, dp, 1, first, logSums));
    }
}
