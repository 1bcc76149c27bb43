package io.quarry.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarry.ledger.Artifact;
import io.quarry.recipe.Recipe;
import java.io.ByteArrayOutputStream;
import java.io.FileWriter;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PipelineTest {
    @TempDir
    private Path work;
    private Recipe recipe;
    private final List<String> ran = new ArrayList<>();
    private final ByteArrayOutputStream said = new ByteArrayOutputStream();

    @BeforeEach
    void readRecipe() throws IOException {
        recipe = Fixtures.tiny();
    }

    @Test
    void runsOnceThenRecognisesAll() throws IOException {
        Map<String, Artifact> first = pipeline().run(chain("a", "b"));
        assertThat(ran).containsExactly("one", "two", "three");
        assertThat(Files.readString(first.get("three").file("text"))).isEqualTo("three(b) one(a) two()");
        assertThat(first.get("three").manifest().facts()).containsEntry("length", 21).containsKey("peakResidentBytes");

        Map<String, Artifact> second = pipeline().run(chain("a", "b"));
        assertThat(ran).as("nothing ran again").hasSize(3);
        assertThat(second).isEqualTo(first);
        assertThat(said()).contains("done before");
    }

    @Test
    void changeOfALateStageRunsOnlyWhatFollows() throws IOException {
        pipeline().run(chain("a", "b"));
        ran.clear();
        pipeline().run(chain("a", "changed"));
        assertThat(ran).containsExactly("three");
        pipeline().run(chain("a", "b"));
        assertThat(ran).as("the artifact of before is still there").containsExactly("three");
    }

    @Test
    void changeThatMakesTheSameStopsThere() throws IOException {
        pipeline().run(chain("a", "b"));
        ran.clear();
        List<Stage> stages = new ArrayList<>(chain("a", "b"));
        Stage two = stages.get(1);
        stages.set(1, new Stage(two.name(), "2", two.kind(), null, two.needs(), two.work()));
        pipeline().run(stages);
        assertThat(ran).as("two is a new version with the same result, so three stays").containsExactly("two");
    }

    @Test
    void damagedArtifactIsSaidAndMadeAgain() throws IOException {
        Artifact one = pipeline().run(chain("a", "b")).get("one");
        ran.clear();
        Files.writeString(one.file("text"), "x", StandardOpenOption.APPEND);
        pipeline().run(chain("a", "b"));
        assertThat(ran).as("the same content is made, so nothing behind it runs").containsExactly("one");
        assertThat(said()).contains("is made again").contains("has 7 bytes, the manifest says 6");

        ran.clear();
        Files.writeString(one.file("text"), "one(b)");
        pipeline().run(chain("a", "b"));
        assertThat(ran).containsExactly("one");
        assertThat(said()).contains("has the hash");
    }

    @Test
    void manifestThatWasWrittenByHandIsNotBelieved() throws IOException {
        Artifact one = pipeline().run(chain("a", "b")).get("one");
        ran.clear();
        Path manifest = one.file(Artifact.MANIFEST);
        Files.writeString(manifest, Files.readString(manifest).replace("\"length\" : 6", "\"length\" : 7"));
        pipeline().run(chain("a", "b"));
        assertThat(ran).containsExactly("one");
        assertThat(said()).contains("the ledger does not know");
    }

    @Test
    void brokenLedgerIsASentence() throws IOException {
        pipeline().run(chain("a", "b"));
        Path ledger = work.resolve("ledger.jsonl");
        Files.writeString(ledger, Files.readString(ledger).replace("\"stage\":\"two\"", "\"stage\":\"owt\""));
        assertThatThrownBy(() -> pipeline().run(chain("a", "b"))).isInstanceOf(IOException.class)
                .hasMessageContaining("broken at line 2");
    }

    @Test
    void failureLeavesNoArtifactAndKeepsTheScratch() throws IOException {
        Stage stage = new Stage("train", "1", "checkpoint", null, List.of(), context -> {
            Path state = context.scratch().resolve("state");
            Files.writeString(context.out().resolve("text"), "half");
            if (!Files.exists(state)) {
                Files.writeString(state, "step 5");
                throw new IOException("the loss is NaN at step 5");
            }
            assertThat(context.out()).as("what the failed attempt left is gone").isDirectoryContaining("glob:**/text");
            return Map.of("from", Files.readString(state));
        });
        assertThatThrownBy(() -> pipeline().run(List.of(stage))).isInstanceOf(StageFailure.class)
                .satisfies(e -> assertThat(Failure.sentence(e)).isEqualTo("stage train: the loss is NaN at step 5"));
        assertThat(Artifact.exists(work.resolve("artifacts"))).isFalse();

        Artifact done = pipeline().run(List.of(stage)).get("train");
        assertThat(done.manifest().facts()).containsEntry("from", "step 5").containsEntry("attempts", 2);
        assertThat(work.resolve("scratch")).isEmptyDirectory();
    }

    @Test
    void fullDiskIsASentenceWithFolderAndFreeBytes() {
        Stage stage = new Stage("curate", "1", "documents", null, List.of(), context -> {
            throw new IllegalStateException("Job aborted", new IOException("No space left on device"));
        });
        assertThatThrownBy(() -> pipeline().run(List.of(stage))).satisfies(
                e -> assertThat(Failure.sentence(e)).startsWith("stage curate: the disk is full: ")
                        .contains("bytes free"));
    }

    @Test
    void secondBuildSaysWhoHoldsTheFolder() {
        Stage stage = new Stage("one", "1", "x", null, List.of(), context -> {
            assertThatThrownBy(() -> pipeline().run(List.of()))
                    .hasMessageContaining("another build is at work in " + work)
                    .hasMessageContaining("process " + ProcessHandle.current().pid()).hasMessageContaining(" since ");
            return Map.of();
        });
        assertThat(catchAll(() -> pipeline().run(List.of(stage)))).isNull();
        assertThat(catchAll(() -> pipeline().run(List.of(stage)))).as("free again").isNull();
    }

    @Test
    void stopInterruptsTheStageWaitsForItAndFreesTheFolder() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        Stage stage = new Stage("train", "1", "x", null, List.of(), context -> {
            inside.countDown();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                try (FileWriter saved = new FileWriter(context.scratch().resolve("state").toFile())) {
                    saved.write("saved");
                }
            }
            throw new IllegalStateException("left after an interrupt, the flag is gone");
        });
        Pipeline pipeline = pipeline();
        FutureTask<Map<String, Artifact>> run = new FutureTask<>(() -> pipeline.run(List.of(stage)));
        Thread.ofPlatform().start(run);
        inside.await();
        assertThat(pipeline.stop(Duration.ofSeconds(20))).isTrue();
        assertThatThrownBy(run::get).hasCauseInstanceOf(CancellationException.class);
        try (FolderLock free = FolderLock.take(work)) {
            assertThat(free).isNotNull();
        }
        try (var states = Files.walk(work.resolve("scratch"))) {
            assertThat(states.filter(f -> f.endsWith("state"))).hasSize(1);
        }
    }

    @Test
    void stagesMustStandInOrder() {
        Stage b = new Stage("b", "1", "x", null, List.of("a"), context -> Map.of());
        assertThatThrownBy(() -> pipeline().run(List.of(b)))
                .hasMessageContaining("needs a, which does not stand before");
    }

    @Test
    void seedIsPartOfEveryKeyAndOwnToEachStage() throws IOException {
        List<Long> seeds = new ArrayList<>();
        Stage.Work note = context -> {
            seeds.add(context.seed());
            return Map.of();
        };
        List<Stage> stages = List.of(new Stage("a", "1", "x", null, List.of(), note),
                new Stage("b", "1", "x", null, List.of(), note));
        pipeline().run(stages);
        recipe = Fixtures.tinyWith("seed: 7", "seed: 8");
        pipeline().run(stages);
        assertThat(seeds).hasSize(4).doesNotHaveDuplicates();
    }

    private static Throwable catchAll(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        return org.assertj.core.api.Assertions.catchThrowable(call);
    }

    private Pipeline pipeline() {
        Display lines = new Lines(new PrintStream(said, true, StandardCharsets.UTF_8), Duration.ofHours(1));
        return new Pipeline(recipe, work, work, lines, "test");
    }

    private String said() {
        return said.toString(StandardCharsets.UTF_8);
    }

    /** Three stages; each writes its name, its part of the recipe and what it read. */
    private List<Stage> chain(String partOfOne, String partOfThree) {
        return List.of(stage("one", partOfOne, List.of()), stage("two", "", List.of()),
                stage("three", partOfThree, List.of("one", "two")));
    }

    private Stage stage(String name, String part, List<String> needs) {
        return new Stage(name, "1", "text", part, needs, context -> {
            ran.add(name);
            StringBuilder text = new StringBuilder(name + "(" + part + ")");
            for (String need : needs)
                text.append(' ').append(Files.readString(context.input(need).file("text")));
            Files.writeString(context.out().resolve("text"), text);
            return Map.of("length", text.length());
        });
    }
}
