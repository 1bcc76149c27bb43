package io.quarry.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads expressions; every method is one level of Jinja's precedence, the loosest first. */
final class ExpressionParser {
    private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");

    private final Cursor cursor;

    ExpressionParser(Cursor cursor) {
        this.cursor = cursor;
    }

    /**
     * One expression, or several with commas between them, which make a tuple.
     *
     * @param conditional whether {@code a if b else c} may stand here
     * @param end         a name that ends it, or ""
     */
    Expression tuple(boolean conditional, String end) {
        int line = cursor.line();
        List<Expression> items = new ArrayList<>();
        boolean several = false;
        while (!endsTuple() && !cursor.isName(end)) {
            items.add(conditional ? expression() : or());
            if (!cursor.skipOperator(","))
                break;
            several = true;
        }
        if (several)
            return new Expression.Sequence(line, items, true);
        if (items.isEmpty())
            throw cursor.unexpected("an expression");
        return items.getFirst();
    }

    private boolean endsTuple() {
        return cursor.is(Token.Kind.PRINT_END) || cursor.is(Token.Kind.BLOCK_END) || cursor.isOperator(")");
    }

    Expression expression() {
        cursor.enter();
        int line = cursor.line();
        Expression value = or();
        while (cursor.skipName("if")) {
            Expression test = or();
            Expression otherwise = cursor.skipName("else") ? expression() : null;
            value = new Expression.Conditional(line, test, value, otherwise);
            line = cursor.line();
        }
        cursor.leave();
        return value;
    }

    private Expression or() {
        Expression left = and();
        while (cursor.isName("or"))
            left = new Expression.Binary(cursor.next().line(), "or", left, and());
        return left;
    }

    private Expression and() {
        Expression left = not();
        while (cursor.isName("and"))
            left = new Expression.Binary(cursor.next().line(), "and", left, not());
        return left;
    }

    private Expression not() {
        if (!cursor.isName("not"))
            return comparison();
        cursor.enter();
        Expression not = new Expression.Not(cursor.next().line(), not());
        cursor.leave();
        return not;
    }

    private Expression comparison() {
        int line = cursor.line();
        Expression first = sum();
        List<String> operators = new ArrayList<>();
        List<Expression> operands = new ArrayList<>();
        while (true) {
            if (cursor.is(Token.Kind.OPERATOR) && COMPARISONS.contains(cursor.token().text()))
                operators.add(cursor.next().text());
            else if (cursor.skipName("in"))
                operators.add("in");
            else if (cursor.isName("not") && cursor.after().is(Token.Kind.NAME, "in")) {
                cursor.next();
                cursor.next();
                operators.add("not in");
            } else
                break;
            operands.add(sum());
        }
        return operators.isEmpty() ? first : new Expression.Compare(line, first, operators, operands);
    }

    private Expression sum() {
        Expression left = concat();
        while (cursor.isOperator("+") || cursor.isOperator("-")) {
            Token operator = cursor.next();
            left = new Expression.Binary(operator.line(), operator.text(), left, concat());
        }
        return left;
    }

    private Expression concat() {
        int line = cursor.line();
        List<Expression> parts = new ArrayList<>();
        do
            parts.add(product());
        while (cursor.skipOperator("~"));
        return parts.size() == 1 ? parts.getFirst() : new Expression.Concat(line, parts);
    }

    private Expression product() {
        Expression left = power();
        while (cursor.isOperator("*") || cursor.isOperator("/") || cursor.isOperator("//") || cursor.isOperator("%")) {
            Token operator = cursor.next();
            left = new Expression.Binary(operator.line(), operator.text(), left, power());
        }
        return left;
    }

    /** From left to right, unlike in Python. */
    private Expression power() {
        Expression left = unary(true);
        while (cursor.isOperator("**"))
            left = new Expression.Binary(cursor.next().line(), "**", left, unary(true));
        return left;
    }

    private Expression unary(boolean filtered) {
        cursor.enter();
        Expression value;
        if (cursor.isOperator("-") || cursor.isOperator("+")) {
            Token sign = cursor.next();
            value = new Expression.Sign(sign.line(), sign.text().equals("-"), unary(false));
        } else
            value = primary();
        value = postfix(value);
        if (filtered)
            value = filters(value);
        cursor.leave();
        return value;
    }

    private Expression primary() {
        Token token = cursor.token();
        switch (token.kind()) {
            case NAME -> {
                cursor.next();
                return name(token);
            }
            case STRING -> {
                StringBuilder text = new StringBuilder();
                while (cursor.is(Token.Kind.STRING))
                    text.append(cursor.next().text());
                cursor.literals.add(text.toString());
                return new Expression.Constant(token.line(), Text.of(text.toString()));
            }
            case NUMBER -> {
                return new Expression.Constant(token.line(), cursor.next().value());
            }
            default -> {
                if (cursor.skipOperator("(")) {
                    Expression inner = cursor.isOperator(")")
                            ? new Expression.Sequence(token.line(), List.of(), true)
                            : tuple(true, "");
                    cursor.operator(")");
                    return inner;
                }
                if (cursor.skipOperator("["))
                    return new Expression.Sequence(token.line(), list("]"), false);
                if (cursor.skipOperator("{"))
                    return dict(token.line());
                throw cursor.unexpected("an expression");
            }
        }
    }

    private Expression name(Token token) {
        return switch (token.text()) {
            case "true", "True" -> new Expression.Constant(token.line(), true);
            case "false", "False" -> new Expression.Constant(token.line(), false);
            case "none", "None" -> new Expression.Constant(token.line(), null);
            default -> {
                cursor.names.add(token.text());
                yield new Expression.Name(token.line(), token.text());
            }
        };
    }

