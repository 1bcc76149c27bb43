package io.quarry.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * The kernels of a training step on the Vector API, with operands in bf16. A row is widened to floats, worked on, and
 * rounded again, each by a loop of its own: loops that share methods on vectors make objects of these as soon as one of
 * the methods is compiled by itself. Tails shorter than a vector are plain loops.
 */
final class VectorStep implements StepKernels {
    static final VectorStep INSTANCE = new VectorStep();

    private static final VectorSpecies<Float> F = FloatVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> I = F.withLanes(int.class);
    /** As many shorts as there are floats in a vector. */
    private static final VectorSpecies<Short> S = VectorSpecies.of(short.class,
            VectorShape.forBitSize(F.vectorBitSize() / 2));
    private static final int LANES = F.length();
    /** Numbers of a long row that are handled at a time. */
    private static final int PIECE = 1024;
    private static final short[] ZEROS = new short[PIECE];
    private static final ByteOrder LITTLE = ByteOrder.LITTLE_ENDIAN;

    private VectorStep() {}

    @Override
    public DType type() {
        return DType.BF16;
    }

    private static float get(MemorySegment from, long at) {
        return Float.intBitsToFloat(from.get(ValueLayout.JAVA_SHORT_UNALIGNED, at * 2) << 16);
    }

    private static void set(MemorySegment to, long at, float value) {
        to.set(ValueLayout.JAVA_SHORT_UNALIGNED, at * 2, DType.bf16(value));
    }

    /** {@code to = scale * from} from {@code to[0]} on. */
    private static void widen(MemorySegment from, long at, int n, float scale, float[] to) {
        int end = F.loopBound(n);
        for (int i = 0; i < end; i += LANES)
            ((IntVector) ShortVector.fromMemorySegment(S, from, (at + i) * 2, LITTLE)
                    .convertShape(VectorOperators.S2I, I, 0)).lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats()
                    .mul(scale).intoArray(to, i);
        for (int i = end; i < n; i++)
            to[i] = scale * get(from, at + i);
    }

    /** Rounds to nearest even. */
    @Override
    public void store(float[] from, int fromAt, float scale, MemorySegment to, long toAt, int n) {
        int end = F.loopBound(n);
        for (int i = 0; i < end; i += LANES) {
            IntVector bits = FloatVector.fromArray(F, from, fromAt + i).mul(scale).reinterpretAsInts();
            IntVector odd = bits.lanewise(VectorOperators.LSHR, 16).and(1);
            ((ShortVector) bits.add(odd).add(0x7FFF).lanewise(VectorOperators.LSHR, 16)
                    .convertShape(VectorOperators.I2S, S, 0)).intoMemorySegment(to, (toAt + i) * 2, LITTLE);
        }
        for (int i = end; i < n; i++)
            set(to, toAt + i, scale * from[fromAt + i]);
    }

    @Override
    public void accumulate(MemorySegment from, long fromAt, float scale, float[] to, int toAt, int n) {
        float[] row = new float[Math.min(n, PIECE)];
        for (int i = 0; i < n; i += PIECE) {
            int piece = Math.min(PIECE, n - i);
            widen(from, fromAt + i, piece, 1, row);
            VectorKernels.INSTANCE.addScaled(to, toAt + i, row, 0, scale, piece);
        }
    }

    @Override
    public void addNorm(int rows, float[] x, MemorySegment delta, float scale, float[] out, float[] gain, float eps,
            float[] inverse, MemorySegment h) {
        int dim = gain.length;
        float[] row = new float[dim];
        for (int r = 0; r < rows; r++) {
            int at = r * dim;
            if (delta != null) {
                widen(delta, at, dim, 1, row);
                addScaled(x, at, row, scale, out, dim);
            }
            inverse[r] = (float) (1 / Math.sqrt(VectorKernels.dot(out, at, out, at, dim) / dim + eps));
            products(out, at, inverse[r], gain, row);
            store(row, 0, 1, h, at, dim);
        }
    }

