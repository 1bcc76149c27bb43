package io.quarry.infer;

import io.quarry.infer.Completion.Alternative;
import io.quarry.infer.TokenListener.Token;
import io.quarry.kernel.KvLayout;
import io.quarry.model.ModelSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;

/** A request on its way to a completion: its tokens, its cache, its sampler. */
final class Sequence {
    /** The last thing a listener hears. */
    static final Token END = new Token(-1, 0, List.of());

    final Request request;
    final CompletableFuture<Completion> result = new CompletableFuture<>();
    /** Tokens on their way to a listener; null if nobody listens. */
    private final BlockingQueue<Token> events;
    private final Sampler sampler;
    /** Ids that end it, sorted. */
    private final int[] stops;
    /** Looks for stop strings; null where there are none. */
    private final Pieces pieces;
    /** Tokens of the prompt. */
    private final int prompt;
    /** Tokens of prompt and prefix: those after them are picked. */
    private final int given;
    /** Prompt, prefix, then what was generated; its length is all the sequence may become. */
    private final int[] tokens;
    private final float[] logProbs;
    /** Alternatives of each token, and them all, token by token. */
    private final int each;
    private final int[] alternatives;
    private final float[] alternativeLogProbs;
    private int length;
    /** Tokens of the completion that have their log-probability. */
    private int scored;
    private final Span span;
    /** Its place in the order of all. */
    long arrival;
    /** Guesses what comes next; null where nothing is guessed. */
    private final Speculator speculator;
    private boolean guessing;
    /** What was {@code scored} before the step. */
    private int before;
    /** The last place of a token that the step can tell: behind the first wrong guess it says nothing. */
    private int sure;
    private Completion.Finish finish;
    private RuntimeException failure;
    private volatile boolean cancelled;

    /**
     * A sequence that waits, with an empty cache.
     *
     * @param home   where it will run
     * @param pieces of its text; null where the request has no stop strings
     * @param heard  whether somebody listens
     */
    Sequence(Request request, Generator home, Pieces pieces, boolean heard) {
        ModelSpec spec = home.decoder().spec();
        this.request = request;
        this.events = heard ? new LinkedBlockingQueue<>() : null;
        this.pieces = pieces;
        stops = request.stops().stream().mapToInt(Integer::intValue).sorted().toArray();
        prompt = request.prompt().length;
        int context = Math.min(spec.contextLength(), home.pool().positions());
        int room = Math.min(request.maxTokens(), context - prompt);
        int prefix = request.prefix().length;
        if (prefix > room)
            throw new IllegalArgumentException("a prompt of " + prompt + " tokens and a prefix of " + prefix
                    + " are longer than the model's context of " + context);
        given = prompt + prefix;
        length = given;
        tokens = Arrays.copyOf(request.prompt(), prompt + room);
        System.arraycopy(request.prefix(), 0, tokens, prompt, prefix);
        logProbs = new float[room];
        each = Math.min(request.alternatives(), spec.vocabulary());
        alternatives = new int[Math.multiplyExact(room, each)];
        alternativeLogProbs = new float[alternatives.length];
        sampler = new Sampler(request.sampling(), home.decoder().kernels(), each, tokens.length, spec.vocabulary());
        span = new Span(new KvCache(home.pool()), tokens, this);
        span.given = given;
        for (int i = 0; i < given; i++)
            sampler.count(tokens[i], i >= prompt - request.begun());
        speculator = request.speculative() && spec.architecture().mamba() == null
                ? new Speculator(tokens, spec, home.draft())
                : null; // the state of a recurrent layer cannot be taken back
        if (room == 0)
            finish = Completion.Finish.LENGTH;
    }

    /** Most positions it will ever hold. */
    int positions() {
        return tokens.length;
    }

    int[] tokens() {
        return tokens;
    }

    /** Tokens it has now. */
    int length() {
        return length;
    }

    /** Positions whose logits nobody needs (again): the prompt's but the last, and those of tokens that are scored. */
    int silent() {
        return prompt + scored - 1;
    }

    /**
     * Its part of the next step: the tokens that are not in its cache, at most {@code most} of them; if that is only the
     * last that was picked, with guesses of what comes next.
     *
     * @param running sequences in the step
     */
    Span next(int most, int running) {
        span.from = span.cache.length();
        span.count = Math.min((span.prefilled() ? given : length) - span.from, most);
        span.readFrom = silent();
        sure = length;
        guessing = speculator != null && span.from == length - 1 && !span.prefilled();
        if (guessing) {
            before = scored;
            sure += speculator.guess(length, room(speculator.most(running)), running);
            span.count += sure - length;
        }
        return span;
    }

