package io.quarry.infer;

import io.quarry.kernel.Kernels;
import io.quarry.kernel.Workers;
import io.quarry.model.Architecture.Experts;
import io.quarry.model.ModelSpec;
import java.util.Arrays;

/**
 * The feed-forward half of a layer: {@code down(act(gate x) * up x)}; with experts, the sum of those that the router
 * chooses for a row, each weighted, beside the part that all rows share. A row's result is summed in the order of the
 * experts' numbers, whatever rows stand beside it.
 *
 * <p>Letters: T rows, D dim, F inner width, E experts.
 */
final class FeedForward {
    private final ModelSpec spec;
    private final Kernels kernels;

    FeedForward(ModelSpec spec, Kernels kernels) {
        this.spec = spec;
        this.kernels = kernels;
    }

    /** Replaces {@code s.h} [T, D], the normed rows, by what the half adds. */
    void forward(Weights.Block block, Scratch s, int rows, Workers by) {
        if (block.experts() == null) {
            one(block.forward(), spec.ffn(), s.h, s.h, s, s.decoded, rows, by);
            return;
        }
        Scratch.Routing r = s.routing(spec.architecture().experts());
        System.arraycopy(s.h, 0, r.input(), 0, rows * spec.dim());
        choose(block.experts(), r, s, rows, by);
        if (block.forward() == null)
            Arrays.fill(s.h, 0, rows * spec.dim(), 0);
        else
            one(block.forward(), spec.ffn(), r.input(), s.h, s, s.decoded, rows, by);
        for (int e = 0; e < block.experts().all().length; e++)
            expert(block.experts().all()[e], e, r, s, rows, by);
    }

    private void one(Weights.Forward w, int ffn, float[] x, float[] y, Scratch s, int decoded, int rows,
            Workers by) {
        s.multiply(x, decoded, rows, w.gateUp(), s.gateUp, by); // [T, 2F]
        Decoder.addBias(w.bias(), s.gateUp, rows);
        s.work.gate(spec.architecture().activation(), s.gateUp, s.gated, ffn, rows, by); // [T, F]
        s.multiply(s.gated, decoded, rows, w.down(), y, by); // [T, D]
        Decoder.addBias(w.downBias(), y, rows);
    }

    /** The experts of every row: those with the largest logits, weighted by the softmax over these. */
    private void choose(Weights.Experts experts, Scratch.Routing r, Scratch s, int rows, Workers by) {
        Experts sizes = spec.architecture().experts();
        s.multiply(r.input(), rows, experts.router(), r.logits(), by); // [T, E]
        for (int row = 0; row < rows; row++) {
            int at = row * sizes.count();
            int to = row * sizes.used();
            for (int k = 0; k < sizes.used(); k++) {
                int best = -1;
                for (int e = 0; e < sizes.count(); e++)
                    if (!chosen(r.chosen(), to, k, e) && (best < 0 || r.logits()[at + e] > r.logits()[at + best]))
                        best = e;
                r.chosen()[to + k] = best;
                r.weights()[to + k] = r.logits()[at + best];
            }
            kernels.softmax(r.weights(), to, sizes.used());
        }
    }

    private static boolean chosen(int[] all, int from, int count, int expert) {
        for (int i = from; i < from + count; i++)
            if (all[i] == expert)
                return true;
        return false;
    }

    /** Gathers the rows of one expert, computes them together, adds the weighted results to {@code s.h}. */
    private void expert(Weights.Forward w, int number, Scratch.Routing r, Scratch s, int rows, Workers by) {
        Experts sizes = spec.architecture().experts();
        int dim = spec.dim();
        int mine = 0;
        int decoded = 0;
        for (int i = 0; i < rows * sizes.used(); i++)
            if (r.chosen()[i] == number) {
                if (i / sizes.used() < s.decoded)
                    decoded++;
                r.places()[mine] = i;
                System.arraycopy(r.input(), i / sizes.used() * dim, r.gathered(), mine++ * dim, dim);
            }
        if (mine == 0)
            return;
        one(w, sizes.ffn(), r.gathered(), r.gathered(), s, decoded, mine, by);
        for (int i = 0; i < mine; i++)
            kernels.addScaled(s.h, r.places()[i] / sizes.used() * dim, r.gathered(), i * dim,
                    r.weights()[r.places()[i]], dim);
    }
}
