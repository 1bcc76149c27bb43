package io.quarry.kernel;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Chooses between two ways that compute the same bits: the one that takes less time on this machine. Both take turns at
 * first, while they are compiled; later the slower one is tried again now and then. Thread-safe.
 */
final class Quicker {
    /** Turns that are taken before anything is chosen. */
    private static final int TURNS = 128;
    /** Turns from one trial of the slower way to the next. */
    private static final int AGAIN = 256;
    /** Turns of a way after which its times are forgotten, but for the shortest of the last so many. */
    private static final int WINDOW = 64;

    private final AtomicInteger turns = new AtomicInteger();
    private final Times first = new Times();
    private final Times second = new Times();

    /** The shortest time of a way of late, in nanoseconds per unit of work; what disturbs a turn makes it longer only. */
    private static final class Times {
        private int taken;
        private double shortest = Double.MAX_VALUE;
        private double before = Double.MAX_VALUE;

        synchronized void add(double time) {
            if (taken++ == WINDOW) {
                taken = 1;
                before = shortest;
                shortest = time;
            }
            shortest = Math.min(shortest, time);
        }

        synchronized double shortest() {
            return Math.min(before, shortest);
        }
    }

    /** Whether to go the second way this time. */
    boolean second() {
        int turn = turns.getAndIncrement();
        if (turn >= 0 && turn < TURNS)
            return turn % 2 == 1;
        boolean quicker = second.shortest() < first.shortest();
        return turn % AGAIN == 0 ? !quicker : quicker;
    }

    /**
     * Takes note of how long a turn took.
     *
     * @param work what was done, in any unit
     */
    void took(boolean wasSecond, long nanos, double work) {
        (wasSecond ? second : first).add(nanos / work);
    }
}
