package io.quarry.infer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The one generation loop. All requests of a model, from whichever thread, go through it in continuous batches: each
 * step takes the next token of every running sequence and pieces of the prompts of new ones; who is finished leaves at
 * once and others enter, in the order they came. Where pages of the cache run short, the youngest running sequence gives
 * its own back and is computed again later: so the oldest always goes on, and all end.
 */
final class Generator implements AutoCloseable {
    /** Operations of the prompts in one step: about half a second, for which others wait for their next token. */
    private static final double PROMPT_OPERATIONS = 2e11;
    /** Fewest and most rows of prompts in a step beside sequences that wait for their next token. */
    private static final int FEWEST_ROWS = 32;
    private static final int MOST_ROWS = 1024;
    /** Fewest rows of prompts in a step that nobody waits for: enough that each weight is used often. */
    private static final int ALONE_ROWS = 256;
    /** By how much a native library multiplies faster, about: the steps get larger, so that it is worth its while. */
    private static final int NATIVELY = 4;
    /** Tokens that a running twin must still find for a sequence to wait for it. */
    private static final int WORTH_WAITING = 16;

    private final Decoder decoder;
    private final int slots;
    private final KvPool pool;
    private final int promptRows;
    private final int aloneRows;
    private final ReentrantLock turn = new ReentrantLock(true);
    private final Condition changed = turn.newCondition();
    /** Both by arrival. */
    private final List<Sequence> waiting = new ArrayList<>();
    private final List<Sequence> running = new ArrayList<>();
    private final List<Span> step = new ArrayList<>();
    private final Decoder.Reader reader;
    private long arrivals;
    /** Caches that are lent to others than sequences. */
    private int lent;
    /** Tokens guessed, and those that were right. */
    private long guessed;
    private long right;
    private volatile Draft draft;
    private Thread thread;
    private boolean closed;

    /**
     * A generator that has not begun.
     *
     * @param slots most sequences at once
     * @param pool  of the pages of all caches; closed with the generator
     */
    Generator(Decoder decoder, int slots, KvPool pool) {
        this.decoder = decoder;
        this.slots = slots;
        this.pool = pool;
        double operations = decoder.natively() ? NATIVELY * PROMPT_OPERATIONS : PROMPT_OPERATIONS;
        this.promptRows = (int) Math.clamp(operations / (2 * decoder.spec().parameters()), FEWEST_ROWS, MOST_ROWS);
        this.aloneRows = Math.max(promptRows, decoder.natively() ? 2 * ALONE_ROWS : ALONE_ROWS);
        int vocabulary = decoder.spec().vocabulary();
        this.reader = (span, position, logits, at, spare) -> ((Sequence) span.owner).read(position, logits, at,
                vocabulary, spare);
    }

    Decoder decoder() {
        return decoder;
    }

    KvPool pool() {
        return pool;
    }

    /** A smaller model that guesses for sequences made from now on; null for none. */
    void draft(Draft smaller) {
        draft = smaller;
    }

    Draft draft() {
        return draft;
    }

    /** How many tokens were guessed so far. */
    Speculated speculated() {
        turn.lock();
        try {
            return new Speculated(guessed, right);
        } finally {
            turn.unlock();
        }
    }

