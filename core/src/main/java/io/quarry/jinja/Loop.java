package io.quarry.jinja;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** The variable {@code loop} within a loop. It looks ahead only when it is asked to. */
final class Loop implements Callable {
    /** Runs the loop's body over other values; null unless the loop is recursive. */
    private final Callable again;
    private final Budget budget;
    private final Object iterable;
    private final long depth;
    private Iterator<Object> items;
    private long at = -1;
    private long length = -1;
    private boolean ahead;
    private Object next;
    private Object current;
    private Object previous;
    private List<Object> changed;

    Loop(Budget budget, Object iterable, Iterator<Object> items, long depth, Callable again) {
        this.budget = budget;
        this.iterable = iterable;
        this.items = items;
        this.depth = depth;
        this.again = again;
    }

    boolean advance() {
        if (!ahead && !items.hasNext())
            return false;
        previous = current;
        current = ahead ? next : items.next();
        ahead = false;
        at++;
        return true;
    }

    Object current() {
        return current;
    }

    private boolean peek() {
        if (!ahead && items.hasNext()) {
            next = items.next();
            ahead = true;
        }
        return ahead;
    }

    long index() {
        return at + 1;
    }

    /** Number of items; counts those that a stream has yet to give by taking them. */
    long length() {
        if (length < 0) {
            if (iterable instanceof Stream || iterable == null) {
                List<Object> rest = new ArrayList<>();
                items.forEachRemaining(rest::add);
                items = rest.iterator();
                length = at + 1 + (ahead ? 1 : 0) + rest.size();
            } else
                length = Values.length(budget, iterable);
        }
        return length;
    }

    Object attribute(String name) {
        return switch (name) {
            case "index" -> at + 1;
            case "index0" -> at;
            case "first" -> at == 0;
            case "last" -> !peek();
            case "length" -> length();
            case "revindex" -> length() - at;
            case "revindex0" -> length() - at - 1;
            case "depth" -> depth + 1;
            case "depth0" -> depth;
            case "previtem" -> at == 0 ? new Undefined("there is no previous item") : Attributes.known(previous);
            case "nextitem" -> peek() ? Attributes.known(next) : new Undefined("there is no next item");
            case "cycle" -> (Callable) arguments -> {
                List<Object> items = arguments.positional();
                if (items.isEmpty())
                    throw new Fault("loop.cycle needs values");
                return items.get((int) (at % items.size()));
            };
            case "changed" -> (Callable) arguments -> {
                boolean same = changed != null
                        && Values.equal(budget, new Tuple(changed), new Tuple(arguments.positional()));
                changed = arguments.positional();
                return !same;
            };
            default -> null;
        };
    }

    @Override
    public Object call(Arguments arguments) {
        if (again == null)
            throw new Fault("only a loop that is marked \"recursive\" can be called");
        return again.call(arguments);
    }
}
