package io.quarry.rl;

import io.quarry.eval.Grade;
import io.quarry.eval.Task;
import io.quarry.eval.Tasks;
import io.quarry.infer.Completion;
import io.quarry.infer.Engine;
import io.quarry.infer.Lm;
import io.quarry.infer.Request;
import io.quarry.infer.Sampling;
import io.quarry.kernel.KvType;
import io.quarry.ledger.Hash;
import io.quarry.ledger.Progress;
import io.quarry.model.Checkpoint;
import io.quarry.model.ModelSpec;
import io.quarry.recipe.Recipe;
import io.quarry.recipe.RecipeFile;
import io.quarry.text.Tokenizer;
import io.quarry.train.AdamW;
import io.quarry.train.Checkpoints;
import io.quarry.train.Diverged;
import io.quarry.train.FusedTransformer;
import io.quarry.train.Graph;
import io.quarry.train.Snapshots;
import io.quarry.train.TrainResult;
import io.quarry.train.Weights;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.function.Function;

/**
 * Group-relative policy optimization (arXiv 2402.03300) with the DAPO loss: the model answers each question several
 * times, the task's grader says how good every answer is, and answers better than their group become likelier. Strictly
 * on policy: one update per batch of answers. Killed, it goes on from its last state as the same run.
 */
public final class Grpo {
    private static final long SAVE_EVERY_NANOS = 20_000_000_000L;
    private static final int PART_TOKENS = 1024;

    private final RlJob job;
    private final Progress progress;
    private final Prompts prompts;
    private final ModelSpec spec;
    private final List<String> notes = new ArrayList<>();
    private final List<Map<String, Object>> log = new ArrayList<>();

    private Grpo(RlJob job, Function<String, Task> tasks, Progress progress) throws IOException {
        this.job = job;
        this.progress = progress;
        this.prompts = new Prompts(job, Tokenizer.open(job.tokenizerFrom()), tasks);
        try (Checkpoint checkpoint = Checkpoint.open(job.initial())) {
            this.spec = checkpoint.spec();
        }
        if (job.maxContext() > spec.contextLength())
            throw new IllegalArgumentException("rl." + job.stage().name() + " wants a context of " + job.maxContext()
                    + " tokens, the model was made for " + spec.contextLength());
    }

    /**
     * Runs a stage and writes the checkpoint.
     *
     * @throws Diverged             if the gradient is no number; the last good state stays in scratch
     * @throws InterruptedException if the thread was interrupted; the state was saved, the same call goes on
     */
    public static TrainResult run(RlJob job, Progress progress) throws IOException, InterruptedException {
        return run(job, Tasks::of, progress);
    }

    static TrainResult run(RlJob job, Function<String, Task> tasks, Progress progress)
            throws IOException, InterruptedException {
        return new Grpo(job, tasks, progress).run();
    }

    private TrainResult run() throws IOException, InterruptedException {
        Snapshots snapshots = new Snapshots(job.scratch(), fingerprint());
        Weights initial = Checkpoints.read(job.initial(), spec);
        Snapshots.State state = snapshots.latest(spec, notes);
        notes.forEach(note -> progress.at(0, 0, "steps", note));
        Weights weights = state == null ? Checkpoints.read(job.initial(), spec) : state.sets().get(0);
        AdamW optimizer = state == null
                ? AdamW.fresh(job.optimizer(), weights)
                : new AdamW(job.optimizer(), weights, state.sets().get(1), state.sets().get(2), state.step());
        if (state != null)
            ((List<?>) state.facts().get("steps")).forEach(step -> log.add(stringKeys((Map<?, ?>) step)));
        try (Lm lm = Lm.of(spec, weights::values, Engine.of(job.threads()).with(KvType.F32));
                Graph graph = FusedTransformer.lanes(weights, job.threads(), PART_TOKENS);
                Graph reference = FusedTransformer.lanes(initial, job.threads(), PART_TOKENS)) {
            steps(new Models(lm, graph, reference, weights, optimizer), snapshots);
        }
        Checkpoints.write(job.out(), weights, job.tokenizerFrom());
        snapshots.clear();
        return new TrainResult(job.out(), facts());
    }

    /** The model that answers, the same as a graph, the one it must not stray from, and what changes them. */
    private record Models(Lm lm, Graph graph, Graph reference, Weights weights, AdamW optimizer) {}

    private void steps(Models models, Snapshots snapshots) throws IOException, InterruptedException {
        long saved = System.nanoTime();
        Weights gradients = Weights.zeros(spec);
        for (int step = log.size(); step < job.stage().steps(); step++) {
            if (System.nanoTime() - saved > SAVE_EVERY_NANOS) {
                save(snapshots, models);
                saved = System.nanoTime();
            }
            try {
                if (Thread.interrupted())
                    throw new CancellationException("interrupted");
                step(step, models, gradients, snapshots);
            } catch (CancellationException e) {
                Thread.interrupted();
                save(snapshots, models);
                var stopped = new InterruptedException("RL stopped after step " + step + " of " + job.stage().steps()
                        + "; its state is kept, the same command goes on from there");
                stopped.initCause(e);
                throw stopped;
            }
            Map<String, Object> last = log.getLast();
            progress.at(step + 1, job.stage().steps(), "steps",
                    String.format(Locale.ROOT, "reward %.3f, correct %.0f %%, kl %.4f", (double) last.get("reward"),
                            100 * (double) last.get("correct"), (double) last.get("kl")));
        }
    }

