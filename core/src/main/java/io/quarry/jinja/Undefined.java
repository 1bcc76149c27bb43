package io.quarry.jinja;

/**
 * A value that is not there. It prints as nothing, is false and empty; whatever else is done with it fails.
 *
 * @param why a sentence for that failure
 */
record Undefined(String why) {
    /** Stands for all of them as a key of a dict, for they are equal to one another. */
    static final Undefined KEY = new Undefined("a key is undefined");

    static Undefined name(String name) {
        return new Undefined("\"" + name + "\" is undefined");
    }

    Fault fault() {
        return new Fault(why);
    }
}
