package io.quarry.kernel;

import java.lang.foreign.MemorySegment;

/**
 * Q4_K and Q5_K of ggml: 256 numbers in eight groups of 32, each with a scale s and a minimum m of six bits, which count
 * in units of d and dmin; x = d s q - dmin m. Layout: d and dmin as halves; 12 bytes of scales and minima; 32 bytes with the
 * fifth bits where there are five, bit g of byte j for number j of group g; 128 bytes in which groups 2k and 2k + 1 share
 * 32, the first below, the second above.
 */
record SuperCodec(int bits) implements Codec {
    private static final int BLOCK = 256;
    private static final int GROUPS = 8;
    private static final int GROUP = 32;
    private static final int SCALES_AT = 4;
    private static final int HIGH_AT = 16;
    private static final int MOST = 63;

    private int nibblesAt() {
        return HIGH_AT + (bits == 5 ? GROUP : 0);
    }

    int blockBytes() {
        return nibblesAt() + BLOCK / 2;
    }

    @Override
    public void widen(MemorySegment from, long at, float[] to, int offset, int count) {
        int[] s = new int[GROUPS];
        int[] m = new int[GROUPS];
        for (int end = offset + count; offset < end; offset += BLOCK, at += blockBytes()) {
            float d = Codec.half(from, at);
            float dmin = Codec.half(from, at + 2);
            unpack(from, at + SCALES_AT, s, m);
            for (int g = 0; g < GROUPS; g++) {
                float scale = d * s[g];
                float minimum = dmin * m[g];
                long nibbles = at + nibblesAt() + g / 2 * GROUP;
                for (int j = 0; j < GROUP; j++) {
                    int q = from.get(BYTE, nibbles + j) >> 4 * (g & 1) & 15;
                    if (bits == 5)
                        q |= (from.get(BYTE, at + HIGH_AT + j) >> g & 1) << 4;
                    to[offset + g * GROUP + j] = scale * q - minimum;
                }
            }
        }
    }

    /** Groups 0 to 3 keep their six bits in the first 8 bytes; the others two there, above, and four in the last 4. */
    private static void unpack(MemorySegment from, long at, int[] s, int[] m) {
        for (int g = 0; g < 4; g++) {
            int a = from.get(BYTE, at + g);
            int b = from.get(BYTE, at + 4 + g);
            int c = from.get(BYTE, at + 8 + g);
            s[g] = a & 63;
            m[g] = b & 63;
            s[g + 4] = c & 15 | (a >> 6 & 3) << 4;
            m[g + 4] = c >> 4 & 15 | (b >> 6 & 3) << 4;
        }
    }

    private static void pack(int[] s, int[] m, MemorySegment to, long at) {
        for (int g = 0; g < 4; g++) {
            to.set(BYTE, at + g, (byte) (s[g] | s[g + 4] >> 4 << 6));
            to.set(BYTE, at + 4 + g, (byte) (m[g] | m[g + 4] >> 4 << 6));
            to.set(BYTE, at + 8 + g, (byte) (s[g + 4] & 15 | m[g + 4] << 4));
        }
    }

    @Override
    public void narrow(float[] from, int offset, int count, MemorySegment to, long at) {
        Block block = new Block((1 << bits) - 1);
        for (int end = offset + count; offset < end; offset += BLOCK, at += blockBytes()) {
            System.arraycopy(from, offset, block.x, 0, BLOCK);
            block.fit();
            Codec.storeScale(block.d, to, at);
            Codec.storeScale(block.dmin, to, at + 2);
            pack(block.s, block.m, to, at + SCALES_AT);
            store(block.q, to, at);
        }
    }

    private void store(int[] q, MemorySegment to, long at) {
        if (bits == 5)
            for (int j = 0; j < GROUP; j++) {
                int high = 0;
                for (int g = 0; g < GROUPS; g++)
                    high |= q[g * GROUP + j] >> 4 << g;
                to.set(BYTE, at + HIGH_AT + j, (byte) high);
            }
        for (int pair = 0; pair < GROUPS / 2; pair++)
            for (int j = 0; j < GROUP; j++) {
                int first = pair * 2 * GROUP + j;
                to.set(BYTE, at + nibblesAt() + pair * GROUP + j, (byte) (q[first] & 15 | q[first + GROUP] << 4));
            }
    }

    /** One block on its way from floats: first every group for itself, then all with scales of six bits. */
    private static final class Block {
        /** Units that are tried: the largest scale and the largest minimum count 63 of them, 62, .... */
        private static final int UNITS = 4;
        private final int most;
        private final float[] x = new float[BLOCK];
        private final double[] weight = new double[BLOCK];
        private final ScaleFit fit = new ScaleFit(x, weight, GROUP);
        private final int[] triedS = new int[GROUPS];
        private final int[] triedM = new int[GROUPS];
        private final int[] triedQ = new int[BLOCK];
        private double error;
        final int[] s = new int[GROUPS];
        final int[] m = new int[GROUPS];
        final int[] q = new int[BLOCK];
        float d;
        float dmin;

