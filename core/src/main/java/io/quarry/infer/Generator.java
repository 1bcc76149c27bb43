package io.quarry.infer;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The one generation loop. All requests of a model, from whichever thread, go through it in continuous batches: each
 * step takes the next token of every running sequence and pieces of the prompts of new ones; who is finished leaves at
 * once and others enter.
 */
final class Generator implements AutoCloseable {
    /** Most rows of a prompt in one step, so that a long prompt does not stall the others. */
    private static final int PROMPT_ROWS = 256;
    /** Most rows of a step. */
    private static final int STEP_ROWS = 1024;
    /** Common tokens from which on a sequence takes over another's cache. */
    private static final int WORTH_COPYING = 16;

    private final Decoder decoder;
    private final int slots;
    private final long budget;
    private final int panel;
    private final ReentrantLock turn = new ReentrantLock(true);
    private final Condition changed = turn.newCondition();
    private final Deque<Sequence> waiting = new ArrayDeque<>();
    private final List<Sequence> running = new ArrayList<>();
    private final List<KvCache> free = new ArrayList<>();
    private final List<Span> step = new ArrayList<>();
    private final Decoder.Reader reader;
    private long cacheBytes;
    private Thread thread;
    private boolean closed;

    /**
     * A generator that has not begun.
     *
     * @param slots  most sequences at once
     * @param budget most bytes of key-value caches
     */
    Generator(Decoder decoder, int slots, long budget) {
        this.decoder = decoder;
        this.slots = slots;
        this.budget = budget;
        this.panel = decoder.kernels().panel();
        int vocabulary = decoder.spec().vocabulary();
        this.reader = (span, position, logits, at, spare) -> ((Sequence) span.owner).read(logits, at, vocabulary,
                spare);
    }

    /** Puts sequences in the queue. */
    void submit(List<Sequence> sequences) {
        for (Sequence s : sequences) {
            long need = KvCache.bytes(decoder.spec(), s.positions(), panel);
            if (need > budget)
                throw new IllegalArgumentException("a text of " + s.positions() + " tokens needs " + (need >> 20)
                        + " MB of key-value cache, there are " + (budget >> 20)
                        + " MB; lower maxTokens or give java more memory (-Xmx)");
        }
        turn.lock();
        try {
            requireOpen();
            if (thread == null)
                thread = Thread.ofPlatform().daemon().name("quarry-generator").start(this::loop);
            waiting.addAll(sequences);
            changed.signalAll();
        } finally {
            turn.unlock();
        }
    }

    /** Runs something with the decoder between two steps. */
    void between(Runnable work) {
        turn.lock();
        try {
            requireOpen();
            work.run();
        } finally {
            turn.unlock();
        }
    }

    /** Runs something when no sequence is on its way: new weights must not meet caches of the old. */
    void idle(Runnable work) {
        turn.lock();
        try {
            while (!closed && !(waiting.isEmpty() && running.isEmpty()))
                changed.awaitUninterruptibly();
            requireOpen();
            work.run();
        } finally {
            turn.unlock();
        }
    }

    private void requireOpen() {
        if (closed)
            throw new IllegalStateException("the model has been closed");
    }

    private void loop() {
        while (true) {
            turn.lock(); // fair: whoever waits for the decoder gets it between two steps
            try {
                while (!closed && waiting.isEmpty() && running.isEmpty())
                    changed.awaitUninterruptibly();
                if (closed)
                    return;
                guardedStep();
            } finally {
                turn.unlock();
            }
        }
    }

    private void guardedStep() {
        try {
            step();
        } catch (RuntimeException | Error e) { // whatever it is, nobody must wait for ever
            failAll(new IllegalStateException("generation has failed: " + e, e));
        }
    }

    private void step() {
        admit();
        step.clear();
        int rows = running.size();
        for (Sequence s : running)
            if (!s.ended()) {
                Span span = s.next(Math.clamp(STEP_ROWS - rows + 1, 1, PROMPT_ROWS));
                rows += span.count - 1;
                step.add(span);
            }
        if (!step.isEmpty())
            decoder.forward(step, reader);
        boolean left = running.removeIf(s -> s.ended() && leave(s));
        if (left)
            changed.signalAll();
    }

    /** Lets sequences in as long as there are slots and memory, in the order they came. */
    private void admit() {
        for (Iterator<Sequence> all = waiting.iterator(); all.hasNext() && running.size() < slots;) {
            Sequence s = all.next();
            if (s.ended()) {
                all.remove();
                s.deliver();
                continue;
            }
            Sequence like = mostAlike(s);
            int common = like == null ? 0 : common(s, like);
            if (like != null && like.cache().length() < common)
                continue; // its twin is still in its prompt: wait a step, then take over what it has
            KvCache cache = cache(s.positions());
            if (cache == null)
                return;
            cache.length(0);
            s.start(cache);
            if (common > 0)
                cache.copyPrefix(like.cache(), common);
            all.remove();
            running.add(s);
        }
    }

    /** The running sequence that shares the longest beginning with {@code s}, if that is worth a copy. */
    private Sequence mostAlike(Sequence s) {
        if (decoder.spec().architecture().mamba() != null)
            return null; // what such a layer remembers cannot be cut where two texts part
        Sequence best = null;
        int most = WORTH_COPYING - 1;
        for (Sequence other : running) {
            int common = common(s, other);
            if (common > most) {
                most = common;
                best = other;
            }
        }
        return best;
    }

    /** Tokens that two sequences have in common from the begin; the last of {@code s} has to be computed anyway. */
    private static int common(Sequence s, Sequence other) {
        int prompt = Math.min(s.length(), other.request.prompt().length);
        int differs = Arrays.mismatch(s.tokens(), 0, prompt, other.tokens(), 0, prompt);
        return Math.min(differs < 0 ? prompt : differs, s.length() - 1);
    }

    /** A cache for so many positions: one that was given back, or a new one; null if there is no memory for it now. */
    private KvCache cache(int positions) {
        KvCache best = null;
        for (KvCache c : free)
            if (c.capacity() >= positions && (best == null || c.capacity() < best.capacity()))
                best = c;
        if (best != null) {
            free.remove(best);
            return best;
        }
        long need = KvCache.bytes(decoder.spec(), positions, panel);
        while (cacheBytes + need > budget && !free.isEmpty())
            cacheBytes -= free.removeLast().bytes();
        if (cacheBytes + need > budget)
            return null;
        cacheBytes += need;
        return new KvCache(decoder.spec(), positions, panel);
    }

    private boolean leave(Sequence s) {
        free.add(s.cache());
        s.deliver();
        return true;
    }

    private void failAll(RuntimeException e) {
        running.forEach(s -> s.fail(e));
        waiting.forEach(s -> s.fail(e));
        running.clear();
        waiting.clear();
        free.clear();
        cacheBytes = 0;
        changed.signalAll();
    }

    /** Ends the loop; whoever still waits gets an exception. */
    @Override
    public void close() {
        turn.lock();
        try {
            closed = true;
            failAll(new IllegalStateException("the model has been closed"));
        } finally {
            turn.unlock();
        }
    }
}