    /** {@code out = x + scale * y} with x and out from {@code at}. */
    private static void addScaled(float[] x, int at, float[] y, float scale, float[] out, int n) {
        int end = F.loopBound(n);
        for (int i = 0; i < end; i += LANES)
            FloatVector.fromArray(F, y, i)
                    .fma(Vectors.FLOATS.broadcast(scale), FloatVector.fromArray(F, x, at + i)).intoArray(out, at + i);
        for (int i = end; i < n; i++)
            out[at + i] = x[at + i] + scale * y[i];
    }

    /** {@code to = scale * x * y} with x from {@code at}. */
    private static void products(float[] x, int at, float scale, float[] y, float[] to) {
        int end = F.loopBound(to.length);
        for (int i = 0; i < end; i += LANES)
            FloatVector.fromArray(F, x, at + i).mul(scale).mul(FloatVector.fromArray(F, y, i)).intoArray(to, i);
        for (int i = end; i < to.length; i++)
            to[i] = x[at + i] * scale * y[i];
    }

    @Override
    public void normBackward(int rows, float[] x, float[] inverse, float[] gain, MemorySegment dh, float[] dx,
            float[] dgain) {
        int n = gain.length;
        float[] d = new float[n];
        float[] normed = new float[n];
        for (int r = 0; r < rows; r++) {
            int at = r * n;
            widen(dh, at, n, 1, d);
            normGain(x, at, inverse[r], d, normed, dgain);
            products(d, 0, 1, gain, d);
            float mean = VectorKernels.dot(d, 0, normed, 0, n) / n;
            VectorKernels.INSTANCE.addScaled(dx, at, d, 0, inverse[r], n);
            VectorKernels.INSTANCE.addScaled(dx, at, normed, 0, -inverse[r] * mean, n);
        }
    }

    /** {@code normed = x * inverse, dgain += d * normed} with x from {@code at}. */
    private static void normGain(float[] x, int at, float inverse, float[] d, float[] normed, float[] dgain) {
        int end = F.loopBound(d.length);
        for (int i = 0; i < end; i += LANES) {
            FloatVector v = FloatVector.fromArray(F, x, at + i).mul(inverse);
            v.intoArray(normed, i);
            v.fma(FloatVector.fromArray(F, d, i), FloatVector.fromArray(F, dgain, i)).intoArray(dgain, i);
        }
        for (int i = end; i < d.length; i++) {
            normed[i] = x[at + i] * inverse;
            dgain[i] += d[i] * normed[i];
        }
    }

    @Override
    public void split(Heads heads, MemorySegment qkv, float[] cos, float[] sin, MemorySegment q, MemorySegment k,
            MemorySegment v) {
        int size = heads.size();
        float[] head = new float[size];
        for (int n = 0; n < heads.rows() * heads.length(); n++) {
            long from = (long) n * heads.width();
            int table = n % heads.length() * (size / 2);
            for (int g = 0; g < heads.kvHeads(); g++) {
                long key = ScalarStep.keyAt(heads, n, g);
                for (int s = 0; s < heads.share(); s++) {
                    widen(qkv, from + (long) (g * heads.share() + s) * size, size, 1, head);
                    turn(head, cos, sin, 1, table, q, key * heads.share() + (long) s * size);
                }
                long keys = from + (long) heads.kvHeads() * heads.share() * size + (long) g * size;
                widen(qkv, keys, size, 1, head);
                turn(head, cos, sin, 1, table, k, key);
                MemorySegment.copy(qkv, (keys + (long) heads.kvHeads() * size) * 2, v, key * 2, size * 2L);
            }
        }
    }

    @Override
    public void join(Heads heads, MemorySegment dq, float[] dk, float[] dv, float[] cos, float[] sin,
            MemorySegment dqkv) {
        int size = heads.size();
        float[] head = new float[size];
        for (int n = 0; n < heads.rows() * heads.length(); n++) {
            long to = (long) n * heads.width();
            int table = n % heads.length() * (size / 2);
            for (int g = 0; g < heads.kvHeads(); g++) {
                long key = ScalarStep.keyAt(heads, n, g);
                for (int s = 0; s < heads.share(); s++) {
                    widen(dq, key * heads.share() + (long) s * size, size, 1, head);
                    turn(head, cos, sin, -1, table, dqkv, to + (long) (g * heads.share() + s) * size);
                }
                long keys = to + (long) heads.kvHeads() * heads.share() * size + (long) g * size;
                System.arraycopy(dk, (int) key, head, 0, size);
                turn(head, cos, sin, -1, table, dqkv, keys);
                store(dv, (int) key, 1, dqkv, keys + (long) heads.kvHeads() * size, size);
            }
        }
    }

