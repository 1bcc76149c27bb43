package io.quarry.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarry.ledger.Progress;
import io.quarry.recipe.Recipe;
import io.quarry.recipe.Schedule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainerTest {
    private static final int STEPS = 12;

    @TempDir
    Path dir;
    private Path text;
    private Path heldOut;

    @BeforeEach
    void texts() throws IOException {
        text = Tiny.counting(dir.resolve("text.tokens"), 60, 40, 1);
        heldOut = Tiny.counting(dir.resolve("held.tokens"), 10, 40, 2);
    }

    private TrainJob job(String name, Recipe.Phase phase) {
        return new TrainJob(Tiny.SPEC, null, 0.1, phase, Tiny.ADAMW, Map.of("text", text), Map.of("text", heldOut), 200,
                7, 2, true, 1, dir.resolve("scratch-" + name), dir.resolve(name), null);
    }

    private TrainJob job(String name) {
        return job(name, Tiny.phase(STEPS * 128, 32, 128, Map.of("text", 1.0)));
    }

    private byte[] weights(String name) throws IOException {
        return Files.readAllBytes(dir.resolve(name).resolve("model.safetensors"));
    }

    @Test
    void learnsAndSaysHow() throws Exception {
        TrainResult result = Trainer.run(job("a", Tiny.phase(60 * 256, 32, 256, Map.of("text", 1.0))), Progress.SILENT);
        var heldOutLoss = (Map<?, ?>) result.facts().get("heldOut");
        double before = (Double) ((Map<?, ?>) heldOutLoss.get("before")).get("text");
        double after = (Double) ((Map<?, ?>) heldOutLoss.get("after")).get("text");
        assertThat(before).isBetween(3.5, 7.0);
        assertThat(after).isLessThan(before - 1);
        var losses = (List<?>) result.facts().get("losses");
        assertThat(losses).hasSize(60);
        assertThat(((Map<?, ?>) losses.getLast()).keySet())
                .hasToString("[step, tokens, lr, loss, gradNorm, tokensPerSecond]");
        assertThat(result.facts()).containsEntry("tokens", 60L * 256);
    }

    @Test
    void sameJobGivesTheSameBits() throws Exception {
        Trainer.run(job("a"), Progress.SILENT);
        Trainer.run(job("b"), Progress.SILENT);
        assertThat(weights("a")).isEqualTo(weights("b"));
    }

    @Test
    void anInterruptedRunGoesOnAsTheUnbrokenOne() throws Exception {
        Trainer.run(job("unbroken"), Progress.SILENT);
        TrainJob job = job("resumed");
        assertThatThrownBy(() -> Trainer.run(job, (done, total, unit, note) -> {
            if (done == 5 * 128)
                Thread.currentThread().interrupt();
        })).isInstanceOf(InterruptedException.class).hasMessageContaining("after step 5 of 12");
        long[] from = {-1};
        TrainResult result = Trainer.run(job, (done, total, unit, note) -> from[0] = from[0] < 0 ? done : from[0]);
        assertThat(from[0]).as("steps already done are not done again").isEqualTo(6 * 128);
        assertThat(weights("resumed")).isEqualTo(weights("unbroken"));
        assertThat(result.facts()).containsEntry("steps", 12L);
        assertThat(((Map<?, ?>) result.facts().get("heldOut")).keySet()).as("measured before the kill")
                .hasToString("[after, before]");
    }

    @Test
    void aKilledRunGoesOnFromItsLastWholeState() throws Exception {
        Trainer.run(job("unbroken"), Progress.SILENT);
        TrainJob job = job("killed");
        killAfter(job, 7);
        Path damaged = Files.getLastModifiedTime(job.scratch().resolve("state-0.bin"))
                .compareTo(Files.getLastModifiedTime(job.scratch().resolve("state-1.bin"))) > 0
                        ? job.scratch().resolve("state-0.bin")
                        : job.scratch().resolve("state-1.bin");
        byte[] state = Files.readAllBytes(damaged);
        state[state.length / 2] ^= 1;
        Files.write(damaged, state);
        TrainResult result = Trainer.run(job, Progress.SILENT);
        assertThat(weights("killed")).isEqualTo(weights("unbroken"));
        assertThat(result.facts().get("notes").toString()).contains(damaged.getFileName().toString(), "damaged");
    }

    @Test
    void aStateOfAnotherJobIsNotTakenUp() throws Exception {
        TrainJob job = job("other");
        killAfter(job, 7);
        TrainJob changed = new TrainJob(job.spec(), null, 0.1, job.phase(), job.optimizer(), job.tokens(),
                job.heldOut(), 200, 8, 2, true, 1, job.scratch(), job.out(), null);
        long[] first = {-1};
        Trainer.run(changed, (done, total, unit, note) -> first[0] = first[0] < 0 ? done : first[0]);
        assertThat(first[0]).isEqualTo(128);
    }

    /** Saves at every step and dies without a chance to clean up. */
    private static void killAfter(TrainJob job, int steps) {
        assertThatThrownBy(() -> Trainer.run(job, (done, total, unit, note) -> {
            if (done == steps * 128)
                throw new AssertionError("killed");
        }, 0)).hasMessage("killed");
    }

    @Test
    void stopsWhenTheLossIsNoNumberAndKeepsTheLastState() {
        var wild = new Recipe.Phase("wild", STEPS * 128, 32, 128, Map.of("text", 1.0),
                new Schedule("constant", 1e30, 0, 0, null));
        TrainJob job = job("nan", wild);
        assertThatThrownBy(() -> Trainer.run(job, Progress.SILENT)).isInstanceOf(Diverged.class)
                .hasMessageContaining("wild diverged at step 1 of 12").hasMessageContaining("text row 4");
        assertThat(job.scratch().resolve("state-0.bin")).exists();
        assertThat(job.out()).doesNotExist();
    }

    @Test
    void refusesTokensOfAnotherTokenizer() throws Exception {
        try (var out = new io.quarry.text.TokenFile.Writer(text, false)) {
            out.add(new int[] {5, 80, 7});
        }
        assertThatThrownBy(() -> Trainer.run(job("alien"), Progress.SILENT)).hasMessageContaining("token 80")
                .hasMessageContaining("another tokenizer");
    }
}
