package io.quarry.infer;

import io.quarry.kernel.AttentionKernels;
import io.quarry.kernel.Kernels;
import io.quarry.kernel.KvLayout;
import io.quarry.kernel.KvType;
import io.quarry.kernel.Workers;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.LongAdder;

/**
 * Measures attention alone, with the heads of Granite 4.1 3B: one token at a depth of context in GB/s of keys and values,
 * against a pure read of the same pages in the same run, and prompts in GFLOP/s. Layers enough are held that no cache of
 * the machine keeps them. Stands in this package because it takes {@link Attention} as the decoder does.
 *
 * <p>Arguments: threads, a file that gets a JSON line for each measurement; then types (all if there are none).
 */
public final class AttentionBench {
    private static final AttentionShape SHAPE = new AttentionShape(40, 8, 64, 1f / 64, 0, 0, null);
    private static final int[] DEPTHS = {512, 8192, 32768};
    private static final int[] PROMPTS = {512, 8192};
    /** As in the generator, for a model of 3B parameters whose prompt nobody waits for. */
    private static final int CHUNK = 256;
    private static final long HELD_BYTES = 1L << 29;
    private static final long NANOS = 1_000_000_000L;
    private static final int ROUNDS = 3;
    private static final Kernels KERNELS = Kernels.best();

    private final Workers workers;
    private final Path out;

    private AttentionBench(int threads, Path out) {
        this.workers = new Workers(threads);
        this.out = out;
    }

    public static void main(String[] args) throws IOException {
        if (args.length < 2)
            throw new IllegalArgumentException("arguments: threads, file for the results, types");
        AttentionBench bench = new AttentionBench(Integer.parseInt(args[0]), Path.of(args[1]));
        List<KvType> types = new ArrayList<>();
        for (int i = 2; i < args.length; i++)
            types.add(KvType.valueOf(args[i]));
        for (KvType type : types.isEmpty() ? List.of(KvType.values()) : types) {
            for (int depth : DEPTHS)
                bench.decode(type, depth);
            for (int length : PROMPTS)
                bench.prefill(type, length);
        }
        bench.workers.close();
    }

    /** A text whose pages are full of noise. */
    private static KvCache noise(KvPool pool, int layers, int positions) {
        KvCache cache = new KvCache(pool);
        cache.reserve(new int[positions], positions);
        KvLayout layout = pool.layout(0);
        SplittableRandom random = new SplittableRandom(1);
        float[] x = new float[2 * SHAPE.headDim()];
        AttentionKernels kernels = AttentionKernels.of(KERNELS);
        for (int slot = 0; slot < KvLayout.SLOTS; slot++)
            for (int l = 0; l < layers; l++)
                for (int h = 0; h < SHAPE.kvHeads(); h++) {
                    for (int i = 0; i < x.length; i++)
                        x[i] = (float) random.nextGaussian();
                    kernels.store(layout, cache.page(0), pool.at(l, h), slot, x, 0, SHAPE.headDim());
                }
        for (int p = 1; p < KvPool.pages(positions); p++)
            cache.page(p).copyFrom(cache.page(0));
        return cache;
    }

    private static float[] noise(int n) {
        SplittableRandom random = new SplittableRandom(2);
        float[] out = new float[n];
        for (int i = 0; i < n; i++)
            out[i] = (float) random.nextGaussian();
        return out;
    }

