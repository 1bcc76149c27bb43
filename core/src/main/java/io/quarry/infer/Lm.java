package io.quarry.infer;

import io.quarry.kernel.Workers;
import io.quarry.model.Checkpoint;
import io.quarry.model.ModelSpec;
import io.quarry.model.Param;
import io.quarry.model.Params;
import io.quarry.text.Tokenizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A language model that runs in this process: generates and scores. May be used from several threads at once; their
 * requests share batches, and no result depends on what runs beside it.
 *
 * {@snippet :
 * try (Lm lm = Lm.open(dir)) {
 *     Completion answer = lm.generate(new Request(prompt, 100, Sampling.GREEDY, Set.of(lm.spec().eos())));
 * }
 * }
 */
public final class Lm implements AutoCloseable {
    private final ModelSpec spec;
    private final Engine engine;
    private final Workers workers;
    private final Generator generator;
    private final Scorer scorer;
    private final Decoder decoder;
    private final Path dir;
    private Tokenizer tokenizer;

    private Lm(ModelSpec spec, Engine engine, Path dir) {
        this.spec = spec;
        this.engine = engine;
        this.dir = dir;
        this.workers = new Workers(engine.threads());
        this.decoder = new Decoder(spec, engine.kernels(), workers);
        this.generator = new Generator(decoder, engine.slots(), engine.cacheBytes());
        this.scorer = new Scorer(decoder, generator);
    }

    /** Opens a checkpoint, to be run by all processors. */
    public static Lm open(Path dir) throws IOException {
        return open(dir, Engine.all());
    }

    /** Opens a checkpoint, to be run by so many threads. */
    public static Lm open(Path dir, int threads) throws IOException {
        return open(dir, Engine.of(threads));
    }

    /** Opens a checkpoint; its weights are read once and widened to floats. */
    public static Lm open(Path dir, Engine engine) throws IOException {
        return open(dir, engine, 0);
    }

    /**
     * Opens a checkpoint at another length than it was made for: how context extension is measured before it is trained.
     *
     * @param contextLength longest sequence, 0 for that of the checkpoint; a model does badly over its own
     */
    public static Lm open(Path dir, Engine engine, int contextLength) throws IOException {
        try (Checkpoint checkpoint = Checkpoint.open(dir)) {
            ModelSpec own = checkpoint.spec();
            ModelSpec spec = contextLength == 0 ? own : own.withContext(contextLength, own.ropeTheta());
            Lm lm = new Lm(spec, engine, dir);
            try {
                lm.load(source(checkpoint));
                return lm;
            } catch (UncheckedIOException e) {
                lm.close();
                throw e.getCause();
            }
        }
    }

    /**
     * A model whose weights are in memory, without a tokenizer.
     *
     * @param weights gives the numbers of a tensor of {@link io.quarry.model.Params} by its name, row-major
     */
    public static Lm of(ModelSpec spec, Function<String, float[]> weights, Engine engine) {
        Lm lm = new Lm(spec, engine, null);
        lm.load(weights);
        return lm;
    }

    public ModelSpec spec() {
        return spec;
    }

    /** The tokenizer that lies beside the weights; read when it is first asked for. */
    public synchronized Tokenizer tokenizer() throws IOException {
        if (tokenizer == null) {
            if (dir == null)
                throw new IllegalStateException("this model was made from weights in memory; it has no tokenizer");
            tokenizer = Tokenizer.open(dir);
        }
        return tokenizer;
    }

    /** What computes, for people: for instance {@code vector-512}. */
    public String kernels() {
        return engine.kernels().name();
    }

    /** Takes all weights anew, when no text is on its way: how RL follows its training step by step. */
    public void load(Function<String, float[]> weights) {
        load(new Weights.Source() {
            private final Set<String> names = Params.of(spec).stream().map(Param::name).collect(Collectors.toSet());

            @Override
            public boolean has(String name) {
                return names.contains(name);
            }

            @Override
            public float[] f32(String name) {
                return weights.apply(name);
            }
        });
    }

