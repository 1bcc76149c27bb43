package io.quarry.text;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;

/** What becomes of the places where a pre-tokenizer's pattern matches, as Hugging Face names it. */
enum Splits {
    REMOVED, ISOLATED, MERGED_WITH_PREVIOUS, MERGED_WITH_NEXT, CONTIGUOUS;

    /** Finds places in a text. */
    interface Pattern {
        /** Gives start and end of every match to {@code found}, in order, none overlapping. */
        void find(String text, Found found);
    }

    /** Takes a match. */
    interface Found {
        void at(int start, int end);
    }

    /** A stretch of the text: a match or what lies between two. */
    private record Part(int start, int end, boolean match) {}

    /**
     * Pieces of a piece.
     *
     * @param invert whether what lies between the matches counts as matched
     */
    List<PieceCut.Piece> pieces(PieceCut.Piece whole, Pattern pattern, boolean invert) {
        List<Part> parts = parts(whole.text(), pattern, invert);
        List<Part> joined = switch (this) {
            case REMOVED -> parts.stream().filter(part -> !part.match).toList();
            case ISOLATED -> parts;
            case CONTIGUOUS -> contiguous(parts);
            case MERGED_WITH_PREVIOUS -> merged(parts);
            case MERGED_WITH_NEXT -> merged(parts.reversed()).reversed();
        };
        List<PieceCut.Piece> pieces = new ArrayList<>(joined.size());
        for (Part part : joined)
            pieces.add(new PieceCut.Piece(whole.text().substring(part.start, part.end),
                    whole.first() && part.start == 0));
        return pieces;
    }

    private static List<Part> parts(String text, Pattern pattern, boolean invert) {
        List<Part> parts = new ArrayList<>();
        int[] before = {0};
        pattern.find(text, (start, end) -> {
            if (before[0] < start)
                parts.add(new Part(before[0], start, invert));
            parts.add(new Part(start, end, !invert));
            before[0] = end;
        });
        if (before[0] < text.length())
            parts.add(new Part(before[0], text.length(), invert));
        return parts;
    }

    private static List<Part> contiguous(List<Part> parts) {
        List<Part> joined = new ArrayList<>();
        for (Part part : parts) {
            if (!joined.isEmpty() && joined.getLast().match == part.match)
                joined.add(over(joined.removeLast(), part));
            else
                joined.add(part);
        }
        return joined;
    }

    /** A match joins what stands before it, in the order given, unless that is a match too. */
    private static List<Part> merged(List<Part> parts) {
        List<Part> joined = new ArrayList<>();
        boolean wasMatch = false;
        for (Part part : parts) {
            if (part.match && !wasMatch && !joined.isEmpty())
                joined.add(over(joined.removeLast(), part));
            else
                joined.add(part);
            wasMatch = part.match;
        }
        return joined;
    }

    private static Part over(Part one, Part other) {
        return new Part(Math.min(one.start, other.start), Math.max(one.end, other.end), one.match);
    }

    /** A text with {@code content} in place of every match. */
    static String replace(String text, Pattern pattern, String content) {
        StringBuilder out = new StringBuilder();
        int[] before = {0};
        pattern.find(text, (start, end) -> {
            out.append(text, before[0], start).append(content);
            before[0] = end;
        });
        return out.append(text, before[0], text.length()).toString();
    }

    /** Single characters that a test finds. */
    static Pattern characters(IntPredicate test) {
        return (text, found) -> {
            for (int at = 0, c; at < text.length(); at += Character.charCount(c)) {
                c = text.codePointAt(at);
                if (test.test(c))
                    found.at(at, at + Character.charCount(c));
            }
        };
    }

    /** Every place where a text stands; an empty one stands nowhere. */
    static Pattern literal(String literal) {
        if (literal.isEmpty())
            return (text, found) -> {};
        return (text, found) -> {
            for (int at = text.indexOf(literal); at >= 0; at = text.indexOf(literal, at + literal.length()))
                found.at(at, at + literal.length());
        };
    }

    /** The behaviour a file names, or null if it is none. */
    static Splits named(String name) {
        return switch (name) {
            case "Removed" -> REMOVED;
            case "Isolated" -> ISOLATED;
            case "MergedWithPrevious" -> MERGED_WITH_PREVIOUS;
            case "MergedWithNext" -> MERGED_WITH_NEXT;
            case "Contiguous" -> CONTIGUOUS;
            default -> null;
        };
    }
}
