package io.quarry.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** The kernels of a training step on the Vector API, with operands in bf16. Tails shorter than a vector are plain loops. */
final class VectorStep implements StepKernels {
    static final VectorStep INSTANCE = new VectorStep();

    private static final VectorSpecies<Float> F = FloatVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> I = F.withLanes(int.class);
    /** As many shorts as there are floats in a vector. */
    private static final VectorSpecies<Short> S = VectorSpecies.of(short.class,
            VectorShape.forBitSize(F.vectorBitSize() / 2));
    private static final int LANES = F.length();
    private static final ByteOrder LITTLE = ByteOrder.LITTLE_ENDIAN;
    private static final FloatVector INDEX = FloatVector.zero(F).addIndex(1);

    private VectorStep() {}

    @Override
    public DType type() {
        return DType.BF16;
    }

    private static FloatVector load(MemorySegment from, long at) {
        var bits = (IntVector) ShortVector.fromMemorySegment(S, from, at * 2, LITTLE).convertShape(VectorOperators.S2I,
                I, 0);
        return bits.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
    }

    /** Rounds to nearest even. */
    private static void save(FloatVector value, MemorySegment to, long at) {
        IntVector bits = value.reinterpretAsInts();
        IntVector odd = bits.lanewise(VectorOperators.LSHR, 16).and(1);
        var high = bits.add(odd).add(0x7FFF).lanewise(VectorOperators.LSHR, 16);
        ((ShortVector) high.convertShape(VectorOperators.I2S, S, 0)).intoMemorySegment(to, at * 2, LITTLE);
    }

    /**
     * The sum of all lanes, in an order that is always the same. That of {@code reduceLanes} is not: it changes when the
     * JIT compiles the method, and the same training run would give other bits.
     */
    private static float sum(FloatVector lanes) {
        float[] all = new float[LANES];
        lanes.intoArray(all, 0);
        for (int width = LANES / 2; width > 0; width /= 2)
            for (int i = 0; i < width; i++)
                all[i] += all[i + width];
        return all[0];
    }

    private static float get(MemorySegment from, long at) {
        return Float.intBitsToFloat(from.get(ValueLayout.JAVA_SHORT_UNALIGNED, at * 2) << 16);
    }

    private static void set(MemorySegment to, long at, float value) {
        to.set(ValueLayout.JAVA_SHORT_UNALIGNED, at * 2, DType.bf16(value));
    }

    /** Rounds to the nearest integer when added and taken away again, for numbers below 2^22. */
    private static final float ROUND = 0x1.8p23f;

    /**
     * e^v for every lane, within 2 units in the last place, for v under 88: 2^n e^r with n = round(v / ln 2) and a
     * polynomial for e^r (the coefficients of Cephes' expf). Below -87.3 it is 0; NaN stays NaN.
     */
    private static FloatVector exp(FloatVector v) {
        FloatVector x = v.max(-87.33654f);
        FloatVector shifted = x.fma(FloatVector.broadcast(F, 1.44269504f), FloatVector.broadcast(F, ROUND));
        FloatVector n = shifted.sub(ROUND);
        FloatVector r = n.fma(FloatVector.broadcast(F, -0.693359375f), x);
        r = n.fma(FloatVector.broadcast(F, 2.12194440e-4f), r);
        FloatVector p = FloatVector.broadcast(F, 1.9875691500e-4f);
        p = p.fma(r, FloatVector.broadcast(F, 1.3981999507e-3f));
        p = p.fma(r, FloatVector.broadcast(F, 8.3334519073e-3f));
        p = p.fma(r, FloatVector.broadcast(F, 4.1665795894e-2f));
        p = p.fma(r, FloatVector.broadcast(F, 1.6666665459e-1f));
        p = p.fma(r, FloatVector.broadcast(F, 5.0000001201e-1f));
        p = p.fma(r.mul(r), r).add(1);
        FloatVector power = shifted.reinterpretAsInts().add(127).lanewise(VectorOperators.LSHL, 23)
                .reinterpretAsFloats();
        return p.mul(power).blend(0, v.compare(VectorOperators.LT, -87.33654f));
    }

    @Override
    public void store(float[] from, int fromAt, float scale, MemorySegment to, long toAt, int n) {
        int end = F.loopBound(n);
        for (int i = 0; i < end; i += LANES)
            save(FloatVector.fromArray(F, from, fromAt + i).mul(scale), to, toAt + i);
        for (int i = end; i < n; i++)
            set(to, toAt + i, scale * from[fromAt + i]);
    }

