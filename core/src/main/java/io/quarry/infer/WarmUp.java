package io.quarry.infer;

import io.quarry.kernel.DType;
import io.quarry.kernel.Matrix;
import io.quarry.kernel.Workers;
import io.quarry.model.ModelSpec;
import io.quarry.model.Param;
import io.quarry.model.Params;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Runs a tiny model with the types and heads of a large one while that one is packed. The JVM compiles the kernels by the
 * way, and the first prompt need not wait for it: until then vectors are objects, and everything is a hundred times slower.
 */
final class WarmUp {
    /** Numbers of a row, or a block of the type if that has more. Most of the time goes into calls before compilation. */
    private static final int DIM = 64;
    private static final int VOCABULARY = 64;
    /** Rows of a prompt, and of tokens that are decoded together (as guesses are): tiles of all heights. */
    private static final int ROWS = 15;
    private static final int STEPS = 8;
    /** So many rounds at least, for kernels that a round needs but little. */
    private static final int FEWEST_ROUNDS = 60;
    /** What is compiled takes less than this part of the time it took at first. */
    private static final double COMPILED = 1.0 / 40;
    /** Most time of a processor. Time that passes while others have the processors does not count: less would be compiled. */
    private static final long LONGEST_NANOS = 3_000_000_000L;
    /** A first round that takes less shows that all is compiled. */
    private static final long WARM_NANOS = 10_000_000L;

    private WarmUp() {}

    /** Begins in a thread of its own. */
    static Thread begin(ModelSpec spec, Set<DType> types, Engine engine) {
        return Thread.ofPlatform().daemon().name("quarry-warm-up").start(() -> run(spec, types, engine));
    }

    static void run(ModelSpec spec, Set<DType> types, Engine engine) {
        long begin = worked();
        for (DType type : new TreeSet<>(types)) {
            ModelSpec tiny = tiny(spec, Math.max(DIM, type.block()));
            try (Arena arena = Arena.ofShared()) {
                Decoder decoder = new Decoder(tiny, engine.kernels(), null, Workers.NONE);
                decoder.load(new Zeros(tiny, type, arena));
                long first = round(decoder, engine);
                if (first < WARM_NANOS)
                    continue;
                long last = first;
                for (int rounds = 1; (rounds < FEWEST_ROUNDS || last > COMPILED * first)
                        && worked() - begin < LONGEST_NANOS; rounds++)
                    last = round(decoder, engine);
            }
        }
    }

    /** Nanoseconds that this thread has had a processor, or that have passed where the system does not say. */
    private static long worked() {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        return threads.isCurrentThreadCpuTimeSupported() ? threads.getCurrentThreadCpuTime() : System.nanoTime();
    }

    /** Nanoseconds that a prompt, some tokens together and some one by one take. */
    private static long round(Decoder decoder, Engine engine) {
        long begin = System.nanoTime();
        try (KvPool pool = decoder.pool(engine.cache(), 1 << 26)) {
            KvCache cache = new KvCache(pool);
            Span span = new Span(cache, new int[2 * ROWS + STEPS], null);
            span.given = ROWS;
            cache.reserve(span.tokens, span.tokens.length);
            for (int step = 0; step < 2 + STEPS; step++) {
                span.from = cache.length();
                span.count = step < 2 ? ROWS : 1;
                span.readFrom = span.from + span.count - 1;
                decoder.forward(List.of(span),
                        (of, position, logits, at, spare) -> decoder.kernels().argmax(logits, at, VOCABULARY));
            }
            cache.release();
        }
        return System.nanoTime() - begin;
    }

    /** One layer with the same heads to a key head, of the same size. */
    private static ModelSpec tiny(ModelSpec s, int dim) {
        int group = s.heads() / s.kvHeads();
        int kvHeads = 1;
        while (kvHeads * group * s.headDim() % dim != 0)
            kvHeads++;
        return new ModelSpec(VOCABULARY, dim, 1, kvHeads * group, kvHeads, s.headDim(), 4 * dim, 64, s.ropeTheta(),
                s.normEps(), 1, 1, 1, 1, true, 0, 0, 0);
    }

    /** Weights of nothing but zeros, and gains of one. */
    private record Zeros(ModelSpec spec, DType type, Arena arena) implements Weights.Source {
        @Override
        public boolean has(String name) {
            return Params.of(spec).stream().anyMatch(param -> param.name().equals(name));
        }

        private int numbers(String name) {
            return Math.toIntExact(Params.of(spec).stream().filter(param -> param.name().equals(name))
                    .collect(Collectors.summingLong(Param::elements)));
        }

        @Override
        public float[] f32(String name) {
            float[] ones = new float[numbers(name)];
            Arrays.fill(ones, 1);
            return ones;
        }

        @Override
        public Matrix matrix(String name, int inputs, Matrix old) {
            int outputs = numbers(name) / inputs;
            MemorySegment zeros = arena.allocate(type.bytes((long) outputs * inputs), 64);
            return Matrix.pack(type, zeros, 0, outputs, inputs, arena, Workers.NONE);
        }

        @Override
        public Matrix[] matrices(String name, int count, int inputs) {
            throw new IllegalStateException("a dense model has no " + name);
        }
    }
}
