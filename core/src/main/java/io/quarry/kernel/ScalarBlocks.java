package io.quarry.kernel;

/** The definition of the kernels of whole-number weights. */
final class ScalarBlocks implements BlockKernels {
    static final ScalarBlocks INSTANCE = new ScalarBlocks();
    private static final int PANEL = Matrix.PANEL;

    private ScalarBlocks() {}

    @Override
    public int tallest() {
        return 8;
    }

    private static int word(long from, int index, int o) {
        return 0xFFFF & Memory.ALL.get(Memory.SHORT, from + 2L * (index * PANEL + Matrix.lane(o)));
    }

    private static float half(long from, int index, int o) {
        return Float.float16ToFloat((short) word(from, index, o));
    }

    private static float get(long floats, int index, int o) {
        return Memory.ALL.get(Memory.FLOAT, floats + 4L * (index * PANEL + o));
    }

    private static void set(long floats, int index, int o, float value) {
        Memory.ALL.set(Memory.FLOAT, floats + 4L * (index * PANEL + o), value);
    }

    @Override
    public void shift(int n, int middle, long scales, long minima) {
        for (int i = 0; i < n; i++)
            for (int o = 0; o < PANEL; o++)
                set(minima, i, o, Math.fma(middle, get(scales, i, o), get(minima, i, o)));
    }

    @Override
    public void quantize(float[] x, int at, int blocks, int[] bytes, float[] steps) {
        for (int b = 0; b < blocks; b++) {
            float largest = 0;
            for (int i = 32 * b; i < 32 * b + 32; i++)
                largest = Math.max(largest, Math.abs(x[at + i]));
            float factor = largest < SMALLEST ? 0 : 127 / largest;
            steps[b] = largest < SMALLEST ? 0 : largest / 127;
            for (int i = 32 * b; i < 32 * b + 32; i++)
                bytes[i] = (int) Math.rint(x[at + i] * factor);
        }
    }

    @Override
    public void halves(long from, int n, long to) {
        for (int i = 0; i < n; i++)
            for (int o = 0; o < PANEL; o++)
                set(to, i, o, half(from, i, o));
    }

    @Override
    public void superScales(long pairs, long factors, int n, int middle, long scales, long minima) {
        for (int b = 0; b < 8 * n; b++)
            for (int o = 0; o < PANEL; o++) {
                int pair = word(pairs, b, o);
                float scale = half(factors, b / 8 * 2, o) * (pair & 0xFF);
                float minimum = half(factors, b / 8 * 2 + 1, o) * (pair >>> 8);
                set(scales, b, o, scale);
                set(minima, b, o, Math.fma(middle, scale, -minimum));
            }
    }

    @Override
    public void sixScales(long pairs, long factors, int n, long scales) {
        for (int g = 0; g < 16 * n; g++)
            for (int o = 0; o < PANEL; o++)
                set(scales, g, o, half(factors, g / 16, o) * (byte) (word(pairs, g / 2, o) >>> g % 2 * 8));
    }

    @Override
    public void nibbleSums(int height, long from, long stream, int groups, int sixteens, int[] multipliers, int at,
            short[] first, int firstAt, short[] sums) {
        for (int g = 0; g < groups; g++)
            for (int r = 0; r < height; r++)
                for (int o = 0; o < PANEL; o++) {
                    int sum = first[firstAt + g * height + r];
                    for (int i = 16 * g * sixteens; i < 16 * (g + 1) * sixteens; i++)
                        sum += (word(from + i / 4 % Matrix.STREAMS * stream, i / 16, o) >>> 4 * (i % 4))
                                * (short) multipliers[at + i * height + r];
                    sums[(g * height + r) * PANEL + Matrix.lane(o)] = (short) sum;
                }
    }

    @Override
    public void lowSums(int height, int bits, long from, int groups, int quads, int[] multipliers, int at,
            short[] sums) {
        int per = 16 / bits;
        for (int g = 0; g < groups; g++)
            for (int r = 0; r < height; r++)
                for (int o = 0; o < PANEL; o++) {
                    int sum = 0;
                    for (int i = 0; i < 4 * quads; i++)
                        sum += (word(from, g * quads * bits / 4 + i / per, o) >>> bits * (i % per))
                                * (short) multipliers[at + (g * 4 * quads + i) * height + r];
                    sums[(g * height + r) * PANEL + Matrix.lane(o)] = (short) sum;
                }
    }

    @Override
    public void scale(int height, int groups, short[] sums, long scales, float[] steps, int stepsAt,
            long y) {
        for (int g = 0; g < groups; g++)
            for (int r = 0; r < height; r++)
                for (int o = 0; o < PANEL; o++) {
                    float sum = 65536f * sums[(g * height + r) * PANEL + Matrix.lane(o)];
                    float scale = get(scales, g, o) * steps[stepsAt + g * height + r];
                    set(y, r, o, Math.fma(sum, scale, get(y, r, o)));
                }
    }

    @Override
    public void scaleBoth(int height, int groups, int per, int factor, short[] sums, short[] low, long scales,
            float[] steps, int stepsAt, long y) {
        for (int g = 0; g < groups; g++)
            for (int r = 0; r < height; r++)
                for (int o = 0; o < PANEL; o++) {
                    int lane = (g * height + r) * PANEL + Matrix.lane(o);
                    float sum = 65536f * (factor * sums[lane] + low[lane]);
                    float scale = get(scales, g, o) * steps[stepsAt + g / per * height + r];
                    set(y, r, o, Math.fma(sum, scale, get(y, r, o)));
                }
    }

    @Override
    public boolean exactFloats() {
        return true; // slow as everything here, but defined
    }

    @Override
    public void unpack(int low, long words, long stream, long lowWords, int n, long to) {
        for (int k = 0; k < n; k++)
            for (int o = 0; o < PANEL; o++) {
                int q = word(words + k / 4 % Matrix.STREAMS * stream, k / 16, o) >>> 4 * (k % 4) & 15;
                if (low > 0)
                    q = q << low | word(lowWords, k * low / 16, o) >>> k * low % 16 & (1 << low) - 1;
                Memory.ALL.set(Memory.FLOAT, to + 4L * Matrix.strips(k, o, n), q - (8 << low));
            }
    }

    @Override
    public void widen(int low, long words, long stream, long lowWords, int n, int group, long scales, long minima,
            long to) {
        unpack(low, words, stream, lowWords, n, to);
        for (int k = 0; k < n; k++)
            for (int o = 0; o < PANEL; o++) {
                long at = to + 4L * Matrix.strips(k, o, n);
                Memory.ALL.set(Memory.FLOAT, at, Math.fma(Memory.ALL.get(Memory.FLOAT, at), get(scales, k / group, o),
                        minima == 0 ? 0 : get(minima, k / group, o)));
            }
    }

    @Override
    public void products(long w, int groups, int group, float[] x, int xAt, long scales, float[] steps, int stepsAt,
            int per, long room, long y) {
        for (int g = 0; g < groups; g++)
            for (int r = 0; r < 8; r++)
                for (int o = 0; o < Matrix.STRIP; o++) {
                    float sum = 0;
                    for (int k = g * group; k < (g + 1) * group; k++)
                        sum = Math.fma(x[xAt + k * 8 + r],
                                Memory.ALL.get(Memory.FLOAT, w + 4L * (k * Matrix.STRIP + o)), sum);
                    set(y, r, o, Math.fma(sum, get(scales, g, o) * (65536 * steps[stepsAt + g / per * 8 + r]),
                            get(y, r, o)));
                }
    }
}
