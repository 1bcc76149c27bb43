package io.quarry.kernel;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A fixed pool of threads that shares out numbered tasks; the caller is one of them. Between two runs the threads wait
 * awake for some microseconds, because the next operation of a forward pass follows at once, then they sleep.
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

    /** One call of {@link #run}; a thread that comes late finds no number left and does no harm. */
    private static final class Round {
        final Task task;
        final int tasks;
        final AtomicInteger next = new AtomicInteger();
        final AtomicInteger done = new AtomicInteger();
        final AtomicReference<Throwable> failure = new AtomicReference<>();
        final Thread caller = Thread.currentThread();

        Round(Task task, int tasks) {
            this.task = task;
            this.tasks = tasks;
        }

        void work(int worker) {
            for (int i; (i = next.getAndIncrement()) < tasks;) {
                try {
                    task.run(i, worker);
                } catch (Throwable e) {
                    failure.compareAndSet(null, e);
                }
                if (done.incrementAndGet() == tasks)
                    LockSupport.unpark(caller);
            }
        }
    }

    private final Thread[] threads;
    private final ReentrantLock oneAtATime = new ReentrantLock();
    private volatile Round round;
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
        oneAtATime.lock();
        try {
            Round now = new Round(task, tasks);
            round = now;
            for (Thread thread : threads)
                LockSupport.unpark(thread);
            now.work(0);
            for (int spins = 0; now.done.get() < tasks; spins++)
                rest(spins);
            switch (now.failure.get()) {
                case null -> {
                }
                case RuntimeException e -> throw e;
                case Error e -> throw e;
                case Throwable e -> throw new IllegalStateException(e);
            }
        } finally {
            round = null;
            oneAtATime.unlock();
        }
    }

    private void serve(int worker) {
        Round last = null;
        for (int spins = 0; !closed; spins++) {
            Round now = round;
            if (now != null && now != last) {
                now.work(worker);
                last = now;
                spins = 0;
            } else {
                rest(spins);
            }
        }
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
