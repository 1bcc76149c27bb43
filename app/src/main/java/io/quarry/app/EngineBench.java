package io.quarry.app;

import io.quarry.infer.Lm;
import io.quarry.infer.Request;
import io.quarry.infer.Sampling;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Measures how fast a model reads prompts and says tokens. The texts are random ids, so a model without a tokenizer will do
 * and nothing is guessed or shared. A trial has three parts: what stands before is read, unmeasured; then the prompt is
 * read, up to the first token; then, the prompt known, tokens are said, and measured while all texts say some: they enter
 * one by one, and a step that still reads the rest of a prompt is not one of decoding.
 */
final class EngineBench {
    /** Tokens that stand before the prompt while warming up, at most: reading 32,768 takes minutes. */
    private static final int WARM_DEPTH = 1024;

    private final Lm lm;
    private final Sizes sizes;
    /** One for all trials: a text that was measured before would be known. */
    private final SplittableRandom random = new SplittableRandom(1);

    /**
     * What is measured, in tokens.
     *
     * @param prompt   of each text
     * @param generate said by each text
     * @param batch    texts at once
     * @param depth    that stand before the prompt
     */
    record Sizes(int prompt, int generate, int batch, int depth) {
        Sizes {
            require("--prompt", prompt, 1);
            require("--generate", generate, 1);
            require("--batch", batch, 1);
            require("--depth", depth, 0);
        }

        private static void require(String name, int value, int least) {
            if (value < least)
                throw new IllegalArgumentException(name + " must be at least " + least + ", was " + value);
        }

        int tokens() {
            return depth + prompt + generate;
        }

        /** The same with little before the prompt: enough to warm up. */
        Sizes shallow() {
            return new Sizes(prompt, generate, batch, Math.min(depth, WARM_DEPTH));
        }
    }

    /**
     * What one trial has shown.
     *
     * @param prefill      prompt tokens a second, of all texts together
     * @param decode       tokens said a second, of all texts together, while all say some
     * @param firstSeconds from the request to the first token, of the slowest text
     * @param steps        steps of the model a second while decoding
     */
    record Trial(double prefill, double decode, double firstSeconds, double steps) {}

    EngineBench(Lm lm, Sizes sizes) {
        if (sizes.tokens() + 1 > lm.contextLength())
            throw new IllegalArgumentException("--depth, --prompt and --generate are " + sizes.tokens()
                    + " tokens together; the model's context has room for " + (lm.contextLength() - 1));
        this.lm = lm;
        this.sizes = sizes;
    }

    void warmUp() throws InterruptedException {
        trial(sizes.shallow());
    }

    Trial trial() throws InterruptedException {
        return trial(sizes);
    }

    private Trial trial(Sizes of) throws InterruptedException {
        List<int[]> texts = new ArrayList<>();
        for (int i = 0; i < of.batch(); i++)
            texts.add(random.ints(of.depth() + of.prompt(), 0, lm.spec().vocabulary()).toArray());
        if (of.depth() > 0)
            for (int[] text : texts)
                lm.generate(request(Arrays.copyOf(text, of.depth()), 1));
        long begin = System.nanoTime();
        double first = 0;
        for (long[] times : heard(texts, 1))
            first = Math.max(first, (times[0] - begin) / 1e9);
        double decode = together(heard(texts, of.generate() + 1));
        return new Trial(of.batch() * of.prompt() / first, decode, first, decode / of.batch());
    }

    /** Tokens a second from when the last text has begun to when the first has ended; of all the time if they never meet. */
    static double together(List<long[]> said) {
        LongSummaryStatistics begins = said.stream().mapToLong(times -> times[0]).summaryStatistics();
        LongSummaryStatistics ends = said.stream().mapToLong(times -> times[times.length - 1]).summaryStatistics();
        boolean meet = begins.getMax() < ends.getMin();
        long from = meet ? begins.getMax() : begins.getMin();
        long to = meet ? ends.getMin() : Math.max(ends.getMax(), from + 1);
        long tokens = said.stream().flatMapToLong(Arrays::stream).filter(time -> time > from && time <= to).count();
        return tokens * 1e9 / (to - from);
    }

    private static Request request(int[] text, int tokens) {
        return new Request(text, tokens, Sampling.GREEDY, Set.of()).withSpeculation(false);
    }

    /** Continues all texts at once; when each token of each was heard, in nanoseconds. */
    private List<long[]> heard(List<int[]> texts, int tokens) throws InterruptedException {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<long[]>> futures = new ArrayList<>();
            for (int[] text : texts)
                futures.add(threads.submit(() -> {
                    long[] times = new long[tokens];
                    int[] count = {0};
                    lm.generate(request(text, tokens), token -> {
                        times[count[0]++] = System.nanoTime();
                        return true;
                    });
                    return times;
                }));
            List<long[]> all = new ArrayList<>();
            for (Future<long[]> future : futures)
                all.add(future.get());
            return all;
        } catch (ExecutionException e) {
            throw new IllegalStateException("a text could not be continued: " + e.getCause().getMessage(),
                    e.getCause());
        }
    }
}
