package io.quarry.app;

import io.quarry.ledger.Artifact;
import io.quarry.recipe.Recipe;
import io.quarry.recipe.RecipeFile;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code quarry build}: runs the whole chain of a recipe, or what is left of it. */
@Command(name = "build", mixinStandardHelpOptions = true, versionProvider = Version.class, description = {
    "Runs a recipe from raw text to a model. What is done already is not done again.", ""}, footer = {"",
        "Examples:", "  quarry build recipes/nano.yaml", "  quarry build recipes/pico.yaml --workdir /data/pico",
        "Ctrl-C stops it at any moment; the same command goes on where it stopped."})
final class BuildCommand implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofSeconds(25);
    private static final Duration BETWEEN_LINES = Duration.ofSeconds(5);

    private static final System.Logger LOG = System.getLogger(BuildCommand.class.getName());

    @Parameters(paramLabel = "RECIPE", description = "The recipe, a YAML file.")
    private Path recipeFile;

    @Option(names = "--workdir", paramLabel = "DIR", defaultValue = "work", description = "Where artifacts and the report go. Default: ${DEFAULT-VALUE}")
    private Path workdir;

    @Override
    public Integer call() throws IOException {
        long start = System.nanoTime();
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        Recipe recipe = RecipeFile.read(recipeFile);
        Plan.of(recipe).check();
        Display display = Terminals.output() ? new Bars(out) : new Lines(out, BETWEEN_LINES);
        Path recipeDir = recipeFile.toAbsolutePath().getParent();
        Pipeline pipeline = new Pipeline(recipe, recipeDir, workdir, display, Version.quarry());
        Thread hook = new Thread(() -> stop(pipeline, out), "stop");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            Map<String, Artifact> made = pipeline.run(Chain.stages(recipe, recipeDir));
            takeBack(hook);
            Summary.publish(workdir, recipe.name(), made);
            out.print(Summary.text(workdir, made, (System.nanoTime() - start) / 1e9));
            return 0;
        } catch (CancellationException e) {
            return 130; // the process is ending, and the hook says so
        } catch (IOException | RuntimeException e) {
            takeBack(hook);
            throw e;
        }
    }

    private static void takeBack(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            LOG.log(System.Logger.Level.DEBUG, "Ctrl-C came as the build ended: the hook runs anyway", e);
        }
    }

    private static void stop(Pipeline pipeline, PrintStream out) {
        boolean inTime = pipeline.stop(PATIENCE);
        out.println(inTime
                ? "stopped; the same command goes on"
                : System.lineSeparator()
                        + "stopped without waiting longer; the same command goes on from what was last saved");
        out.flush();
    }
}
