package io.quarry.kernel;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A fixed pool of threads that shares out numbered tasks; the caller is one of them. Between two runs the threads wait
 * awake for some microseconds, because the next operation of a forward pass follows at once, then they sleep. A run
 * allocates nothing.
 */
public final class Workers implements AutoCloseable {
    /** What is done for each number. */
    @FunctionalInterface
    public interface Task {
        /**
         * Does one part.
         *
         * @param index  number of the part
         * @param worker who does it, below {@link #threads()}: two parts of one worker never overlap in time
         */
        void run(int index, int worker);
    }

    /** Runs every task in the caller. */
    public static final Workers NONE = new Workers(1);

    /** Spins before a thread sleeps; some 20 to 50 microseconds. */
    private static final int SPINS = 2_000;
    /** A number that no run has a task for: stands in {@link #next} between two runs. */
    private static final int NO_TASK = Integer.MAX_VALUE;

    private final Thread[] threads;
    private final ReentrantLock oneAtATime = new ReentrantLock();
    /**
     * The number of the run in the upper half, of its next task in the lower. A task is taken by counting on, so a thread
     * that comes late, when the fields below may already belong to another run, fails to count on and takes nothing.
     */
    private final AtomicLong next = new AtomicLong(NO_TASK);
    private final AtomicInteger done = new AtomicInteger();
    private final AtomicInteger asleep = new AtomicInteger();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private Task task;
    private int tasks;
    private Thread caller;
    private volatile boolean closed;

    /** A pool of {@code threads}, the caller's included. */
    public Workers(int threads) {
        if (threads < 1)
            throw new IllegalArgumentException("threads must be at least 1, was " + threads);
        this.threads = new Thread[threads - 1];
        for (int i = 0; i < this.threads.length; i++) {
            int worker = i + 1;
            this.threads[i] = Thread.ofPlatform().daemon().name("quarry-worker-" + worker)
                    .unstarted(() -> serve(worker));
            this.threads[i].start();
        }
    }

    /** As many threads as the container may use. */
    public static Workers all() {
        return new Workers(Runtime.getRuntime().availableProcessors());
    }

    public int threads() {
        return threads.length + 1;
    }

    /** Runs {@code task} for 0 to {@code tasks - 1}, in no order, and returns when all are done; rethrows a failure. */
    public void run(int tasks, Task task) {
        if (threads.length == 0 || tasks <= 1) {
            for (int i = 0; i < tasks; i++)
                task.run(i, 0);
            return;
        }
        if (oneAtATime.isHeldByCurrentThread())
            throw new IllegalStateException("a task of workers cannot share out tasks among the same workers");
        Throwable failed;
        oneAtATime.lock();
        try {
            long run = (next.get() >>> 32) + 1 << 32;
            this.task = task;
            this.tasks = tasks;
            caller = Thread.currentThread();
            done.set(0);
            next.set(run); // publishes the fields
            if (asleep.get() > 0)
                for (Thread thread : threads)
                    LockSupport.unpark(thread);
            work(0);
            for (int spins = 0; done.get() < tasks; spins++)
                rest(spins);
            next.set(run | NO_TASK);
        } finally {
            this.task = null;
            caller = null;
            oneAtATime.unlock();
        }
        switch (failure.getAndSet(null)) {
            case null -> {
            }
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            case Throwable e -> throw new IllegalStateException(e);
        }
    }

    /** Takes tasks of the present run until none is left; whether there was one. */
    private boolean work(int worker) {
        for (boolean worked = false;; worked = true) {
            long ticket = next.get();
            Task now = task;
            int count = tasks;
            Thread waiting = caller;
            int index = (int) ticket;
            if (index >= count)
                return worked;
            if (!next.compareAndSet(ticket, ticket + 1))
                continue;
            try {
                now.run(index, worker);
            } catch (Throwable e) {
                failure.compareAndSet(null, e);
            }
            if (done.incrementAndGet() == count && worker != 0)
                LockSupport.unpark(waiting);
        }
    }

    private void serve(int worker) {
        for (int spins = 0; !closed; spins++) {
            if (work(worker))
                spins = 0;
            else if (spins < SPINS)
                Thread.onSpinWait();
            else
                sleep();
        }
    }

    /** Sleeps unless a run has begun: the caller looks for sleepers after it has published its run. */
    private void sleep() {
        asleep.incrementAndGet();
        if ((int) next.get() == NO_TASK && !closed)
            LockSupport.park(this);
        asleep.decrementAndGet();
    }

    private static void rest(int spins) {
        if (spins < SPINS)
            Thread.onSpinWait();
        else
            LockSupport.park();
    }

    /** Ends the threads. */
    @Override
    public void close() {
        closed = true;
        for (Thread thread : threads)
            LockSupport.unpark(thread);
    }
}
