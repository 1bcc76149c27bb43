package io.quarry.train;

import io.quarry.ledger.Hash;
import io.quarry.ledger.Progress;
import io.quarry.recipe.RecipeFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * The one loop of all supervised training: rows, gradients, update, again. It can be killed at any moment and goes on
 * from its last state as the same run, bit for bit.
 */
public final class Trainer {
    /** A killed run loses at most this much. */
    static final long SAVE_EVERY_NANOS = 20_000_000_000L;

    /** Tokens a lane works on at a time: what they need lies in the caches, and products are still large. */
    private static final int PART_TOKENS = 1024;

    private final TrainJob job;
    private final Progress progress;
    private final long saveEvery;
    private final Snapshots snapshots;
    private final List<String> notes = new ArrayList<>();

    private Trainer(TrainJob job, Progress progress, long saveEvery) throws IOException {
        this.job = job;
        this.progress = progress;
        this.saveEvery = saveEvery;
        this.snapshots = new Snapshots(job.scratch(), fingerprint(job));
    }

    /**
     * Trains and writes the checkpoint.
     *
     * @throws Diverged             if the loss or the gradient is no number; the last good state stays in scratch
     * @throws InterruptedException if the thread was interrupted; the state was saved, the same call goes on
     */
    public static TrainResult run(TrainJob job, Progress progress) throws IOException, InterruptedException {
        return run(job, progress, SAVE_EVERY_NANOS);
    }

    static TrainResult run(TrainJob job, Progress progress, long saveEvery) throws IOException, InterruptedException {
        return new Trainer(job, progress, saveEvery).run();
    }

    private TrainResult run() throws IOException, InterruptedException {
        var plan = new Batches.Plan(job.seed(), job.spec().vocabulary(), job.segments(), job.epochs());
        Weights initial = job.initial() == null
                ? InductionHeads.in(Weights.initial(job.spec(), job.initializerRange(), job.seed()),
                        job.initializerRange(), job.seed())
                : Checkpoints.read(job.initial(), job.spec());
        Snapshots.State state = snapshots.latest(job.spec(), notes);
        notes.forEach(note -> progress.at(0, 0, "tokens", note));
        Weights weights = state == null ? initial : state.sets().get(0);
        AdamW optimizer = state == null
                ? AdamW.fresh(job.optimizer(), weights)
                : new AdamW(job.optimizer(), weights, state.sets().get(1), state.sets().get(2), state.step());
        TrainLog log = state == null ? new TrainLog() : TrainLog.of(state.facts());
        try (Batches batches = Batches.open(job.phase(), job.tokens(), plan);
                Graph graph = graph(weights)) {
            if (state == null)
                log.heldOut("before", heldOut(graph));
            steps(batches, graph, weights, optimizer, log);
            log.heldOut("after", heldOut(graph));
            Checkpoints.write(job.out(), weights, job.tokenizerFrom());
            snapshots.clear();
            return new TrainResult(job.out(), facts(batches, log));
        }
    }

    private Graph graph(Weights weights) {
        return FusedTransformer.lanes(weights, job.threads(), PART_TOKENS);
    }

    private void steps(Batches batches, Graph graph, Weights weights, AdamW optimizer, TrainLog log)
            throws IOException, InterruptedException {
        Weights gradients = Weights.zeros(job.spec());
        long steps = batches.steps();
        long batchTokens = job.phase().batchTokens();
        long saved = System.nanoTime();
        for (long step = log.steps(); step < steps; step++) {
            long begin = System.nanoTime();
            if (Thread.interrupted()) {
                save(weights, optimizer, log);
                throw new InterruptedException("training stopped after step " + step + " of " + steps
                        + "; its state is kept, the same command goes on from there");
            }
            if (begin - saved > saveEvery) {
                save(weights, optimizer, log);
                saved = System.nanoTime();
            }
            double rate = job.phase().schedule().at(step, steps);
            Rows rows = batches.at(step);
            long learned = rows.learned();
            gradients.clear();
            float[] logProbs = graph.backward(rows, TokenLoss.crossEntropy(learned), gradients);
            double loss = -sum(logProbs) / Math.max(1, learned);
            double norm = gradients.norm();
            if (!Double.isFinite(loss) || !Double.isFinite(norm)) {
                save(weights, optimizer, log);
                throw new Diverged(job.phase().name() + " diverged at step " + step + " of " + steps + ": loss " + loss
                        + ", gradient norm " + norm + ", learning rate " + rate + ", rows from " + rows.source()
                        + ". The weights before this step are kept in " + job.scratch()
                        + "; lower the learning rate or the clip norm");
            }
            optimizer.step(gradients, norm, rate);
            graph.refresh();
            log.add(loss, norm, rate, learned, (System.nanoTime() - begin) / 1e9);
            progress.at((step + 1) * batchTokens, steps * batchTokens, "tokens",
                    String.format(Locale.ROOT, "loss %.3f, %.1fk tokens/s", log.recentLoss(),
                            batchTokens / log.recentSeconds() / 1000));
        }
    }

    static double sum(float[] numbers) {
        double sum = 0;
        for (float number : numbers)
            sum += number;
        return sum;
    }

    private void save(Weights weights, AdamW optimizer, TrainLog log) throws IOException {
        snapshots.save(new Snapshots.State(log.steps(), log.state(),
                List.of(weights, optimizer.first(), optimizer.second())));
    }

    private Map<String, Double> heldOut(Graph graph) throws IOException {
        Map<String, Double> nats = new TreeMap<>();
        for (Map.Entry<String, Path> file : job.heldOut().entrySet())
            nats.put(file.getKey(), HeldOut.nats(graph, file.getValue(),
                    new HeldOut.Size(job.heldOutTokens(), job.phase().sequenceLength(), job.spec().vocabulary())));
        return nats;
    }

    private Map<String, Object> facts(Batches batches, TrainLog log) {
        Map<String, Object> facts = new TreeMap<>(batches.facts());
        facts.putAll(log.facts(job.phase().batchTokens()));
        facts.put("parameters", job.spec().parameters());
        if (!notes.isEmpty())
            facts.put("notes", List.copyOf(notes));
        return facts;
    }

    /** What makes two jobs the same run: everything that changes a bit of the result. */
    private static String fingerprint(TrainJob job) throws IOException {
        StringBuilder all = new StringBuilder();
        all.append(job.spec()).append(RecipeFile.json(job.phase())).append(RecipeFile.json(job.optimizer()))
                .append(job.initializerRange()).append(' ').append(job.seed()).append(' ').append(job.threads())
                .append(job.segments()).append(job.epochs());
        if (job.initial() != null)
            all.append(Checkpoints.hash(job.initial()));
        for (Map.Entry<String, Path> file : new TreeMap<>(job.tokens()).entrySet())
            all.append(file.getKey()).append(Hash.of(file.getValue())).append('\n');
        return Hash.of(all.toString());
    }
}