    private void decode(KvType type, int depth) throws IOException {
        long perLayer = KvPool.pages(depth) * SHAPE.kvHeads() * new KvLayout(type, SHAPE.headDim()).bytes();
        int layers = (int) Math.max(1, HELD_BYTES / perLayer);
        List<AttentionShape> shapes = Collections.nCopies(layers, SHAPE);
        try (KvPool pool = new KvPool(type, shapes, Long.MAX_VALUE, null)) {
            KvCache cache = noise(pool, layers, depth);
            Span span = new Span(cache, new int[depth], null);
            span.from = depth - 1;
            span.count = 1;
            List<Span> spans = List.of(span);
            float[] qkv = noise(SHAPE.qDim() + 2 * SHAPE.kvDim());
            float[] mixed = new float[SHAPE.qDim()];
            AttentionRoom room = new AttentionRoom(shapes, workers.threads());
            Attention[] attention = new Attention[layers];
            for (int l = 0; l < layers; l++)
                attention[l] = new Attention(KERNELS, SHAPE, l);
            double attend = 0;
            double read = 0;
            for (int round = 0; round < ROUNDS; round++) { // by turns, because a machine's neighbours come and go
                attend = Math.max(attend, best(() -> {
                    for (Attention layer : attention)
                        layer.attend(room, qkv, mixed, spans, workers);
                }));
                read = Math.max(read, best(() -> read(cache, KvPool.pages(depth))));
            }
            double bytes = (double) perLayer * layers;
            print("\"bench\":\"attention-decode\",\"type\":\"%s\",\"depth\":%d,\"layers\":%d,\"microsPerLayer\":%.0f,"
                    + "\"GBps\":%.1f,\"readGBps\":%.1f", type, depth, layers, 1e6 / attend / layers,
                    bytes * attend / 1e9, bytes * read / 1e9);
        }
    }

    private final LongAdder sums = new LongAdder();

    private void read(KvCache cache, int pages) {
        workers.run(pages, (page, worker) -> {
            MemorySegment memory = cache.page(page);
            long a = 0;
            long b = 0;
            for (long at = 0; at < memory.byteSize(); at += 2 * Long.BYTES) {
                a += memory.get(ValueLayout.JAVA_LONG, at);
                b += memory.get(ValueLayout.JAVA_LONG, at + Long.BYTES);
            }
            sums.add(a + b);
        });
    }

    private void prefill(KvType type, int length) throws IOException {
        List<AttentionShape> shapes = List.of(SHAPE);
        try (KvPool pool = new KvPool(type, shapes, Long.MAX_VALUE, null)) {
            Span span = new Span(noise(pool, 1, length), new int[length], null);
            span.count = CHUNK;
            List<Span> spans = List.of(span);
            float[] qkv = noise(CHUNK * (SHAPE.qDim() + 2 * SHAPE.kvDim()));
            float[] mixed = new float[CHUNK * SHAPE.qDim()];
            AttentionRoom room = new AttentionRoom(shapes, workers.threads());
            Attention attention = new Attention(KERNELS, SHAPE, 0);
            double rate = 0;
            for (int round = 0; round < ROUNDS; round++)
                rate = Math.max(rate, best(() -> {
                    for (span.from = 0; span.from < length; span.from += CHUNK)
                        attention.attend(room, qkv, mixed, spans, workers);
                }));
            double operations = 2.0 * length * (length + 1) * SHAPE.qDim();
            print("\"bench\":\"attention-prefill\",\"type\":\"%s\",\"length\":%d,\"millisPerLayer\":%.1f,"
                    + "\"gflops\":%.1f", type, length, 1e3 / rate, operations * rate / 1e9);
        }
    }

    /** Most calls a second, by the fastest call in a second of calls. */
    private static double best(Runnable call) {
        long begin = System.nanoTime();
        long fastest = Long.MAX_VALUE;
        long now = begin;
        do {
            long before = now;
            call.run();
            now = System.nanoTime();
            fastest = Math.min(fastest, now - before);
        } while (now - begin < NANOS);
        return 1e9 / fastest;
    }

    private void print(String format, Object... values) throws IOException {
        String line = "{\"date\":\"" + LocalDate.now() + "\",\"kernel\":\"" + KERNELS.name() + "\",\"threads\":"
                + workers.threads() + "," + String.format(java.util.Locale.ROOT, format, values) + "}";
        System.out.println(line);
        Files.writeString(out, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
}
