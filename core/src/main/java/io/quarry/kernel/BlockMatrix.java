package io.quarry.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Weights of four, five or six bits that share scales: Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K and Q6_K. Activations are
 * rounded to 8 bits per 32 inputs, as llama.cpp does. For prefilled rows the weights become floats, {@code scale q +
 * minimum}, and products are summed in the order of the inputs. For decoded rows they are multiplied as whole numbers; the
 * sums of a group of inputs are exact, and scaled and added in the order of the groups. With q the number of the file and c half its range,
 *
 * <pre>
 * y = sum over blocks of (minimum + c scale) (step sum of x)  +  sum over groups of (sum of (q - c) x) (scale step)
 * </pre>
 *
 * in floats with fused multiply-add, the first sum only where the type has minima.
 *
 * <p>The upper four bits of q stand four to a 16-bit word, of successive inputs of one output, the first in the lowest
 * bits; the bits below, if any, eight or sixteen to a word. Words of the panel's outputs stand side by side, so that a
 * register multiplies many outputs without unpacking: with v a word of nibbles, {@code n_i = (v >>> 4i) - 16 (v >>> 4(i +
 * 1))}, and the products with x_i sum up to {@code sum (v >>> 4i) (x_i - 16 x_(i-1))}: three shifts instead of four shifts
 * and masks. This is exact modulo 2^16, and the sum over a group, {@code sum (n_i - 8) x_i}, lies within 8 * 127 * 32 =
 * 32,512: the 16 bits that are left are the sum. The 8 enters as the first summand.
 *
 * <p>A panel is the words of nibbles {@code [4, inputs / 16, 64]}, dealt to {@link Matrix#STREAMS} in turn, the words of
 * lower bits {@code [inputs * low / 16, 64]}, and the scales: as 16-bit floats
 * {@code [blocks, 64]}, then the minima in the same way; for Q4_K and Q5_K pairs of bytes, scale and minimum, {@code
 * [blocks, 64]}, and their factors {@code [blocks / 8, 2, 64]}; for Q6_K bytes {@code [inputs / 16, 64]}, stored as
 * {@code [blocks, 64]} pairs, and their factors {@code [blocks / 8, 64]}.
 */
final class BlockMatrix extends Matrix {
    private static final int BLOCK = Rows.BLOCK;
    private static final int SUPER = 8;
    /** Inputs unpacked to floats at a time: 32 KB a strip, for the first cache. */
    private static final int CHUNK = 256;

    private final DType type;
    /** Bits below the upper four. */
    private final int low;
    private final boolean minima;
    /** Inputs that share a scale. */
    private final int group;
    private final int blocks;
    private final long panelBytes;
    private final MemorySegment weights;

    BlockMatrix(DType type, MemorySegment rows, int outputs, int inputs, Arena arena, Workers workers) {
        super(outputs, inputs);
        this.type = type;
        low = switch (type) {
            case Q4_0, Q4_1, Q4_K -> 0;
            case Q5_0, Q5_1, Q5_K -> 1;
            case Q6_K -> 2;
            default -> throw new IllegalArgumentException(type + " is no type of four to six bits");
        };
        minima = switch (type) {
            case Q4_1, Q5_1, Q4_K, Q5_K -> true;
            default -> false;
        };
        group = type == DType.Q6_K ? 16 : BLOCK;
        blocks = inputs / BLOCK;
        panelBytes = 2L * (scalesAt() + PANEL * switch (type) {
            case Q4_0, Q5_0 -> blocks;
            case Q4_1, Q5_1 -> 2 * blocks;
            case Q6_K -> blocks + blocks / SUPER;
            default -> blocks + 2 * (blocks / SUPER);
        });
        weights = Memory.allocate(arena, panels() * panelBytes);
        BlockPacking packing = new BlockPacking(type, blocks, low, lowAt(), scalesAt());
        try (Arena room = Arena.ofShared()) {
            long rowBytes = type.bytes(inputs);
            long missing = room.allocate(rowBytes).address();
            workers.run(panels(), (panel, worker) -> packing.panel(rows.address() + panel * PANEL * rowBytes,
                    columns(panel), missing, weights.address() + panel * panelBytes));
        }
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
        return (decoded > 0 ? Rows.NIBBLES | low : 0) | (prefilled > 0 || low > 0 && decoded >= 8 ? Rows.WHOLE : 0);
    }

    /** Where, in words of a panel, the lower bits begin. */
    private int lowAt() {
        return inputs() / 4 * PANEL;
    }

    /** Bytes from one stream of words to the next. */
    private long stream() {
        return 2L * (inputs() / 16) * PANEL;
    }

    /** Address of the words of nibbles of the first stream from input {@code k} of a panel on, a multiple of 16. */
    private long words(long panel, int k) {
        return panel + 2L * (k / 16) * PANEL;
    }

    /** The same of the lower bits. */
    private long lowWords(long panel, int k) {
        return panel + 2L * (lowAt() + k * low / 16 * PANEL);
    }

    private int scalesAt() {
        return lowAt() + inputs() * low / 16 * PANEL;
    }

    @Override
    public void row(int row, float scale, float[] to, int at) {
        long from = row / PANEL * panelBytes + 2 * lane(row % PANEL);
        for (int k = 0; k < inputs(); k++) {
            int upper = word(from, k / 4 % STREAMS * (inputs() / 16) + k / 16) >>> 4 * (k % 4) & 15;
            int lower = low == 0 ? 0 : word(from, inputs() / 4 + k * low / 16) >>> k * low % 16 & (1 << low) - 1;
            to[at + k] = value(from, k / BLOCK, k, upper << low | lower) * scale;
        }
    }

    private int word(long from, int index) {
        return weights.get(Memory.SHORT, from + 2L * index * PANEL) & 0xFFFF;
    }

    private float half(long from, int index) {
        return Float.float16ToFloat((short) word(from, scalesAt() / PANEL + index));
    }

    /** The number that {@code q} stands for in block {@code b}, rounded as {@link DType#widen} does. */
    private float value(long from, int b, int k, int q) {
        return switch (type) {
            case Q4_0, Q5_0 -> half(from, b) * (q - (8 << low));
            case Q4_1, Q5_1 -> half(from, b) * q + half(from, blocks + b);
            case Q6_K -> {
                int scale = (byte) (word(from, scalesAt() / PANEL + b) >>> k / 16 % 2 * 8);
                yield half(from, blocks + b / SUPER) * scale * (q - 32);
            }
            default -> {
                int both = word(from, scalesAt() / PANEL + b);
                float scale = half(from, blocks + b / SUPER * 2) * (both & 0xFF);
                yield scale * q - half(from, blocks + b / SUPER * 2 + 1) * (both >>> 8);
            }
        };
    }

    @Override
    void panel(int panel, Rows x, Kernels kernels, Scratch scratch, float[] y, int yAt, int yStride) {
        long at = weights.address() + panel * panelBytes;
        WideKernels wide = WideKernels.of(kernels);
        long results = scratch.results(wide, x.rows);
        if (x.decoded > 0)
            decode(kernels, at, x, scratch, results);
        if (x.decoded < x.rows)
            prefill(kernels, at, x, scratch, results);
        wide.copy(results, x.rows, columns(panel), y, yAt + panel * PANEL, yStride);
    }

    /** Multiplies the decoded rows, some groups at a time: what they need stays in the first cache. */
    private void decode(Kernels kernels, long at, Rows x, Scratch scratch, long results) {
        BlockKernels by = BlockKernels.of(kernels);
        // where five or six bits would take two passes over sums, they are multiplied as floats if the rows are eight
        int many = low > 0 && by.exactFloats() ? x.decoded / 8 * 8 : 0;
        int together = Scratch.GROUPS * group;
        for (int k = 0; k < inputs(); k += together) {
            int n = Math.min(together, inputs() - k);
            unpackScales(by, at, k, n, 8 << low, scratch);
            if (minima)
                addMinima(kernels, x, k, n, scratch, results);
            if (many > 0)
                products(kernels, at, x, many, k, n, scratch, results);
            for (int r = many, height; r < x.decoded; r += height) {
                height = x.height(r);
                sums(by, at, k / group, n / group, x, r, height, scratch, results + 4L * r * PANEL);
            }
        }
    }

    /** Multiplies the prefilled rows with weights that are made floats once for all of them. */
    private void prefill(Kernels kernels, long at, Rows x, Scratch scratch, long results) {
        BlockKernels by = BlockKernels.of(kernels);
        long wide = scratch.wide(CHUNK * PANEL);
        for (int k = 0; k < inputs(); k += CHUNK) {
            int n = Math.min(CHUNK, inputs() - k);
            unpackScales(by, at, k, n, 8 << low, scratch);
            by.widen(low, words(at, k), stream(), lowWords(at, k), n, group,
                    scratch.scales, minima ? scratch.minima : 0, wide);
            WideKernels.of(kernels).product(x, x.whole, x.decoded, k, n, wide, 4L * n * STRIP, results);
        }
    }

    /** Adds the part of the minima of {@code n} inputs from {@code k} on to the results. */
    private void addMinima(Kernels kernels, Rows x, int k, int n, Scratch scratch, long results) {
        for (int r = 0, height; r < x.decoded; r += height) {
            height = x.height(r);
            for (int o = 0; o < PANEL; o += STRIP)
                WideKernels.of(kernels).tile(height, scratch.minima + 4L * o, 4 * PANEL, n / BLOCK, x.sums,
                        r * blocks + k / BLOCK * height, results + 4L * (r * PANEL + o));
        }
    }

    @Override
    void bf16(int piece, int from, int n, Kernels kernels, Scratch scratch, long to) {
        BlockKernels by = BlockKernels.of(kernels);
        long at = weights.address() + piece * panelBytes;
        unpackScales(by, at, from, n, 0, scratch);
        if (!minima) {
            scratch.minima(n / group * PANEL);
            WideKernels.of(kernels).zero(scratch.minima, n / group * PANEL);
            by.shift(n / group, -(8 << low), scratch.scales, scratch.minima);
        }
        if (low == 0)
            VectorBf16.nibbles(words(at, from), stream(), n, scratch.scales, scratch.minima, to);
        else
            VectorBf16.nibblesAndLower(words(at, from), stream(), lowWords(at, from), low, n, group,
                    scratch.scales, scratch.minima, to);
    }

    /**
     * Multiplies {@code count} inputs of the first {@code rows} rows, a multiple of 8, by products of floats: see
     * {@link VectorProducts}.
     */
    private void products(Kernels kernels, long at, Rows x, int rows, int first, int count, Scratch scratch,
            long results) {
        BlockKernels by = BlockKernels.of(kernels);
        long wide = scratch.wide(CHUNK * PANEL + 8 * PANEL);
        long room = wide + 4L * CHUNK * PANEL;
        WideKernels.of(kernels).zero(room, 8 * PANEL);
        for (int k = first; k < first + count; k += CHUNK) {
            int n = Math.min(CHUNK, first + count - k);
            by.unpack(low, words(at, k), stream(), lowWords(at, k), n, wide);
            long scales = scratch.scales + 4L * ((k - first) / group) * PANEL;
            for (int o = 0; o < PANEL; o += STRIP)
                for (int r = 0; r < rows; r += 8)
                    by.products(wide + 4L * o * n, n / group, group, x.whole, r * inputs() + k * 8, scales + 4L * o,
                            x.scales, r * blocks + k / BLOCK * 8, BLOCK / group, room, results + 4L * (r * PANEL + o));
        }
    }

    /** Unpacks the scales of {@code n} inputs from {@code k} on, and their minima with {@code middle} scales more. */
    private void unpackScales(BlockKernels by, long at, int k, int n, int middle, Scratch scratch) {
        scratch.scales(n / group * PANEL);
        if (minima)
            scratch.minima(n / group * PANEL);
        long scales = scratch.scales;
        long least = scratch.minima;
        int first = k / BLOCK;
        int count = n / BLOCK;
        long from = at + 2L * (scalesAt() + first * PANEL);
        long next = at + 2L * (scalesAt() + blocks * PANEL);
        switch (type) {
            case Q4_0, Q5_0 -> by.halves(from, count, scales);
            case Q4_1, Q5_1 -> {
                by.halves(from, count, scales);
                by.halves(next + 2L * first * PANEL, count, least);
                by.shift(count, middle, scales, least);
            }
            case Q6_K -> by.sixScales(from, next + 2L * (first / SUPER) * PANEL, count / SUPER, scales);
            default ->
                by.superScales(from, next + 4L * (first / SUPER) * PANEL, count / SUPER, middle, scales, least);
        }
    }

    /** Adds the products of {@code n} groups from {@code g} to a tile of results, by sums of 16 bits. */
    private void sums(BlockKernels by, long at, int g, int n, Rows x, int r, int height, Scratch scratch, long y) {
        int k = g * group;
        int row = r * inputs() + k * height;
        int first = r * (inputs() / group) + g * height;
        by.nibbleSums(height, words(at, k), stream(), n, group / 16, x.multipliers(4), row,
                x.first(group), first, scratch.sums);
        int per = BLOCK / group;
        int step = (r * blocks + g / per * height);
        if (low == 0) {
            by.scale(height, n, scratch.sums, scratch.scales, x.scales, step, y);
        } else {
            by.lowSums(height, low, lowWords(at, k), n, group / 4, x.multipliers(low), row,
                    scratch.lowSums);
            by.scaleBoth(height, n, per, 1 << low, scratch.sums, scratch.lowSums, scratch.scales,
                    x.scales, step, y);
        }
    }
}
