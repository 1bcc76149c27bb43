package io.quarry.app;

/** Where a build says what it does: {@link Bars} on a terminal, {@link Lines} elsewhere. */
interface Display {
    /**
     * A stage begins.
     *
     * @param place {@code  3/24}
     * @param meter what the stage says; read now and then until {@link #ended}
     */
    void began(String place, String stage, Meter meter);

    /** The stage that began is over; {@code how} says how it went. */
    void ended(String place, String stage, String how);

    /** A line of its own between stages, for instance a stage that was done before. */
    void line(String text);
}
