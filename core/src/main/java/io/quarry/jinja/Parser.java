package io.quarry.jinja;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Reads a template's tags. */
final class Parser {
    private static final Set<String> CONSTANTS = Set.of("true", "True", "false", "False", "none", "None");
    /** Tags of Jinja that reach for other templates or that no chat template needs. */
    private static final Set<String> REFUSED = Set.of("include", "import", "from", "extends", "block", "autoescape",
            "do", "trans", "debug");

    private final Cursor cursor;
    private final ExpressionParser expressions;
    /** Loops around this place within the macro. */
    private int loops;

    private Parser(List<Token> tokens) {
        cursor = new Cursor(tokens);
        expressions = new ExpressionParser(cursor);
    }

    /**
     * What was read.
     *
     * @param literals every string that the template itself writes
     */
    record Parsed(List<Statement> statements, List<String> literals) {}

    static Parsed parse(List<Token> tokens) {
        Parser parser = new Parser(tokens);
        return new Parsed(parser.body(Set.of()), parser.cursor.literals);
    }

    /** Statements up to a tag of these names, which is the next token then; or up to the end. */
    private List<Statement> body(Set<String> ends) {
        List<Statement> body = new ArrayList<>();
        while (!cursor.is(Token.Kind.END)) {
            Token token = cursor.next();
            switch (token.kind()) {
                case DATA -> {
                    cursor.literals.add(token.text());
                    body.add(new Statement.Data(token.line(), Text.of(token.text())));
                }
                case PRINT_BEGIN -> {
                    body.add(new Statement.Print(token.line(), expressions.tuple(true, "")));
                    cursor.expect(Token.Kind.PRINT_END);
                }
                default -> {
                    if (cursor.is(Token.Kind.NAME) && ends.contains(cursor.token().text()))
                        return body;
                    statement(token.line(), body);
                    cursor.expect(Token.Kind.BLOCK_END);
                }
            }
        }
        if (!ends.isEmpty())
            throw new Fault("the template ends where one of " + ends.stream().sorted().toList() + " should be",
                    cursor.line());
        return body;
    }

    /** The rest of a tag, then statements up to a tag of these names, of which one is the next token then. */
    private List<Statement> block(String... ends) {
        cursor.skipOperator(":");
        cursor.expect(Token.Kind.BLOCK_END);
        cursor.enter();
        List<Statement> body = body(Set.of(ends));
        cursor.leave();
        return body;
    }

    /** As {@link #block}, with the name of the closing tag read. */
    private List<Statement> closed(String end) {
        List<Statement> body = block(end);
        cursor.next();
        return body;
    }

    private void statement(int line, List<Statement> body) {
        Token tag = cursor.token();
        String name = cursor.name();
        switch (name) {
            case "if" -> body.add(ifElse(line));
            case "for" -> body.add(loop(line));
            case "set" -> body.add(set(line));
            case "macro" -> body.add(macro(line));
            case "call" -> body.add(callBlock(line));
            case "filter" -> {
                Expression filter = expressions.filtersOfBlock(true);
                body.add(new Statement.FilterBlock(line, filter, closed("endfilter")));
            }
            case "with" -> body.add(with(line));
            case "generation" -> body.add(new Statement.Generation(line, inner("endgeneration").body()));
            case "print" -> {
                do
                    body.add(new Statement.Print(line, expressions.expression()));
                while (cursor.skipOperator(","));
            }
            case "break", "continue" -> {
                if (loops == 0)
                    throw new Fault("\"" + name + "\" stands outside of any loop", line);
                body.add(name.equals("break") ? new Statement.Break(line) : new Statement.Continue(line));
            }
            default -> throw new Fault(REFUSED.contains(name)
                    ? "the tag \"" + name + "\" is not supported in a chat template"
                    : "there is no tag \"" + name + "\", or it closes what is not open", tag.line());
        }
    }

    private Statement ifElse(int line) {
        List<Expression> tests = new ArrayList<>();
        List<List<Statement>> branches = new ArrayList<>();
        tests.add(expressions.tuple(false, ""));
        branches.add(block("elif", "else", "endif"));
        while (true) {
            String tag = cursor.name();
            if (tag.equals("elif")) {
                tests.add(expressions.tuple(false, ""));
                branches.add(block("elif", "else", "endif"));
            } else {
                if (tag.equals("else"))
                    branches.add(closed("endif"));
                return new Statement.If(line, tests, branches);
            }
        }
    }

