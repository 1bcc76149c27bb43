package io.quarry.bench;

import io.quarry.kernel.DType;
import io.quarry.kernel.Workers;
import io.quarry.model.Checkpoint;
import io.quarry.model.Convert;
import io.quarry.model.Gguf;
import io.quarry.model.GgufValue;
import io.quarry.model.GgufWriter;
import io.quarry.model.Mutations;
import io.quarry.model.PicoGranite;
import io.quarry.model.SafeTensors;
import io.quarry.model.SafeTensorsFolder;
import io.quarry.model.TensorInfo;
import io.quarry.model.Walk;
import io.quarry.text.Tokenizer;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Opens a million bad files: GGUF, whole models in GGUF with a tokenizer, safetensors, indices of shards and configs, good
 * ones with bits, bytes, numbers and parts changed. Each must be read, or refused by an IOException; anything else is a
 * failure, and so is more than a second of processor time: on a busy machine the clock says little. Appends one JSON line.
 *
 * <p>Arguments: number of files, seed, the JSON lines file, the commit that is measured.
 */
public final class Fuzz {
    private static final long SECOND = 1_000_000_000L;
    /** After which a file is taken for endless, and the program ends. */
    private static final long ENDLESS = 20 * SECOND;

    private static final int VOCABULARY = 20;

    /** Bytes before the data of the GGUF file, about. */
    private static final int GGUF_HEAD = 1600;

    /** One kind of file: how it begins, what is changed of it, how it is opened. */
    private record Target(String name, byte[] good, int head, Path file, Opening opening, int share) {}

    @FunctionalInterface
    private interface Opening {
        void open(Path file) throws IOException;
    }

    private final Target target;
    private final long seed;
    private long refused;
    private long slowest;
    private final List<String> failures = new ArrayList<>();
    private final long thread = Thread.currentThread().threadId();
    private volatile long begin = nanos(thread);
    private volatile long current;

    private Fuzz(Target target, long seed) {
        this.target = target;
        this.seed = seed;
    }

