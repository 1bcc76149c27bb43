package io.quarry.text;

/**
 * GPT-2's alphabet: a printable character for each of the 256 bytes, so that a vocabulary of byte strings can be written
 * as JSON text. Printable Latin-1 bytes stand for themselves, the others for U+0100 and up, in order.
 */
final class ByteAlphabet {
    private static final char[] CHARACTERS = new char[256];
    private static final int[] BYTES = new int[0x180];
    private static final int[] ORDER;
    private static final int[] IDS = new int[256];

    static {
        java.util.Arrays.fill(BYTES, -1);
        int shifted = 0x100;
        for (int b = 0; b < 256; b++) {
            boolean itself = b >= '!' && b <= '~' || b >= 0xA1 && b <= 0xAC || b >= 0xAE;
            CHARACTERS[b] = (char) (itself ? b : shifted++);
            BYTES[CHARACTERS[b]] = b;
        }
        ORDER = java.util.Arrays.stream(BYTES).filter(b -> b >= 0).toArray();
        for (int id = 0; id < 256; id++)
            IDS[ORDER[id]] = id;
    }

    private ByteAlphabet() {}

    /** The character that stands for a byte. */
    static char character(int b) {
        return CHARACTERS[b & 0xFF];
    }

    /** Id of a byte where bytes are numbered in the order of their characters, as in every vocabulary since GPT-2's. */
    static int id(byte b) {
        return IDS[b & 0xFF];
    }

    /** The byte that {@link #id} numbers so. */
    static int byteOf(int id) {
        return ORDER[id];
    }

    /** Id of each byte in a vocabulary of this alphabet, -1 where there is none. */
    static int[] ids(Vocabulary vocabulary) {
        int[] ids = new int[256];
        for (int b = 0; b < 256; b++)
            ids[b] = vocabulary.id(String.valueOf(character(b)));
        return ids;
    }

    static String write(byte[] bytes) {
        StringBuilder out = new StringBuilder(bytes.length);
        for (byte b : bytes)
            out.append(character(b));
        return out.toString();
    }

    /** The bytes a vocabulary entry stands for, or null if it has a character outside the alphabet. */
    static byte[] read(String entry) {
        byte[] out = new byte[entry.length()];
        for (int i = 0; i < out.length; i++) {
            char c = entry.charAt(i);
            if (c >= BYTES.length || BYTES[c] < 0)
                return null;
            out[i] = (byte) BYTES[c];
        }
        return out;
    }
}
