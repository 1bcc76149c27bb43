package io.quarry.train;

import io.quarry.recipe.Recipe;

/**
 * AdamW (arXiv 1711.05101) with clipping by the global norm, equal to {@code torch.optim.AdamW} after
 * {@code clip_grad_norm_}: decoupled weight decay on matrices only, bias correction, f32 throughout.
 */
public final class AdamW {
    private final Recipe.Optimizer constants;
    private final Weights weights;
    private final Weights first;
    private final Weights second;
    private long steps;

    /** Continues after {@code steps} updates with these moments; new ones are all zero. */
    public AdamW(Recipe.Optimizer constants, Weights weights, Weights first, Weights second, long steps) {
        this.constants = constants;
        this.weights = weights;
        this.first = first;
        this.second = second;
        this.steps = steps;
    }

    public static AdamW fresh(Recipe.Optimizer constants, Weights weights) {
        return new AdamW(constants, weights, Weights.zeros(weights.spec()), Weights.zeros(weights.spec()), 0);
    }

    /** Running mean of the gradient. */
    public Weights first() {
        return first;
    }

    /** Running mean of the squared gradient. */
    public Weights second() {
        return second;
    }

    /**
     * Updates the weights.
     *
     * @param norm length of the whole gradient, finite; longer ones than the recipe's {@code clipNorm} are shortened to it
     */
    public void step(Weights gradients, double norm, double learningRate) {
        steps++;
        double clip = constants.clipNorm() > 0 ? Math.min(1, constants.clipNorm() / (norm + 1e-6)) : 1;
        for (int p = 0; p < weights.params().size(); p++) {
            double decay = weights.params().get(p).decays() ? constants.weightDecay() : 0;
            update(weights.values(p), gradients.values(p), first.values(p), second.values(p), (float) clip,
                    (float) (1 - learningRate * decay), learningRate);
        }
    }

    private void update(float[] w, float[] g, float[] m, float[] v, float clip, float keep, double learningRate) {
        float beta1 = (float) constants.beta1();
        float beta2 = (float) constants.beta2();
        float rest1 = (float) (1 - constants.beta1());
        float rest2 = (float) (1 - constants.beta2());
        float size = (float) (learningRate / (1 - Math.pow(constants.beta1(), steps)));
        float root = (float) (1 / Math.sqrt(1 - Math.pow(constants.beta2(), steps)));
        float epsilon = (float) constants.epsilon();
        for (int i = 0; i < w.length; i++) {
            float gradient = g[i] * clip;
            float mean = beta1 * m[i] + rest1 * gradient;
            float square = beta2 * v[i] + rest2 * gradient * gradient;
            m[i] = mean;
            v[i] = square;
            w[i] = w[i] * keep - size * mean / ((float) Math.sqrt(square) * root + epsilon);
        }
    }
}