        Block(int most) {
            this.most = most;
        }

        void fit() {
            float[] scales = new float[GROUPS];
            float[] minima = new float[GROUPS];
            float scale = 0;
            float minimum = 0;
            for (int g = 0; g < GROUPS; g++) {
                weigh(g * GROUP);
                fit.withOffset(g * GROUP, most);
                scales[g] = fit.scale();
                minima[g] = -fit.offset();
                scale = Math.max(scale, scales[g]);
                minimum = Math.max(minimum, minima[g]);
            }
            error = Double.POSITIVE_INFINITY;
            d = scale; // refused when they are stored, if nothing better is found: a half cannot hold their parts
            dmin = minimum;
            for (int units = MOST; units > MOST - UNITS; units--) {
                float unit = half(scale / units);
                float unitM = half(minimum / units);
                if (!Float.isFinite(unit + unitM))
                    return;
                for (int g = 0; g < GROUPS; g++)
                    choose(g, unit, Codec.round(scales[g] * Codec.inverse(unit)), unitM,
                            Codec.round(minima[g] * Codec.inverse(unitM)));
                keep(unit, unitM);
                solve();
            }
        }

        /** Large numbers matter more, but none is free: the size of a number plus that of its group. */
        private void weigh(int at) {
            double squares = 0;
            for (int i = at; i < at + GROUP; i++)
                squares += (double) x[i] * x[i];
            double size = Math.sqrt(squares / GROUP);
            for (int i = at; i < at + GROUP; i++)
                weight[i] = size + Math.abs(x[i]);
        }

        /** The best scale and minimum of a group among the nearest of six bits and their neighbours. */
        private void choose(int g, float unit, int nearS, float unitM, int nearM) {
            double least = Double.POSITIVE_INFINITY;
            for (int tryS = Math.max(0, nearS - 1); tryS <= Math.min(MOST, nearS + 1); tryS++)
                for (int tryM = Math.max(0, nearM - 1); tryM <= Math.min(MOST, nearM + 1); tryM++) {
                    double missed = round(g, unit * tryS, unitM * tryM);
                    if (missed < least) {
                        least = missed;
                        triedS[g] = tryS;
                        triedM[g] = tryM;
                    }
                }
        }

        /** The nearest steps of a group; gives their weighted squared error. */
        private double round(int g, float scale, float minimum) {
            float inverse = Codec.inverse(scale);
            double missed = 0;
            for (int i = g * GROUP; i < (g + 1) * GROUP; i++) {
                triedQ[i] = Math.max(0, Math.min(most, Codec.round((x[i] + minimum) * inverse)));
                double miss = (double) scale * triedQ[i] - minimum - x[i];
                missed += weight[i] * miss * miss;
            }
            return missed;
        }

        /** Takes units with the scales and minima that were chosen for them, if they are the best so far. */
        private void keep(float unit, float unitM) {
            double missed = 0;
            for (int g = 0; g < GROUPS; g++)
                missed += round(g, unit * triedS[g], unitM * triedM[g]);
            if (missed < error) {
                error = missed;
                d = unit;
                dmin = unitM;
                System.arraycopy(triedS, 0, s, 0, GROUPS);
                System.arraycopy(triedM, 0, m, 0, GROUPS);
                System.arraycopy(triedQ, 0, q, 0, BLOCK);
            }
        }

        /** Tries the units that would be best for scales, minima and steps as they are. */
        private void solve() {
            double aa = 0, ab = 0, bb = 0, ax = 0, bx = 0;
            for (int i = 0; i < BLOCK; i++) {
                double a = (double) triedS[i / GROUP] * triedQ[i];
                double b = -triedM[i / GROUP];
                aa += weight[i] * a * a;
                ab += weight[i] * a * b;
                bb += weight[i] * b * b;
                ax += weight[i] * a * x[i];
                bx += weight[i] * b * x[i];
            }
            double determinant = aa * bb - ab * ab;
            if (!(determinant > 1e-9 * aa * bb))
                return;
            float unit = half((float) ((bb * ax - ab * bx) / determinant));
            float unitM = half((float) ((aa * bx - ab * ax) / determinant));
            if (unit > 0 && unitM >= 0)
                keep(unit, unitM);
        }

        private static float half(float value) {
            return Float.float16ToFloat(Float.floatToFloat16(value));
        }
    }
}
