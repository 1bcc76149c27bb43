package io.quarry.kernel;

import java.lang.foreign.MemorySegment;

/**
 * Q6_K of ggml: 256 numbers in sixteen groups of 16, each with a scale s of eight bits that counts in units of d;
 * x = d s (q - 32). Layout: 128 bytes with the lower four bits, 64 with the upper two, 16 scales, d as half. Each half of
 * the block takes 64 and 32 bytes: number j of its four quarters of 32 has its lower bits in byte j (first and third
 * quarter) or j + 32 (second and fourth), third and fourth above, and its upper bits in byte j.
 */
record Q6Codec() implements Codec {
    private static final int BLOCK = 256;
    private static final int GROUP = 16;
    private static final int QUARTER = 32;
    private static final int HIGH_AT = 128;
    private static final int SCALES_AT = 192;
    private static final int D_AT = 208;
    static final int BYTES = 210;
    private static final int MIDDLE = 32;

    @Override
    public void widen(MemorySegment from, long at, float[] to, int offset, int count) {
        for (int end = offset + count; offset < end; offset += BLOCK, at += BYTES) {
            float d = Codec.half(from, at + D_AT);
            for (int quarter = 0; quarter < 8; quarter++) {
                long low = low(at, quarter);
                long high = high(at, quarter);
                for (int j = 0; j < QUARTER; j++) {
                    int q = from.get(BYTE, low + j) >> 4 * (quarter >> 1 & 1) & 15
                            | (from.get(BYTE, high + j) >> 2 * (quarter & 3) & 3) << 4;
                    int i = quarter * QUARTER + j;
                    to[offset + i] = d * from.get(BYTE, at + SCALES_AT + i / GROUP) * (q - MIDDLE);
                }
            }
        }
    }

    /** Where the lower bits of quarter 0 to 7 of the whole block begin. */
    private static long low(long at, int quarter) {
        return at + quarter / 4 * 64 + (quarter & 1) * QUARTER;
    }

    private static long high(long at, int quarter) {
        return at + HIGH_AT + quarter / 4 * QUARTER;
    }

    @Override
    public void narrow(float[] from, int offset, int count, MemorySegment to, long at) {
        Block block = new Block();
        for (int end = offset + count; offset < end; offset += BLOCK, at += BYTES) {
            System.arraycopy(from, offset, block.x, 0, BLOCK);
            block.fit();
            Codec.storeScale(block.d, to, at + D_AT);
            for (int g = 0; g < block.s.length; g++)
                to.set(BYTE, at + SCALES_AT + g, (byte) block.s[g]);
            to.asSlice(at, SCALES_AT).fill((byte) 0);
            for (int i = 0; i < BLOCK; i++) {
                int quarter = i / QUARTER;
                int q = block.q[i] + MIDDLE;
                or(to, low(at, quarter) + i % QUARTER, (q & 15) << 4 * (quarter >> 1 & 1));
                or(to, high(at, quarter) + i % QUARTER, q >> 4 << 2 * (quarter & 3));
            }
        }
    }

    private static void or(MemorySegment to, long at, int bits) {
        to.set(BYTE, at, (byte) (to.get(BYTE, at) | bits));
    }

    /** One block on its way from floats: first every group for itself, then all with scales of eight bits. */
    private static final class Block {
        /** Units of the scales that are tried: the largest scale counts 128 of them, 127, .... */
        private static final int UNITS = 8;
        private final float[] x = new float[BLOCK];
        private final double[] weight = new double[BLOCK];
        private final ScaleFit fit = new ScaleFit(x, weight, GROUP);
        private final int[] triedS = new int[BLOCK / GROUP];
        private final int[] triedQ = new int[BLOCK];
        private double error;
        final int[] s = new int[BLOCK / GROUP];
        final int[] q = new int[BLOCK];
        float d;

        void fit() {
            float[] scales = new float[s.length];
            float farthest = 0;
            for (int i = 0; i < BLOCK; i++)
                weight[i] = (double) x[i] * x[i];
            for (int g = 0; g < s.length; g++) {
                fit.around(g * GROUP, -MIDDLE);
                scales[g] = fit.scale();
                if (Math.abs(scales[g]) > Math.abs(farthest))
                    farthest = scales[g];
            }
            error = Double.POSITIVE_INFINITY;
            d = farthest; // refused when it is stored, if nothing better is found: a half cannot hold its parts
            for (int units = 128; units > 128 - UNITS; units--) {
                float unit = half(farthest / -units);
                if (!Float.isFinite(unit))
                    return;
                for (int g = 0; g < s.length; g++)
                    choose(g, unit, Codec.round(scales[g] * Codec.inverse(unit)));
                keep(unit);
                keep(solve());
            }
        }

        /** The best scale of a group among the nearest of eight bits and its neighbours. */
        private void choose(int g, float unit, int near) {
            double least = Double.POSITIVE_INFINITY;
            for (int tried = Math.max(-128, near - 1); tried <= Math.min(127, near + 1); tried++) {
                double missed = round(g, unit * tried);
                if (missed < least) {
                    least = missed;
                    triedS[g] = tried;
                }
            }
        }

        /** The nearest steps of a group; gives their weighted squared error. */
        private double round(int g, float scale) {
            float inverse = Codec.inverse(scale);
            double missed = 0;
            for (int i = g * GROUP; i < (g + 1) * GROUP; i++) {
                triedQ[i] = Math.max(-MIDDLE, Math.min(MIDDLE - 1, Codec.round(x[i] * inverse)));
                double miss = (double) scale * triedQ[i] - x[i];
                missed += weight[i] * miss * miss;
            }
            return missed;
        }

        /** Takes a unit with the scales that were chosen for it, if it is the best so far. */
        private void keep(float unit) {
            double missed = 0;
            for (int g = 0; g < s.length; g++)
                missed += round(g, unit * triedS[g]);
            if (missed < error) {
                error = missed;
                d = unit;
                System.arraycopy(triedS, 0, s, 0, s.length);
                System.arraycopy(triedQ, 0, q, 0, BLOCK);
            }
        }

        /** The unit that would be best for scales and steps as they are. */
        private float solve() {
            double aa = 0, ax = 0;
            for (int i = 0; i < BLOCK; i++) {
                double a = (double) triedS[i / GROUP] * triedQ[i];
                aa += weight[i] * a * a;
                ax += weight[i] * a * x[i];
            }
            return aa == 0 ? 0 : half((float) (ax / aa));
        }

        private static float half(float value) {
            return Float.float16ToFloat(Float.floatToFloat16(value));
        }
    }
}
