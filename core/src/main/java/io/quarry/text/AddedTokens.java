package io.quarry.text;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;

/**
 * Finds added tokens in markup the way Hugging Face does: leftmost first, the longest of those that start at one place;
 * tokens marked {@code normalized} are looked for only in what the others leave.
 */
final class AddedTokens {
    /**
     * A token that stands outside the merges.
     *
     * @param id         its id; -1 where it has none yet
     * @param content    its text
     * @param special    whether decoding may skip it
     * @param normalized whether Hugging Face looks for it after normalisation
     */
    record Token(int id, String content, boolean special, boolean normalized) {
        Token at(int newId) {
            return new Token(newId, content, special, normalized);
        }
    }

    /** A token found at {@code start} (UTF-16 index). */
    record Match(Token token, int start) {
        int end() {
            return start + token.content().length();
        }
    }

    private final List<Token> all;
    private final Token[] first;
    private final Token[] second;

    AddedTokens(List<Token> tokens) {
        all = List.copyOf(tokens);
        first = longestFirst(t -> !t.normalized());
        second = longestFirst(Token::normalized);
    }

    List<Token> all() {
        return all;
    }

    /** All tokens that {@code live} allows within {@code text[from, to)}, in order, none overlapping. */
    List<Match> find(String text, int from, int to, Predicate<String> live) {
        List<Match> raw = scan(first, text, from, to, live);
        if (second.length == 0)
            return raw;
        List<Match> both = new ArrayList<>();
        int at = from;
        for (Match match : raw) {
            both.addAll(scan(second, text, at, match.start(), live));
            both.add(match);
            at = match.end();
        }
        both.addAll(scan(second, text, at, to, live));
        return both;
    }

    private Token[] longestFirst(Predicate<Token> which) {
        return all.stream().filter(which).sorted(Comparator.comparingInt((Token t) -> -t.content().length()))
                .toArray(Token[]::new);
    }

    private static List<Match> scan(Token[] tokens, String text, int from, int to, Predicate<String> live) {
        List<Match> found = new ArrayList<>();
        int at = from;
        while (at < to) {
            Token token = startingAt(tokens, text, at, to, live);
            if (token == null) {
                at++;
            } else {
                found.add(new Match(token, at));
                at += token.content().length();
            }
        }
        return found;
    }

    private static Token startingAt(Token[] tokens, String text, int at, int to, Predicate<String> live) {
        char c = text.charAt(at);
        for (Token token : tokens) {
            String content = token.content();
            if (content.charAt(0) == c && at + content.length() <= to && text.startsWith(content, at)
                    && live.test(content))
                return token;
        }
        return null;
    }
}