    private List<Expression> list(String close) {
        List<Expression> items = new ArrayList<>();
        while (!cursor.skipOperator(close)) {
            items.add(expression());
            if (!cursor.isOperator(close))
                cursor.operator(",");
        }
        return items;
    }

    private Expression dict(int line) {
        List<Expression> keys = new ArrayList<>();
        List<Expression> values = new ArrayList<>();
        while (!cursor.skipOperator("}")) {
            keys.add(expression());
            cursor.operator(":");
            values.add(expression());
            if (!cursor.isOperator("}"))
                cursor.operator(",");
        }
        return new Expression.Dict(line, keys, values);
    }

    private Expression postfix(Expression start) {
        Expression value = start;
        while (true) {
            int line = cursor.line();
            if (cursor.skipOperator("."))
                value = dotted(line, value);
            else if (cursor.skipOperator("["))
                value = subscript(line, value);
            else if (cursor.isOperator("("))
                value = new Expression.Call(line, value, given());
            else
                return value;
        }
    }

    private Expression dotted(int line, Expression of) {
        Token token = cursor.token();
        if (token.kind() == Token.Kind.NAME)
            return new Expression.Attribute(line, of, cursor.next().text());
        if (token.kind() != Token.Kind.NUMBER || !Numbers.whole(token.value()))
            throw cursor.unexpected("a name or a whole number");
        return new Expression.Item(line, of, new Expression.Constant(token.line(), cursor.next().value()));
    }

    private Expression subscript(int line, Expression of) {
        Expression[] bounds = new Expression[3];
        int colons = 0;
        List<Expression> keys = new ArrayList<>();
        while (!cursor.isOperator("]")) {
            if (colons < 2 && keys.isEmpty() && cursor.skipOperator(":"))
                colons++;
            else if (bounds[colons] == null)
                bounds[colons] = expression();
            else if (colons == 0 && cursor.skipOperator(",")) {
                keys.add(bounds[0]);
                bounds[0] = cursor.isOperator("]") ? null : expression();
            } else
                throw cursor.unexpected("\"]\"");
        }
        cursor.operator("]");
        if (colons > 0)
            return new Expression.Part(line, of, bounds[0], bounds[1], bounds[2]);
        if (bounds[0] != null && keys.isEmpty())
            return new Expression.Item(line, of, bounds[0]);
        if (bounds[0] != null)
            keys.add(bounds[0]);
        return new Expression.Item(line, of, new Expression.Sequence(line, keys, true));
    }

    /** The arguments in round brackets. */
    private Expression.Given given() {
        int line = cursor.line();
        cursor.operator("(");
        List<Expression> positional = new ArrayList<>();
        Map<String, Expression> named = new LinkedHashMap<>();
        Expression moreValues = null;
        Expression moreNamed = null;
        while (!cursor.skipOperator(")")) {
            if (cursor.isOperator("*") && moreValues == null && moreNamed == null) {
                cursor.next();
                moreValues = expression();
            } else if (moreNamed == null && cursor.skipOperator("**"))
                moreNamed = expression();
            else if (moreNamed == null && cursor.is(Token.Kind.NAME)
                    && cursor.after().is(Token.Kind.OPERATOR, "=")) {
                String name = cursor.name();
                cursor.next();
                if (named.put(name, expression()) != null)
                    throw new Fault("a call has the argument \"" + name + "\" twice", line);
            } else if (named.isEmpty() && moreValues == null && moreNamed == null)
                positional.add(expression());
            else
                throw cursor.unexpected("a named argument");
            if (!cursor.isOperator(")"))
                cursor.operator(",");
        }
        return new Expression.Given(positional, named, moreValues, moreNamed);
    }

    private Expression filters(Expression start) {
        Expression value = start;
        while (true) {
            int line = cursor.line();
            if (cursor.isOperator("|"))
                value = filter(value);
            else if (cursor.skipName("is"))
                value = test(line, value);
            else if (cursor.isOperator("("))
                value = new Expression.Call(line, value, given());
            else
                return value;
        }
    }

    /** {@code | name(...)}, once. */
    private Expression filter(Expression input) {
        cursor.operator("|");
        return filterName(input);
    }

    private Expression filterName(Expression input) {
        int line = cursor.line();
        String name = dottedName();
        return new Expression.Filter(line, input, name, cursor.isOperator("(") ? given() : Expression.Given.NONE);
    }

    /** Filters of a block, with null for what goes in; null where there are none. */
    Expression filtersOfBlock(boolean inline) {
        Expression value = inline ? filterName(null) : null;
        while (cursor.isOperator("|"))
            value = filter(value);
        return value;
    }

    private String dottedName() {
        StringBuilder name = new StringBuilder(cursor.name());
        while (cursor.skipOperator("."))
            name.append('.').append(cursor.name());
        return name.toString();
    }

    private Expression test(int line, Expression input) {
        boolean not = cursor.skipName("not");
        String name = dottedName();
        Expression.Given given = Expression.Given.NONE;
        if (cursor.isOperator("("))
            given = given();
        else if (startsArgument()) {
            if (cursor.isName("is"))
                throw new Fault("one test cannot follow another with \"is\"", line);
            given = new Expression.Given(List.of(postfix(primary())), Map.of(), null, null);
        }
        Expression test = new Expression.Test(line, input, name, given);
        return not ? new Expression.Not(line, test) : test;
    }

    /** Whether a test takes what comes next as its argument. */
    private boolean startsArgument() {
        if (cursor.is(Token.Kind.NAME))
            return !cursor.isName("else") && !cursor.isName("or") && !cursor.isName("and");
        return cursor.is(Token.Kind.STRING) || cursor.is(Token.Kind.NUMBER) || cursor.isOperator("[")
                || cursor.isOperator("{");
    }
}
