package io.quarry.infer;

import io.quarry.model.ModelSpec;

/** Buffers of one forward pass; they grow to the largest step seen and are reused. T rows at most. */
final class Scratch {
    /** Rows whose logits are held at once. */
    static final int LOGIT_ROWS = 64;

    private final ModelSpec spec;
    private int rows;
    float[] x; // [T, D] residual stream
    float[] h; // [T, D] normed, or what a half block adds
    float[] qkv; // [T, qDim + 2 kvDim]
    float[] mixed; // [T, qDim] what attention gathered
    float[] gateUp; // [T, 2 ffn]
    float[] gated; // [T, ffn]
    float[] logits = {}; // [LOGIT_ROWS, vocabulary]
    float[] row = {}; // [vocabulary] for the reader of the logits
    final float[][] scores; // of each worker

    Scratch(ModelSpec spec, int workers) {
        this.spec = spec;
        this.scores = new float[workers][0];
    }

    void reach(int wanted) {
        if (wanted <= rows)
            return;
        rows = Math.max(wanted, Math.min(2 * rows, 1024));
        x = array(spec.dim());
        h = array(Math.max(spec.dim(), spec.qDim()));
        qkv = array(spec.qDim() + 2 * spec.kvDim());
        mixed = array(spec.qDim());
        gateUp = array(2 * spec.ffn());
        gated = array(spec.ffn());
    }

    void reachLogits() {
        if (logits.length == 0) {
            logits = new float[Math.multiplyExact(LOGIT_ROWS, spec.vocabulary())];
            row = new float[spec.vocabulary()];
        }
    }

    /** At least {@code size} numbers for the scores of one worker. */
    float[] scores(int worker, int size) {
        if (scores[worker].length < size)
            scores[worker] = new float[Math.max(size, 2 * scores[worker].length)];
        return scores[worker];
    }

    private float[] array(int width) {
        return new float[Math.multiplyExact(rows, width)];
    }
}
