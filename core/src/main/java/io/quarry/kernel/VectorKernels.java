package io.quarry.kernel;

import java.util.List;
import java.util.stream.IntStream;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * The kernels on the Vector API, at the width the machine has. A product keeps a tile of rows times two registers of
 * outputs in registers while it walks over the inputs; every output is summed in the order of its inputs, so the height
 * of the tile does not change a bit of it.
 */
final class VectorKernels implements Kernels {
    private static final VectorSpecies<Float> F = FloatVector.SPECIES_PREFERRED;
    private static final int LANES = F.length();
    private static final int PANEL = 2 * LANES;
    /** By n, the mask of the first n lanes: made here, because one made in a method is an object there now and then. */
    private static final List<VectorMask<Float>> FIRST = IntStream.rangeClosed(0, LANES)
            .mapToObj(n -> F.indexInRange(0, n)).toList();
    /** {@code BY_n} brings lane l + n to lane l; of their own, so that the compiler knows each as a constant. */
    private static final VectorShuffle<Float> BY_8 = by(8);
    private static final VectorShuffle<Float> BY_4 = by(4);
    private static final VectorShuffle<Float> BY_2 = by(2);
    private static final VectorShuffle<Float> BY_1 = by(1);
    /** Whether the machine has 32 registers, enough for tiles of eight rows; AVX2 has 16. */
    private static final boolean TALL = F.vectorBitSize() != 256;

    static final VectorKernels INSTANCE = new VectorKernels();

    private VectorKernels() {
        if (LANES < 4 || LANES > 16)
            throw new IllegalStateException("vectors of " + F.vectorBitSize() + " bits; 128 to 512 are known."
                    + " Start java with -XX:MaxVectorSize=64, or ask for the scalar kernels");
    }

    @Override
    public String name() {
        return "vector-" + F.vectorBitSize();
    }

    @Override
    public int panel() {
        return PANEL;
    }

    @Override
    public void product(float[] x, int xAt, int xStride, int rows, float[] w, int wAt, int in, float[] y, int yAt,
            int yStride, int columns) {
        int r = 0;
        if (TALL)
            for (; r + 8 <= rows; r += 8)
                tile8(x, xAt + r * xStride, xStride, w, wAt, in, y, yAt + r * yStride, yStride, columns);
        for (; r < rows; r += 4) {
            int from = xAt + r * xStride;
            int to = yAt + r * yStride;
            if (rows - r == 1)
                tile1(x, from, w, wAt, in, y, to, columns);
            else
                tile4(x, from, xStride, w, wAt, in, y, to, yStride, columns, Math.min(4, rows - r));
        }
    }

