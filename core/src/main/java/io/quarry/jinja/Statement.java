package io.quarry.jinja;

import java.util.List;
import java.util.Set;

/** The statements of a template; each knows the line on which it begins. */
sealed interface Statement {
    int line();

    /** Text between the tags. */
    record Data(int line, Text text) implements Statement {}

    record Print(int line, Expression value) implements Statement {}

    /** One branch more than tests if there is an else. */
    record If(int line, List<Expression> tests, List<List<Statement>> branches) implements Statement {}

    /**
     * A loop.
     *
     * @param filter    which items count, or null
     * @param otherwise what is rendered if no round came to its end
     */
    record For(int line, Target target, Expression items, Expression filter, boolean recursive, List<Statement> body,
            List<Statement> otherwise) implements Statement {}

    record Assign(int line, Target target, Expression value) implements Statement {}

    /** {@code {% set target | filter %}...{% endset %}}; the filter may be null. */
    record Capture(int line, Target target, Expression filter, List<Statement> body) implements Statement {}

    record Define(int line, Signature signature, List<Statement> body) implements Statement {}

    /** {@code {% call(...) callee(...) %}...{% endcall %}}. */
    record CallBlock(int line, Signature signature, Expression.Call call, List<Statement> body)
            implements
                Statement {}

    record FilterBlock(int line, Expression filter, List<Statement> body) implements Statement {}

    record With(int line, List<Target> targets, List<Expression> values, List<Statement> body)
            implements
                Statement {}

    /** {@code {% generation %}}: what the model is to learn. */
    record Generation(int line, List<Statement> body) implements Statement {}

    record Break(int line) implements Statement {}

    record Continue(int line) implements Statement {}

    /** What is assigned to. */
    sealed interface Target {
        record Name(String name) implements Target {}

        record OfNamespace(String namespace, String attribute) implements Target {}

        record Several(List<Target> targets) implements Target {}
    }

    /**
     * A macro's head.
     *
     * @param defaults of the last parameters
     * @param uses     which of the names caller, varargs and kwargs its body reads
     */
    record Signature(String name, List<String> parameters, List<Expression> defaults, Set<String> uses) {}
}
