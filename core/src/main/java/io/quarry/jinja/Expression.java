package io.quarry.jinja;

import java.util.List;
import java.util.Map;

/** The expressions of a template; each knows the line on which it stands. */
sealed interface Expression {
    int line();

    record Constant(int line, Object value) implements Expression {}

    record Name(int line, String name) implements Expression {}

    record Sequence(int line, List<Expression> items, boolean tuple) implements Expression {}

    record Dict(int line, List<Expression> keys, List<Expression> values) implements Expression {}

    record Attribute(int line, Expression of, String name) implements Expression {}

    record Item(int line, Expression of, Expression key) implements Expression {}

    /** {@code of[start:stop:step]}, each of the three null where it is not given. */
    record Part(int line, Expression of, Expression start, Expression stop, Expression step) implements Expression {}

    record Call(int line, Expression callee, Given given) implements Expression {}

    /** {@code input | name(...)}; the input is null where a block is filtered. */
    record Filter(int line, Expression input, String name, Given given) implements Expression {}

    /** {@code input is name(...)}. */
    record Test(int line, Expression input, String name, Given given) implements Expression {}

    record Not(int line, Expression of) implements Expression {}

    record Sign(int line, boolean minus, Expression of) implements Expression {}

    record Binary(int line, String operator, Expression left, Expression right) implements Expression {}

    /** {@code a ~ b ~ c}. */
    record Concat(int line, List<Expression> parts) implements Expression {}

    /** {@code first < next <= ...}: as many operators as operands. */
    record Compare(int line, Expression first, List<String> operators, List<Expression> operands)
            implements
                Expression {}

    /** {@code then if test else otherwise}; the last is null where it is not given. */
    record Conditional(int line, Expression test, Expression then, Expression otherwise) implements Expression {}

    /**
     * The arguments of a call.
     *
     * @param positional  in order
     * @param named       by name, in order
     * @param moreValues  {@code *sequence}, or null
     * @param moreNamed   {@code **dict}, or null
     */
    record Given(List<Expression> positional, Map<String, Expression> named, Expression moreValues,
            Expression moreNamed) {
        static final Given NONE = new Given(List.of(), Map.of(), null, null);
    }
}
