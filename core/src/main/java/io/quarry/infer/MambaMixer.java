package io.quarry.infer;

import io.quarry.kernel.Kernels;
import io.quarry.kernel.Workers;
import io.quarry.model.Architecture.Mamba;
import io.quarry.model.ModelSpec;
import java.util.List;

/**
 * The mixer of a Mamba-2 layer (arXiv 2405.21060) as its recurrence: every head keeps a state S of
 * {@code [state, headDim]}, and each token does {@code S = S exp(dt A) + dt B x^T; y = C^T S + D x}. The state is all that
 * the layer knows of the past, so a token costs the same at any length.
 *
 * <p>Letters: T rows, I inner width (heads times their size), G groups, N columns of the state.
 */
final class MambaMixer {
    /** What one layer remembers of one sequence. */
    static final class State {
        /** The last inputs of the convolution, the oldest first: {@code [conv - 1, convDim]}. */
        final float[] inputs;
        /** Of each head {@code [state, headDim]}. */
        final float[] heads;

        State(Mamba m) {
            inputs = new float[(m.conv() - 1) * m.convDim()];
            heads = new float[m.heads() * m.state() * m.headDim()];
        }
    }

    private final ModelSpec spec;
    private final Mamba m;
    private final Kernels kernels;
    private final int layer;
    /** Numbers of one row of what the way in gives. */
    private final int stride;

    MambaMixer(ModelSpec spec, Kernels kernels, int layer) {
        this.spec = spec;
        this.m = spec.architecture().mamba();
        this.kernels = kernels;
        this.layer = layer;
        this.stride = m.inner() + m.convDim() + m.heads();
    }

    /** Replaces {@code s.h} [T, D], the normed rows, by what the mixer gives. */
    void mix(Weights.Mamba w, Scratch s, List<Span> spans, int rows, Workers by) {
        Scratch.Recurrence r = s.recurrence(m);
        s.multiply(s.h, rows, w.in(), r.in(), by); // [T, 2I + 2GN + heads]
        int first = 0;
        for (Span span : spans) {
            State state = span.state(layer, spec);
            convolve(w, r, state, first, span.count);
            int row = first;
            if ((long) span.count * m.inner() * m.state() < Kernels.WORTH_SHARING)
                for (int head = 0; head < m.heads(); head++)
                    recur(w, r, state, head, row, span.count);
            else
                by.run(m.heads(), (head, worker) -> recur(w, r, state, head, row, span.count));
            first += span.count;
        }
        Decoder.blocks(rows, by, row -> gate(w, r, row));
        s.multiply(r.out(), rows, w.out(), s.h, by); // [T, D]
    }

    /** {@code silu(sum of taps * inputs + bias)} of each channel over the last inputs; the newest stay for later. */
    private void convolve(Weights.Mamba w, Scratch.Recurrence r, State state, int first, int count) {
        int width = m.convDim();
        int past = m.conv() - 1;
        for (int t = 0; t < count; t++) {
            int to = (first + t) * width;
            for (int c = 0; c < width; c++) {
                float sum = w.convBias() == null ? 0 : w.convBias()[c];
                for (int k = 0; k < m.conv(); k++) {
                    int from = t - past + k;
                    float x = from < 0
                            ? state.inputs[(past + from) * width + c]
                            : r.in()[(first + from) * stride + m.inner() + c];
                    sum += w.conv()[c * m.conv() + k] * x;
                }
                r.convolved()[to + c] = silu(sum);
            }
        }
        for (int k = 0; k < past; k++) { // oldest first: what is read is never behind what is written
            int from = count - past + k;
            if (from < 0)
                System.arraycopy(state.inputs, (past + from) * width, state.inputs, k * width, width);
            else
                System.arraycopy(r.in(), (first + from) * stride + m.inner(), state.inputs, k * width, width);
        }
    }

    private void recur(Weights.Mamba w, Scratch.Recurrence r, State state, int head, int first, int count) {
        int size = m.headDim();
        int inner = m.inner();
        int group = head / (m.heads() / m.groups());
        for (int row = first; row < first + count; row++) {
            int at = row * m.convDim();
            float raw = r.in()[row * stride + inner + m.convDim() + head] + w.stepBias()[head];
            float step = Math.clamp(softplus(raw), (float) m.minStep(), (float) m.maxStep());
            int b = at + inner + group * m.state();
            kernels.recur(state.heads, head * m.state() * size, m.state(), size,
                    (float) Math.exp(step * w.decay()[head]),
                    step, r.convolved(), at + head * size, b, b + m.groups() * m.state(), w.skip()[head], r.out(),
                    row * inner + head * size);
        }
    }

    /** {@code norm(y * silu(gate))}, the norm over the heads of a group. */
    private void gate(Weights.Mamba w, Scratch.Recurrence r, int row) {
        int inner = m.inner();
        int at = row * inner;
        for (int i = 0; i < inner; i++)
            r.out()[at + i] *= silu(r.in()[row * stride + i]);
        int width = inner / m.groups();
        for (int g = 0; g < m.groups(); g++)
            kernels.rmsNorm(r.out(), at + g * width, w.norms()[g], (float) spec.normEps(), r.out(), at + g * width,
                    width);
    }

    private static float silu(float x) {
        return (float) (x / (1 + Math.exp(-x)));
    }

    private static float softplus(float x) {
        return x > 20 ? x : (float) Math.log1p(Math.exp(x));
    }
}
