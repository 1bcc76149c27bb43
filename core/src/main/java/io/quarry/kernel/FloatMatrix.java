package io.quarry.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Weights that are floats, or become floats without rounding: F32, BF16, F16 and Q8_0, whose 8-bit number times its 16-bit
 * scale is exact in 32 bits. One row is multiplied straight from memory; for several, a piece of the panel is widened once.
 *
 * <p>A panel is {@code [inputs, 64]} numbers in the order of their outputs for F32, of {@link Matrix#lane} for BF16
 * and F16. For Q8_0 it is blocks of 32 inputs: 64 scales in that order, then {@code [32, 64]} bytes in the order of
 * {@link #place}.
 */
final class FloatMatrix extends Matrix {
    /** Bytes of a block of Q8_0: 64 scales and 32 inputs. */
    static final int BLOCK_BYTES = 2 * PANEL + Rows.BLOCK * PANEL;
    /** Inputs widened at a time: 32 KB of floats, for the first cache. */
    private static final int CHUNK = 128;

    private final DType type;
    private final long panelBytes;
    private final MemorySegment weights;

    FloatMatrix(DType type, MemorySegment rows, int outputs, int inputs, Arena arena, Workers workers) {
        super(outputs, inputs);
        this.type = type;
        panelBytes = PANEL * type.bytes(inputs);
        weights = Memory.allocate(arena, panels() * panelBytes);
        workers.run(panels(), (panel, worker) -> pack(rows.address(), panel));
    }

    /** Where output {@code o} of a panel stands among bytes: byte t of the i-th integer is output 16 t + i. */
    static int place(int o) {
        return (o & 15) << 2 | o >>> 4;
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
    int forms(int rows) {
        return rows == 1 ? 0 : Rows.TILES;
    }

    private void pack(long rows, int panel) {
        byte[] bytes = new byte[(int) panelBytes];
        MemorySegment to = MemorySegment.ofArray(bytes);
        long rowBytes = type.bytes(inputs());
        for (int k = 0; k < inputs(); k += CHUNK) { // few enough to stay in the nearest cache for all rows
            int end = Math.min(inputs(), k + CHUNK);
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
                    to.set(Memory.INT, 4L * (k * PANEL + o), Memory.ALL.get(Memory.INT, row + 4L * k));
            }
            case BF16 -> {
                for (int k = first; k < end; k++)
                    to.set(Memory.SHORT, 2L * (k * PANEL + lane(o)), Memory.ALL.get(Memory.SHORT, row + 2L * k));
            }
            case F16 -> {
                for (int k = first; k < end; k++)
                    to.set(Memory.SHORT, 2L * (k * PANEL + lane(o)),
                            finite(Memory.ALL.get(Memory.SHORT, row + 2L * k)));
            }
            default -> {
                for (int b = first / Rows.BLOCK; b < end / Rows.BLOCK; b++)
                    packBytes(row + b * 34L, b, to, bytes, o);
            }
        }
    }

    private void packBytes(long at, int b, MemorySegment to, byte[] bytes, int o) {
        to.set(Memory.SHORT, b * BLOCK_BYTES + 2L * lane(o), finite(Memory.ALL.get(Memory.SHORT, at)));
        int first = b * BLOCK_BYTES + 2 * PANEL + place(o);
        for (int k = 0; k < Rows.BLOCK; k += 8) {
            long eight = Memory.ALL.get(Memory.LONG, at + 2 + k);
            for (int i = 0; i < 8; i++, eight >>>= 8)
                bytes[first + (k + i) * PANEL] = (byte) eight;
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
                case F32 -> Float.intBitsToFloat(weights.get(Memory.INT, from + 4L * (k * PANEL + o)));
                case BF16 -> Float
                        .intBitsToFloat(weights.get(Memory.SHORT, from + 2L * (k * PANEL + lane(o))) << 16);
                case F16 -> Float.float16ToFloat(weights.get(Memory.SHORT, from + 2L * (k * PANEL + lane(o))));
                default -> {
                    long block = from + k / Rows.BLOCK * BLOCK_BYTES;
                    yield Float.float16ToFloat(weights.get(Memory.SHORT, block + 2L * lane(o))) * weights.get(
                            ValueLayout.JAVA_BYTE, block + 2 * PANEL + k % Rows.BLOCK * PANEL + place(o));
                }
            };
    }

    @Override
    void panel(int panel, Rows x, Kernels kernels, Scratch scratch, float[] y, int yAt, int yStride) {
        WideKernels by = WideKernels.of(kernels);
        long from = weights.address() + panel * panelBytes;
        int first = yAt + panel * PANEL;
        if (x.rows == 1) {
            by.row(type, from, inputs(), x.data, x.at, scratch.y);
            System.arraycopy(scratch.y, 0, y, first, columns(panel));
            return;
        }
        long wide = type == DType.F32 ? 0 : scratch.wide(CHUNK * PANEL);
        for (int k = 0; k < inputs(); k += CHUNK) {
            int n = Math.min(CHUNK, inputs() - k);
            long piece = from + PANEL * type.bytes(k);
            if (type != DType.F32) // these are read where they are
                by.widen(type, piece, n, wide);
            by.product(x, k, n, type == DType.F32 ? piece : wide, scratch, y, first, yStride, columns(panel));
        }
    }
}