    private static void tile8(float[] x, int r0, int stride, float[] w, int wAt, int in, float[] y, int yAt,
            int yStride, int columns) {
        FloatVector a0 = FloatVector.zero(F), a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0, a7 = a0;
        FloatVector b0 = a0, b1 = a0, b2 = a0, b3 = a0, b4 = a0, b5 = a0, b6 = a0, b7 = a0;
        int r1 = r0 + stride, r2 = r1 + stride, r3 = r2 + stride, r4 = r3 + stride;
        int r5 = r4 + stride, r6 = r5 + stride, r7 = r6 + stride;
        for (int k = 0; k < in; k++) {
            FloatVector wa = FloatVector.fromArray(F, w, wAt + k * PANEL);
            FloatVector wb = FloatVector.fromArray(F, w, wAt + k * PANEL + LANES);
            FloatVector v = Vectors.FLOATS.broadcast(x[r0 + k]);
            a0 = v.fma(wa, a0);
            b0 = v.fma(wb, b0);
            v = Vectors.FLOATS.broadcast(x[r1 + k]);
            a1 = v.fma(wa, a1);
            b1 = v.fma(wb, b1);
            v = Vectors.FLOATS.broadcast(x[r2 + k]);
            a2 = v.fma(wa, a2);
            b2 = v.fma(wb, b2);
            v = Vectors.FLOATS.broadcast(x[r3 + k]);
            a3 = v.fma(wa, a3);
            b3 = v.fma(wb, b3);
            v = Vectors.FLOATS.broadcast(x[r4 + k]);
            a4 = v.fma(wa, a4);
            b4 = v.fma(wb, b4);
            v = Vectors.FLOATS.broadcast(x[r5 + k]);
            a5 = v.fma(wa, a5);
            b5 = v.fma(wb, b5);
            v = Vectors.FLOATS.broadcast(x[r6 + k]);
            a6 = v.fma(wa, a6);
            b6 = v.fma(wb, b6);
            v = Vectors.FLOATS.broadcast(x[r7 + k]);
            a7 = v.fma(wa, a7);
            b7 = v.fma(wb, b7);
        }
        if (columns == PANEL) {
            a0.intoArray(y, yAt);
            b0.intoArray(y, yAt + LANES);
            a1.intoArray(y, yAt + yStride);
            b1.intoArray(y, yAt + yStride + LANES);
            a2.intoArray(y, yAt + 2 * yStride);
            b2.intoArray(y, yAt + 2 * yStride + LANES);
            a3.intoArray(y, yAt + 3 * yStride);
            b3.intoArray(y, yAt + 3 * yStride + LANES);
            a4.intoArray(y, yAt + 4 * yStride);
            b4.intoArray(y, yAt + 4 * yStride + LANES);
            a5.intoArray(y, yAt + 5 * yStride);
            b5.intoArray(y, yAt + 5 * yStride + LANES);
            a6.intoArray(y, yAt + 6 * yStride);
            b6.intoArray(y, yAt + 6 * yStride + LANES);
            a7.intoArray(y, yAt + 7 * yStride);
            b7.intoArray(y, yAt + 7 * yStride + LANES);
            return;
        }
        VectorMask<Float> ma = FIRST.get(Math.min(columns, LANES));
        VectorMask<Float> mb = FIRST.get(Math.max(0, columns - LANES));
        a0.intoArray(y, yAt, ma);
        b0.intoArray(y, yAt + LANES, mb);
        a1.intoArray(y, yAt + yStride, ma);
        b1.intoArray(y, yAt + yStride + LANES, mb);
        a2.intoArray(y, yAt + 2 * yStride, ma);
        b2.intoArray(y, yAt + 2 * yStride + LANES, mb);
        a3.intoArray(y, yAt + 3 * yStride, ma);
        b3.intoArray(y, yAt + 3 * yStride + LANES, mb);
        a4.intoArray(y, yAt + 4 * yStride, ma);
        b4.intoArray(y, yAt + 4 * yStride + LANES, mb);
        a5.intoArray(y, yAt + 5 * yStride, ma);
        b5.intoArray(y, yAt + 5 * yStride + LANES, mb);
        a6.intoArray(y, yAt + 6 * yStride, ma);
        b6.intoArray(y, yAt + 6 * yStride + LANES, mb);
        a7.intoArray(y, yAt + 7 * yStride, ma);
        b7.intoArray(y, yAt + 7 * yStride + LANES, mb);
    }

    /** Two to four rows; where some are missing, the last is computed again, which costs nothing: adding has to wait. */
    private static void tile4(float[] x, int r0, int stride, float[] w, int wAt, int in, float[] y, int yAt,
            int yStride, int columns, int rows) {
        FloatVector a0 = FloatVector.zero(F), a1 = a0, a2 = a0, a3 = a0;
        FloatVector b0 = a0, b1 = a0, b2 = a0, b3 = a0;
        int r1 = r0 + stride, r2 = rows > 2 ? r1 + stride : r1, r3 = rows > 3 ? r2 + stride : r2;
        for (int k = 0; k < in; k++) {
            FloatVector wa = FloatVector.fromArray(F, w, wAt + k * PANEL);
            FloatVector wb = FloatVector.fromArray(F, w, wAt + k * PANEL + LANES);
            FloatVector v = Vectors.FLOATS.broadcast(x[r0 + k]);
            a0 = v.fma(wa, a0);
            b0 = v.fma(wb, b0);
            v = Vectors.FLOATS.broadcast(x[r1 + k]);
            a1 = v.fma(wa, a1);
            b1 = v.fma(wb, b1);
            v = Vectors.FLOATS.broadcast(x[r2 + k]);
            a2 = v.fma(wa, a2);
            b2 = v.fma(wb, b2);
            v = Vectors.FLOATS.broadcast(x[r3 + k]);
            a3 = v.fma(wa, a3);
            b3 = v.fma(wb, b3);
        }
        if (columns == PANEL) {
            a0.intoArray(y, yAt);
            b0.intoArray(y, yAt + LANES);
            a1.intoArray(y, yAt + yStride);
            b1.intoArray(y, yAt + yStride + LANES);
            if (rows > 2) {
                a2.intoArray(y, yAt + 2 * yStride);
                b2.intoArray(y, yAt + 2 * yStride + LANES);
            }
            if (rows > 3) {
                a3.intoArray(y, yAt + 3 * yStride);
                b3.intoArray(y, yAt + 3 * yStride + LANES);
            }
            return;
        }
        VectorMask<Float> ma = FIRST.get(Math.min(columns, LANES));
        VectorMask<Float> mb = FIRST.get(Math.max(0, columns - LANES));
        a0.intoArray(y, yAt, ma);
        b0.intoArray(y, yAt + LANES, mb);
        a1.intoArray(y, yAt + yStride, ma);
        b1.intoArray(y, yAt + yStride + LANES, mb);
        if (rows > 2) {
            a2.intoArray(y, yAt + 2 * yStride, ma);
            b2.intoArray(y, yAt + 2 * yStride + LANES, mb);
        }
        if (rows > 3) {
            a3.intoArray(y, yAt + 3 * yStride, ma);
            b3.intoArray(y, yAt + 3 * yStride + LANES, mb);
        }
    }