    /** How many guesses there is room for, if so many are wanted. */
    private int room(int wanted) {
        int most = Math.min(wanted, tokens.length - length - 1);
        if (most <= 0 || span.cache.reserve(tokens, length + most))
            return most;
        return Math.min(most, span.cache.pages() * KvLayout.SLOTS - length);
    }

    /** After a step: forgets what was wrongly guessed. */
    void settle(int running) {
        if (span.cache.length() >= length)
            span.cache.length(length - 1);
        if (guessing)
            speculator.settle(right(), running);
    }

    /** Guesses in the last step. */
    int guessed() {
        return guessing ? span.count - 1 : 0;
    }

    /** How many of them were right. */
    int right() {
        return guessing ? Math.max(0, scored - before - 1) : 0;
    }

    /** Gives back all memory that others could use. */
    void release() {
        span.cache.release();
        if (speculator != null)
            speculator.close();
    }

    KvCache cache() {
        return span.cache;
    }

    /** Takes the logits that follow a position: scores the prefix, picks what comes after it. */
    void read(int position, float[] logits, int at, int vocabulary, float[] spare) {
        int next = position + 1;
        if (ended() || next != prompt + scored || next > sure) // known already, or it follows a wrong guess
            return;
        try {
            if (next < given) {
                sampler.score(tokens[next], logits, at, vocabulary, spare);
            } else {
                int token = sampler.pick(logits, at, vocabulary, spare);
                if (Arrays.binarySearch(stops, token) >= 0) {
                    finish = Completion.Finish.STOP;
                    return;
                }
                if (next < sure && tokens[next] != token)
                    sure = next;
                tokens[next] = token;
                length = next + 1;
                sampler.count(token, true);
            }
            note(tokens[next]);
        } catch (RuntimeException e) {
            failure = new IllegalStateException("at position " + next + " of a text: " + e.getMessage(), e);
        }
    }

    /** Notes the next token of the completion with what the sampler knows of it. */
    private void note(int token) {
        for (int rank = 0; rank < each; rank++) {
            alternatives[scored * each + rank] = sampler.alternative(rank);
            alternativeLogProbs[scored * each + rank] = sampler.alternativeLogProb(rank);
        }
        logProbs[scored++] = sampler.logProb();
        if (events != null)
            events.add(new Token(token, sampler.logProb(), alternatives(scored - 1)));
        if (pieces != null)
            pieces.next(token);
        if (pieces != null && pieces.stopped())
            finish = Completion.Finish.STOP_STRING;
        else if (prompt + scored == tokens.length)
            finish = Completion.Finish.LENGTH;
    }

    private List<Alternative> alternatives(int index) {
        List<Alternative> out = new ArrayList<>(each);
        for (int i = index * each; i < (index + 1) * each; i++)
            out.add(new Alternative(alternatives[i], alternativeLogProbs[i]));
        return out;
    }

    void cancel() {
        cancelled = true;
    }

    boolean ended() {
        return finish != null || failure != null || cancelled;
    }

    void fail(RuntimeException e) {
        failure = e;
        deliver();
    }

    /** Tells a listener of each token as it comes, in this thread. */
    Completion hear(TokenListener listener) {
        try {
            int heard = 0;
            for (Token token; (token = take()) != END;) {
                heard++;
                if (!listener.heard(token)) {
                    cancel();
                    return cut(await(), heard);
                }
            }
            return await();
        } catch (RuntimeException e) { // the listener's own
            cancel();
            throw e;
        }
    }

    /** What was heard before it was cancelled; the generator may have been further. */
    private static Completion cut(Completion c, int heard) {
        return new Completion(Arrays.copyOf(c.tokens(), heard), Arrays.copyOf(c.logProbs(), heard),
                c.alternatives().isEmpty() ? List.of() : c.alternatives().subList(0, heard),
                Completion.Finish.CANCELLED);
    }

    /** Waits for the next token, or {@link #END}. */
    Token take() {
        try {
            return events.take();
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    /** Waits for the end of it. */
    Completion await() {
        try {
            return result.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause().getMessage(), e.getCause());
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private CancellationException interrupted(InterruptedException e) {
        cancel();
        Thread.currentThread().interrupt();
        CancellationException cancelled = new CancellationException("generation was interrupted");
        cancelled.initCause(e);
        return cancelled;
    }

    /** Hands the result to whoever waits for it. */
    void deliver() {
        if (failure != null) {
            result.completeExceptionally(failure);
        } else {
            List<List<Alternative>> likeliest = new ArrayList<>();
            for (int i = 0; i < scored && each > 0; i++)
                likeliest.add(alternatives(i));
            result.complete(new Completion(Arrays.copyOfRange(tokens, prompt, prompt + scored),
                    Arrays.copyOf(logProbs, scored), likeliest,
                    finish == null ? Completion.Finish.CANCELLED : finish));
        }
        if (events != null)
            events.add(END);
    }
}
