package io.quarry.train;

/**
 * What one step learns from: rows of tokens, each with the token that follows it.
 *
 * @param rows    number of rows
 * @param length  tokens of one row
 * @param inputs  ids, row after row
 * @param targets the id that follows each input; {@link #NOT_LEARNED} where nothing is learned
 * @param first   for each position, the place in its row (from 0) of the first position it may see; never after itself.
 *                Documents packed into one row do not see each other when it is the beginning of the document
 * @param source  where the rows come from, for messages
 */
public record Rows(int rows, int length, int[] inputs, int[] targets, int[] first, String source) {
    public static final int NOT_LEARNED = -1;

    public Rows {
        int size = Math.multiplyExact(rows, length);
        if (inputs.length != size || targets.length != size || first.length != size)
            throw new IllegalArgumentException(rows + " rows of " + length + " need arrays of " + size + ", found "
                    + inputs.length + ", " + targets.length + ", " + first.length);
        for (int i = 0; i < size; i++)
            if (first[i] < 0 || first[i] > i % length)
                throw new IllegalArgumentException(
                        "position " + i % length + " of row " + i / length + " sees from " + first[i]);
    }

    /** Tokens that are learned. */
    public long learned() {
        long count = 0;
        for (int target : targets)
            if (target != NOT_LEARNED)
                count++;
        return count;
    }

    /** Rows {@code from} to {@code to} (without the last) as a batch of their own. */
    public Rows part(int from, int to) {
        int a = from * length;
        int b = to * length;
        return new Rows(to - from, length, java.util.Arrays.copyOfRange(inputs, a, b),
                java.util.Arrays.copyOfRange(targets, a, b), java.util.Arrays.copyOfRange(first, a, b), source);
    }
}