    public static void main(String[] args) throws IOException {
        long files = Long.parseLong(args[0]);
        long seed = Long.parseLong(args[1]);
        ObjectNode line = JsonMapper.shared().createObjectNode();
        line.put("date", LocalDate.now().toString()).put("commit", args[3]).put("bench", "fuzz").put("seed", seed);
        Path dir = Files.createTempDirectory("fuzz");
        long begin = System.nanoTime();
        long done = 0;
        int failures = 0;
        double slowest = 0;
        ObjectNode kinds = line.putObject("kinds");
        for (Target target : targets(dir)) {
            Fuzz fuzz = new Fuzz(target, seed);
            long count = files * target.share() / 100;
            fuzz.run(count);
            fuzz.failures.stream().limit(20).forEach(System.out::println);
            kinds.putObject(target.name()).put("files", count).put("refused", fuzz.refused)
                    .put("failures", fuzz.failures.size()).put("slowestMs", fuzz.slowest / 1_000_000.0);
            done += count;
            failures += fuzz.failures.size();
            slowest = Math.max(slowest, fuzz.slowest / 1_000_000.0);
        }
        line.put("files", done).put("failures", failures).put("slowestMs", slowest)
                .put("seconds", (System.nanoTime() - begin) / SECOND);
        System.out.println(line);
        Files.writeString(Path.of(args[2]), line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        if (failures > 0)
            System.exit(1);
    }

    private static List<Target> targets(Path dir) throws IOException {
        Path model = dir.resolve("model");
        PicoGranite.write(model, VOCABULARY, 1);
        byte[] config = Files.readAllBytes(model.resolve("config.json"));
        byte[] weights = Files.readAllBytes(model.resolve("model.safetensors"));
        int header = weights[0] & 0xFF | (weights[1] & 0xFF) << 8;
        Path shards = Files.createDirectory(dir.resolve("shards"));
        Files.copy(model.resolve("model.safetensors"), shards.resolve("a.safetensors"));
        byte[] index = "{\"metadata\":{},\"weight_map\":{\"model.norm.weight\":\"a.safetensors\"}}"
                .getBytes(StandardCharsets.US_ASCII);
        byte[] gguf = gguf(dir.resolve("good.gguf"));
        byte[] whole = model(model, dir.resolve("model.gguf"));
        return List.of(new Target("gguf", gguf, GGUF_HEAD, dir.resolve("bad.gguf"), file -> {
            try (Gguf bad = Gguf.open(file)) {
                Walk.all(bad);
            }
        }, 40), new Target("model", whole, whole.length / 3, dir.resolve("bad-model.gguf"), file -> {
            Checkpoint.open(file).close();
            Tokenizer.open(file).encode("a bad model");
        }, 15), new Target("safetensors", weights, 8 + header, dir.resolve("bad.safetensors"), file -> {
            try (SafeTensors bad = SafeTensors.open(file)) {
                Walk.all(bad);
            }
        }, 30), new Target("index", index, index.length, shards.resolve("model.safetensors.index.json"),
                file -> SafeTensorsFolder.open(file.getParent()).close(), 7),
                new Target("config", config, config.length, model.resolve("config.json"),
                        file -> Checkpoint.open(file.getParent()).close(), 8));
    }

    /** A tiny model as a GGUF file, with a vocabulary. */
    private static byte[] model(Path folder, Path file) throws IOException {
        Convert.toGguf(folder, file, DType.Q4_0, Workers.NONE, outcome -> {});
        try (Gguf bare = Gguf.open(file)) {
            SequencedMap<String, GgufValue> values = new LinkedHashMap<>(bare.metadata().values());
            List<String> tokens = IntStream.range(0, VOCABULARY).mapToObj(i -> Character.toString('a' + i)).toList();
            values.put("tokenizer.ggml.model", GgufValue.of("llama"));
            values.put("tokenizer.ggml.tokens", GgufValue.of(tokens));
            values.put("tokenizer.ggml.scores", GgufValue.of(new float[VOCABULARY]));
            values.put("tokenizer.ggml.unknown_token_id", GgufValue.of(0));
            values.put("general.license", GgufValue.of("apache-2.0"));
            List<TensorInfo> infos = bare.tensors().values().stream()
                    .map(tensor -> new TensorInfo(tensor.name(), tensor.dtype(), tensor.shape())).toList();
            Path named = file.resolveSibling("named.gguf");
            GgufWriter.write(named, values, infos, info -> bare.tensors().get(info.name()).data());
            return Files.readAllBytes(named);
        }
    }

    /** Processor time of a thread. */
    private static long nanos(long thread) {
        return ManagementFactory.getThreadMXBean().getThreadCpuTime(thread);
    }

    /** A small file with every kind of value and every storage type. */
    private static byte[] gguf(Path file) throws IOException {
        SequencedMap<String, GgufValue> values = new LinkedHashMap<>();
        values.put("general.architecture", GgufValue.of("granite"));
        values.put("general.alignment", GgufValue.of(32));
        values.put("granite.embedding_scale", GgufValue.of(12.0));
        values.put("tokenizer.ggml.tokens", GgufValue.of(List.of("a", "b", "<|end_of_text|>")));
        values.put("tokenizer.ggml.token_type", GgufValue.of(new int[] {1, 1, 3}));
        values.put("tokenizer.ggml.scores", GgufValue.of(new float[] {0, 1, 2}));
        values.put("tokenizer.ggml.add_bos_token", GgufValue.of(false));
        List<TensorInfo> infos = new ArrayList<>();
        for (DType type : DType.values())
            if (type != DType.F8_E4M3)
                infos.add(new TensorInfo("blk.0." + type + ".weight", type, List.of(2L, 256L)));
        GgufWriter.write(file, values, infos, info -> MemorySegment.ofArray(new byte[(int) info.bytes()]));
        return Files.readAllBytes(file);
    }

    private void run(long count) throws IOException {
        Thread watch = Thread.ofPlatform().daemon().start(this::watch);
        for (long i = 0; i < count; i++) {
            Files.write(target.file(), new Mutations(new SplittableRandom(seed + i)).of(target.good(), target.head()));
            current = i;
            begin = nanos(thread);
            open(i);
            long took = nanos(thread) - begin;
            slowest = Math.max(slowest, took);
            if (took > SECOND)
                failures.add(target.name() + " " + i + ": took " + took / 1_000_000 + " ms");
        }
        watch.interrupt();
    }

    private void open(long i) {
        try {
            target.opening().open(target.file());
        } catch (IOException e) {
            refused++;
            if (e.getMessage() == null || e.getMessage().isBlank())
                failures.add(target.name() + " " + i + ": refused without a sentence");
        } catch (RuntimeException | Error e) {
            failures.add(target.name() + " " + i + ": " + e + " at " + e.getStackTrace()[0]);
        }
    }

    /** An endless file cannot be stopped from inside: says which it is and ends the program. */
    private void watch() {
        try {
            while (true) {
                Thread.sleep(1000);
                if (nanos(thread) - begin > ENDLESS) {
                    System.out.println(target.name() + " " + current + ": endless");
                    Runtime.getRuntime().halt(2);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
