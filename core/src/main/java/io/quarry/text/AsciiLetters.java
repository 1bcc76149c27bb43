package io.quarry.text;

/** Runs of ASCII letters, eight bytes at a time: most of most texts. */
final class AsciiLetters {
    private static final long HIGH = 0x8080808080808080L;

    private AsciiLetters() {}

    /** The highest bit of each of eight bytes: 0 for an ASCII letter, 1 for anything else. */
    static long others(long eight) {
        long lower = (eight | 0x2020202020202020L) & ~HIGH;
        long letters = lower + 0x1F1F1F1F1F1F1F1FL & ~(lower + 0x0505050505050505L) & ~eight;
        return ~letters & HIGH;
    }

    /** Bytes before the first one that {@link #others} marks; 8 if it marks none. */
    static int run(long others) {
        return Long.numberOfTrailingZeros(others) >>> 3;
    }

    /** End of the run of ASCII letters that holds all bytes up to {@code at}; may lie up to eight bytes behind {@code to}. */
    static int end(byte[] text, int at, int to) {
        while (at < to) {
            int run = run(others((long) Utf8.LONGS.get(text, at)));
            at += run;
            if (run < 8)
                break;
        }
        return at;
    }
}
