package io.quarry.bench;

import io.quarry.infer.Completion;
import io.quarry.infer.Engine;
import io.quarry.infer.Lm;
import io.quarry.infer.Request;
import io.quarry.infer.Sampling;
import io.quarry.infer.Speculated;
import io.quarry.model.ModelSpec;
import io.quarry.model.Param;
import io.quarry.model.Params;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Measures what speculation by prompt look-up is worth: the same texts with it and without, by turns. The model computes
 * like any other of its size, but its half blocks add nothing, so that its words are known: a token of the first region
 * is followed by any of four of that region, one of the second by the next of a circle of 100, one of the third by one
 * that was never there. So the first text misleads (what stood there before often comes otherwise), the second copies,
 * the third is new. Prints one JSON line for each.
 *
 * <p>Arguments, all optional: threads, pairs, tokens.
 */
public final class SpeculationBench {
    private static final ModelSpec SPEC = new ModelSpec(8192, 768, 12, 12, 4, 64, 3072, 4096, 10_000, 1e-5, 12,
            1.0 / 64, 0.22, 1, false, 0, 0, 1);
    private static final int MISLEADING = 64;
    private static final int CIRCLE = 100;
    private static final int PROMPT = 300;

    private SpeculationBench() {}

    /** A text to measure: its first token, and how what follows it is picked. */
    private enum Kind {
        MISLEADS(0, Sampling.at(2, 1)), COPIES(MISLEADING, Sampling.GREEDY), NEW(MISLEADING + CIRCLE, Sampling.GREEDY);

        private final int first;
        private final Sampling sampling;

        Kind(int first, Sampling sampling) {
            this.first = first;
            this.sampling = sampling;
        }
    }

    public static void main(String[] args) {
        int threads = args.length > 0 ? Integer.parseInt(args[0]) : Runtime.getRuntime().availableProcessors();
        int pairs = args.length > 1 ? Integer.parseInt(args[1]) : 5;
        int tokens = args.length > 2 ? Integer.parseInt(args[2]) : 200;
        try (Lm lm = Lm.of(SPEC, weights()::get, Engine.of(threads))) {
            for (Kind kind : Kind.values())
                measure(lm, kind, threads, pairs, tokens);
        }
    }

    private static void measure(Lm lm, Kind kind, int threads, int pairs, int tokens) {
        int[] prompt = lm.generate(new Request(new int[] {kind.first}, PROMPT, kind.sampling, Set.of())).tokens();
        Request with = new Request(prompt, tokens, kind.sampling.withSeed(2), Set.of());
        Request without = with.withSpeculation(false);
        double[] speed = new double[pairs];
        double[] plain = new double[pairs];
        double[] ratio = new double[pairs];
        long[] guesses = new long[2];
        for (int pair = -1; pair < pairs; pair++) { // the first warms up
            Speculated before = lm.speculated();
            double a = pair % 2 == 0 ? seconds(lm, without) : 0;
            double b = seconds(lm, with);
            a = pair % 2 == 0 ? a : seconds(lm, without);
            if (pair < 0)
                continue;
            speed[pair] = tokens / b;
            plain[pair] = tokens / a;
            ratio[pair] = a / b;
            guesses[0] = lm.speculated().guessed() - before.guessed();
            guesses[1] = lm.speculated().right() - before.right();
        }
        System.out.printf("{\"bench\":\"speculation\",\"text\":\"%s\",\"kernel\":\"%s\",\"threads\":%d,"
                + "\"parameters\":%d,\"tokens\":%d,\"guessed\":%d,\"right\":%d,\"pairs\":%d,\"tokensPerSecond\":%.1f,"
                + "\"withoutTokensPerSecond\":%.1f,\"ratio\":%.3f,\"ratioLow\":%.3f,\"ratioHigh\":%.3f}%n",
                kind.name().toLowerCase(java.util.Locale.ROOT), lm.kernels(), threads, SPEC.parameters(), tokens,
                guesses[0], guesses[1], pairs, median(speed), median(plain), median(ratio), ratio[0],
                ratio[pairs - 1]);
    }

    /** Seconds from the first token to the last, so without the prompt. */
    private static double seconds(Lm lm, Request request) {
        long[] first = new long[1];
        Completion completion = lm.generate(request, token -> {
            if (first[0] == 0)
                first[0] = System.nanoTime();
            return true;
        });
        if (completion.tokens().length != request.maxTokens())
            throw new IllegalStateException("a text ended after " + completion.tokens().length + " tokens");
        return (System.nanoTime() - first[0]) / 1e9;
    }

    /** Sorts as it goes. */
    private static double median(double[] values) {
        Arrays.sort(values);
        return values[values.length / 2];
    }

    private static Map<String, float[]> weights() {
        SplittableRandom random = new SplittableRandom(1);
        Map<String, float[]> all = new HashMap<>();
        for (Param param : Params.of(SPEC)) {
            boolean silent = param.name().contains("o_proj") || param.name().contains("down_proj");
            float[] values = new float[Math.toIntExact(param.elements())];
            for (int i = 0; i < values.length; i++)
                values[i] = !param.decays() ? 1 : silent ? 0 : (float) (0.05 * random.nextGaussian());
            all.put(param.name(), values);
        }
        float[] head = new float[SPEC.vocabulary() * SPEC.dim()];
        for (int token = 0; token < SPEC.vocabulary(); token++)
            if (token < MISLEADING)
                for (int i = 0; i < 4; i++)
                    follow(all.get(Params.EMBEDDING), head, token, (token * 7 + i * 13 + 1) % MISLEADING);
            else if (token < MISLEADING + CIRCLE)
                follow(all.get(Params.EMBEDDING), head, token, MISLEADING + (token - MISLEADING + 1) % CIRCLE);
            else
                follow(all.get(Params.EMBEDDING), head, token, Math.min(token + 1, SPEC.vocabulary() - 1));
        all.put(Params.LM_HEAD, head);
        return all;
    }

    /** Makes a token likely after another. */
    private static void follow(float[] embedding, float[] head, int token, int next) {
        for (int d = 0; d < SPEC.dim(); d++)
            head[next * SPEC.dim() + d] += embedding[token * SPEC.dim() + d];
    }
}
