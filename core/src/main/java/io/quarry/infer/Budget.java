package io.quarry.infer;

/**
 * How much memory keys and values may take where nobody has said: together with the weights no more than
 * four fifths of what the machine or the container allows, and no more than is of use.
 *
 * @param machine what there is
 * @param weights bytes they take
 */
record Budget(Machine machine, long weights) {
    /** The rest is for the heap, for what a step computes in, and for everyone else. */
    private static final double SHARE = 0.8;
    /** Of the memory: what keys and values of many texts take at most, unless one text needs more. */
    private static final int PART = 4;

    /** Bytes that the weights leave. */
    long left() {
        return Math.max(0, (long) (SHARE * machine.memoryBytes()) - weights);
    }

    /**
     * Bytes for keys and values.
     *
     * @param longest what those of the longest text take
     */
    long cache(long longest) {
        return Math.min(left(), Math.max(longest, machine.memoryBytes() / PART));
    }

    /** What allows no more, for a sentence. */
    String words() {
        return "weights (" + megabytes(weights) + ") and cache may take " + (int) (100 * SHARE) + " % of the "
                + megabytes(machine.memoryBytes()) + " that this machine or container allows";
    }

    static String megabytes(long bytes) {
        return (bytes >> 20) + " MB";
    }
}