    private void save(Snapshots snapshots, Models models) throws IOException {
        snapshots.save(new Snapshots.State(log.size(), Map.of("steps", log),
                List.of(models.weights, models.optimizer.first(), models.optimizer.second())));
    }

    private void step(int step, Models models, Weights gradients, Snapshots snapshots) throws IOException {
        long begin = System.nanoTime();
        Recipe.RlStage stage = job.stage();
        List<Rollouts.Answer> answers = answers(step, models.lm);
        Rollouts rollouts = Rollouts.pack(answers);
        double answered = (System.nanoTime() - begin) / 1e9;
        gradients.clear();
        Dapo loss = new Dapo(rollouts.advantages(), null, models.reference.logProbs(rollouts.rows()),
                new Dapo.Bounds(stage.clipLow(), stage.clipHigh(), stage.kl()), Math.max(1, rollouts.tokens()));
        float[] logProbs = models.graph.backward(rollouts.rows(), loss, gradients);
        double norm = gradients.norm();
        if (!Double.isFinite(norm)) {
            save(snapshots, models);
            throw new Diverged("rl." + stage.name() + " diverged at step " + step + " of " + stage.steps()
                    + ": gradient norm " + norm + ". The weights before this step are kept in " + job.scratch()
                    + "; lower the learning rate");
        }
        double rate = stage.learningRate() * Math.min(1, (step + 1.0) / Math.max(1, stage.warmupSteps()));
        models.optimizer.step(gradients, norm, rate);
        models.graph.refresh();
        models.lm.load(models.weights::values);
        Map<String, Object> facts = RlFacts.of(answers, rollouts, loss, logProbs, stage.group());
        facts.put("step", step + 1);
        facts.put("lr", rate);
        facts.put("gradNorm", norm);
        facts.put("rolloutSeconds", answered);
        facts.put("seconds", (System.nanoTime() - begin) / 1e9);
        log.add(facts);
    }

    /** Asks the questions of a step, several answers each, and grades them. */
    private List<Rollouts.Answer> answers(int step, Lm lm) {
        Recipe.RlStage stage = job.stage();
        List<Prompts.Prompt> asked = prompts.at(step);
        List<Request> requests = new ArrayList<>();
        for (int i = 0; i < asked.size() * stage.group(); i++) {
            int[] prompt = asked.get(i / stage.group()).tokens();
            long seed = (job.seed() * 1_000_003 + step) * 1_000_003 + i;
            requests.add(new Request(prompt, Math.min(stage.maxTokens(), job.maxContext() - prompt.length),
                    Sampling.at(stage.temperature(), seed), Set.of(spec.eos())));
        }
        List<Completion> completions = lm.generate(requests);
        List<Rollouts.Answer> answers = new ArrayList<>();
        for (int p = 0; p < asked.size(); p++)
            answers.addAll(grade(asked.get(p), completions.subList(p * stage.group(), (p + 1) * stage.group())));
        return answers;
    }

    private List<Rollouts.Answer> grade(Prompts.Prompt prompt, List<Completion> group) {
        List<Grade> grades = group.stream()
                .map(c -> prompt.task().grade(prompt.sample(), prompts.text(c.tokens()))).toList();
        double[] advantages = Dapo.advantages(grades.stream().mapToDouble(Grade::reward).toArray());
        List<Rollouts.Answer> answers = new ArrayList<>();
        for (int i = 0; i < group.size(); i++)
            answers.add(new Rollouts.Answer(prompt.task().name(), prompt.tokens(), group.get(i), spec.eos(),
                    grades.get(i), advantages[i]));
        return answers;
    }

    private Map<String, Object> facts() {
        Map<String, Object> facts = new TreeMap<>();
        facts.put("steps", log);
        facts.put("seconds", log.stream().mapToDouble(step -> (double) step.get("seconds")).sum());
        facts.put("promptsTooLong", prompts.tooLong());
        if (!notes.isEmpty())
            facts.put("notes", List.copyOf(notes));
        return facts;
    }

    private static Map<String, Object> stringKeys(Map<?, ?> map) {
        Map<String, Object> copy = new LinkedHashMap<>();
        map.forEach((key, value) -> copy.put((String) key, value));
        return copy;
    }

    /** What makes two jobs the same run: everything that changes a bit of the result. */
    private String fingerprint() throws IOException {
        return Hash.of(RecipeFile.json(job.stage()) + RecipeFile.json(job.optimizer()) + job.seed() + ' '
                + job.threads() + ' ' + job.maxContext() + Checkpoints.hash(job.initial())
                + Hash.of(job.tokenizerFrom().resolve("tokenizer.json")));
    }
}
