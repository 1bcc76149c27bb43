package io.quarry.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Computes the expressions of a template. */
final class Evaluator {
    private final Budget budget;

    Evaluator(Budget budget) {
        this.budget = budget;
    }

    Object value(Expression expression, Scope scope) {
        budget.enter();
        Object value;
        try {
            value = compute(expression, scope);
        } catch (Fault fault) {
            throw fault.at(expression.line());
        }
        budget.leave();
        return value;
    }

    private Object compute(Expression expression, Scope scope) {
        return switch (expression) {
            case Expression.Constant constant -> constant.value();
            case Expression.Name name -> scope.get(name.name());
            case Expression.Sequence sequence -> {
                List<Object> items = values(sequence.items(), scope);
                yield sequence.tuple() ? new Tuple(items) : items;
            }
            case Expression.Dict dict -> dict(dict, scope);
            case Expression.Attribute attribute ->
                Attributes.of(budget, value(attribute.of(), scope), attribute.name());
            case Expression.Item item ->
                Attributes.item(budget, value(item.of(), scope), value(item.key(), scope));
            case Expression.Part part -> Attributes.slice(budget, value(part.of(), scope),
                    new Slice(optional(part.start(), scope), optional(part.stop(), scope),
                            optional(part.step(), scope)));
            case Expression.Call call -> call(call, null, scope);
            case Expression.Filter filter -> Filters.apply(budget, filter.name(), value(filter.input(), scope),
                    arguments(filter.given(), scope));
            case Expression.Test test -> Tests.holds(budget, test.name(), value(test.input(), scope),
                    arguments(test.given(), scope));
            case Expression.Not not -> !Values.truth(value(not.of(), scope));
            case Expression.Sign sign -> Operators.sign(value(sign.of(), scope), sign.minus());
            case Expression.Binary binary -> binary(binary, scope);
            case Expression.Concat concat -> {
                TextBuilder out = new TextBuilder(budget);
                concat.parts().forEach(part -> out.add(Printer.str(budget, value(part, scope))));
                yield out.text();
            }
            case Expression.Compare compare -> compare(compare, scope);
            case Expression.Conditional choice -> Values.truth(value(choice.test(), scope))
                    ? value(choice.then(), scope)
                    : choice.otherwise() != null
                            ? value(choice.otherwise(), scope)
                            : new Undefined("an \"if\" without \"else\" has no value where its test fails");
        };
    }

    private Object optional(Expression expression, Scope scope) {
        return expression == null ? null : value(expression, scope);
    }

    private List<Object> values(List<Expression> expressions, Scope scope) {
        List<Object> values = new ArrayList<>(expressions.size());
        for (Expression expression : expressions)
            values.add(value(expression, scope));
        return values;
    }

    private Object dict(Expression.Dict dict, Scope scope) {
        Map<Object, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < dict.keys().size(); i++)
            map.put(Values.key(value(dict.keys().get(i), scope)), value(dict.values().get(i), scope));
        return map;
    }

    private Object binary(Expression.Binary binary, Scope scope) {
        Object left = value(binary.left(), scope);
        return switch (binary.operator()) {
            case "and" -> Values.truth(left) ? value(binary.right(), scope) : left;
            case "or" -> Values.truth(left) ? left : value(binary.right(), scope);
            default -> Operators.apply(budget, binary.operator(), left, value(binary.right(), scope));
        };
    }

    private Object compare(Expression.Compare compare, Scope scope) {
        Object left = value(compare.first(), scope);
        for (int i = 0; i < compare.operands().size(); i++) {
            Object right = value(compare.operands().get(i), scope);
            if (!Operators.holds(budget, compare.operators().get(i), left, right))
                return false;
            left = right;
        }
        return true;
    }

    /** Calls a function or a macro; a call block hands itself on as {@code caller}. */
    Object call(Expression.Call call, Macro caller, Scope scope) {
        Object callee = value(call.callee(), scope);
        if (callee instanceof Undefined missing)
            throw missing.fault();
        if (!(callee instanceof Callable callable))
            throw new Fault(Values.type(callee) + " cannot be called");
        Arguments arguments = arguments(call.given(), scope);
        if (caller != null) {
            Map<String, Object> named = new LinkedHashMap<>(arguments.named());
            named.put("caller", caller);
            arguments = new Arguments(arguments.positional(), named);
        }
        return callable.call(arguments);
    }

    /** The value of a block's filters, whose innermost takes {@code text}. */
    Object filtered(Expression filters, Text text, Scope scope) {
        budget.enter();
        Expression.Filter filter = (Expression.Filter) filters;
        Object input = filter.input() == null ? text : filtered(filter.input(), text, scope);
        Object value = Filters.apply(budget, filter.name(), input, arguments(filter.given(), scope));
        budget.leave();
        return value;
    }

    private Arguments arguments(Expression.Given given, Scope scope) {
        if (given == Expression.Given.NONE)
            return Arguments.NONE;
        List<Object> positional = values(given.positional(), scope);
        Map<String, Object> named = new LinkedHashMap<>();
        given.named().forEach((name, value) -> named.put(name, value(value, scope)));
        if (given.moreValues() != null)
            positional.addAll(Values.list(budget, value(given.moreValues(), scope)));
        if (given.moreNamed() != null) {
            if (!(value(given.moreNamed(), scope) instanceof Map<?, ?> map))
                throw new Fault("\"**\" needs a dict");
            map.forEach((key, value) -> {
                if (!(key instanceof Text name) || named.put(name.chars(), value) != null)
                    throw new Fault("\"**\" needs names as keys, each once");
            });
        }
        return new Arguments(positional, named);
    }
}
