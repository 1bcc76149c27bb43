package io.quarry.kernel;

import java.lang.foreign.ValueLayout;

/** The definition of the kernels of float weights. */
final class ScalarWide implements WideKernels {
    static final ScalarWide INSTANCE = new ScalarWide();
    private static final int PANEL = Matrix.PANEL;

    private ScalarWide() {}

    @Override
    public void widen(DType type, long scales, long from, long stream, int n, long to) {
        for (int k = 0; k < n; k++)
            for (int o = 0; o < PANEL; o++)
                Memory.ALL.set(Memory.FLOAT, to + 4L * Matrix.strips(k, o, n),
                        weight(type, scales, from, stream, k, o, n));
    }

    private static float weight(DType type, long scales, long from, long stream, int k, int o, int n) {
        long dealt = from + k % Matrix.STREAMS * stream;
        int number = k / Matrix.STREAMS * PANEL;
        return switch (type) {
            case F32 -> Float.intBitsToFloat(Memory.ALL.get(Memory.INT, from + 4L * Matrix.strips(k, o, n)));
            case BF16 -> Float.intBitsToFloat(
                    Memory.ALL.get(Memory.SHORT, dealt + 2L * (number + Matrix.lane(o))) << 16);
            case F16 -> Float
                    .float16ToFloat(Memory.ALL.get(Memory.SHORT, dealt + 2L * (number + Matrix.lane(o))));
            case Q8_0 -> {
                long scale = scales + 2L * (k / Rows.BLOCK * PANEL + Matrix.lane(o));
                yield Float.float16ToFloat(Memory.ALL.get(Memory.SHORT, scale))
                        * Memory.ALL.get(ValueLayout.JAVA_BYTE, dealt + number + FloatMatrix.output(o));
            }
            default -> throw new IllegalArgumentException(type + " is not packed as floats");
        };
    }

    @Override
    public void row(DType type, long scales, long from, long stream, int n, float[] x, int xAt, float[] y) {
        for (int o = 0; o < PANEL; o++) {
            float sum = 0;
            for (int k = 0; k < n; k++)
                sum = Math.fma(x[xAt + k], weight(type, scales, from, stream, k, o, n), sum);
            y[o] = sum;
        }
    }

    @Override
    public void tile(int height, long w, long next, int n, float[] x, int xAt, long y) {
        for (int r = 0; r < height; r++)
            for (int o = 0; o < Matrix.STRIP; o++) {
                long at = y + 4L * (r * PANEL + o);
                float sum = Memory.ALL.get(Memory.FLOAT, at);
                for (int k = 0; k < n; k++)
                    sum = Math.fma(x[xAt + k * height + r], Memory.ALL.get(Memory.FLOAT, w + k * next + 4L * o), sum);
                Memory.ALL.set(Memory.FLOAT, at, sum);
            }
    }

    @Override
    public void zero(long to, int n) {
        for (int i = 0; i < n; i++)
            Memory.ALL.set(Memory.FLOAT, to + 4L * i, 0);
    }

    @Override
    public void copy(long from, int rows, int columns, float[] y, int at, int stride) {
        for (int r = 0; r < rows; r++)
            for (int c = 0; c < columns; c++)
                y[at + r * stride + c] = Memory.ALL.get(Memory.FLOAT, from + 4L * (r * Matrix.PANEL + c));
    }
}