    @Override
    public void accumulate(MemorySegment from, long fromAt, float scale, float[] to, int toAt, int n) {
        int end = F.loopBound(n);
        for (int i = 0; i < end; i += LANES)
            load(from, fromAt + i).fma(FloatVector.broadcast(F, scale), FloatVector.fromArray(F, to, toAt + i))
                    .intoArray(to,
                            toAt + i);
        for (int i = end; i < n; i++)
            to[toAt + i] += scale * get(from, fromAt + i);
    }

    @Override
    public void addNorm(int rows, float[] x, MemorySegment delta, float scale, float[] out, float[] gain, float eps,
            float[] inverse, MemorySegment h) {
        int dim = gain.length;
        for (int r = 0; r < rows; r++) {
            int at = r * dim;
            float sum = delta == null
                    ? squares(x, at, dim)
                    : addAndSquare(x, delta, scale, out, at, dim);
            inverse[r] = (float) (1 / Math.sqrt(sum / dim + eps));
            scaleRow(out, at, inverse[r], gain, h);
        }
    }

    private static float squares(float[] x, int at, int n) {
        int end = F.loopBound(n);
        FloatVector sums = FloatVector.zero(F);
        for (int i = 0; i < end; i += LANES) {
            FloatVector v = FloatVector.fromArray(F, x, at + i);
            sums = v.fma(v, sums);
        }
        float sum = sum(sums);
        for (int i = end; i < n; i++)
            sum += x[at + i] * x[at + i];
        return sum;
    }

    private static float addAndSquare(float[] x, MemorySegment delta, float scale, float[] out, int at, int n) {
        int end = F.loopBound(n);
        FloatVector sums = FloatVector.zero(F);
        for (int i = 0; i < end; i += LANES) {
            FloatVector v = load(delta, at + i).fma(FloatVector.broadcast(F, scale),
                    FloatVector.fromArray(F, x, at + i));
            v.intoArray(out, at + i);
            sums = v.fma(v, sums);
        }
        float sum = sum(sums);
        for (int i = end; i < n; i++) {
            out[at + i] = x[at + i] + scale * get(delta, at + i);
            sum += out[at + i] * out[at + i];
        }
        return sum;
    }

    private static void scaleRow(float[] x, int at, float inverse, float[] gain, MemorySegment h) {
        int end = F.loopBound(gain.length);
        for (int i = 0; i < end; i += LANES)
            save(FloatVector.fromArray(F, x, at + i).mul(inverse).mul(FloatVector.fromArray(F, gain, i)), h, at + i);
        for (int i = end; i < gain.length; i++)
            set(h, at + i, x[at + i] * inverse * gain[i]);
    }

    @Override
    public void normBackward(int rows, float[] x, float[] inverse, float[] gain, MemorySegment dh, float[] dx,
            float[] dgain) {
        for (int r = 0; r < rows; r++)
            normRow(x, r * gain.length, inverse[r], gain, dh, dx, dgain);
    }

    private static void normRow(float[] x, int at, float inverse, float[] gain, MemorySegment dh, float[] dx,
            float[] dgain) {
        int n = gain.length;
        int end = F.loopBound(n);
        FloatVector dots = FloatVector.zero(F);
        for (int i = 0; i < end; i += LANES) {
            FloatVector d = load(dh, at + i);
            FloatVector normed = FloatVector.fromArray(F, x, at + i).mul(inverse);
            dots = d.mul(FloatVector.fromArray(F, gain, i)).fma(normed, dots);
            d.fma(normed, FloatVector.fromArray(F, dgain, i)).intoArray(dgain, i);
        }
        float dot = sum(dots);
        for (int i = end; i < n; i++) {
            dot += get(dh, at + i) * gain[i] * x[at + i] * inverse;
            dgain[i] += get(dh, at + i) * x[at + i] * inverse;
        }
        float mean = dot / n;
        float factor = inverse * inverse * mean;
        for (int i = 0; i < end; i += LANES) {
            FloatVector d = load(dh, at + i).mul(FloatVector.fromArray(F, gain, i)).mul(inverse);
            d = d.sub(FloatVector.fromArray(F, x, at + i).mul(factor));
            FloatVector.fromArray(F, dx, at + i).add(d).intoArray(dx, at + i);
        }
        for (int i = end; i < n; i++)
            dx[at + i] += inverse * get(dh, at + i) * gain[i] - x[at + i] * factor;
    }

