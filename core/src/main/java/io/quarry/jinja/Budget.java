package io.quarry.jinja;

/** What is left of a rendering's {@link Limits}. */
final class Budget {
    private final Limits limits;
    private long steps;
    private long characters;
    private int depth;

    Budget(Limits limits) {
        this.limits = limits;
        steps = limits.steps();
        characters = limits.characters();
    }

    /** Pays for work on {@code count} things. */
    void steps(long count) {
        steps -= count;
        if (steps < 0)
            throw new Fault("the template needs more than " + limits.steps()
                    + " steps; it loops too long, or a loop in it never ends");
    }

    /** Pays for looking at a string of this length. */
    void read(long length) {
        steps(length / 16 + 1);
    }

    /** Pays for making a string of this length; call it before the string is made. */
    void write(long length) {
        characters -= length;
        if (characters < 0)
            throw new Fault("the template makes more than " + limits.characters()
                    + " characters of text; it must make less");
        steps(length / 16 + 1);
    }

    /** One level deeper; pair it with {@link #leave}. */
    void enter() {
        if (++depth > limits.depth()) {
            depth--;
            throw new Fault("the template nests more than " + limits.depth() + " levels deep; a macro may call itself");
        }
        steps(1);
    }

    void leave() {
        depth--;
    }
}