    /** Turns the pairs of one head by their angles and stores it; {@code direction} is 1, or -1 to turn them back. */
    private void turn(float[] head, float[] cos, float[] sin, int direction, int table, MemorySegment to, long toAt) {
        int half = head.length / 2;
        int end = F.loopBound(half);
        for (int i = 0; i < end; i += LANES) {
            FloatVector a = FloatVector.fromArray(F, head, i);
            FloatVector b = FloatVector.fromArray(F, head, half + i);
            FloatVector c = FloatVector.fromArray(F, cos, table + i);
            FloatVector s = FloatVector.fromArray(F, sin, table + i).mul(direction);
            a.mul(c).sub(b.mul(s)).intoArray(head, i);
            b.mul(c).add(a.mul(s)).intoArray(head, half + i);
        }
        for (int i = end; i < half; i++) {
            float a = head[i];
            float b = head[half + i];
            float s = direction * sin[table + i];
            head[i] = a * cos[table + i] - b * s;
            head[half + i] = b * cos[table + i] + a * s;
        }
        store(head, 0, 1, to, toAt, head.length);
    }

    @Override
    public void softmax(Block block, MemorySegment scores, float scale, int[] first, float[] logSums) {
        float[] row = new float[block.to() + LANES];
        ScalarStep.queries(block, first, (at, from, last, sum) -> {
            int n = seen(scores, at, scale, from, last, row);
            float max = VectorKernels.INSTANCE.max(row, 0, n);
            double total = VectorKernels.INSTANCE.exp(row, 0, max, 1, row, 0, n);
            logSums[sum] = (float) (max + Math.log(total));
            zero(scores, at + block.begin(), from - block.begin());
            store(row, 0, (float) (1 / total), scores, at + from, last + 1 - from);
            zero(scores, at + last + 1, block.to() - last - 1);
        });
    }

    /** Scaled scores of what is seen, filled up with minus infinity to whole vectors; returns how many. */
    private static int seen(MemorySegment scores, long at, float scale, int from, int last, float[] row) {
        int n = last + 1 - from;
        int whole = F.loopBound(n + LANES - 1);
        widen(scores, at + from, n, scale, row);
        Arrays.fill(row, n, whole, Float.NEGATIVE_INFINITY);
        return whole;
    }

    private static void zero(MemorySegment to, long at, int n) {
        for (int i = 0; i < n; i += PIECE)
            MemorySegment.copy(ZEROS, 0, to, ValueLayout.JAVA_SHORT_UNALIGNED, (at + i) * 2, Math.min(PIECE, n - i));
    }

    @Override
    public void softmaxBackward(Block block, MemorySegment scores, MemorySegment dp, float scale, int[] first,
            float[] logSums) {
        float[] p = new float[block.to() + LANES];
        float[] d = new float[block.to() + LANES];
        ScalarStep.queries(block, first, (at, from, last, sum) -> {
            int n = last + 1 - from;
            VectorKernels.exps(p, 0, logSums[sum], 1, p, 0, seen(scores, at, scale, from, last, p));
            store(p, 0, 1, scores, at + from, n);
            widen(dp, at + from, n, 1, d);
            slopes(p, d, VectorKernels.dot(p, 0, d, 0, n), scale, n);
            store(d, 0, 1, dp, at + from, n);
            zero(scores, at + block.begin(), from - block.begin());
            zero(scores, at + last + 1, block.to() - last - 1);
            zero(dp, at + block.begin(), from - block.begin());
            zero(dp, at + last + 1, block.to() - last - 1);
        });
    }

