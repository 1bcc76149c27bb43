package io.quarry.jinja;

import java.util.Map;

/** The one value that a template can change: {@code {% set ns.found = true %}}. */
record Namespace(Map<Object, Object> attributes) {
    Namespace {
        attributes.keySet().forEach(key -> check(key.toString()));
    }

    void set(String name, Object value) {
        check(name);
        attributes.put(Text.of(name), value);
    }

    private static void check(String name) {
        if (name.startsWith("_"))
            throw new Fault("a namespace has no attributes that begin with \"_\"; found \"" + name + "\"");
    }
}
