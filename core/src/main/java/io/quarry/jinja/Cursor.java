package io.quarry.jinja;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** A place in the tokens of a template. */
final class Cursor {
    /** Brackets, blocks and operators within one another. */
    private static final int DEEPEST = 200;

    private final List<Token> tokens;
    private int at;
    private int depth;
    /** Every string that the template writes: its text and the constants in its expressions. */
    final List<String> literals = new ArrayList<>();
    /** Names that were read since somebody last put a new set here. */
    Set<String> names = new HashSet<>();

    Cursor(List<Token> tokens) {
        this.tokens = tokens;
    }

    Token token() {
        return tokens.get(at);
    }

    Token after() {
        return tokens.get(Math.min(at + 1, tokens.size() - 1));
    }

    int line() {
        return token().line();
    }

    Token next() {
        Token token = token();
        if (token.kind() != Token.Kind.END)
            at++;
        return token;
    }

    boolean is(Token.Kind kind) {
        return token().kind() == kind;
    }

    boolean isOperator(String operator) {
        return token().is(Token.Kind.OPERATOR, operator);
    }

    boolean isName(String name) {
        return token().is(Token.Kind.NAME, name);
    }

    boolean skipOperator(String operator) {
        if (!isOperator(operator))
            return false;
        at++;
        return true;
    }

    boolean skipName(String name) {
        if (!isName(name))
            return false;
        at++;
        return true;
    }

    void operator(String operator) {
        if (!skipOperator(operator))
            throw unexpected("\"" + operator + "\"");
    }

    void keyword(String name) {
        if (!skipName(name))
            throw unexpected("\"" + name + "\"");
    }

    String name() {
        if (!is(Token.Kind.NAME))
            throw unexpected("a name");
        return next().text();
    }

    void expect(Token.Kind kind) {
        if (!is(kind))
            throw unexpected(new Token(kind, "", null, 0).shown());
        next();
    }

    Fault unexpected(String expected) {
        return new Fault("found " + token().shown() + " where " + expected + " should be", line());
    }

    void enter() {
        if (++depth > DEEPEST)
            throw new Fault("the template nests more than " + DEEPEST + " levels deep", line());
    }

    void leave() {
        depth--;
    }
}
