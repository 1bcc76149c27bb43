package io.quarry.bench;

import com.sun.management.OperatingSystemMXBean;
import io.quarry.infer.Completion;
import io.quarry.infer.Engine;
import io.quarry.infer.Lm;
import io.quarry.infer.Request;
import io.quarry.infer.Sampling;
import io.quarry.kernel.Kernels;
import io.quarry.kernel.Panels;
import io.quarry.kernel.Workers;
import io.quarry.model.ModelSpec;
import io.quarry.model.Param;
import io.quarry.model.Params;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Measures the engine on a model of the nano recipe's size with random weights: products in GFLOP/s, prompts and
 * generation in tokens/s. Prints one JSON line per measurement.
 *
 * <p>Arguments, all optional: threads, batch.
 */
public final class EngineBench {
    private static final ModelSpec SPEC = new ModelSpec(4096, 192, 6, 6, 2, 32, 512, 4096, 10_000, 1e-5, 12,
            1.0 / 32, 0.22, 4, true, 0, 0, 1);
    private static final int ROUNDS = 4;

    private EngineBench() {}

    public static void main(String[] args) {
        int threads = args.length > 0 ? Integer.parseInt(args[0]) : Runtime.getRuntime().availableProcessors();
        int batch = args.length > 1 ? Integer.parseInt(args[1]) : 128;
        for (int rows : new int[] {1, 8, 32, 128, 1024})
            product(threads, rows, SPEC.dim(), SPEC.vocabulary());
        product(threads, 128, SPEC.ffn(), SPEC.dim());
        try (Lm lm = Lm.of(SPEC, weights()::get, Engine.of(threads))) {
            for (int round = 0; round < ROUNDS; round++) {
                prompts(lm, threads);
                generation(lm, threads, batch, 100, 128, true);
                generation(lm, threads, batch, 100, 128, false);
                generation(lm, threads, 1, 100, 256, false);
            }
        }
    }

    private static Map<String, float[]> weights() {
        SplittableRandom random = new SplittableRandom(1);
        Map<String, float[]> all = new HashMap<>();
        for (Param param : Params.of(SPEC)) {
            float[] values = new float[Math.toIntExact(param.elements())];
            for (int i = 0; i < values.length; i++)
                values[i] = param.decays() ? (float) (0.05 * random.nextGaussian()) : 1;
            all.put(param.name(), values);
        }
        return all;
    }

    private static void product(int threads, int rows, int in, int out) {
        Kernels kernels = Kernels.best();
        Panels matrix = new Panels(out, in, kernels.panel());
        float[] x = new float[rows * in];
        float[] y = new float[rows * out];
        double best = 0;
        try (Workers workers = new Workers(threads)) {
            for (int round = 0; round < ROUNDS; round++) {
                long begin = System.nanoTime();
                long times = 0;
                for (; System.nanoTime() - begin < 200_000_000L; times++)
                    kernels.matmul(x, rows, matrix, y, workers);
                best = Math.max(best, 2.0 * rows * in * out * times / (System.nanoTime() - begin));
            }
        }
        System.out.printf(
                "{\"bench\":\"product\",\"kernel\":\"%s\",\"threads\":%d,\"rows\":%d,\"in\":%d,\"out\":%d,"
                        + "\"gflops\":%.1f}%n",
                kernels.name(), threads, rows, in, out, best);
    }

    private static void prompts(Lm lm, int threads) {
        SplittableRandom random = new SplittableRandom(2);
        List<int[]> texts = new ArrayList<>();
        for (int i = 0; i < 32; i++)
            texts.add(random.ints(512, 0, SPEC.vocabulary()).toArray());
        Clock clock = new Clock();
        lm.score(texts);
        print("score", lm, threads, texts.size(), 32 * 512, clock);
    }

    private static void generation(Lm lm, int threads, int batch, int prompt, int tokens, boolean grouped) {
        SplittableRandom random = new SplittableRandom(3);
        List<Request> requests = new ArrayList<>();
        int[] shared = random.ints(prompt, 0, SPEC.vocabulary()).toArray();
        for (int i = 0; i < batch; i++) {
            if (!grouped || i % 8 == 0)
                shared = random.ints(prompt, 0, SPEC.vocabulary()).toArray();
            requests.add(new Request(shared, tokens, Sampling.at(1, i), Set.of()));
        }
        Clock clock = new Clock();
        long made = lm.generate(requests).stream().map(Completion::tokens).mapToLong(t -> t.length).sum();
        print(grouped ? "generate-groups-of-8" : "generate", lm, threads, batch, made, clock);
    }

    /** Time since it was made, of the wall and of all processors for this process: on a busy machine they differ. */
    private static final class Clock {
        private static final OperatingSystemMXBean SYSTEM = (OperatingSystemMXBean) ManagementFactory
                .getOperatingSystemMXBean();
        private final long wall = System.nanoTime();
        private final long cpu = SYSTEM.getProcessCpuTime();

        double wall() {
            return (System.nanoTime() - wall) / 1e9;
        }

        double cpu() {
            return (SYSTEM.getProcessCpuTime() - cpu) / 1e9;
        }
    }

    private static void print(String what, Lm lm, int threads, int batch, long tokens, Clock clock) {
        double seconds = clock.wall();
        System.out.printf(
                "{\"bench\":\"%s\",\"kernel\":\"%s\",\"threads\":%d,\"batch\":%d,\"parameters\":%d,\"tokens\":%d,"
                        + "\"seconds\":%.3f,\"cpuSeconds\":%.3f,\"tokensPerSecond\":%.0f}%n",
                what, lm.kernels(), threads, batch, SPEC.parameters(), tokens, seconds, clock.cpu(), tokens / seconds);
    }
}