    private Statement loop(int line) {
        Statement.Target target = target(false, "in");
        cursor.keyword("in");
        Expression items = expressions.tuple(false, "recursive");
        Expression filter = cursor.skipName("if") ? expressions.expression() : null;
        boolean recursive = cursor.skipName("recursive");
        loops++;
        List<Statement> body = block("endfor", "else");
        loops--;
        List<Statement> otherwise = cursor.name().equals("else") ? closed("endfor") : List.of();
        return new Statement.For(line, target, items, filter, recursive, body, otherwise);
    }

    private Statement set(int line) {
        Statement.Target target = target(true, "");
        if (cursor.skipOperator("="))
            return new Statement.Assign(line, target, expressions.tuple(true, ""));
        Expression filter = expressions.filtersOfBlock(false);
        return new Statement.Capture(line, target, filter, closed("endset"));
    }

    /** Names with commas between them. */
    private Statement.Target target(boolean namespaces, String end) {
        List<Statement.Target> targets = new ArrayList<>();
        boolean several = false;
        while (!cursor.isName(end) && !cursor.is(Token.Kind.BLOCK_END) && !cursor.isOperator(")")) {
            targets.add(single(namespaces));
            if (!cursor.skipOperator(","))
                break;
            several = true;
        }
        if (targets.isEmpty())
            throw cursor.unexpected("a name to assign to");
        return several ? new Statement.Target.Several(targets) : targets.getFirst();
    }

    private Statement.Target single(boolean namespaces) {
        if (cursor.skipOperator("(")) {
            cursor.enter();
            Statement.Target inner = target(false, "");
            cursor.leave();
            cursor.operator(")");
            return inner;
        }
        String name = assignable();
        if (namespaces && cursor.skipOperator("."))
            return new Statement.Target.OfNamespace(name, cursor.name());
        return new Statement.Target.Name(name);
    }

    private String assignable() {
        if (cursor.is(Token.Kind.NAME) && CONSTANTS.contains(cursor.token().text()))
            throw cursor.unexpected("a name to assign to");
        return cursor.name();
    }

    private Statement macro(int line) {
        String name = assignable();
        if (!cursor.isOperator("("))
            throw cursor.unexpected("\"(\"");
        Head head = head();
        Inner inner = inner("endmacro");
        return new Statement.Define(line, inner.signature(name, head), inner.body());
    }

    private Statement callBlock(int line) {
        Head head = cursor.isOperator("(") ? head() : new Head(List.of(), List.of());
        if (!(expressions.expression() instanceof Expression.Call call))
            throw new Fault("a call block needs a call", line);
        Inner inner = inner("endcall");
        return new Statement.CallBlock(line, inner.signature("caller", head), call, inner.body());
    }

    /** Parameters of a macro, and the defaults of the last of them. */
    private record Head(List<String> parameters, List<Expression> defaults) {}

    private Head head() {
        List<String> parameters = new ArrayList<>();
        List<Expression> defaults = new ArrayList<>();
        cursor.operator("(");
        while (!cursor.skipOperator(")")) {
            parameters.add(assignable());
            if (cursor.skipOperator("="))
                defaults.add(expressions.expression());
            else if (!defaults.isEmpty())
                throw cursor.unexpected("a default, as for the parameter before");
            if (!cursor.isOperator(")"))
                cursor.operator(",");
        }
        return new Head(parameters, defaults);
    }

    /** A macro's body, and the names that are read in it. */
    private record Inner(List<Statement> body, Set<String> names) {
        Statement.Signature signature(String name, Head head) {
            Set<String> uses = new HashSet<>(Set.of("caller", "varargs", "kwargs"));
            uses.retainAll(names);
            head.parameters().forEach(uses::remove);
            return new Statement.Signature(name, head.parameters(), head.defaults(), uses);
        }
    }

    private Inner inner(String end) {
        Set<String> around = cursor.names;
        int loopsAround = loops;
        cursor.names = new HashSet<>();
        loops = 0;
        List<Statement> body = closed(end);
        Inner inner = new Inner(body, cursor.names);
        around.addAll(cursor.names);
        cursor.names = around;
        loops = loopsAround;
        return inner;
    }

    private Statement with(int line) {
        List<Statement.Target> targets = new ArrayList<>();
        List<Expression> values = new ArrayList<>();
        while (!cursor.is(Token.Kind.BLOCK_END)) {
            if (!targets.isEmpty())
                cursor.operator(",");
            targets.add(single(false));
            cursor.operator("=");
            values.add(expressions.expression());
        }
        return new Statement.With(line, targets, values, closed("endwith"));
    }
}
