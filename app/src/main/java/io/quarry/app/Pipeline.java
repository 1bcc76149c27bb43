package io.quarry.app;

import io.quarry.ledger.Artifact;
import io.quarry.ledger.Hash;
import io.quarry.ledger.Ledger;
import io.quarry.ledger.Manifest;
import io.quarry.ledger.Seen;
import io.quarry.recipe.Recipe;
import io.quarry.recipe.RecipeFile;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Runs stages in their order and skips those whose artifact is there: restart, resume and "change one thing" are the
 * same mechanism. In the work folder: {@code artifacts/<stage>-<key>/}, {@code scratch/<stage>-<key>/},
 * {@code ledger.jsonl}, {@code lock}, and {@code seen.json}, a cache of file hashes.
 */
public final class Pipeline {
    private final Recipe recipe;
    private final Path recipeDir;
    private final Path workdir;
    private final Display display;
    private final String version;
    private final String recipeHash;
    private final CountDownLatch over = new CountDownLatch(1);
    private volatile Thread worker;
    private volatile boolean stopping;

    /**
     * @param recipeDir folder of the recipe file
     * @param workdir   where artifacts go
     * @param version   of Quarry, for the manifests
     */
    Pipeline(Recipe recipe, Path recipeDir, Path workdir, Display display, String version) {
        this.recipe = recipe;
        this.recipeDir = recipeDir;
        this.workdir = workdir;
        this.display = display;
        this.version = version;
        this.recipeHash = Hash.of(RecipeFile.json(recipe));
    }

    /**
     * Runs what is not done yet.
     *
     * @return the artifacts by stage, in the order of the stages
     * @throws StageFailure          if a stage fails; what was finished stays, and the same call goes on there
     * @throws CancellationException if {@link #stop} was called
     */
    public Map<String, Artifact> run(List<Stage> stages) throws IOException {
        check(stages);
        worker = Thread.currentThread();
        try {
            return runAll(stages);
        } catch (ClosedByInterruptException e) { // stopped between two stages, while a file was open
            throw new CancellationException("stopped");
        } finally {
            worker = null;
            over.countDown();
        }
    }

