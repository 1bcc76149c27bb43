package io.quarry.jinja;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What {@code is} asks. */
final class Tests {
    /** One test. */
    private interface Test {
        boolean holds(Budget budget, Object value, Arguments arguments);
    }

    private static final Map<String, Test> TESTS = new HashMap<>();

    static {
        add("defined", value -> !(value instanceof Undefined));
        add("undefined", value -> value instanceof Undefined);
        add("none", value -> value == null);
        add("boolean", value -> value instanceof Boolean);
        add("true", value -> Boolean.TRUE.equals(value));
        add("false", value -> Boolean.FALSE.equals(value));
        add("integer", value -> Numbers.whole(value) && !(value instanceof Boolean));
        add("float", value -> value instanceof Double);
        add("number", Numbers::is);
        add("string", value -> value instanceof Text);
        add("mapping", value -> value instanceof Map);
        add("iterable", Values::iterable);
        add("sequence", value -> value instanceof Text || value instanceof List || value instanceof Map
                || value instanceof Undefined);
        add("callable", value -> value instanceof Callable || value instanceof Undefined);
        add("escaped", value -> value instanceof Text text && text.html());
        TESTS.put("filter", (budget, value, arguments) -> none(arguments) && value instanceof Text name
                && Filters.exists(name.chars()));
        TESTS.put("test", (budget, value, arguments) -> none(arguments) && value instanceof Text name
                && TESTS.containsKey(name.chars()));
        TESTS.put("odd", (budget, value, arguments) -> none(arguments) && rest(budget, value, 2L, 1L));
        TESTS.put("even", (budget, value, arguments) -> none(arguments) && rest(budget, value, 2L, 0L));
        TESTS.put("divisibleby", (budget, value, arguments) -> rest(budget, value, one(arguments), 0L));
        TESTS.put("lower", (budget, value, arguments) -> none(arguments)
                && StringMethods.cased(budget, Printer.str(budget, value), Character::isLowerCase));
        TESTS.put("upper", (budget, value, arguments) -> none(arguments)
                && StringMethods.cased(budget, Printer.str(budget, value), Character::isUpperCase));
        TESTS.put("sameas", (budget, value, arguments) -> same(value, one(arguments)));
        TESTS.put("in", (budget, value, arguments) -> Values.contains(budget, one(arguments), value));
        compare("==", "eq", "equalto", "==");
        compare("!=", "ne", "!=");
        compare("<", "lt", "lessthan", "<");
        compare("<=", "le", "<=");
        compare(">", "gt", "greaterthan", ">");
        compare(">=", "ge", ">=");
    }

    private Tests() {}

    private static void add(String name, java.util.function.Predicate<Object> holds) {
        TESTS.put(name, (budget, value, arguments) -> none(arguments) && holds.test(value));
    }

    private static void compare(String operator, String... names) {
        for (String name : names)
            TESTS.put(name, (budget, value, arguments) -> Operators.holds(budget, operator, value, one(arguments)));
    }

    private static boolean none(Arguments arguments) {
        arguments.bind("the test", 0);
        return true;
    }

    private static Object one(Arguments arguments) {
        return arguments.bind("the test", 1, "other").get(0);
    }

    private static boolean rest(Budget budget, Object value, Object divisor, long rest) {
        return Values.equal(budget, Operators.apply(budget, "%", value, divisor), rest);
    }

    /** Whether both are one and the same; small values are that when they are equal. */
    private static boolean same(Object a, Object b) {
        return a == b || a instanceof Boolean && a.equals(b) || a instanceof Long && a.equals(b)
                || a instanceof Text text && text.equals(b);
    }

    static boolean holds(Budget budget, String name, Object value, Arguments arguments) {
        Test test = TESTS.get(name);
        if (test == null)
            throw new Fault("there is no test \"" + name + "\"");
        return test.holds(budget, value, arguments);
    }
}
