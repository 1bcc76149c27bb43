package io.quarry.rl;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarry.chat.Conversation;
import io.quarry.chat.Message;
import io.quarry.chat.Template;
import io.quarry.eval.Grade;
import io.quarry.eval.Sample;
import io.quarry.eval.Split;
import io.quarry.eval.Task;
import io.quarry.ledger.Progress;
import io.quarry.model.ModelSpec;
import io.quarry.recipe.Recipe;
import io.quarry.text.BpeTrainer;
import io.quarry.text.Specials;
import io.quarry.text.Tokenizer;
import io.quarry.train.Checkpoints;
import io.quarry.train.TrainResult;
import io.quarry.train.Weights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GrpoTest {
    private static final Recipe.Optimizer ADAMW = new Recipe.Optimizer(0.9, 0.95, 1e-8, 0, 1);

    @TempDir
    Path dir;

    /** Rewards what even an untrained model sometimes does: one of the first letters. */
    private record Letters() implements Task {
        @Override
        public String name() {
            return "letters";
        }

        @Override
        public Sample sample(Split split, long seed, long index) {
            return new Sample("letters", "" + index, Conversation.of(Message.user("Say letters " + index)),
                    Message.assistant("abc"), Map.of());
        }

        @Override
        public Grade grade(Sample sample, String answer) {
            double letters = answer.chars().filter(c -> c >= 'a' && c <= 'f').count();
            return new Grade(letters > answer.length() / 2.0, letters / Math.max(1, answer.length()), "");
        }
    }

    @BeforeEach
    void model() throws IOException {
        Path start = Files.createDirectories(dir.resolve("start"));
        Tokenizer tokenizer = BpeTrainer.train(words().iterator(),
                new Recipe.TokenizerPlan(512, 100_000, 1, true), Progress.SILENT);
        tokenizer.save(start, 256, Template.jinja());
        int end = tokenizer.id(Specials.END_OF_TEXT);
        ModelSpec spec = new ModelSpec(tokenizer.vocabulary(), 32, 2, 4, 2, 8, 48, 256, 10_000, 1e-5, 12, 0.125, 0.22,
                2,
                true, end, end, tokenizer.id(Specials.PAD));
        Checkpoints.write(start, Weights.initial(spec, 0.05, 3), null);
    }

    /** Enough different words for the merges of a small tokenizer. */
    private static List<String> words() {
        Random random = new Random(1);
        return Stream.generate(() -> " " + random.ints(8, 'a', 'z').mapToObj(Character::toString).collect(joining()))
                .limit(500).toList();
    }

    private RlJob job(String name, int steps) {
        var stage = new Recipe.RlStage("letters", Map.of("letters", 1.0), steps, 4, 16, 12, 1, 0.02, 2, 0.01, 0.2,
                0.28);
        return new RlJob(dir.resolve("start"), stage, ADAMW, 5, 2, 128, dir.resolve("scratch-" + name),
                dir.resolve(name), dir.resolve("start"));
    }

    private TrainResult run(RlJob job, Progress progress) throws IOException, InterruptedException {
        return Grpo.run(job, name -> new Letters(), progress);
    }

    private byte[] weights(String name) throws IOException {
        return Files.readAllBytes(dir.resolve(name).resolve("model.safetensors"));
    }

    @Test
    void rewardRisesAndTheEngineAgreesWithTheGraph() throws Exception {
        TrainResult result = run(job("a", 40), Progress.SILENT);
        var steps = (List<?>) result.facts().get("steps");
        double before = mean(steps.subList(0, 5), "reward");
        double after = mean(steps.subList(35, 40), "reward");
        assertThat(after).isGreaterThan(before + 0.1);
        assertThat((double) ((Map<?, ?>) steps.getFirst()).get("kl")).as("the reference is the model itself").isZero();
        assertThat(mean(steps.subList(35, 40), "kl")).isPositive();
        assertThat(mean(steps, "engineDifference")).isLessThan(0.02);
        assertThat(dir.resolve("a").resolve("tokenizer.json")).exists();
    }

    private static double mean(List<?> steps, String name) {
        return steps.stream().mapToDouble(step -> ((Number) ((Map<?, ?>) step).get(name)).doubleValue()).average()
                .orElseThrow();
    }

    @Test
    void anInterruptedStageGoesOnAsTheUnbrokenOne() throws Exception {
        run(job("unbroken", 6), Progress.SILENT);
        RlJob job = job("resumed", 6);
        assertThatThrownBy(() -> run(job, (done, total, unit, note) -> {
            if (done == 3)
                Thread.currentThread().interrupt();
        })).isInstanceOf(InterruptedException.class).hasMessageContaining("after step 3 of 6");
        TrainResult result = run(job, Progress.SILENT);
        assertThat((List<?>) result.facts().get("steps")).hasSize(6);
        assertThat(weights("resumed")).isEqualTo(weights("unbroken"));
    }

    @Test
    void refusesAContextTheModelWasNotMadeFor() {
        RlJob job = job("long", 1);
        RlJob longer = new RlJob(job.initial(), job.stage(), ADAMW, 5, 2, 512, job.scratch(), job.out(),
                job.tokenizerFrom());
        assertThatThrownBy(() -> run(longer, Progress.SILENT)).hasMessageContaining("512")
                .hasMessageContaining("made for 256");
    }
}
