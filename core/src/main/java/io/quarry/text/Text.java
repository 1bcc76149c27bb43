package io.quarry.text;

/**
 * UTF-8 that a tokenizer reads or has written; what it reads is valid.
 *
 * @param bytes  the text and at least {@link #SLACK} bytes behind it, so that it can be read eight bytes at a time
 * @param length bytes of text
 */
record Text(byte[] bytes, int length) {
    /** Bytes behind the text that may be read, of any value. */
    static final int SLACK = 32;
    /** Longest text; the slack and an array's own limit are left free. */
    static final int LONGEST = Integer.MAX_VALUE - 64;

    Text {
        if (length < 0 || bytes.length - length < SLACK)
            throw new IllegalArgumentException(
                    "a text of " + length + " bytes needs an array of " + (length + (long) SLACK) + ", has "
                            + bytes.length);
    }

    /** An array for a text of {@code length} bytes. */
    static byte[] room(long length) {
        if (length > LONGEST)
            throw new IllegalArgumentException("a text of " + length + " bytes of UTF-8 is too long; a tokenizer takes "
                    + LONGEST + " at once: give it in parts");
        return new byte[(int) length + SLACK];
    }
}
