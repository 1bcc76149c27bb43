package io.quarry.infer;

/**
 * How many tokens of one sequence it pays to guess. A guess costs a row in the step that verifies it; a right one saves
 * the sequence a step. Guesses are paid from an account that right ones fill, so that a text whose guesses fail loses
 * little: what the account begins with, and a small part of each token. All is counted in steps of one row.
 */
final class Wager {
    /** Most guesses in one step: with the token that is certain they fill a tile of the kernels. */
    static final int MOST = 7;
    /** Sequences in a step above which it is full enough: a step less saves little then. */
    private static final int MOST_RUNNING = 4;

    private final double row;
    private final double guessing;
    private final double each;
    private double account;
    private int size = 2;

    /**
     * A wager on guesses of one kind.
     *
     * @param row      what one more row in a step costs
     * @param guessing what it costs to make one guess
     * @param begin    what may be lost on a text at once
     * @param each     what may be lost for each token, as a part of its cost
     */
    Wager(double row, double guessing, double begin, double each) {
        this.row = row;
        this.guessing = guessing;
        this.account = begin;
        this.each = each;
    }

    /** How many tokens should be guessed when so many sequences are running. */
    int most(int running) {
        return running > MOST_RUNNING ? 0 : Math.min(size, (int) (account / (guessing + row)));
    }

    /** Takes note of a step that gave {@code right + 1} tokens. */
    void settle(int guessed, int right, int running) {
        double saved = right * (1 - row) / running;
        double paid = guessed * guessing + (guessed - right) * row;
        double earned = (right + 1) * each * (row + (1 - row) / running);
        account = Math.clamp(account + saved - paid + earned, 0, MOST * (guessing + row));
        if (guessed > 0)
            size = right == guessed ? Math.min(2 * size, MOST) : Math.max(1, right);
    }
}
