package io.quarry.train;

/**
 * A model that can be differentiated. Two of them exist: {@link Transformer} by automatic differentiation, which is the
 * definition, and a fast one with a backward pass by hand; a test holds their gradients together.
 */
public interface Graph extends AutoCloseable {
    /** Natural log-probability of each target, 0 where nothing is learned; in the order of {@code rows.targets()}. */
    float[] logProbs(Rows rows);

    /** Adds the gradient of the loss to {@code gradients}; returns what {@link #logProbs} would. */
    float[] backward(Rows rows, TokenLoss loss, Weights gradients);

    /** Says that the weights have changed. */
    void refresh();

    @Override
    void close();
}
