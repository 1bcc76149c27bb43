package io.quarry.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * Weights that are floats, or become floats without rounding: F32, BF16, F16 and Q8_0, whose 8-bit number times its 16-bit
 * scale is exact in 32 bits. One row is multiplied straight from memory; for several, a piece of the panel is widened once.
 *
 * <p>A panel of F32 is two strips {@code [2, inputs, 32]} of numbers in the order of their outputs. Inputs of the other types are dealt to
 * {@link Matrix#STREAMS} in turn: BF16 and F16 are {@code [4, inputs / 4, 64]} numbers in the order of {@link Matrix#lane};
 * Q8_0 is scales {@code [inputs / 32, 64]} in that order, then {@code [4, inputs / 4, 64]} bytes in the order of {@link
 * #output}.
 */
final class FloatMatrix extends Matrix {
    /** Inputs widened at a time: 32 KB of floats a strip, for the first cache. */
    private static final int CHUNK = 256;
    /** Inputs packed at a time, few enough to stay in the first cache for all rows. */
    private static final int PACKED = 128;

    private final DType type;
    /** Bytes of the scales of a panel, which stand before its weights. */
    private final long scaleBytes;
    /** Bytes of the weights of one input, and from one stream of them to the next. */
    private final int inputBytes;
    private final long stream;
    private final long panelBytes;
    private final MemorySegment weights;

    FloatMatrix(DType type, MemorySegment rows, int outputs, int inputs, Arena arena, Workers workers) {
        super(outputs, inputs);
        this.type = type;
        scaleBytes = type == DType.Q8_0 ? 2L * PANEL * (inputs / Rows.BLOCK) : 0;
        inputBytes = PANEL * switch (type) {
            case F32 -> 4;
            case BF16, F16 -> 2;
            default -> 1;
        };
        stream = (long) inputBytes * Math.ceilDiv(inputs, STREAMS);
        panelBytes = type == DType.F32 ? (long) inputBytes * inputs : scaleBytes + STREAMS * stream;
        weights = Memory.allocate(arena, panels() * panelBytes);
        byte[][] all = new byte[workers.threads()][];
        workers.run(panels(), (panel, worker) -> {
            if (all[worker] == null)
                all[worker] = new byte[(int) panelBytes];
            if (columns(panel) < PANEL || inputs % STREAMS > 0)
                Arrays.fill(all[worker], (byte) 0);
            pack(rows.address(), panel, all[worker]);
        });
    }

    /** Where output {@code o} of a panel stands among bytes: byte t of the i-th integer is output 16 t + i. */
    static int output(int o) {
        return (o & 15) << 2 | o >>> 4;
    }

    /** Where the weights of input {@code k} stand in a panel of any type but F32. */
    private long place(int k) {
        return scaleBytes + k % STREAMS * stream + (long) k / STREAMS * inputBytes;
    }

    @Override
    public long bytes() {
        return weights.byteSize();
    }

    @Override
    int panels() {
        return Math.ceilDiv(outputs(), PANEL);
    }

    @Override
    int forms(int decoded, int prefilled) {
        return decoded + prefilled == 1 ? 0 : Rows.TILES;
    }

    private void pack(long rows, int panel, byte[] bytes) {
        MemorySegment to = MemorySegment.ofArray(bytes);
        long rowBytes = type.bytes(inputs());
        for (int k = 0; k < inputs(); k += PACKED) {
            int end = Math.min(inputs(), k + PACKED);
            for (int o = 0; o < columns(panel); o++)
                pack(rows + ((long) panel * PANEL + o) * rowBytes, k, end, to, bytes, o);
        }
        MemorySegment.copy(to, 0, weights, panel * panelBytes, panelBytes);
    }

    /** Packs some inputs of the row at an address. */
    private void pack(long row, int first, int end, MemorySegment to, byte[] bytes, int o) {
        switch (type) {
            case F32 -> {
                for (int k = first; k < end; k++)
                    to.set(Memory.INT, 4L * strips(k, o, inputs()), Memory.ALL.get(Memory.INT, row + 4L * k));
            }
            case BF16 -> {
                for (int k = first; k < end; k++)
                    to.set(Memory.SHORT, place(k) + 2L * lane(o), Memory.ALL.get(Memory.SHORT, row + 2L * k));
            }
            case F16 -> {
                for (int k = first; k < end; k++)
                    to.set(Memory.SHORT, place(k) + 2L * lane(o),
                            finite(Memory.ALL.get(Memory.SHORT, row + 2L * k)));
            }
            default -> {
                for (int b = first / Rows.BLOCK; b < end / Rows.BLOCK; b++)
                    packBytes(row + b * 34L, b, to, bytes, o);
            }
        }
    }

    private void packBytes(long at, int b, MemorySegment to, byte[] bytes, int o) {
        to.set(Memory.SHORT, 2L * (b * PANEL + lane(o)), finite(Memory.ALL.get(Memory.SHORT, at)));
        int next = (int) stream;
        for (int k = 0; k < Rows.BLOCK; k += 8) {
            long eight = Memory.ALL.get(Memory.LONG, at + 2 + k);
            int first = (int) place(b * Rows.BLOCK + k) + output(o);
            for (int i = 0; i < 4; i++, eight >>>= 8) {
                bytes[first + i * next] = (byte) eight;
                bytes[first + i * next + PANEL] = (byte) (eight >>> 32);
            }
        }
    }

    /** Kernels read 16-bit floats by their bits and know no infinite ones. */
    private short finite(short half) {
        if ((half & 0x7C00) == 0x7C00)
            throw new IllegalArgumentException(
                    "a weight or scale of type " + type + " is not finite; the weights are damaged");
        return half;
    }

    @Override
    public void row(int row, float scale, float[] to, int at) {
        long from = row / PANEL * panelBytes;
        int o = row % PANEL;
        for (int k = 0; k < inputs(); k++)
            to[at + k] = scale * switch (type) {
                case F32 -> Float.intBitsToFloat(weights.get(Memory.INT, from + 4L * strips(k, o, inputs())));
                case BF16 -> Float.intBitsToFloat(weights.get(Memory.SHORT, from + place(k) + 2L * lane(o)) << 16);
                case F16 -> Float.float16ToFloat(weights.get(Memory.SHORT, from + place(k) + 2L * lane(o)));
                default -> Float.float16ToFloat(
                        weights.get(Memory.SHORT, from + 2L * (k / Rows.BLOCK * PANEL + lane(o))))
                        * weights.get(ValueLayout.JAVA_BYTE, from + place(k) + output(o));
            };
    }

    @Override
    void bf16(int piece, int from, int n, Kernels kernels, Scratch scratch, long to) {
        long panel = weights.address() + piece * panelBytes;
        switch (type) {
            case Q8_0 ->
                VectorBf16.bytes(panel + 2L * (from / Rows.BLOCK) * PANEL, panel + place(from), stream, n, to);
            case BF16 -> VectorBf16.halves(panel + place(from), stream, n, to);
            case F32 -> VectorBf16.pairs(panel + 4L * strips(from, 0, inputs()), 4L * STRIP * inputs(), n, to);
            default -> {
                long wide = scratch.wide(n * PANEL);
                WideKernels.of(kernels).widen(type, 0, panel + place(from), stream, n, wide);
                VectorBf16.pairs(wide, 4L * n * STRIP, n, to);
            }
        }
    }

    @Override
    void panel(int panel, Rows x, Kernels kernels, Scratch scratch, float[] y, int yAt, int yStride) {
        WideKernels by = WideKernels.of(kernels);
        long from = weights.address() + panel * panelBytes;
        int first = yAt + panel * PANEL;
        if (x.rows == 1) {
            by.row(type, from, from + scaleBytes, stream, inputs(), x.data, x.at, scratch.y);
            System.arraycopy(scratch.y, 0, y, first, columns(panel));
            return;
        }
        long results = scratch.results(by, x.rows);
        long wide = type == DType.F32 ? 0 : scratch.wide(CHUNK * PANEL);
        for (int k = 0; k < inputs(); k += CHUNK) {
            int n = Math.min(CHUNK, inputs() - k);
            if (type == DType.F32) { // these are read where they are
                by.product(x, k, n, from + 4L * strips(k, 0, inputs()), 4L * STRIP * inputs(), results);
            } else {
                by.widen(type, from + 2L * (k / Rows.BLOCK) * PANEL, from + place(k), stream, n, wide);
                by.product(x, k, n, wide, 4L * n * STRIP, results);
            }
        }
        by.copy(results, x.rows, columns(panel), y, first, yStride);
    }
}
