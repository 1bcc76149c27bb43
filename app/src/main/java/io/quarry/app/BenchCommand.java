package io.quarry.app;

import io.quarry.infer.Engine;
import io.quarry.infer.Lm;
import io.quarry.kernel.Bandwidth;
import io.quarry.kernel.Workers;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code quarry bench}: how fast a model runs on this machine. */
@Command(name = "bench", mixinStandardHelpOptions = true, versionProvider = Version.class, description = {
    "Measures how fast a model reads prompts and says tokens on this machine.", "",
    "All figures are medians of the trials. Between them as many bytes as a step reads of weights are only read; the",
    "fastest such read is told beside: decoding one text cannot be faster than that.", ""}, footer = {"", "Examples:",
        "  quarry bench model.gguf",
        "  quarry bench model.gguf --prompt 512 --generate 64 --batch 8 --depth 8192 --record results/bench.jsonl"})
final class BenchCommand implements Callable<Integer> {
    /** More than caches hold, and no more, where the weights are larger: the memory is needed beside theirs. */
    private static final long MOST_READ = 1L << 30;

    @Parameters(index = "0", paramLabel = "MODEL", description = LocalModels.MODEL)
    private String model;

    @Option(names = "--prompt", paramLabel = "N", defaultValue = "512", description = "Tokens of each prompt. Default: ${DEFAULT-VALUE}")
    private int prompt;

    @Option(names = "--generate", paramLabel = "N", defaultValue = "64", description = "Tokens that each text says. Default: ${DEFAULT-VALUE}")
    private int generate;

    @Option(names = "--batch", paramLabel = "N", defaultValue = "1", description = "Texts at once. Default: ${DEFAULT-VALUE}")
    private int batch;

    @Option(names = "--depth", paramLabel = "N", defaultValue = "0", description = "Tokens that stand before each prompt. Default: ${DEFAULT-VALUE}")
    private int depth;

    @Option(names = "--trials", paramLabel = "N", defaultValue = "3", description = "Measured trials, after one that warms up. Default: ${DEFAULT-VALUE}")
    private int trials;

    @Option(names = "--record", paramLabel = "FILE", description = "Append the figures to this file, as a line of JSON")
    private Path record;

    @Mixin
    private EngineOptions engine;

    @Mixin
    private CommonOptions common;

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (trials < 1)
            throw new IllegalArgumentException("--trials must be at least 1, was " + trials);
        EngineBench.Sizes sizes = new EngineBench.Sizes(prompt, generate, batch, depth);
        int threads = common.threads();
        Path path = LocalModels.find(model);
        long begin = System.nanoTime();
        try (Lm lm = Lm.open(path, engine.with(Engine.of(threads)))) {
            double opening = (System.nanoTime() - begin) / 1e9;
            List<EngineBench.Trial> measured = new ArrayList<>();
            List<Double> reads = new ArrayList<>();
            OptionalLong resident = OptionalLong.empty();
            EngineBench bench = new EngineBench(lm, sizes);
            say("warming up");
            bench.warmUp();
            for (int i = 0; i < trials; i++) {
                measured.add(bench.trial());
                if (i == 0)
                    resident = Memory.peakResident(); // before there is memory to be read only
                try (Workers workers = new Workers(threads);
                        Bandwidth bandwidth = new Bandwidth(Math.min(lm.stepBytes(), MOST_READ), workers)) {
                    reads.add(bandwidth.read());
                    reads.add(bandwidth.read());
                }
                EngineBench.Trial last = measured.getLast();
                say(String.format(Locale.ROOT, "trial %d of %d: prefill %.1f tokens/s, decode %.1f tokens/s, pure read"
                        + " %.1f GB/s", i + 1, trials, last.prefill(), last.decode(), reads.getLast()));
            }
            report(lm, path, threads, opening, measured, Collections.max(reads), resident);
        }
        return 0;
    }

    private void report(Lm lm, Path path, int threads, double opening, List<EngineBench.Trial> measured,
            double pureRead, OptionalLong resident) throws IOException {
        double read = median(measured, EngineBench.Trial::steps) * lm.stepBytes() / 1e9;
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("date", LocalDate.now().toString());
        all.put("version", Version.quarry());
        all.put("model", path.getFileName().toString());
        all.put("kernel", lm.kernels());
        all.put("threads", threads);
        all.put("prompt", prompt);
        all.put("generate", generate);
        all.put("batch", batch);
        all.put("depth", depth);
        all.put("trials", trials);
        all.put("cache", engine.cache().name());
        all.put("openSeconds", round(opening));
        all.put("prefillTokensPerSecond", round(median(measured, EngineBench.Trial::prefill)));
        all.put("decodeTokensPerSecond", round(median(measured, EngineBench.Trial::decode)));
        all.put("timeToFirstTokenMs", round(1000 * median(measured, EngineBench.Trial::firstSeconds)));
        all.put("readGBps", round(read));
        all.put("pureReadGBps", round(pureRead));
        all.put("weightBytes", lm.stepBytes());
        resident.ifPresent(bytes -> all.put("peakResidentBytes", bytes));
        if (common.json())
            CommonOptions.print(all);
        else
            table(all);
        if (record != null) {
            if (record.toAbsolutePath().getParent() != null)
                Files.createDirectories(record.toAbsolutePath().getParent());
            Files.writeString(record, CommonOptions.line(all) + "\n", StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        }
    }

    private void table(Map<String, Object> all) {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        out.printf(Locale.ROOT, "%s, %d threads, kernel %s%n", all.get("model"), all.get("threads"), all.get("kernel"));
        out.printf(Locale.ROOT, "  prefill   %10.1f tokens/s   %d x %d tokens at depth %d%n",
                all.get("prefillTokensPerSecond"), batch, prompt, depth);
        out.printf(Locale.ROOT, "  decode    %10.1f tokens/s   %d x %d tokens%n", all.get("decodeTokensPerSecond"),
                batch, generate);
        out.printf(Locale.ROOT, "  first     %10.0f ms%n", all.get("timeToFirstTokenMs"));
        out.printf(Locale.ROOT, "  weights   %10.1f GB/s       a pure read reaches %.1f GB/s%n", all.get("readGBps"),
                all.get("pureReadGBps"));
        if (all.get("peakResidentBytes") instanceof Long bytes)
            out.printf(Locale.ROOT, "  memory    %10.2f GB at most, of which weights %.2f GB%n", bytes / 1e9,
                    ((Long) all.get("weightBytes")) / 1e9);
    }

    private static void say(String what) {
        System.err.println("quarry: " + what);
    }

    private static double round(double value) {
        return Double.isFinite(value) ? Math.round(value * 1000) / 1000.0 : 0;
    }

    private static double median(List<EngineBench.Trial> trials, ToDoubleFunction<EngineBench.Trial> what) {
        return median(trials.stream().map(what::applyAsDouble).toList());
    }

    private static double median(List<Double> values) {
        double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        int half = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }
}
