package io.quarry.text;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Lends one of a few equal things to each caller, so that many threads, virtual ones too, share what only one may use at
 * a time. No caller waits: if all are lent, one more is made, and thrown away afterwards if there is no place for it.
 */
final class Loan<T> {
    private static final int PLACES = Runtime.getRuntime().availableProcessors();

    private final AtomicReferenceArray<T> places = new AtomicReferenceArray<>(PLACES);
    private final Supplier<T> maker;

    Loan(Supplier<T> maker) {
        this.maker = maker;
    }

    /** What {@code use} gives; a thing with which it failed is not lent again. */
    <R> R lend(Function<T, R> use) {
        T thing = null;
        for (int i = 0; i < PLACES && thing == null; i++)
            thing = places.getAndSet(i, null);
        if (thing == null)
            thing = maker.get();
        R result = use.apply(thing);
        for (int i = 0; i < PLACES; i++)
            if (places.compareAndSet(i, null, thing))
                break;
        return result;
    }
}
