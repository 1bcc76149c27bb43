package io.quarry.jinja;

/** What a template can call: macros, functions, methods of values. */
interface Callable {
    Object call(Arguments arguments);
}