    private static void tile1(float[] x, int at, float[] w, int wAt, int in, float[] y, int yAt, int columns) {
        FloatVector a = FloatVector.zero(F), b = a;
        for (int k = 0; k < in; k++) {
            FloatVector v = Vectors.FLOATS.broadcast(x[at + k]);
            a = v.fma(FloatVector.fromArray(F, w, wAt + k * PANEL), a);
            b = v.fma(FloatVector.fromArray(F, w, wAt + k * PANEL + LANES), b);
        }
        if (columns == PANEL) {
            a.intoArray(y, yAt);
            b.intoArray(y, yAt + LANES);
        } else {
            a.intoArray(y, yAt, FIRST.get(Math.min(columns, LANES)));
            b.intoArray(y, yAt + LANES, FIRST.get(Math.max(0, columns - LANES)));
        }
    }

    @Override
    public void rmsNorm(float[] x, int xAt, float[] gain, float eps, float[] y, int yAt, int n) {
        int end = F.loopBound(n);
        double sum = dot(x, xAt, x, xAt, n);
        float inverse = (float) (1 / Math.sqrt(sum / n + eps));
        for (int i = 0; i < end; i += LANES)
            FloatVector.fromArray(F, x, xAt + i).mul(inverse).mul(FloatVector.fromArray(F, gain, i)).intoArray(y,
                    yAt + i);
        for (int i = end; i < n; i++)
            y[yAt + i] = x[xAt + i] * inverse * gain[i];
    }

    @Override
    public void rotate(float[] x, int at, int half, float[] cos, float[] sin, int tableAt) {
        int end = F.loopBound(half);
        for (int i = 0; i < end; i += LANES) {
            FloatVector a = FloatVector.fromArray(F, x, at + i);
            FloatVector b = FloatVector.fromArray(F, x, at + half + i);
            FloatVector c = FloatVector.fromArray(F, cos, tableAt + i);
            FloatVector s = FloatVector.fromArray(F, sin, tableAt + i);
            a.mul(c).sub(b.mul(s)).intoArray(x, at + i);
            b.mul(c).add(a.mul(s)).intoArray(x, at + half + i);
        }
        for (int i = end; i < half; i++) {
            float a = x[at + i];
            float b = x[at + half + i];
            x[at + i] = a * cos[tableAt + i] - b * sin[tableAt + i];
            x[at + half + i] = b * cos[tableAt + i] + a * sin[tableAt + i];
        }
    }

    @Override
    public void addScaled(float[] x, int xAt, float[] y, int yAt, float scale, int n) {
        int end = F.loopBound(n);
        FloatVector factor = Vectors.FLOATS.broadcast(scale);
        for (int i = 0; i < end; i += LANES)
            factor.fma(FloatVector.fromArray(F, y, yAt + i), FloatVector.fromArray(F, x, xAt + i)).intoArray(x,
                    xAt + i);
        for (int i = end; i < n; i++)
            x[xAt + i] = Math.fma(scale, y[yAt + i], x[xAt + i]);
    }

    @Override
    public void scale(float[] x, int at, float scale, int n) {
        int end = F.loopBound(n);
        for (int i = 0; i < end; i += LANES)
            FloatVector.fromArray(F, x, at + i).mul(scale).intoArray(x, at + i);
        for (int i = end; i < n; i++)
            x[at + i] *= scale;
    }

    @Override
    public void swiglu(float[] x, int xAt, float[] y, int yAt, int n) {
        int end = F.loopBound(n);
        exps(x, xAt, 0, -1, y, yAt, n);
        for (int i = 0; i < end; i += LANES)
            FloatVector.fromArray(F, x, xAt + i).div(FloatVector.fromArray(F, y, yAt + i).add(1))
                    .mul(FloatVector.fromArray(F, x, xAt + n + i)).intoArray(y, yAt + i);
        for (int i = end; i < n; i++)
            y[yAt + i] = x[xAt + i] / (y[yAt + i] + 1) * x[xAt + n + i];
    }

    @Override
    public float max(float[] x, int at, int n) {
        int end = F.loopBound(n);
        float max = Float.NEGATIVE_INFINITY;
        if (end > 0) {
            FloatVector most = Vectors.FLOATS.broadcast(max);
            for (int i = 0; i < end; i += LANES)
                most = FloatVector.fromArray(F, x, at + i).max(most);
            max = most.reduceLanes(VectorOperators.MAX);
        }
        for (int i = end; i < n; i++)
            max = Math.max(max, x[at + i]);
        return max;
    }

