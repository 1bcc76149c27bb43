package io.quarry.train;

/** The loss or the gradient became NaN or infinite: training stopped before the weights were touched. */
public final class Diverged extends RuntimeException {
    private static final long serialVersionUID = 1;

    public Diverged(String sentence) {
        super(sentence);
    }
}
