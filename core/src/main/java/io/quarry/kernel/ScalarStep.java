package io.quarry.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The definition of the kernels of a training step: plain loops, operands of any type. */
final class ScalarStep implements StepKernels {
    private final DType type;

    ScalarStep(DType type) {
        this.type = type;
    }

    @Override
    public DType type() {
        return type;
    }

    private float get(MemorySegment from, long at) {
        return type == DType.F32
                ? from.get(ValueLayout.JAVA_FLOAT_UNALIGNED, at * 4)
                : Float.intBitsToFloat(from.get(ValueLayout.JAVA_SHORT_UNALIGNED, at * 2) << 16);
    }

    private void set(MemorySegment to, long at, float value) {
        if (type == DType.F32)
            to.set(ValueLayout.JAVA_FLOAT_UNALIGNED, at * 4, value);
        else
            to.set(ValueLayout.JAVA_SHORT_UNALIGNED, at * 2, DType.bf16(value));
    }

    @Override
    public void store(float[] from, int fromAt, float scale, MemorySegment to, long toAt, int n) {
        for (int i = 0; i < n; i++)
            set(to, toAt + i, scale * from[fromAt + i]);
    }

    @Override
    public void accumulate(MemorySegment from, long fromAt, float scale, float[] to, int toAt, int n) {
        for (int i = 0; i < n; i++)
            to[toAt + i] += scale * get(from, fromAt + i);
    }

    @Override
    public void addNorm(int rows, float[] x, MemorySegment delta, float scale, float[] out, float[] gain, float eps,
            float[] inverse, MemorySegment h) {
        int dim = gain.length;
        for (int r = 0; r < rows; r++) {
            int at = r * dim;
            double sum = 0;
            for (int i = at; i < at + dim; i++) {
                if (delta != null)
                    out[i] = x[i] + scale * get(delta, i);
                sum += (double) out[i] * out[i];
            }
            inverse[r] = (float) (1 / Math.sqrt(sum / dim + eps));
            for (int i = 0; i < dim; i++)
                set(h, at + i, out[at + i] * inverse[r] * gain[i]);
        }
    }

    @Override
    public void normBackward(int rows, float[] x, float[] inverse, float[] gain, MemorySegment dh, float[] dx,
            float[] dgain) {
        int dim = gain.length;
        for (int r = 0; r < rows; r++) {
            int at = r * dim;
            double dot = 0;
            for (int i = 0; i < dim; i++)
                dot += (double) get(dh, at + i) * gain[i] * x[at + i] * inverse[r];
            float mean = (float) (dot / dim);
            for (int i = 0; i < dim; i++) {
                float normed = x[at + i] * inverse[r];
                float d = get(dh, at + i);
                dx[at + i] += inverse[r] * (d * gain[i] - normed * mean);
                dgain[i] += d * normed;
            }
        }
    }

    @Override
    public void split(Heads heads, MemorySegment qkv, float[] cos, float[] sin, MemorySegment q, MemorySegment k,
            MemorySegment v) {
        int size = heads.size();
        for (int n = 0; n < heads.rows() * heads.length(); n++) {
            long from = (long) n * heads.width();
            for (int g = 0; g < heads.kvHeads(); g++) {
                long key = keyAt(heads, n, g);
                for (int s = 0; s < heads.share(); s++)
                    turn(heads, n, qkv, from + (long) (g * heads.share() + s) * size, cos, sin, q,
                            key * heads.share() + (long) s * size);
                long keys = from + (long) heads.kvHeads() * heads.share() * size;
                turn(heads, n, qkv, keys + (long) g * size, cos, sin, k, key);
                for (int i = 0; i < size; i++)
                    set(v, key + i, get(qkv, keys + (long) (heads.kvHeads() + g) * size + i));
            }
        }
    }

    /** Where key head {@code g} of token {@code n} (of the whole part) begins in [B, G, T, K]. */
    static long keyAt(Heads heads, int n, int g) {
        int b = n / heads.length();
        return ((long) (b * heads.kvHeads() + g) * heads.length() + n % heads.length()) * heads.size();
    }

    private void turn(Heads heads, int n, MemorySegment from, long at, float[] cos, float[] sin, MemorySegment to,
            long toAt) {
        int half = heads.size() / 2;
        int table = n % heads.length() * half;
        for (int i = 0; i < half; i++) {
            float a = get(from, at + i);
            float b = get(from, at + half + i);
            set(to, toAt + i, a * cos[table + i] - b * sin[table + i]);
            set(to, toAt + half + i, b * cos[table + i] + a * sin[table + i]);
        }
    }

