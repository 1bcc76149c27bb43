package io.quarry.jinja;

import java.util.Iterator;
import java.util.NoSuchElementException;

/** Values that are made when they are asked for, once: what {@code map}, {@code select} and their like give. */
final class Stream implements Iterator<Object> {
    /** Marks the end. */
    static final Object END = new Object();

    /** Makes the next value, or {@link #END}. */
    interface Source {
        Object next();
    }

    private final Budget budget;
    private final Source source;
    private Object next;

    Stream(Budget budget, Source source) {
        this.budget = budget;
        this.source = source;
    }

    @Override
    public boolean hasNext() {
        if (next == null) {
            budget.enter();
            try {
                next = wrap(source.next());
            } finally {
                budget.leave();
            }
        }
        return next != END;
    }

    @Override
    public Object next() {
        if (!hasNext())
            throw new NoSuchElementException();
        Object value = next;
        next = null;
        return value == NONE ? null : value;
    }

    /** Stands for None, as null stands for "not asked yet". */
    private static final Object NONE = new Object();

    private static Object wrap(Object value) {
        return value == null ? NONE : value;
    }
}
