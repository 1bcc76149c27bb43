package io.quarry.jinja;

import java.util.HashMap;
import java.util.Map;

/** Variables by name; a scope sees those around it and sets only its own. */
final class Scope {
    private final Scope outer;
    /** Null until something is set, for most scopes of a loop are never written to. */
    private Map<String, Object> own;

    Scope(Scope outer) {
        this.outer = outer;
    }

    void set(String name, Object value) {
        if (own == null)
            own = new HashMap<>();
        own.put(name, value);
    }

    boolean hasOwn(String name) {
        return own != null && own.containsKey(name);
    }

    /** The nearest variable of this name; one that is not there is undefined. */
    Object get(String name) {
        for (Scope scope = this; scope != null; scope = scope.outer)
            if (scope.own != null) {
                Object value = scope.own.get(name);
                if (value != null || scope.own.containsKey(name))
                    return value;
            }
        return Undefined.name(name);
    }
}
