package io.quarry.text;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * Finds added tokens in text, the way Hugging Face does it (leftmost first, the longest of those that start at one place)
 * or the way llama.cpp does it (the longest of all first).
 */
final class AddedTokens {
    /** Longest text of an added token in UTF-8: a search takes this many steps at every place, at worst. */
    static final int LONGEST = 512;
    private static final int MOST_PLACES = 1 << 22;

    /**
     * A token that stands outside the merges.
     *
     * @param id         its id; -1 where it has none yet
     * @param content    its text
     * @param special    whether decoding may skip it
     * @param normalized whether Hugging Face looks for it after normalisation
     * @param singleWord whether no word character may stand beside it
     * @param lstrip     whether it takes the white space before it
     * @param rstrip     whether it takes the white space behind it
     */
    record Token(int id, String content, boolean special, boolean normalized, boolean singleWord, boolean lstrip,
            boolean rstrip) {
        Token(int id, String content, boolean special) {
            this(id, content, special, false, false, false, false);
        }

        /** A run of spaces or line breaks is text that happens to be a token, not a mark that text could forge. */
        boolean blank() {
            return content.codePoints().allMatch(c -> c == '\u2581' || Character.isWhitespace(c));
        }
    }

    /** A token found, with the white space it takes; byte indices. */
    record Match(Token token, int start, int end) {}

    private final List<Token> all;
    private final ByteTrie trie = new ByteTrie();
    private final int[] lengths;
    private final boolean longestFirst;

    /**
     * @param contents     what is looked for, for each token
     * @param longestFirst whether the longest of all comes first, as in llama.cpp
     */
    AddedTokens(List<Token> tokens, List<String> contents, boolean longestFirst) {
        all = List.copyOf(tokens);
        this.longestFirst = longestFirst;
        lengths = new int[all.size()];
        for (int i = 0; i < lengths.length; i++) {
            byte[] content = contents.get(i).getBytes(UTF_8);
            lengths[i] = content.length;
            if (content.length > 0)
                trie.put(content, i);
        }
    }

    AddedTokens(List<Token> tokens, boolean longestFirst) {
        this(tokens, tokens.stream().map(Token::content).toList(), longestFirst);
    }

    List<Token> all() {
        return all;
    }

    boolean isEmpty() {
        return all.isEmpty();
    }

    /** The text {@code bytes[begin, end)}, in which white space and words beside a token are looked at. */
    record Scope(byte[] bytes, int begin, int end) {}

    /**
     * All tokens that {@code live} allows within {@code [from, to)} of a text, in order.
     *
     * @param free what stands before this place is taken by another token
     */
    List<Match> find(Scope scope, int from, int to, int free, Predicate<String> live) {
        if (all.isEmpty())
            return List.of();
        List<Match> leftmost = leftmost(scope, from, to, free, live);
        return longestFirst && contested(leftmost, scope.bytes, to, live)
                ? longest(scope, from, to, free, live)
                : leftmost;
    }

    /**
     * Whether a token starts within one of these that might come before it, one that is longer, or another as long; or one
     * takes white space, in which there may be tokens too. If not, the longest of all first finds the same.
     */
    private boolean contested(List<Match> leftmost, byte[] text, int to, Predicate<String> live) {
        for (Match match : leftmost) {
            if (match.token.lstrip || match.token.rstrip)
                return true;
            for (int at = match.start + 1; at < match.end; at++) {
                int token = trie.starts(text[at]) ? longestAt(text, at, to, live) : -1;
                if (token >= 0 && lengths[token] >= match.end - match.start && all.get(token) != match.token)
                    return true;
            }
        }
        return false;
    }

    private List<Match> leftmost(Scope scope, int from, int to, int free, Predicate<String> live) {
        byte[] text = scope.bytes;
        List<Match> found = new ArrayList<>();
        int taken = free;
        for (int at = from; at < to;) {
            int token = trie.starts(text[at]) ? longestAt(text, at, to, live) : -1;
            if (token < 0) {
                at++;
                continue;
            }
            int end = at + lengths[token];
            Match match = match(all.get(token), scope, at, end, taken);
            if (match != null) {
                found.add(match);
                taken = match.end;
            }
            at = end;
        }
        return found;
    }

