package io.quarry.kernel;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Chooses between two ways that compute the same bits: the one that takes less time on this machine. Both take turns at
 * first, while they are compiled; later the slower one is tried again now and then. Thread-safe without locks: a time
 * that is lost does no harm.
 */
final class Quicker {
    /** Turns that are taken before anything is chosen. */
    private static final int TURNS = 128;
    /** Turns from one trial of the slower way to the next, and while methods may still be compiled. */
    private static final int AGAIN = 256;
    private static final int SOON = 32;
    /** Part of a time that is believed at once. */
    private static final double DOUBT = 1.0 / 16;

    private final AtomicInteger turns = new AtomicInteger();
    /** Nanoseconds per unit of work. */
    private volatile double first = Double.MAX_VALUE;
    private volatile double second = Double.MAX_VALUE;

    /** Whether to go the second way this time. */
    boolean second() {
        int turn = turns.getAndIncrement();
        if (turn >= 0 && turn < TURNS)
            return turn % 2 == 1;
        boolean quicker = second < first;
        return turn % (turn < 16 * AGAIN ? SOON : AGAIN) == 0 ? !quicker : quicker;
    }

    /**
     * Takes note of how long a turn took.
     *
     * @param work what was done, in any unit
     */
    void took(boolean wasSecond, long nanos, double work) {
        if (wasSecond)
            second = updated(second, nanos / work);
        else
            first = updated(first, nanos / work);
    }

    /**
     * A mean of late: one lucky turn must not decide, nor one that was disturbed. A time of less than half is believed
     * wholly, since that is a way that has just been compiled.
     */
    private static double updated(double before, double now) {
        return now < before / 2 ? now : before + (Math.min(now, 2 * before) - before) * DOUBT;
    }
}
