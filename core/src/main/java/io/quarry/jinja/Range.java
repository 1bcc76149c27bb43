package io.quarry.jinja;

import java.math.BigInteger;
import java.util.AbstractList;
import java.util.RandomAccess;

/** The numbers that {@code range} counts; none of them is stored. */
final class Range extends AbstractList<Object> implements RandomAccess {
    /** As in Jinja's sandbox. */
    private static final int LONGEST = 100_000;

    private final long start;
    private final long stop;
    private final long step;
    private final int size;

    Range(long start, long stop, long step) {
        if (step == 0)
            throw new Fault("range() needs a step other than 0");
        this.start = start;
        this.stop = stop;
        this.step = step;
        BigInteger span = BigInteger.valueOf(stop).subtract(BigInteger.valueOf(start));
        BigInteger whole = BigInteger.valueOf(step);
        // rounded up: one number more where the last step is not a whole one
        BigInteger count = span.add(whole).subtract(BigInteger.valueOf(Long.signum(step))).divide(whole);
        if (span.signum() != 0 && count.compareTo(BigInteger.valueOf(LONGEST)) > 0)
            throw new Fault("range() counts more than " + LONGEST + " numbers");
        size = span.signum() != Long.signum(step) ? 0 : count.intValueExact();
    }

    @Override
    public Object get(int index) {
        return start + step * index;
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public String toString() {
        return "range(" + start + ", " + stop + (step == 1 ? "" : ", " + step) + ")";
    }
}
