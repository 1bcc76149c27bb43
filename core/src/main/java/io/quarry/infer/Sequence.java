package io.quarry.infer;

import io.quarry.kernel.Kernels;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;

/** A request on its way to a completion: its tokens, its cache, its sampler. */
final class Sequence {
    /** What a listener is to hear; {@code END} is the last. */
    record Event(int token, float logProb) {
        static final Event END = new Event(-1, 0);
    }

    final Request request;
    final CompletableFuture<Completion> result = new CompletableFuture<>();
    /** Tokens on their way to a listener; null if nobody listens. */
    final BlockingQueue<Event> events;
    private final Sampler sampler;
    /** Prompt, then what was generated; its length is all the sequence may become. */
    private final int[] tokens;
    private final float[] logProbs;
    private int length;
    private Span span;
    private Completion.Finish finish;
    private RuntimeException failure;
    private volatile boolean cancelled;

    Sequence(Request request, int contextLength, Kernels kernels, boolean heard) {
        this.request = request;
        this.events = heard ? new LinkedBlockingQueue<>() : null;
        this.sampler = new Sampler(request.sampling(), kernels);
        int prompt = request.prompt().length;
        int room = Math.min(request.maxTokens(), contextLength - prompt);
        this.tokens = Arrays.copyOf(request.prompt(), prompt + room);
        this.logProbs = new float[room];
        this.length = prompt;
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

    /** Gives it a cache, in which its first tokens may already stand. */
    void start(KvCache cache) {
        span = new Span(cache, tokens, this);
    }

    /** Its part of the next step: the tokens that are not in its cache, at most {@code most} of them. */
    Span next(int most) {
        span.from = span.cache.length();
        span.count = Math.min(length - span.from, most);
        span.wanted = span.from + span.count == length ? Span.Wanted.LAST : Span.Wanted.NONE;
        return span;
    }

    KvCache cache() {
        return span.cache;
    }

    /** Picks the next token from its logits. */
    void read(float[] logits, int at, int vocabulary, float[] spare) {
        try {
            int token = sampler.pick(logits, at, vocabulary, spare);
            if (request.stops().contains(token)) {
                finish = Completion.Finish.STOP;
                return;
            }
            logProbs[length - request.prompt().length] = sampler.logProb();
            tokens[length++] = token;
            if (events != null)
                events.add(new Event(token, sampler.logProb()));
            if (length == tokens.length)
                finish = Completion.Finish.LENGTH;
        } catch (RuntimeException e) {
            failure = new IllegalStateException("at position " + length + " of a text: " + e.getMessage(), e);
        }
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

    /** Hands the result to whoever waits for it. */
    void deliver() {
        if (failure != null) {
            result.completeExceptionally(failure);
        } else {
            int prompt = request.prompt().length;
            result.complete(new Completion(Arrays.copyOfRange(tokens, prompt, length),
                    Arrays.copyOf(logProbs, length - prompt),
                    finish == null ? Completion.Finish.CANCELLED : finish));
        }
        if (events != null)
            events.add(Event.END);
    }
}