    @Override
    public void split(Heads heads, MemorySegment qkv, float[] cos, float[] sin, MemorySegment q, MemorySegment k,
            MemorySegment v) {
        int size = heads.size();
        int half = size / 2;
        for (int n = 0; n < heads.rows() * heads.length(); n++) {
            long from = (long) n * heads.width();
            int table = n % heads.length() * half;
            for (int g = 0; g < heads.kvHeads(); g++) {
                long key = ScalarStep.keyAt(heads, n, g);
                for (int s = 0; s < heads.share(); s++)
                    turn(qkv, from + (long) (g * heads.share() + s) * size, cos, sin, 1, table, half, q,
                            key * heads.share() + (long) s * size);
                long keys = from + (long) heads.kvHeads() * heads.share() * size + (long) g * size;
                turn(qkv, keys, cos, sin, 1, table, half, k, key);
                MemorySegment.copy(qkv, (keys + (long) heads.kvHeads() * size) * 2, v, key * 2, size * 2L);
            }
        }
    }

    /** Turns the pairs of one head by their angles; {@code direction} is 1, or -1 to turn them back. */
    private static void turn(MemorySegment from, long at, float[] cos, float[] sin, int direction, int table, int half,
            MemorySegment to, long toAt) {
        int end = F.loopBound(half);
        for (int i = 0; i < end; i += LANES) {
            FloatVector a = load(from, at + i);
            FloatVector b = load(from, at + half + i);
            FloatVector c = FloatVector.fromArray(F, cos, table + i);
            FloatVector s = FloatVector.fromArray(F, sin, table + i).mul(direction);
            save(a.mul(c).sub(b.mul(s)), to, toAt + i);
            save(b.mul(c).add(a.mul(s)), to, toAt + half + i);
        }
        for (int i = end; i < half; i++) {
            float a = get(from, at + i);
            float b = get(from, at + half + i);
            float s = direction * sin[table + i];
            set(to, toAt + i, a * cos[table + i] - b * s);
            set(to, toAt + half + i, b * cos[table + i] + a * s);
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
                long key = ScalarStep.keyAt(heads, n, g);
                for (int s = 0; s < heads.share(); s++)
                    turn(dq, key * heads.share() + (long) s * size, cos, sin, -1, table, half, dqkv,
                            to + (long) (g * heads.share() + s) * size);
                long keys = to + (long) heads.kvHeads() * heads.share() * size + (long) g * size;
                turnBack(dk, (int) key, cos, sin, table, half, dqkv, keys);
                store(dv, (int) key, 1, dqkv, keys + (long) heads.kvHeads() * size, size);
            }
        }
    }

    private static void turnBack(float[] from, int at, float[] cos, float[] sin, int table, int half, MemorySegment to,
            long toAt) {
        int end = F.loopBound(half);
        for (int i = 0; i < end; i += LANES) {
            FloatVector a = FloatVector.fromArray(F, from, at + i);
            FloatVector b = FloatVector.fromArray(F, from, at + half + i);
            FloatVector c = FloatVector.fromArray(F, cos, table + i);
            FloatVector s = FloatVector.fromArray(F, sin, table + i);
            save(a.mul(c).add(b.mul(s)), to, toAt + i);
            save(b.mul(c).sub(a.mul(s)), to, toAt + half + i);
        }
        for (int i = end; i < half; i++) {
            float a = from[at + i];
            float b = from[at + half + i];
            set(to, toAt + i, a * cos[table + i] + b * sin[table + i]);
            set(to, toAt + half + i, b * cos[table + i] - a * sin[table + i]);
        }
    }

    @Override
    public void softmax(Block block, MemorySegment scores, float scale, int[] first, float[] logSums) {
        float[] row = new float[block.to() + LANES];
        ScalarStep.queries(block, first, (at, from, last, sum) -> {
            int begin = from / LANES * LANES; // never before the block's first key, which is a multiple too
            int end = (last / LANES + 1) * LANES;
            float max = seen(scores, at, scale, begin, from, last, block.to(), row);
            float total = expSum(row, begin, end, max);
            logSums[sum] = (float) (max + Math.log(total));
            zero(scores, at, block.begin(), begin);
            saveRow(row, begin, end, 1 / total, scores, at, block.to());
            zero(scores, at, end, block.to());
        });
    }

    /** Copies scaled scores to {@code row}, minus infinity where nothing is seen; returns the largest. */
    private static float seen(MemorySegment scores, long at, float scale, int begin, int from, int last, int width,
            float[] row) {
        FloatVector most = FloatVector.broadcast(F, Float.NEGATIVE_INFINITY);
        int j = begin;
        for (; j <= last && j + LANES <= width; j += LANES) {
            FloatVector v = load(scores, at + j).mul(scale);
            if (j < from || j + LANES - 1 > last)
                v = v.blend(Float.NEGATIVE_INFINITY, hidden(j, from, last));
            v.intoArray(row, j);
            most = most.max(v);
        }
        float max = most.reduceLanes(VectorOperators.MAX);
        for (int end = (last / LANES + 1) * LANES; j < end; j++) {
            row[j] = j < from || j > last ? Float.NEGATIVE_INFINITY : scale * get(scores, at + j);
            max = Math.max(max, row[j]);
        }
        return max;
    }

    private static VectorMask<Float> hidden(int j, int from, int last) {
        return INDEX.compare(VectorOperators.LT, from - j).or(INDEX.compare(VectorOperators.GT, last - j));
    }

    private static float expSum(float[] row, int begin, int end, float max) {
        FloatVector sums = FloatVector.zero(F);
        for (int j = begin; j < end; j += LANES) {
            FloatVector e = exp(FloatVector.fromArray(F, row, j).sub(max));
            e.intoArray(row, j);
            sums = sums.add(e);
        }
        return sum(sums);
    }

    private static void saveRow(float[] row, int begin, int end, float factor, MemorySegment to, long at, int width) {
        int j = begin;
        for (; j < end && j + LANES <= width; j += LANES)
            save(FloatVector.fromArray(F, row, j).mul(factor), to, at + j);
        for (; j < Math.min(end, width); j++)
            set(to, at + j, row[j] * factor);
    }

    private static void zero(MemorySegment to, long at, int from, int end) {
        int j = from;
        for (; j + LANES <= end; j += LANES)
            ShortVector.zero(S).intoMemorySegment(to, (at + j) * 2, LITTLE);
        for (; j < end; j++)
            set(to, at + j, 0);
    }

    @Override
    public void softmaxBackward(Block block, MemorySegment scores, MemorySegment dp, float scale, int[] first,
            float[] logSums) {
        float[] p = new float[block.to() + LANES];
        ScalarStep.queries(block, first, (at, from, last, sum) -> {
            int begin = from / LANES * LANES;
            int end = (last / LANES + 1) * LANES;
            float dot = expDot(scores, at, scale, begin, from, last, block.to(), logSums[sum], dp, p);
            zero(scores, at, block.begin(), begin);
            zero(scores, at, end, block.to());
            zero(dp, at, block.begin(), begin);
            scoreSlopes(p, begin, end, scale, dot, dp, at, block.to());
            zero(dp, at, end, block.to());
        });
    }

    /** Replaces scores by probabilities, which also go to {@code p}; returns their products with {@code dp}, summed. */
    private static float expDot(MemorySegment scores, long at, float scale, int begin, int from, int last, int width,
            float logSum, MemorySegment dp, float[] p) {
        FloatVector dots = FloatVector.zero(F);
        int j = begin;
        for (; j <= last && j + LANES <= width; j += LANES) {
            FloatVector v = load(scores, at + j).mul(scale);
            if (j < from || j + LANES - 1 > last)
                v = v.blend(Float.NEGATIVE_INFINITY, hidden(j, from, last));
            FloatVector e = exp(v.sub(logSum));
            e.intoArray(p, j);
            save(e, scores, at + j);
            dots = e.fma(load(dp, at + j), dots);
        }
        float dot = sum(dots);
        for (int end = Math.min((last / LANES + 1) * LANES, width); j < end; j++) {
            p[j] = j < from || j > last ? 0 : (float) Math.exp(scale * get(scores, at + j) - logSum);
            set(scores, at + j, p[j]);
            if (p[j] != 0)
                dot += p[j] * get(dp, at + j);
        }
        return dot;
    }

    private static void scoreSlopes(float[] p, int begin, int end, float scale, float dot, MemorySegment dp, long at,
            int width) {
        int j = begin;
        for (; j < end && j + LANES <= width; j += LANES)
            save(load(dp, at + j).sub(dot).mul(FloatVector.fromArray(F, p, j).mul(scale)), dp, at + j);
        for (; j < Math.min(end, width); j++)
            set(dp, at + j, p[j] == 0 ? 0 : scale * p[j] * (get(dp, at + j) - dot));
    }

    @Override
    public void swiglu(int rows, int ffn, MemorySegment gateUp, MemorySegment a) {
        for (int r = 0; r < rows; r++)
            swigluRow(gateUp, 2L * r * ffn, ffn, a, (long) r * ffn);
    }

    private static void swigluRow(MemorySegment gateUp, long gateAt, int n, MemorySegment a, long at) {
        int end = F.loopBound(n);
        for (int i = 0; i < end; i += LANES) {
            FloatVector gate = load(gateUp, gateAt + i);
            save(gate.mul(load(gateUp, gateAt + n + i)).div(exp(gate.neg().min(80)).add(1)), a, at + i);
        }
        for (int i = end; i < n; i++) {
            float gate = get(gateUp, gateAt + i);
            set(a, at + i, gate * get(gateUp, gateAt + n + i) / (float) (1 + Math.exp(-gate)));
        }
    }

    @Override
    public void swigluBackward(int rows, int ffn, MemorySegment gateUp, MemorySegment da) {
        for (int r = 0; r < rows; r++)
            swigluBackwardRow(gateUp, 2L * r * ffn, ffn, da, (long) r * ffn);
    }

    private static void swigluBackwardRow(MemorySegment gateUp, long gateAt, int n, MemorySegment da, long at) {
        int end = F.loopBound(n);
        for (int i = 0; i < end; i += LANES) {
            FloatVector gate = load(gateUp, gateAt + i);
            FloatVector up = load(gateUp, gateAt + n + i);
            FloatVector d = load(da, at + i);
            FloatVector sigmoid = FloatVector.broadcast(F, 1).div(exp(gate.neg().min(80)).add(1));
            FloatVector silu = gate.mul(sigmoid);
            save(d.mul(up).mul(silu.neg().fma(sigmoid, sigmoid.add(silu))), gateUp, gateAt + i);
            save(d.mul(silu), gateUp, gateAt + n + i);
            save(silu.mul(up), da, at + i);
        }
        for (int i = end; i < n; i++) {
            float gate = get(gateUp, gateAt + i);
            float up = get(gateUp, gateAt + n + i);
            float d = get(da, at + i);
            float sigmoid = (float) (1 / (1 + Math.exp(-gate)));
            float silu = gate * sigmoid;
            set(gateUp, gateAt + i, d * up * (sigmoid + silu * (1 - sigmoid)));
            set(gateUp, gateAt + n + i, d * silu);
            set(da, at + i, silu * up);
        }
    }

    @Override
    public float logSum(MemorySegment logits, long at, int n, float scale) {
        int end = F.loopBound(n);
        FloatVector most = FloatVector.broadcast(F, Float.NEGATIVE_INFINITY);
        for (int i = 0; i < end; i += LANES)
            most = most.max(load(logits, at + i));
        float max = most.reduceLanes(VectorOperators.MAX);
        for (int i = end; i < n; i++)
            max = Math.max(max, get(logits, at + i));
        FloatVector sums = FloatVector.zero(F);
        FloatVector shift = FloatVector.broadcast(F, -max * scale);
        for (int i = 0; i < end; i += LANES)
            sums = sums.add(exp(load(logits, at + i).fma(FloatVector.broadcast(F, scale), shift)));
        double sum = sum(sums);
        for (int i = end; i < n; i++)
            sum += Math.exp((get(logits, at + i) - max) * scale);
        return (float) (max * scale + Math.log(sum));
    }

    @Override
    public void logProbBackward(MemorySegment logits, long at, int n, float scale, float logSum, int target,
            float slope) {
        float own = slope * scale * (1 - (float) Math.exp(scale * get(logits, at + target) - logSum));
        int end = F.loopBound(n);
        FloatVector shift = FloatVector.broadcast(F, -logSum);
        for (int i = 0; i < end; i += LANES)
            save(exp(load(logits, at + i).fma(FloatVector.broadcast(F, scale), shift)).mul(-slope * scale), logits,
                    at + i);
        for (int i = end; i < n; i++)
            set(logits, at + i, -slope * scale * (float) Math.exp(scale * get(logits, at + i) - logSum));
        set(logits, at + target, own);
    }
}