    private void load(Weights.Source source) {
        generator.idle(() -> decoder.load(source));
    }

    private static Weights.Source source(Checkpoint checkpoint) {
        return new Weights.Source() {
            @Override
            public boolean has(String name) {
                return checkpoint.has(name);
            }

            @Override
            public float[] f32(String name) {
                try {
                    return checkpoint.f32(name);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        };
    }

    /** Continues one text. */
    public Completion generate(Request request) {
        return generate(List.of(request)).getFirst();
    }

    /** Continues many texts, in continuous batches; completions in the order of the requests. */
    public List<Completion> generate(List<Request> requests) {
        List<Sequence> sequences = new ArrayList<>(requests.size());
        for (Request request : requests)
            sequences.add(sequence(request, false));
        generator.submit(sequences);
        List<Completion> out = new ArrayList<>(requests.size());
        try {
            for (Sequence s : sequences)
                out.add(await(s));
        } catch (RuntimeException e) {
            sequences.forEach(Sequence::cancel);
            throw e;
        }
        return out;
    }

    /** Continues one text and tells a listener of each token as it comes, in this thread. */
    public Completion generate(Request request, TokenListener listener) {
        Sequence s = sequence(request, true);
        generator.submit(List.of(s));
        try {
            int heard = 0;
            for (Sequence.Event event; (event = s.events.take()) != Sequence.Event.END;) {
                heard++;
                if (!listener.heard(event.token(), event.logProb())) {
                    s.cancel();
                    return cut(await(s), heard);
                }
            }
            return await(s);
        } catch (InterruptedException e) {
            throw interrupted(s, e);
        } catch (RuntimeException e) { // the listener's own
            s.cancel();
            throw e;
        }
    }

    /** Natural log-probability of each token after the first: {@code tokens.length - 1} numbers. */
    public float[] score(int[] tokens) {
        return score(List.of(tokens)).getFirst();
    }

    /** The same for many texts at once. */
    public List<float[]> score(List<int[]> texts) {
        texts.forEach(this::check);
        return scorer.score(texts);
    }

    /** All logits, {@code [tokens, vocabulary]} row-major; row t is what follows token t. */
    public float[] logits(int[] tokens) {
        check(tokens);
        return scorer.logits(tokens);
    }

    private Sequence sequence(Request request, boolean heard) {
        check(request.prompt());
        return new Sequence(request, spec.contextLength(), engine.kernels(), heard);
    }

    private void check(int[] tokens) {
        if (tokens.length == 0)
            throw new IllegalArgumentException("a text must have at least one token");
        if (tokens.length > spec.contextLength())
            throw new IllegalArgumentException(
                    "a text of " + tokens.length + " tokens is longer than the model's context of "
                            + spec.contextLength());
        for (int token : tokens)
            if (token < 0 || token >= spec.vocabulary())
                throw new IllegalArgumentException(
                        "token " + token + " is not in the vocabulary of " + spec.vocabulary());
    }

    /** What the listener heard before it cancelled; the generator may have been further. */
    private static Completion cut(Completion c, int heard) {
        return new Completion(Arrays.copyOf(c.tokens(), heard), Arrays.copyOf(c.logProbs(), heard),
                Completion.Finish.CANCELLED);
    }

    private static Completion await(Sequence s) {
        try {
            return s.result.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause().getMessage(), e.getCause());
        } catch (InterruptedException e) {
            throw interrupted(s, e);
        }
    }

    private static CancellationException interrupted(Sequence s, InterruptedException e) {
        s.cancel();
        Thread.currentThread().interrupt();
        CancellationException cancelled = new CancellationException("generation was interrupted");
        cancelled.initCause(e);
        return cancelled;
    }

    @Override
    public void close() {
        generator.close();
        workers.close();
    }
}
