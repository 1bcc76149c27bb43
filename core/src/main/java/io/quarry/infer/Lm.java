package io.quarry.infer;

import io.quarry.kernel.KvType;
import io.quarry.kernel.Workers;
import io.quarry.model.Checkpoint;
import io.quarry.model.ModelSpec;
import io.quarry.model.Param;
import io.quarry.model.Params;
import io.quarry.text.Tokenizer;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A language model that runs in this process: generates and scores. May be used from several threads at once; their
 * requests share batches, and no result depends on what runs beside it.
 *
 * {@snippet :
 * try (Lm lm = Lm.open(dir)) {
 *     Request request = lm.request("Once upon a time", 100).withSampling(Sampling.at(0.7, 1).withTopP(0.95));
 *     System.out.println(lm.answer(request).text());
 *
 *     // Piece by piece, until the model is done, has said a stop string, or the stream is closed.
 *     try (Stream<String> pieces = lm.stream(request.withStopStrings("\n\n"))) {
 *         pieces.forEach(System.out::print);
 *     }
 *
 *     // The same with a callback, which may end it.
 *     Answer answer = lm.answer(request, piece -> {
 *         System.out.print(piece);
 *         return true;
 *     });
 *     System.out.println(answer.completion().finish());
 *
 *     // How likely is a text?
 *     int[] text = lm.tokenizer().encode("Once upon a time there was a queen.");
 *     System.out.println(lm.rolling(text, 1).perplexity());
 * }
 * }
 */
public final class Lm implements AutoCloseable {
    /** Parameters from which on packing takes so long that kernels are compiled meanwhile. */
    private static final long WORTH_WARMING_UP = 100_000_000;

    private final ModelSpec spec;
    private final Engine engine;
    private final Workers workers;
    /** Owns the packed weights of a file. */
    private final Arena arena = Arena.ofShared();
    private final KvPool pool;
    private final Generator generator;
    private final Scorer scorer;
    private final Decoder decoder;
    private final Path dir;
    /** By which the cache was measured; null where somebody said how large it is. */
    private final Budget budget;
    private Tokenizer tokenizer;

    private Lm(ModelSpec spec, Engine engine, Path dir, Budget budget) {
        this.spec = spec;
        this.engine = engine;
        this.dir = dir;
        this.workers = new Workers(engine.threads());
        this.decoder = new Decoder(spec, engine.kernels(), engine.gemm(), workers);
        this.budget = engine.cacheBytes() == Engine.WHAT_IS_LEFT ? budget : null;
        this.pool = decoder.pool(engine.cache(), this.budget == null
                ? engine.cacheBytes()
                : budget.cache(decoder.cacheBytes(engine.cache(), spec.contextLength())));
        this.generator = new Generator(decoder, engine.slots(), pool);
        this.scorer = new Scorer(decoder, generator, pool.pages());
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
        return open(dir, engine, contextLength, Machine.here());
    }

    static Lm open(Path dir, Engine engine, int contextLength, Machine machine) throws IOException {
        try (Checkpoint checkpoint = Checkpoint.open(dir)) {
            ModelSpec own = checkpoint.spec();
            ModelSpec spec = contextLength == 0 ? own : own.withContext(contextLength, own.ropeTheta());
            Lm lm = new Lm(spec, engine, dir, new Budget(machine, checkpoint.bytes()));
            try {
                if (lm.budget != null && lm.pool.pages() == 0)
                    throw new UncheckedIOException(new IOException(dir + ": there is no room for its keys and values: "
                            + lm.budget.words() + "; take weights of fewer bits (quarry quantize), or give it more"));
                Thread warmUp = spec.parameters() < WORTH_WARMING_UP
                        ? null
                        : WarmUp.begin(spec, checkpoint.matrixTypes(), engine);
                lm.load(new FileWeights(checkpoint, lm.arena, lm.workers));
                if (warmUp != null)
                    join(warmUp);
                return lm;
            } catch (UncheckedIOException e) {
                lm.close();
                throw e.getCause();
            }
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the model is open; it is only slow at first
        }
    }

