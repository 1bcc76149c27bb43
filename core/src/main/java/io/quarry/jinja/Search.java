package io.quarry.jinja;

/** Finds strings in strings in linear time, which {@code String.indexOf} does not promise for long ones. */
final class Search {
    /** Up to here the JDK's search is faster, and cannot take more than this many times as long as its input. */
    private static final int SHORT = 32;

    private Search() {}

    /** First place of {@code part} from {@code from} on; -1 if there is none. */
    static int first(String text, String part, int from) {
        if (part.length() <= SHORT)
            return text.indexOf(part, from);
        int[] borders = borders(part);
        int matched = 0;
        for (int i = from; i < text.length(); i++) {
            while (matched > 0 && text.charAt(i) != part.charAt(matched))
                matched = borders[matched - 1];
            if (text.charAt(i) == part.charAt(matched) && ++matched == part.length())
                return i - matched + 1;
        }
        return -1;
    }

    /** Characters that {@link #last} looks at beyond those between {@code to} and what it finds. */
    static int costLast(String part, int to) {
        return part.length() <= SHORT ? 0 : 2 * to;
    }

    /** Last place of {@code part} that ends at {@code to} or before; -1 if there is none. */
    static int last(String text, String part, int to) {
        if (part.length() <= SHORT)
            return text.lastIndexOf(part, to - part.length());
        String backwards = new StringBuilder(text.substring(0, to)).reverse().toString();
        int found = first(backwards, new StringBuilder(part).reverse().toString(), 0);
        return found < 0 ? -1 : to - found - part.length();
    }

    /** Knuth, Morris and Pratt: for each prefix the length of its longest border. */
    private static int[] borders(String part) {
        int[] borders = new int[part.length()];
        int matched = 0;
        for (int i = 1; i < part.length(); i++) {
            while (matched > 0 && part.charAt(i) != part.charAt(matched))
                matched = borders[matched - 1];
            if (part.charAt(i) == part.charAt(matched))
                matched++;
            borders[i] = matched;
        }
        return borders;
    }
}
