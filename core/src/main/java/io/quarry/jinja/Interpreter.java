package io.quarry.jinja;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** Runs the statements of a template. */
final class Interpreter {
    /** How a statement ended. */
    private enum Flow {
        ON, BREAK, CONTINUE
    }

    private final Budget budget;
    private final Evaluator evaluator;

    Interpreter(Budget budget, Evaluator evaluator) {
        this.budget = budget;
        this.evaluator = evaluator;
    }

    Text render(List<Statement> statements, Scope scope) {
        TextBuilder out = new TextBuilder(budget);
        run(statements, scope, out);
        return out.text();
    }

    private Flow run(List<Statement> statements, Scope scope, TextBuilder out) {
        for (Statement statement : statements) {
            Flow flow;
            budget.enter();
            try {
                flow = run(statement, scope, out);
            } catch (Fault fault) {
                throw fault.at(statement.line());
            }
            budget.leave();
            if (flow != Flow.ON)
                return flow;
        }
        return Flow.ON;
    }

    private Flow run(Statement statement, Scope scope, TextBuilder out) {
        switch (statement) {
            case Statement.Data data -> out.add(data.text());
            case Statement.Print print -> out.add(Printer.str(budget, evaluator.value(print.value(), scope)));
            case Statement.If branches -> {
                return branch(branches, scope, out);
            }
            case Statement.For loop -> {
                return new Rounds(loop, scope).over(evaluator.value(loop.items(), scope), 0, out);
            }
            case Statement.Assign assign -> assign(assign.target(), evaluator.value(assign.value(), scope), scope);
            case Statement.Capture capture -> {
                Scope inner = new Scope(scope);
                TextBuilder text = new TextBuilder(budget);
                Flow flow = run(capture.body(), inner, text);
                if (flow != Flow.ON)
                    return flow;
                assign(capture.target(), filtered(text.text(), capture.filter(), inner), scope);
            }
            case Statement.FilterBlock block -> {
                Scope inner = new Scope(scope);
                TextBuilder text = new TextBuilder(budget);
                Flow flow = run(block.body(), inner, text);
                if (flow != Flow.ON)
                    return flow;
                out.add(Printer.str(budget, filtered(text.text(), block.filter(), inner)));
            }
            case Statement.Define define -> scope.set(define.signature().name(),
                    macro(define.signature(), define.body(), scope));
            case Statement.CallBlock block -> {
                Macro caller = macro(block.signature(), block.body(), scope);
                out.add(Printer.str(budget, evaluator.call(block.call(), caller, scope)));
            }
            case Statement.With with -> {
                return with(with, scope, out);
            }
            case Statement.Generation generation -> out.add(render(generation.body(), new Scope(scope)).learned());
            case Statement.Break end -> {
                return Flow.BREAK;
            }
            case Statement.Continue next -> {
                return Flow.CONTINUE;
            }
        }
        return Flow.ON;
    }

    private Flow branch(Statement.If statement, Scope scope, TextBuilder out) {
        List<Expression> tests = statement.tests();
        for (int i = 0; i < tests.size(); i++)
            if (Values.truth(evaluator.value(tests.get(i), scope)))
                return run(statement.branches().get(i), scope, out);
        return tests.size() < statement.branches().size()
                ? run(statement.branches().getLast(), scope, out)
                : Flow.ON;
    }

    private Object filtered(Text text, Expression filter, Scope scope) {
        return filter == null ? text : evaluator.filtered(filter, text, scope);
    }

    private Flow with(Statement.With with, Scope scope, TextBuilder out) {
        List<Object> values = new ArrayList<>();
        with.values().forEach(value -> values.add(evaluator.value(value, scope)));
        Scope inner = new Scope(scope);
        for (int i = 0; i < values.size(); i++)
            assign(with.targets().get(i), values.get(i), inner);
        return run(with.body(), inner, out);
    }

    private void assign(Statement.Target target, Object value, Scope scope) {
        switch (target) {
            case Statement.Target.Name name -> scope.set(name.name(), value);
            case Statement.Target.OfNamespace of -> {
                if (!(scope.get(of.namespace()) instanceof Namespace namespace))
                    throw new Fault("only a namespace has attributes that can be set, and \"" + of.namespace()
                            + "\" is none");
                namespace.set(of.attribute(), value);
            }
            case Statement.Target.Several several -> {
                List<Object> parts = Values.list(budget, value);
                if (parts.size() != several.targets().size())
                    throw new Fault(several.targets().size() + " names need as many values, found " + parts.size());
                for (int i = 0; i < parts.size(); i++)
                    assign(several.targets().get(i), parts.get(i), scope);
            }
        }
    }

    private Macro macro(Statement.Signature signature, List<Statement> body, Scope scope) {
        return new Macro(signature, scope, inner -> {
            List<String> parameters = signature.parameters();
            int first = parameters.size() - signature.defaults().size();
            for (int i = 0; i < parameters.size(); i++)
                if (!inner.hasOwn(parameters.get(i)))
                    inner.set(parameters.get(i), i < first
                            ? new Undefined("parameter \"" + parameters.get(i) + "\" was not given")
                            : evaluator.value(signature.defaults().get(i - first), inner));
            return render(body, inner);
        });
    }

    /** One loop of the template. */
    private final class Rounds {
        private final Statement.For statement;
        private final Scope scope;

        Rounds(Statement.For statement, Scope scope) {
            this.statement = statement;
            this.scope = scope;
        }

        Flow over(Object iterable, long depth, TextBuilder out) {
            Loop loop = new Loop(budget, statement.filter() == null ? iterable : null,
                    filtered(Values.iterate(budget, iterable)), depth, again(depth));
            boolean finished = false;
            while (loop.advance()) {
                Scope round = new Scope(scope);
                assign(statement.target(), loop.current(), round);
                round.set("loop", loop);
                Flow flow = run(statement.body(), round, out);
                if (flow == Flow.BREAK)
                    break;
                finished |= flow == Flow.ON;
            }
            // as in Jinja, where a loop whose rounds were all cut short is one without rounds
            return finished ? Flow.ON : run(statement.otherwise(), new Scope(scope), out);
        }

        private Callable again(long depth) {
            if (!statement.recursive())
                return null;
            return arguments -> {
                TextBuilder out = new TextBuilder(budget);
                over(arguments.bind("loop", 1, "iterable").get(0), depth + 1, out);
                return out.text();
            };
        }

        private Iterator<Object> filtered(Iterator<Object> items) {
            if (statement.filter() == null)
                return items;
            return new Stream(budget, () -> {
                while (items.hasNext()) {
                    Object item = items.next();
                    Scope test = new Scope(scope);
                    assign(statement.target(), item, test);
                    if (Values.truth(evaluator.value(statement.filter(), test)))
                        return item;
                }
                return Stream.END;
            });
        }
    }
}
