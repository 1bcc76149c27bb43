package io.quarry.app;

import io.quarry.infer.Machine;
import io.quarry.kernel.DType;
import io.quarry.kernel.Workers;
import io.quarry.model.Quantize.Outcome;
import io.quarry.recipe.Nearest;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What convert and quantize share: a model is written anew, tensor by tensor, and both are measured on a text. */
final class RewriteOptions {
    private static final Duration BETWEEN_LINES = Duration.ofSeconds(5);

    @Option(names = "--force", description = "Replace OUT if it is there.")
    private boolean force;

    @Option(names = "--text-file", paramLabel = "FILE", description = "The text whose perplexity is measured before and after. Default: a short one of this program")
    private Path textFile;

    @Option(names = "--no-perplexity", description = "Measure no perplexity: it takes the memory of the whole model.")
    private boolean noPerplexity;

    @Mixin
    private CommonOptions common;

    /** How a model is written. */
    @FunctionalInterface
    interface Way {
        void write(Path out, Workers workers, Consumer<Outcome> told) throws IOException;
    }

    /**
     * A type as a person names it.
     *
     * @param given null if nothing was said
     */
    static DType type(String given) {
        if (given == null)
            return null;
        List<String> names = Arrays.stream(DType.values()).filter(type -> type != DType.F8_E4M3).map(DType::name)
                .toList();
        String name = given.toUpperCase(Locale.ROOT);
        if (!names.contains(name))
            throw new IllegalArgumentException("there is no type " + given
                    + Nearest.of(name, names).map(near -> " (did you mean " + near + "?)").orElse("")
                    + "; there are " + String.join(", ", names));
        return DType.valueOf(name);
    }

    static boolean isGguf(Path path) {
        return path.getFileName() != null && path.getFileName().toString().endsWith(".gguf");
    }

    /** Writes {@code out}, measures, and says what became of it. */
    int run(String verb, Path from, Path out, Way way) throws IOException {
        if (Files.exists(out) && Files.isSameFile(from, out))
            throw new IllegalArgumentException(out + " is the model that is read; name another to write to");
        String text = noPerplexity ? null : Perplexity.text(textFile);
        PrintStream console = new PrintStream(common.json() ? System.err : System.out, true, StandardCharsets.UTF_8);
        Display display = Terminals.output() && !common.json() ? new Bars(console) : new Lines(console, BETWEEN_LINES);
        int threads = common.threads(Machine.here().processors());
        List<Outcome> outcomes = new ArrayList<>();
        try (Output output = new Output(out, force)) {
            long all = Inspection.numbers(from);
            Meter meter = new Meter(System::nanoTime);
            String name = String.valueOf(out.getFileName());
            display.began(verb, name, meter);
            String how = "failed";
            try (Workers workers = new Workers(threads)) {
                long[] done = {0};
                way.write(output.path(), workers, outcome -> {
                    outcomes.add(outcome);
                    done[0] += outcome.numbers();
                    meter.at(done[0], all, "weights", outcome.name());
                });
                output.done();
                how = Meter.Numbers.count(done[0]) + " weights in " + outcomes.size() + " tensors";
            } finally {
                display.ended(verb, name, how);
            }
        }
        Rewritten rewritten = new Rewritten(from, out, outcomes, perplexity(from, out, text, threads));
        if (common.json())
            CommonOptions.print(rewritten.json());
        else
            rewritten.print(console);
        return 0;
    }

    private Perplexity perplexity(Path from, Path out, String text, int threads) {
        if (text == null)
            return new Perplexity(0, Double.NaN, Double.NaN, "--no-perplexity");
        return Perplexity.of(from, out, text, threads);
    }
}
