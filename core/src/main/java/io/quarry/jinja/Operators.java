package io.quarry.jinja;

import java.util.ArrayList;
import java.util.List;

/** What the operators do, for each kind of operand. */
final class Operators {
    private Operators() {}

    static Object sign(Object value, boolean minus) {
        if (value instanceof Undefined missing)
            throw missing.fault();
        if (!Numbers.is(value))
            throw new Fault("a sign needs a number, found " + Values.type(value));
        return minus ? Numbers.negate(value) : Numbers.whole(value) ? Numbers.of(Numbers.big(value)) : value;
    }

    static Object apply(Budget budget, String operator, Object a, Object b) {
        if (Numbers.is(a) && Numbers.is(b))
            return switch (operator) {
                case "+" -> Numbers.add(a, b);
                case "-" -> Numbers.subtract(a, b);
                case "*" -> Numbers.multiply(a, b);
                case "/" -> Numbers.divide(a, b);
                case "//" -> Numbers.floorDivide(a, b);
                case "%" -> Numbers.modulo(a, b);
                default -> Numbers.power(a, b);
            };
        Object value = switch (operator) {
            case "+" -> add(budget, a, b);
            case "*" -> Numbers.whole(b) ? repeat(budget, a, b) : Numbers.whole(a) ? repeat(budget, b, a) : null;
            case "%" -> a instanceof Text text ? PercentFormat.format(budget, text, b) : null;
            default -> null;
        };
        if (value == null)
            throw Values.unfit(operator, a, b);
        return value;
    }

    private static Object add(Budget budget, Object a, Object b) {
        if (a instanceof Text left && b instanceof Text right)
            return Strings.concat(budget, left, right);
        if (!(a instanceof List<?> left) || !(b instanceof List<?> right) || a instanceof Range || b instanceof Range
                || a instanceof Tuple != b instanceof Tuple)
            return null;
        budget.steps(left.size() + right.size());
        List<Object> all = new ArrayList<>(left);
        all.addAll(right);
        return a instanceof Tuple ? new Tuple(all) : all;
    }

    private static Object repeat(Budget budget, Object value, Object times) {
        int count = Arguments.of(times).bind("*", 1, "times").integer(0);
        if (value instanceof Text text)
            return new TextBuilder(budget).repeat(text, count).text().withHtml(text.html());
        if (!(value instanceof List<?> list) || value instanceof Range)
            return null;
        budget.steps((long) list.size() * Math.max(count, 0));
        List<Object> all = new ArrayList<>();
        for (int i = 0; i < count && !list.isEmpty(); i++)
            all.addAll(list);
        return value instanceof Tuple ? new Tuple(all) : all;
    }

    /** Whether a comparison holds. */
    static boolean holds(Budget budget, String operator, Object a, Object b) {
        return switch (operator) {
            case "==" -> Values.equal(budget, a, b);
            case "!=" -> !Values.equal(budget, a, b);
            case "in" -> Values.contains(budget, b, a);
            case "not in" -> !Values.contains(budget, b, a);
            case "<" -> Values.compare(budget, a, b) < 0;
            case "<=" -> Values.compare(budget, a, b) <= 0;
            case ">" -> Values.compare(budget, a, b) > 0;
            default -> Values.compare(budget, a, b) >= 0;
        };
    }
}