    @Override
    public int argmax(float[] x, int at, int n) {
        float max = max(x, at, n);
        for (int i = 0; i < n; i++)
            if (x[at + i] == max)
                return i;
        return 0;
    }

    @Override
    public double exp(float[] x, int xAt, float shift, float scale, float[] y, int yAt, int n) {
        exps(x, xAt, shift, scale, y, yAt, n);
        return sum(y, yAt, n);
    }

    /** By eight sums, because one would wait for itself. */
    private static double sum(float[] x, int at, int n) {
        double a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0;
        int i = at;
        for (; i + 8 <= at + n; i += 8) {
            a += x[i];
            b += x[i + 1];
            c += x[i + 2];
            d += x[i + 3];
            e += x[i + 4];
            f += x[i + 5];
            g += x[i + 6];
            h += x[i + 7];
        }
        for (; i < at + n; i++)
            a += x[i];
        return a + b + (c + d) + (e + f + (g + h));
    }

    /**
     * The sum of {@code x y} over {@code n} numbers. Lanes are added by halves, always in this order: {@code reduceLanes}
     * may add in another order once it is compiled, and the same text or training run would get other bits.
     */
    static float dot(float[] x, int xAt, float[] y, int yAt, int n) {
        int end = F.loopBound(n);
        FloatVector sums = FloatVector.zero(F);
        for (int i = 0; i < end; i += LANES)
            sums = FloatVector.fromArray(F, x, xAt + i).fma(FloatVector.fromArray(F, y, yAt + i), sums);
        if (LANES > 8)
            sums = sums.rearrange(BY_8).add(sums);
        if (LANES > 4)
            sums = sums.rearrange(BY_4).add(sums);
        sums = sums.rearrange(BY_2).add(sums);
        float sum = sums.rearrange(BY_1).add(sums).lane(0);
        for (int i = end; i < n; i++)
            sum += x[xAt + i] * y[yAt + i];
        return sum;
    }

    private static VectorShuffle<Float> by(int n) {
        return VectorShuffle.fromOp(F, lane -> (lane + n) % LANES);
    }

    /** Rounds to the nearest integer when added and taken away again, for numbers below 2^22. */
    private static final float ROUND = 0x1.8p23f;

    /**
     * {@code y = e^v} with {@code v = (x - shift) scale}, within 2 units in the last place: 2^n e^r with
     * n = round(v / ln 2), and a polynomial for e^r, |r| <= ln 2 / 2 (the coefficients of Cephes' expf). Below -87.3 it is
     * 0, above 88 it is infinite, NaN stays NaN. From array to array, and too long to be taken in by its callers: with it
     * they would have more operations than the compiler can hold.
     */
    static void exps(float[] x, int xAt, float shift, float scale, float[] y, int yAt, int n) {
        int end = F.loopBound(n);
        for (int i = 0; i < end; i += LANES) {
            FloatVector v = FloatVector.fromArray(F, x, xAt + i).sub(shift).mul(scale);
            FloatVector u = v.min(88.37626f).max(-87.33654f);
            FloatVector shifted = u.fma(Vectors.FLOATS.broadcast(1.44269504f), Vectors.FLOATS.broadcast(ROUND));
            FloatVector whole = shifted.sub(ROUND);
            FloatVector r = whole.fma(Vectors.FLOATS.broadcast(-0.693359375f), u);
            r = whole.fma(Vectors.FLOATS.broadcast(2.12194440e-4f), r);
            FloatVector p = Vectors.FLOATS.broadcast(1.9875691500e-4f);
            p = p.fma(r, Vectors.FLOATS.broadcast(1.3981999507e-3f));
            p = p.fma(r, Vectors.FLOATS.broadcast(8.3334519073e-3f));
            p = p.fma(r, Vectors.FLOATS.broadcast(4.1665795894e-2f));
            p = p.fma(r, Vectors.FLOATS.broadcast(1.6666665459e-1f));
            p = p.fma(r, Vectors.FLOATS.broadcast(5.0000001201e-1f));
            p = p.fma(r.mul(r), r).add(1);
            FloatVector power = shifted.reinterpretAsInts().add(127).lanewise(VectorOperators.LSHL, 23)
                    .reinterpretAsFloats();
            p.mul(power).blend(0, v.compare(VectorOperators.LT, -87.33654f))
                    .blend(Float.POSITIVE_INFINITY, v.compare(VectorOperators.GT, 88.37626f)).intoArray(y, yAt + i);
        }
        for (int i = end; i < n; i++)
            y[yAt + i] = (float) Math.exp((x[xAt + i] - shift) * scale);
    }
}
