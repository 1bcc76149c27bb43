package io.quarry.infer;

import io.quarry.kernel.Kernels;
import io.quarry.kernel.Matrix;
import io.quarry.kernel.NativeGemm;
import io.quarry.kernel.Rows;
import io.quarry.kernel.Workers;
import io.quarry.model.Architecture;
import io.quarry.model.ModelSpec;
import java.util.List;

/** Buffers of one forward pass; they grow to the largest step seen and are reused. T rows at most. */
final class Scratch {
    /** Rows whose logits are held at once. */
    static final int LOGIT_ROWS = 64;

    private final ModelSpec spec;
    private int rows;
    /** Rows of this step that are decoded; they stand before those that are prefilled. */
    int decoded;
    float[] x; // [T, D] residual stream
    float[] h; // [T, D] normed, or what a half block adds
    float[] qkv; // [T, qDim + 2 kvDim]
    float[] mixed; // [T, qDim] what attention gathered
    float[] gateUp; // [T, 2 ffn]
    float[] gated; // [T, ffn]
    float[] logits = {}; // [up to LOGIT_ROWS, vocabulary]
    float[] row = {}; // [vocabulary] for the reader of the logits
    /** Whose logits are held, and which positions'. */
    final Span[] spanOf = new Span[LOGIT_ROWS];
    final int[] positionOf = new int[LOGIT_ROWS];
    private final Kernels kernels;
    private final Rows multiplied;
    final RowWork work;
    final AttentionRoom attention;
    private Routing routing;
    private Recurrence recurrence;

    /** Buffers for a model some of whose layers attend. */
    Scratch(ModelSpec spec, Kernels kernels, NativeGemm gemm, List<AttentionShape> attending, int workers) {
        this.spec = spec;
        this.kernels = kernels;
        this.multiplied = new Rows(gemm);
        this.work = new RowWork(kernels);
        this.attention = new AttentionRoom(attending, workers);
    }

    /** {@code y = x W^T} for the rows of the step: {@code w.inputs()} numbers of each to {@code w.outputs()}. */
    void multiply(float[] x, int rows, Matrix w, float[] y, Workers by) {
        multiply(x, decoded, rows, w, y, by);
    }

    /** The same for any rows, of which the first {@code decoded} are decoded. */
    void multiply(float[] x, int decoded, int rows, Matrix w, float[] y, Workers by) {
        kernels.matmul(multiplied.of(x, 0, decoded, rows, w.inputs()), w, y, 0, w.outputs(), by);
    }

    void reach(int wanted) {
        if (wanted <= rows)
            return;
        rows = Math.max(wanted, Math.min(2 * rows, 1024));
        x = array(spec.dim());
        h = array(Math.max(spec.dim(), spec.qDim()));
        qkv = array(spec.qDim() + 2 * spec.kvDim());
        mixed = array(spec.qDim());
        int ffn = spec.ffn();
        if (spec.architecture().experts() != null)
            ffn = Math.max(ffn, spec.architecture().experts().ffn());
        gateUp = array(2 * ffn);
        gated = array(ffn);
        routing = null;
        recurrence = null;
    }

    /** Room for rows on their way through experts. */
    Routing routing(Architecture.Experts e) {
        if (routing == null)
            routing = new Routing(array(spec.dim()), array(e.count()), new int[rows * e.used()], array(e.used()),
                    new int[rows], array(spec.dim()));
        return routing;
    }

    /** Room for rows on their way through a Mamba layer. */
    Recurrence recurrence(Architecture.Mamba m) {
        if (recurrence == null)
            recurrence = new Recurrence(array(m.inner() + m.convDim() + m.heads()), array(m.convDim()),
                    array(m.inner()));
        return recurrence;
    }

    /**
     * Rows and their experts.
     *
     * @param input    [T, D]
     * @param logits   [T, E] of the router
     * @param chosen   [T, used] experts of each row
     * @param weights  [T, used] of these
     * @param places   [T] where in {@code chosen} the rows of the expert at work stand
     * @param gathered [T, D] rows of the expert at work
     */
    record Routing(float[] input, float[] logits, int[] chosen, float[] weights, int[] places, float[] gathered) {}

    /**
     * Rows of a Mamba layer.
     *
     * @param in        [T, inner + convDim + heads] gate, input of the convolution, time steps
     * @param convolved [T, convDim]
     * @param out       [T, inner]
     */
    record Recurrence(float[] in, float[] convolved, float[] out) {}

    /** Makes room for the logits of so many rows: one text needs one, however long its prompt was. */
    void reachLogits(int wanted) {
        int size = Math.multiplyExact(wanted, spec.vocabulary());
        if (logits.length < size)
            logits = new float[size];
        if (row.length == 0)
            row = new float[spec.vocabulary()];
    }

    private float[] array(int width) {
        return new float[Math.multiplyExact(rows, width)];
    }
}
