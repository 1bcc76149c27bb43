package io.quarry.serve;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Counts the answers on their way: refuses when there are too many, and lets a stop wait for them. */
final class Gate {
    private final int places;
    private final Semaphore free;
    private volatile boolean closing;
    private volatile boolean cutting;

    Gate(int places) {
        this.places = places;
        this.free = new Semaphore(places);
    }

    /** Takes a place, which the caller gives back by closing it; without one, an error 503. */
    Place enter() {
        if (closing)
            throw stopping();
        if (!free.tryAcquire())
            throw new ApiError(503, null, "overloaded",
                    "the server answers " + places + " requests already; try again in a moment");
        return free::release;
    }

    /** Whether no new request is taken. */
    boolean closing() {
        return closing;
    }

    /** Whether answers on their way must end now. */
    boolean cutting() {
        return cutting;
    }

    /** What a client hears when a stop refuses or cuts its answer. */
    static ApiError stopping() {
        return new ApiError(503, null, "stopping", "the server is stopping");
    }

    /** Takes no more requests, waits for those on their way, and after {@code grace} cuts them. */
    void close(Duration grace) throws InterruptedException {
        closing = true;
        if (free.tryAcquire(places, grace.toMillis(), TimeUnit.MILLISECONDS))
            return;
        cutting = true; // each answer sees it at its next token
        free.tryAcquire(places, Math.max(1_000, grace.toMillis()), TimeUnit.MILLISECONDS);
    }

    /** One place; closing gives it back. */
    interface Place extends AutoCloseable {
        @Override
        void close();
    }
}