    /** Puts sequences in the queue. Each alone must fit in the pool. */
    void submit(List<Sequence> sequences) {
        turn.lock();
        try {
            requireOpen();
            if (thread == null)
                thread = Thread.ofPlatform().daemon().name("quarry-generator").start(this::loop);
            for (Sequence s : sequences) {
                s.arrival = arrivals++;
                waiting.add(s);
            }
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

    /** Runs something when no text is on its way: new weights must not meet caches of the old, which are forgotten. */
    void idle(Runnable work) {
        turn.lock();
        try {
            while (!closed && !(waiting.isEmpty() && running.isEmpty() && lent == 0))
                changed.awaitUninterruptibly();
            requireOpen();
            pool.clear();
            work.run();
        } finally {
            turn.unlock();
        }
    }

    /**
     * Lends caches for texts that are not generated, all at once; running sequences give way to them. All together must
     * fit in the pool. They must be given back by {@link #giveBack}.
     *
     * @param positions how many each text needs
     * @param silent    of how many of them, from the first on, no logits are wanted: what is known of them is taken over
     */
    List<KvCache> lend(List<int[]> texts, List<Integer> positions, List<Integer> silent) {
        int pages = positions.stream().mapToInt(KvPool::pages).sum();
        turn.lock();
        try {
            while (!closed && pool.available() < pages)
                if (running.isEmpty())
                    changed.awaitUninterruptibly(); // others have borrowed too
                else
                    makeWait(running.removeLast());
            requireOpen();
            List<KvCache> caches = new ArrayList<>();
            try {
                for (int i = 0; i < texts.size(); i++) {
                    caches.add(new KvCache(pool));
                    caches.get(i).adopt(texts.get(i), silent.get(i));
                    caches.get(i).reserve(texts.get(i), positions.get(i));
                }
            } catch (OutOfMemoryError e) { // the machine has less than the budget promised
                caches.forEach(KvCache::release);
                throw e;
            }
            lent += caches.size();
            return caches;
        } finally {
            turn.unlock();
        }
    }

    void giveBack(List<KvCache> caches) {
        turn.lock();
        try {
            caches.forEach(KvCache::release);
            lent -= caches.size();
            changed.signalAll();
        } finally {
            turn.unlock();
        }
    }

    /** Pages that can be had now. */
    int available() {
        turn.lock();
        try {
            return pool.available();
        } finally {
            turn.unlock();
        }
    }

    /** Positions of a text whose keys and values are held. */
    int known(int[] tokens) {
        turn.lock();
        try {
            return pool.known(tokens, tokens.length).positions();
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
                if (!closed && step.isEmpty() && running.isEmpty() && !waiting.isEmpty())
                    changed.awaitUninterruptibly(); // for pages that are lent: nobody could be let in
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

    /** Allocates nothing while no sequence enters or leaves. */
    private void step() {
        boolean left = removeEnded(waiting) | removeEnded(running);
        admit();
        makeRoom();
        plan();
        if (!step.isEmpty())
            decoder.forward(step, reader);
        for (int i = 0; i < step.size(); i++) {
            Sequence s = (Sequence) step.get(i).owner;
            s.settle(step.size());
            guessed += s.guessed();
            right += s.right();
        }
        left |= removeEnded(running);
        if (left)
            changed.signalAll();
    }

    private boolean removeEnded(List<Sequence> sequences) {
        boolean removed = false;
        for (int i = 0; i < sequences.size(); i++)
            if (sequences.get(i).ended()) {
                Sequence s = sequences.remove(i--);
                s.release();
                s.deliver();
                removed = true;
            }
        return removed;
    }

    /** Lets sequences in as long as there are slots and pages for what they have to say by now and a little more. */
    private void admit() {
        for (int i = 0; i < waiting.size() && running.size() < slots; i++) {
            Sequence s = waiting.get(i);
            KvPool.Known known = pool.known(s.tokens(), s.silent());
            if (findsMore(s, known.positions()))
                continue; // its twin is still in its prompt: wait a step, then share what it has
            int needed = KvPool.pages(Math.min(s.length() + 1, s.positions())) - known.shared();
            if (needed + running.size() > pool.available() && !(running.isEmpty() && needed <= pool.available()))
                return;
            s.cache().adopt(s.tokens(), s.silent());
            s.cache().reserve(s.tokens(), s.length());
            waiting.remove(i--);
            insert(running, s);
        }
    }

    /** Whether a running sequence is about to compute more of the beginning of {@code s} than is known. */
    private boolean findsMore(Sequence s, int known) {
        for (Sequence other : running) {
            int end = Math.min(s.silent(), other.length());
            if (other.cache().length() < other.length() && other.cache().length() < end
                    && end >= known + WORTH_WAITING) {
                int differs = Arrays.mismatch(s.tokens(), 0, end, other.tokens(), 0, end);
                int common = differs < 0 ? end : differs;
                if (common >= known + WORTH_WAITING && other.cache().length() < common)
                    return true;
            }
        }
        return false;
    }

    /** Sees that all running sequences have pages for all their tokens; the youngest make room for the older. */
    private void makeRoom() {
        for (int i = 0; i < running.size(); i++) {
            Sequence s = running.get(i);
            while (!s.cache().reserve(s.tokens(), s.length())) {
                Sequence youngest = running.removeLast();
                makeWait(youngest);
                if (youngest == s)
                    break;
            }
        }
    }

    /** Puts a sequence that no longer runs back in the queue; what it has computed stays known while memory lasts. */
    private void makeWait(Sequence s) {
        s.release();
        insert(waiting, s);
    }

    private static void insert(List<Sequence> byArrival, Sequence s) {
        int at = byArrival.size();
        while (at > 0 && byArrival.get(at - 1).arrival > s.arrival)
            at--;
        byArrival.add(at, s);
    }

    /** The next token of everyone, then some rows of prompts, those of the oldest first. */
    private void plan() {
        step.clear();
        boolean anyWaits = false;
        for (int i = 0; i < running.size(); i++)
            anyWaits |= left(running.get(i)) == 1;
        int rows = anyWaits ? promptRows : aloneRows;
        int decoded = 0;
        for (int i = 0; i < running.size(); i++) {
            Sequence s = running.get(i);
            int left = left(s);
            if (left > 1 && rows == 0)
                continue;
            Span span = s.next(left == 1 ? 1 : rows, running.size());
            step.add(span.prefilled() ? step.size() : decoded++, span);
            if (left > 1)
                rows -= span.count;
        }
    }

    private static int left(Sequence s) {
        return s.length() - s.cache().length();
    }

    private void failAll(RuntimeException e) {
        running.addAll(waiting);
        waiting.clear();
        for (Sequence s : running) {
            s.release();
            s.fail(e);
        }
        running.clear();
        changed.signalAll();
    }

    /** Ends the loop; whoever still waits gets an exception. */
    @Override
    public void close() {
        turn.lock();
        try {
            if (closed)
                return;
            closed = true;
            failAll(new IllegalStateException("the model has been closed"));
            pool.close();
        } finally {
            turn.unlock();
        }
    }
}