    private int longestAt(byte[] text, int at, int to, Predicate<String> live) {
        int longest = -1;
        for (int i = at, node = ByteTrie.ROOT; i < to; i++) {
            node = trie.next(node, text[i]);
            if (node < 0)
                break;
            int token = trie.value(node);
            if (token >= 0 && live.test(all.get(token).content))
                longest = token;
        }
        return longest;
    }

    /** The token with the white space it takes, or null if words stand beside one that may have none. */
    private Match match(Token token, Scope scope, int start, int end, int free) {
        byte[] text = scope.bytes;
        if (token.singleWord
                && (start > scope.begin && word(CodePoints.codePoint(text, CodePoints.before(text, start)))
                        || end < scope.end && word(CodePoints.codePoint(text, end))))
            return null;
        int left = start;
        if (token.lstrip)
            while (left > free && white(CodePoints.codePoint(text, CodePoints.before(text, left))))
                left = CodePoints.before(text, left);
        int right = end;
        if (token.rstrip)
            while (right < scope.end && white(CodePoints.codePoint(text, right)))
                right += CodePoints.length(text[right]);
        return new Match(token, left, right);
    }

    /** {@code \w} of Rust's regular expressions. */
    private static boolean word(int c) {
        return Character.isAlphabetic(c) || switch (Character.getType(c)) {
            case Character.NON_SPACING_MARK, Character.ENCLOSING_MARK, Character.COMBINING_SPACING_MARK,
                    Character.DECIMAL_DIGIT_NUMBER, Character.CONNECTOR_PUNCTUATION ->
                true;
            default -> c == 0x200C || c == 0x200D;
        };
    }

    /** White space beside a token: of all scripts for Hugging Face, that of C's {@code isspace} for llama.cpp. */
    private boolean white(int c) {
        if (longestFirst)
            return c == ' ' || c >= '\t' && c <= '\r';
        int kind = CodePoints.classify(c);
        return kind == CodePoints.SPACE || kind == CodePoints.NEWLINE;
    }

    /** A place where a token stands. */
    private record Place(int token, int start) {}

    private List<Match> longest(Scope scope, int from, int to, int free, Predicate<String> live) {
        List<Place> places = new ArrayList<>();
        for (int at = from; at < to; at++)
            if (trie.starts(scope.bytes[at]))
                places(scope.bytes, at, to, live, places);
        places.sort(Comparator.comparingInt((Place p) -> -lengths[p.token]).thenComparingInt(Place::token)
                .thenComparingInt(Place::start));
        TreeMap<Integer, Match> taken = new TreeMap<>();
        for (Place place : places) {
            int end = place.start + lengths[place.token];
            Map.Entry<Integer, Match> before = taken.lowerEntry(end);
            int open = before == null ? free : before.getValue().end;
            if (open > place.start)
                continue;
            Integer next = taken.ceilingKey(end);
            Scope around = next == null ? scope : new Scope(scope.bytes, scope.begin, next);
            Match match = match(all.get(place.token), around, place.start, end, open);
            if (match == null)
                continue;
            taken.put(match.start, match);
        }
        return List.copyOf(taken.values());
    }

    private void places(byte[] text, int at, int to, Predicate<String> live, List<Place> places) {
        for (int i = at, node = ByteTrie.ROOT; i < to; i++) {
            node = trie.next(node, text[i]);
            if (node < 0)
                break;
            int token = trie.value(node);
            if (token >= 0 && live.test(all.get(token).content))
                places.add(new Place(token, at));
            if (places.size() > MOST_PLACES)
                throw new IllegalArgumentException("added tokens overlap in more than " + MOST_PLACES
                        + " places of this text; give it in parts");
        }
    }
}
