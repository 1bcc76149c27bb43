package io.quarry.hub;

import java.util.regex.Pattern;

/** A path that somebody else has written. It may become part of a path of ours only if it cannot leave the folder it is meant for. */
final class FilePath {
    private static final int MAX_LENGTH = 1000;
    private static final int MAX_PART = 200;
    /** Control characters, and what separates paths or drives on some system. */
    private static final Pattern FORBIDDEN = Pattern.compile("[\\p{Cntrl}\\\\:*?\"<>|]");

    private FilePath() {}

    /**
     * Checks a relative path with slashes.
     *
     * @param what whose path it is, for the sentence
     * @throws IllegalArgumentException if it is absolute, steps up, or has characters that no file of a model has
     */
    static void check(String path, String what) {
        String wrong = fault(path);
        if (wrong != null)
            throw new IllegalArgumentException(what + " is \"" + shown(path) + "\", which " + wrong
                    + "; nothing is written under such a name");
    }

    private static String fault(String path) {
        if (path.isEmpty() || path.length() > MAX_LENGTH)
            return "has " + path.length() + " characters, not 1 to " + MAX_LENGTH;
        if (FORBIDDEN.matcher(path).find())
            return "has characters that file names do not have everywhere";
        for (String part : path.split("/", -1)) {
            if (part.isEmpty() || part.equals(".") || part.equals("..") || part.equals("~"))
                return "is no plain path below a folder";
            if (part.length() > MAX_PART || part.endsWith(" ") || part.endsWith("."))
                return "has a part that is too long or ends in a space or dot";
        }
        return null;
    }

    /** What a stranger wrote, fit for a terminal. */
    static String shown(String text) {
        String plain = text.replaceAll("\\p{Cntrl}", "?");
        return plain.length() <= 120 ? plain : plain.substring(0, 120) + "...";
    }
}