    @Override
    public void join(Heads heads, MemorySegment dq, float[] dk, float[] dv, float[] cos, float[] sin,
            MemorySegment dqkv) {
        int size = heads.size();
        int half = size / 2;
        for (int n = 0; n < heads.rows() * heads.length(); n++) {
            long to = (long) n * heads.width();
            int table = n % heads.length() * half;
            for (int g = 0; g < heads.kvHeads(); g++) {
                long key = keyAt(heads, n, g);
                long keys = to + (long) heads.kvHeads() * heads.share() * size + (long) g * size;
                for (int i = 0; i < half; i++) {
                    float c = cos[table + i];
                    float sn = sin[table + i];
                    for (int s = 0; s < heads.share(); s++) {
                        long at = key * heads.share() + (long) s * size + i;
                        long back = to + (long) (g * heads.share() + s) * size + i;
                        set(dqkv, back, get(dq, at) * c + get(dq, at + half) * sn);
                        set(dqkv, back + half, get(dq, at + half) * c - get(dq, at) * sn);
                    }
                    float a = dk[(int) key + i];
                    float b = dk[(int) key + half + i];
                    set(dqkv, keys + i, a * c + b * sn);
                    set(dqkv, keys + half + i, b * c - a * sn);
                }
                for (int i = 0; i < size; i++)
                    set(dqkv, keys + (long) heads.kvHeads() * size + i, dv[(int) key + i]);
            }
        }
    }

    /**
     * One query of a block: calls with the place of its score with key 0 (were it there), what it may see, and its place
     * among the log sums.
     */
    interface Query {
        void at(long scores, int first, int last, int logSum);
    }

    static void queries(Block block, int[] first, Query work) {
        Heads heads = block.heads();
        int share = heads.share();
        int count = (block.to() - block.from()) * share;
        for (int e = 0; e < heads.rows() * heads.kvHeads(); e++)
            for (int r = 0; r < count; r++) {
                int t = block.from() + r / share;
                work.at(((long) e * count + r) * (block.to() - block.begin()) - block.begin(),
                        first[e / heads.kvHeads() * heads.length() + t], t,
                        (e * heads.length() + t) * share + r % share);
            }
    }

    @Override
    public void softmax(Block block, MemorySegment scores, float scale, int[] first, float[] logSums) {
        queries(block, first, (at, from, last, sum) -> {
            float max = Float.NEGATIVE_INFINITY;
            for (int j = from; j <= last; j++)
                max = Math.max(max, scale * get(scores, at + j));
            double total = 0;
            for (int j = from; j <= last; j++)
                total += Math.exp(scale * get(scores, at + j) - max);
            logSums[sum] = (float) (max + Math.log(total));
            for (int j = block.begin(); j < block.to(); j++)
                set(scores, at + j, j < from || j > last
                        ? 0
                        : (float) Math.exp(scale * get(scores, at + j) - logSums[sum]));
        });
    }

    @Override
    public void softmaxBackward(Block block, MemorySegment scores, MemorySegment dp, float scale, int[] first,
            float[] logSums) {
        queries(block, first, (at, from, last, sum) -> {
            double dot = 0;
            for (int j = block.begin(); j < block.to(); j++) {
                float p = j < from || j > last ? 0 : (float) Math.exp(scale * get(scores, at + j) - logSums[sum]);
                set(scores, at + j, p);
                if (p != 0)
                    dot += p * get(dp, at + j);
            }
            for (int j = block.begin(); j < block.to(); j++) {
                float p = get(scores, at + j);
                set(dp, at + j, p == 0 ? 0 : scale * p * (get(dp, at + j) - (float) dot));
            }
        });
    }

    @Override
    public void swiglu(int rows, int ffn, MemorySegment gateUp, MemorySegment a) {
        for (int r = 0; r < rows; r++)
            for (int i = 0; i < ffn; i++) {
                float gate = get(gateUp, 2L * r * ffn + i);
                set(a, (long) r * ffn + i, gate * sigmoid(gate) * get(gateUp, (2L * r + 1) * ffn + i));
            }
    }

    private static float sigmoid(float x) {
        return (float) (1 / (1 + Math.exp(-x)));
    }

    @Override
    public void swigluBackward(int rows, int ffn, MemorySegment gateUp, MemorySegment da) {
        for (int r = 0; r < rows; r++)
            for (int i = 0; i < ffn; i++) {
                long gateAt = 2L * r * ffn + i;
                float gate = get(gateUp, gateAt);
                float up = get(gateUp, gateAt + ffn);
                float d = get(da, (long) r * ffn + i);
                float sigmoid = sigmoid(gate);
                float silu = gate * sigmoid;
                set(gateUp, gateAt, d * up * (sigmoid + silu * (1 - sigmoid)));
                set(gateUp, gateAt + ffn, d * silu);
                set(da, (long) r * ffn + i, silu * up);
            }
    }

    @Override
    public float logSum(MemorySegment logits, long at, int n, float scale) {
        float max = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < n; i++)
            max = Math.max(max, scale * get(logits, at + i));
        double sum = 0;
        for (int i = 0; i < n; i++)
            sum += Math.exp(scale * get(logits, at + i) - max);
        return (float) (max + Math.log(sum));
    }

    @Override
    public void logProbBackward(MemorySegment logits, long at, int n, float scale, float logSum, int target,
            float slope) {
        for (int i = 0; i < n; i++) {
            float p = (float) Math.exp(scale * get(logits, at + i) - logSum);
            set(logits, at + i, slope * scale * ((i == target ? 1 : 0) - p));
        }
    }
}
