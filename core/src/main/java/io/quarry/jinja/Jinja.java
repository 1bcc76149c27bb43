package io.quarry.jinja;

import java.time.LocalDateTime;

/**
 * A template in the part of Jinja that chat templates are written in, with the settings and functions that Hugging Face
 * transformers gives them: {@code trim_blocks}, {@code lstrip_blocks}, {@code break} and {@code continue},
 * {@code generation} blocks, {@code tojson} without escapes of HTML, {@code raise_exception} and {@code strftime_now};
 * values cannot be changed but for namespaces. A template sees its variables and nothing else, and {@link Limits} bound
 * what it spends. Safe for many threads.
 */
public final class Jinja {
    /** Longer templates are refused; those of known models have up to 30,000 characters. */
    private static final int LONGEST = 2_000_000;

    private final String name;
    private final Parser.Parsed parsed;

    private Jinja(String name, Parser.Parsed parsed) {
        this.name = name;
        this.parsed = parsed;
    }

    /**
     * Reads a template.
     *
     * @param name for messages, for instance a file's name
     * @throws TemplateException if it cannot be read
     */
    public static Jinja of(String name, String source) {
        try {
            if (source.length() > LONGEST)
                throw new Fault("the template has " + source.length() + " characters, at most " + LONGEST
                        + " are read");
            return new Jinja(name, Parser.parse(Lexer.tokens(source)));
        } catch (Fault fault) {
            throw new TemplateException(name, fault);
        }
    }

    /**
     * Renders with the default limits.
     *
     * @param now what {@code strftime_now} tells
     * @throws TemplateException if the template fails or refuses its variables
     */
    public Text render(Variables variables, LocalDateTime now) {
        return render(variables, now, Limits.DEFAULT);
    }

    /** As {@link #render(Variables, LocalDateTime)}, with limits of one's own. */
    public Text render(Variables variables, LocalDateTime now, Limits limits) {
        Budget budget = new Budget(variables.limits(limits));
        try {
            Scope scope = new Scope(Globals.scope(budget, now));
            variables.into(scope);
            return new Interpreter(budget, new Evaluator(budget)).render(parsed.statements(), new Scope(scope));
        } catch (Fault fault) {
            throw new TemplateException(name, fault);
        } catch (StackOverflowError e) {
            // the limit of depth fits half the usual stack; a caller may have left less
            throw new TemplateException(name, new Fault("the template nests too deep for the stack of this thread"));
        }
    }

    /** Whether the template itself writes this string, in its text or in a constant. */
    public boolean writes(String token) {
        return parsed.literals().stream().anyMatch(literal -> literal.contains(token));
    }
}
