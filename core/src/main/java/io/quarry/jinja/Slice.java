package io.quarry.jinja;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code [start:stop:step]} of a sequence.
 *
 * @param start first index, null for the end where counting begins
 * @param stop  index before which counting ends, null for the other end
 * @param step  null for 1
 */
record Slice(Object start, Object stop, Object step) {
    /** The indices start, start + step, ... of which there are {@code count}. */
    record Bounds(int start, int stop, int step, int count) {}

    /** The indices for a sequence of this length. */
    Bounds within(int length) {
        int by = step == null ? 1 : index(step);
        if (by == 0)
            throw new Fault("a slice needs a step other than 0");
        int low = by > 0 ? 0 : -1;
        int high = by > 0 ? length : length - 1;
        int from = start == null ? by > 0 ? low : high : clamp(index(start), length, low, high);
        int to = stop == null ? by > 0 ? high : low : clamp(index(stop), length, low, high);
        long span = by > 0 ? (long) to - from : (long) from - to;
        int count = span <= 0 ? 0 : (int) ((span - 1) / Math.abs((long) by) + 1);
        return new Bounds(from, to, by, count);
    }

    private static int clamp(int index, int length, int low, int high) {
        return Math.clamp(index < 0 ? (long) index + length : index, low, high);
    }

    private static int index(Object value) {
        return switch (value) {
            case Long number -> Math.clamp(number, -Integer.MAX_VALUE, Integer.MAX_VALUE);
            case Boolean truth -> truth ? 1 : 0;
            case BigInteger number -> number.signum() * Integer.MAX_VALUE;
            default -> throw new Fault("a slice needs whole numbers, found " + Values.type(value));
        };
    }

    List<Object> of(Budget budget, List<?> list) {
        Bounds bounds = within(list.size());
        budget.steps(bounds.count());
        List<Object> part = new ArrayList<>(bounds.count());
        for (int k = 0; k < bounds.count(); k++)
            part.add(list.get(bounds.start() + k * bounds.step()));
        return part;
    }
}
