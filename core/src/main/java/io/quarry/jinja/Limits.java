package io.quarry.jinja;

/**
 * What one rendering may spend. A template comes with a model from somewhere, so it must not be able to run for ever or
 * to fill the memory; these bounds are some hundred times above what the templates of known models need.
 *
 * @param steps      nodes evaluated and items visited; 16 characters that are read or written count as one more
 * @param characters characters of all strings that are made on the way, the output among them
 * @param depth      expressions, statements, macro calls and values within one another
 */
public record Limits(long steps, long characters, int depth) {
    /** A fraction of a second and some 100 MB at the worst. Rendering adds to both for large inputs. */
    public static final Limits DEFAULT = new Limits(10_000_000, 64_000_000, 400);

    public Limits {
        if (steps < 1 || characters < 1 || depth < 1)
            throw new IllegalArgumentException("limits of a template must be positive, were " + steps + ", "
                    + characters + ", " + depth);
    }

    /** The same limits with room for inputs of this size: a conversation of a thousand turns needs its steps. */
    Limits with(long values, long length) {
        return new Limits(steps + 100 * values + 4 * length, characters + 32 * length, depth);
    }
}