    /** {@code d = (d - dot) * p * scale}, the gradient of scores. */
    private static void slopes(float[] p, float[] d, float dot, float scale, int n) {
        int end = F.loopBound(n);
        for (int i = 0; i < end; i += LANES)
            FloatVector.fromArray(F, d, i).sub(dot).mul(FloatVector.fromArray(F, p, i).mul(scale)).intoArray(d, i);
        for (int i = end; i < n; i++)
            d[i] = (d[i] - dot) * (p[i] * scale);
    }

    @Override
    public void swiglu(int rows, int ffn, MemorySegment gateUp, MemorySegment a) {
        float[] both = new float[2 * ffn];
        float[] out = new float[ffn];
        for (int r = 0; r < rows; r++) {
            widen(gateUp, 2L * r * ffn, 2 * ffn, 1, both);
            VectorKernels.INSTANCE.swiglu(both, 0, out, 0, ffn);
            store(out, 0, 1, a, (long) r * ffn, ffn);
        }
    }

    @Override
    public void swigluBackward(int rows, int ffn, MemorySegment gateUp, MemorySegment da) {
        float[] both = new float[2 * ffn];
        float[] d = new float[ffn];
        float[] exps = new float[ffn];
        for (int r = 0; r < rows; r++) {
            widen(gateUp, 2L * r * ffn, 2 * ffn, 1, both);
            widen(da, (long) r * ffn, ffn, 1, d);
            VectorKernels.exps(both, 0, 0, -1, exps, 0, ffn);
            swigluSlopes(both, d, exps);
            store(both, 0, 1, gateUp, 2L * r * ffn, 2 * ffn);
            store(d, 0, 1, da, (long) r * ffn, ffn);
        }
    }

    /**
     * Replaces gate and up by their gradients, and their result's gradient by the result.
     *
     * @param exps e^-gate
     */
    private static void swigluSlopes(float[] both, float[] d, float[] exps) {
        int n = d.length;
        int end = F.loopBound(n);
        for (int i = 0; i < end; i += LANES) {
            FloatVector up = FloatVector.fromArray(F, both, n + i);
            FloatVector slope = FloatVector.fromArray(F, d, i);
            FloatVector sigmoid = Vectors.FLOATS.broadcast(1).div(FloatVector.fromArray(F, exps, i).add(1));
            FloatVector silu = sigmoid.mul(FloatVector.fromArray(F, both, i));
            slope.mul(up).mul(silu.neg().fma(sigmoid, sigmoid.add(silu))).intoArray(both, i);
            slope.mul(silu).intoArray(both, n + i);
            silu.mul(up).intoArray(d, i);
        }
        for (int i = end; i < n; i++) {
            float up = both[n + i];
            float slope = d[i];
            float sigmoid = 1 / (1 + exps[i]);
            float silu = both[i] * sigmoid;
            both[i] = slope * up * (sigmoid + silu * (1 - sigmoid));
            both[n + i] = slope * silu;
            d[i] = silu * up;
        }
    }

    @Override
    public float logSum(MemorySegment logits, long at, int n, float scale) {
        float[] row = new float[Math.min(n, PIECE)];
        float max = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < n; i += PIECE) {
            int piece = Math.min(PIECE, n - i);
            widen(logits, at + i, piece, scale, row);
            max = Math.max(max, VectorKernels.INSTANCE.max(row, 0, piece));
        }
        double sum = 0;
        for (int i = 0; i < n; i += PIECE) {
            int piece = Math.min(PIECE, n - i);
            widen(logits, at + i, piece, scale, row);
            sum += VectorKernels.INSTANCE.exp(row, 0, max, 1, row, 0, piece);
        }
        return (float) (max + Math.log(sum));
    }

    @Override
    public void logProbBackward(MemorySegment logits, long at, int n, float scale, float logSum, int target,
            float slope) {
        float own = slope * scale * (1 - (float) Math.exp(scale * get(logits, at + target) - logSum));
        float[] row = new float[Math.min(n, PIECE)];
        for (int i = 0; i < n; i += PIECE) {
            int piece = Math.min(PIECE, n - i);
            widen(logits, at + i, piece, scale, row);
            VectorKernels.exps(row, 0, logSum, 1, row, 0, piece);
            store(row, 0, -slope * scale, logits, at + i, piece);
        }
        set(logits, at + target, own);
    }
}