    /**
     * Asks the run to save and to leave, and waits for that. Called by another thread, once.
     *
     * @return whether the run was over in time; if not, the process may end all the same, nothing finished is lost
     */
    boolean stop(Duration patience) {
        stopping = true;
        Thread running = worker;
        if (running == null)
            return true;
        running.interrupt();
        try {
            return over.await(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private Map<String, Artifact> runAll(List<Stage> stages) throws IOException {
        Files.createDirectories(workdir.resolve("artifacts"));
        try (FolderLock _ = FolderLock.take(workdir)) {
            Ledger ledger = Ledger.open(workdir.resolve("ledger.jsonl"));
            if (!ledger.repair().isEmpty())
                display.line(ledger.repair());
            Seen seen = Seen.open(workdir.resolve("seen.json"));
            Map<String, Artifact> made = new LinkedHashMap<>();
            for (int i = 0; i < stages.size(); i++) {
                if (stopping)
                    throw new CancellationException("stopped before " + stages.get(i).name());
                Stage stage = stages.get(i);
                Map<String, Artifact> inputs = new LinkedHashMap<>();
                for (String need : stage.needs())
                    inputs.put(need, made.get(need));
                Place place = new Place((i + 1) + "/" + stages.size(), stage, inputs, key(stage, inputs));
                Artifact artifact = found(place, ledger, seen);
                made.put(stage.name(), artifact != null ? artifact : make(place, ledger, seen));
                seen.save();
            }
            return made;
        }
    }

    /** A stage in this run: where it stands, what it reads, what it will be named by. */
    private record Place(String number, Stage stage, Map<String, Artifact> inputs, String key) {
        String folder() {
            return stage.name() + "-" + key.substring(0, 12);
        }
    }

    private static void check(List<Stage> stages) {
        Map<String, Stage> before = new LinkedHashMap<>();
        for (Stage stage : stages) {
            for (String need : stage.needs())
                if (!before.containsKey(need))
                    throw new IllegalArgumentException("stage " + stage.name() + " needs " + need
                            + ", which does not stand before it; before it stand " + before.keySet());
            if (before.put(stage.name(), stage) != null)
                throw new IllegalArgumentException("two stages are named " + stage.name());
        }
    }

    private String key(Stage stage, Map<String, Artifact> inputs) {
        Map<String, String> contents = new TreeMap<>();
        inputs.forEach((name, artifact) -> contents.put(name, artifact.manifest().content()));
        return Hash.of(String.join("\n", stage.name(), stage.version(), RecipeFile.json(stage.recipePart()),
                Long.toString(recipe.seed()), RecipeFile.json(contents)));
    }

    /** The finished artifact of a stage, null if there is none or what there is cannot be trusted. */
    private Artifact found(Place place, Ledger ledger, Seen seen) throws IOException {
        Path dir = workdir.resolve("artifacts").resolve(place.folder());
        if (!Files.exists(dir))
            return null;
        String wrong;
        try {
            Artifact artifact = Artifact.open(dir);
            wrong = !artifact.manifest().key().equals(place.key())
                    ? dir + " has another key than its folder says"
                    : !ledger.holds(artifact.manifest(), artifact.manifestHash())
                            ? "the ledger does not know " + dir + " with this manifest"
                            : artifact.damage(seen::hash);
            if (wrong.isEmpty()) {
                display.line(Lines.head(place.number(), place.stage().name()) + "done before");
                return artifact;
            }
        } catch (IOException e) {
            wrong = Failure.sentence(e);
        }
        display.line(Lines.head(place.number(), place.stage().name()) + "is made again: " + wrong);
        Folders.delete(dir);
        return null;
    }

    private Artifact make(Place place, Ledger ledger, Seen seen) throws IOException {
        Stage stage = place.stage();
        Path dir = workdir.resolve("artifacts").resolve(place.folder());
        Path out = dir.resolveSibling(place.folder() + ".partial");
        Path scratch = workdir.resolve("scratch").resolve(place.folder());
        Folders.delete(out);
        Files.createDirectories(out);
        Files.createDirectories(scratch);
        Meter meter = new Meter(System::nanoTime);
        String how = "failed";
        display.began(place.number(), stage.name(), meter);
        try (Stopwatch watch = Stopwatch.start(scratch.resolveSibling(place.folder() + ".time"))) {
            boolean own = Memory.resetPeak();
            Map<String, Object> facts = new LinkedHashMap<>(stage.work().run(new Context(stage.name(),
                    place.inputs(), out, scratch, meter, recipe, recipeDir, threads())));
            if (stopping)
                throw new InterruptedException("stopped while " + stage.name() + " ended");
            OptionalLong peak = Memory.peakResident();
            if (peak.isPresent())
                facts.put(own ? "peakResidentBytes" : "peakResidentBytesSinceStart", peak.getAsLong());
            if (watch.attempts() > 1)
                facts.put("attempts", watch.attempts());
            Artifact artifact = publish(place, facts, watch.seconds(), ledger);
            for (Manifest.FileEntry file : artifact.manifest().files())
                seen.learn(artifact.file(file.name()), file.sha256());
            Folders.delete(scratch);
            watch.forget();
            how = "done in " + Meter.Numbers.time(watch.seconds()) + last(meter);
            return artifact;
        } catch (Throwable e) { // memory that runs out and libraries that do not load included
            Thread.interrupted(); // an interrupted thread cannot write: the lock's file and the ledger are still to come
            how = stopping ? "stopped" : "failed";
            throw stopping
                    ? new CancellationException(stage.name() + " was stopped")
                    : new StageFailure(stage.name(), workdir, e);
        } finally {
            display.ended(place.number(), stage.name(), how);
        }
    }

    private static String last(Meter meter) {
        Meter.Reading r = meter.reading();
        return r == null
                ? ""
                : ", " + Meter.Numbers.count(r.done()) + " " + r.unit() + (r.note().isEmpty() ? "" : ", " + r.note());
    }

    /** Manifest, ledger entry, rename: an artifact stands at its place only when the ledger knows it. */
    private Artifact publish(Place place, Map<String, Object> facts, double seconds, Ledger ledger)
            throws IOException {
        Path dir = workdir.resolve("artifacts").resolve(place.folder());
        Map<String, String> parents = new TreeMap<>();
        place.inputs().forEach((name, artifact) -> parents.put(name, artifact.manifest().content()));
        Artifact sealed = Artifact.seal(dir.resolveSibling(place.folder() + ".partial"), place.stage().name(),
                place.stage().kind(), place.key(), parents, recipeHash, facts, version, seconds);
        ledger.append(sealed);
        Files.move(sealed.dir(), dir, StandardCopyOption.ATOMIC_MOVE);
        return Artifact.open(dir);
    }

    private int threads() {
        int asked = recipe.limits().threads();
        return asked > 0 ? asked : Runtime.getRuntime().availableProcessors();
    }
}