    /**
     * A model whose weights are in memory, without a tokenizer.
     *
     * @param weights gives the numbers of a tensor of {@link io.quarry.model.Params} by its name, row-major
     */
    public static Lm of(ModelSpec spec, Function<String, float[]> weights, Engine engine) {
        Lm lm = new Lm(spec, engine, null, new Budget(Machine.here(), spec.parameters() * Float.BYTES));
        lm.load(weights);
        return lm;
    }

    public ModelSpec spec() {
        return spec;
    }

    /** Longest text: what the model was made for, or fewer tokens where the key-value cache has no room for so many. */
    public int contextLength() {
        return Math.min(spec.contextLength(), pool.positions());
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

    /** What computes, for people: for instance {@code vector-512}, or {@code vector-512 + LibTorch bf16}. */
    public String kernels() {
        return engine.name();
    }

    /** Bytes of packed weights that are read for each step of a single text. */
    public long stepBytes() {
        return decoder.stepBytes();
    }

    /**
     * Lets a smaller model of the same vocabulary guess what this one says, in requests that allow speculation and made
     * from now on. The texts stay the same. It must be open as long as this model is, and have no draft model itself.
     */
    public void useDraft(Lm smaller) {
        if (smaller.spec.vocabulary() != spec.vocabulary())
            throw new IllegalArgumentException(
                    "a draft model must have the vocabulary of the model, " + spec.vocabulary()
                            + " tokens; it has " + smaller.spec.vocabulary());
        if (smaller == this || smaller.generator.draft() != null)
            throw new IllegalArgumentException("a draft model must be another one that has no draft model itself");
        if (smaller.spec.architecture().mamba() != null)
            throw new IllegalArgumentException(
                    "a draft model must not have recurrent layers: their state cannot be taken back");
        generator.draft(new Draft(smaller.decoder, smaller.generator));
    }

    /** How many tokens were guessed since the model was opened, and how many of these were right. */
    public Speculated speculated() {
        return generator.speculated();
    }

    /** Takes all weights anew, when no text is on its way: how RL follows its training step by step. */
    public void load(Function<String, float[]> weights) {
        load(new LiveWeights(spec, weights, engine.kernels().panel()));
    }

    private void load(Weights.Source source) {
        generator.idle(() -> decoder.load(source));
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
                out.add(s.await());
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
        return s.hear(listener);
    }

    /** A request that continues plain text greedily until the model ends it: the usual, to be changed as needed. */
    public Request request(String prompt, int maxTokens) {
        return new Request(ownTokenizer().encode(prompt), maxTokens, Sampling.GREEDY, Set.of(spec.eos()));
    }

    /** Continues one text and gives what was said as text. */
    public Answer answer(Request request) {
        return answer(List.of(request)).getFirst();
    }

    /** The same for many texts, in continuous batches; answers in the order of the requests. */
    public List<Answer> answer(List<Request> requests) {
        List<Pieces> pieces = requests.stream().map(r -> new Pieces(ownTokenizer(), r)).toList();
        List<Completion> completions = generate(requests);
        List<Answer> out = new ArrayList<>(requests.size());
        for (int i = 0; i < requests.size(); i++) {
            StringBuilder text = new StringBuilder();
            for (int token : completions.get(i).tokens())
                text.append(pieces.get(i).next(token));
            out.add(new Answer(text.append(pieces.get(i).end()).toString(), completions.get(i)));
        }
        return out;
    }

    /** Continues one text and tells a listener of each piece of text as it comes, in this thread. */
    public Answer answer(Request request, TextListener listener) {
        Pieces pieces = new Pieces(ownTokenizer(), request);
        StringBuilder text = new StringBuilder();
        Completion completion = generate(request, token -> {
            String piece = pieces.next(token.id()).toString();
            text.append(piece);
            return listener.heard(piece);
        });
        String rest = completion.finish() == Completion.Finish.CANCELLED ? "" : pieces.end();
        if (!rest.isEmpty())
            listener.heard(rest);
        return new Answer(text.append(rest).toString(), completion);
    }

    /**
     * Continues one text as a stream of pieces of text, none empty. Generation begins when the first piece is asked for
     * and runs ahead of the reader; closing the stream ends it, so open it in a try-with-resources.
     */
    public Stream<String> stream(Request request) {
        return TextStream.of(sequence(request, true), new Pieces(ownTokenizer(), request), generator);
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

    /**
     * How likely texts are after their contexts, and whether the model would say them: what lm-evaluation-harness calls
     * {@code loglikelihood}. Context and text together may have one token more than the model's context, because the
     * last is not read.
     */
    public List<Likelihood> likelihoods(List<Continuation> continuations) {
        for (Continuation c : continuations) {
            check(c.context());
            if (c.text().length > 0)
                check(c.text());
            if ((long) c.context().length + c.text().length > contextLength() + 1L)
                throw new IllegalArgumentException("a context of " + c.context().length + " and a text of "
                        + c.text().length + " tokens are longer than the model's context of " + contextLength()
                        + "; leave out the begin of the context");
        }
        return scorer.likelihoods(continuations);
    }

    /**
     * How likely every token after the first of a text of any length is. What is longer than the model's context is put
     * through in windows; each token is scored once.
     *
     * @param overlap fewest tokens that stand before a scored one in its window, 1 to the length of the context: more
     *                costs time and gives a lower perplexity; lm-evaluation-harness's {@code loglikelihood_rolling} has 1
     */
    public Likelihood rolling(int[] tokens, int overlap) {
        if (overlap < 1 || overlap > contextLength())
            throw new IllegalArgumentException(
                    "the overlap of windows must be 1 to " + contextLength() + ", was " + overlap);
        checkTokens(tokens);
        return scorer.rolling(tokens, contextLength(), overlap);
    }

    /** All logits, {@code [tokens, vocabulary]} row-major; row t is what follows token t. */
    public float[] logits(int[] tokens) {
        check(tokens);
        return scorer.logits(tokens);
    }

    Generator generator() {
        return generator;
    }

    private Tokenizer ownTokenizer() {
        try {
            return tokenizer();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Sequence sequence(Request request, boolean heard) {
        check(request.prompt());
        if (request.prefix().length > 0)
            check(request.prefix());
        request.sampling().bias().keySet().forEach(this::check);
        Request whole = request;
        Pieces pieces = null;
        if (!request.stopStrings().isEmpty()) {
            Set<Integer> stops = new HashSet<>(request.stops());
            for (String stop : request.stopStrings()) // the text of a special token is never in the text of an answer
                ownTokenizer().find(stop).stream().filter(ownTokenizer()::special).forEach(stops::add);
            whole = request.withStops(stops);
            pieces = new Pieces(ownTokenizer(), request);
        }
        return new Sequence(whole, generator, pieces, heard);
    }

    private void check(int[] tokens) {
        checkTokens(tokens);
        if (tokens.length > spec.contextLength())
            throw new IllegalArgumentException(
                    "a text of " + tokens.length + " tokens is longer than the model's context of "
                            + spec.contextLength());
        if (tokens.length > pool.positions())
            throw new IllegalArgumentException("a text of " + tokens.length + " tokens does not fit in the key-value"
                    + " cache of " + Budget.megabytes(pool.budget()) + ", which has room for " + pool.positions()
                    + (budget == null ? "" : ": " + budget.words()) + "; give it more memory, or store it as "
                    + KvType.F16 + " or " + KvType.Q8);
    }

    private void checkTokens(int[] tokens) {
        if (tokens.length == 0)
            throw new IllegalArgumentException("a text must have at least one token");
        for (int token : tokens)
            check(token);
    }

    private void check(int token) {
        if (token < 0 || token >= spec.vocabulary())
            throw new IllegalArgumentException("token " + token + " is not in the vocabulary of " + spec.vocabulary());
    }

    @Override
    public void close() {
        generator.close();
        workers.close();
        arena.close();
    }
}
