package io.quarry.kernel;

import java.util.Arrays;

/**
 * Rows of activations, the x of {@code y = x W^T}, with the working memory of products. Some kernels take the activations
 * in another form than floats; it is made once for all matrices that these rows are multiplied with. Arrays grow to the
 * largest product that was asked for; after that nothing is allocated. For one thread at a time.
 */
public final class Rows {
    /** Form of the activations: multipliers of words that hold four nibbles. Others, 1 and 2, are those of 1 and 2 bits. */
    static final int NIBBLES = 4;

    /** Form of the activations: the rounded numbers as floats; of prefilled rows, times their step. */
    static final int WHOLE = 8;
    /** Form of the activations: tile by tile. */
    static final int TILES = 16;

    /** Inputs that share one scale. */
    static final int BLOCK = 32;
    /** Inputs of a row that are prepared together: what a tile's become then stays in the first cache. */
    static final int PIECE = 512;

    float[] data = {};
    int at;
    int rows;
    int inputs;
    /** Rows before this are decoded, the others prefilled. */
    int decoded;

    /** Scale of a block of a row, times 2^-16: {@code [blocks, height]} per tile. */
    float[] scales = {};
    /** Sum of a block's bytes, times its scale: {@code [blocks, height]} per tile. */
    float[] sums = {};
    /** Multipliers of words of 1, 2 and 4 bits, by the bits, twice in each integer: {@code [inputs, height]} per tile. */
    private final int[][] multipliers = {null, {}, {}, null, {}};
    /** The numbers themselves, those of a tile's rows for one input side by side: {@code [inputs, height]} per tile. */
    float[] tiles = {};
    /** The bytes as floats, of prefilled rows times their step: {@code [inputs, height]} per tile. */
    float[] whole = {};
    /** -8 times the sum of a block's bytes: {@code [blocks, height]} per tile; and the same of 16 inputs. */
    private short[] first = {};
    private short[] firstOf16 = {};

    private int tallest;
    /** Forms that are made of the present rows. */
    private int ready;
    private Scratch[] scratch = {};

    /** Multiplies many rows at once, if it was asked for; else null. */
    private final NativeProduct many;

    private final Workers.Task prepare = this::preparePiece;
    private final Workers.Task multiply = this::multiplyPanel;
    private int wanted;
    private BlockKernels blocks;
    private Kernels kernels;
    private Matrix w;
    private float[] y;
    private int yAt;
    private int yStride;

    /** Rows that are multiplied by the kernels, however many they are. */
    public Rows() {
        this(null);
    }

    /** Rows that a native library multiplies where there are many, and the kernels where there are few; null for none. */
    public Rows(NativeGemm gemm) {
        many = gemm == null ? null : new NativeProduct(gemm);
    }

    /**
     * Takes {@code rows} rows of {@code inputs} numbers from {@code data[at..]}, all of them decoded; they may not change
     * until the next call.
     */
    public Rows of(float[] data, int at, int rows, int inputs) {
        return of(data, at, rows, rows, inputs);
    }

    /**
     * The same of rows of which the first {@code decoded} belong to tokens that a model picks one by one, the others to
     * text that it reads: see {@link Matrix}.
     */
    public Rows of(float[] data, int at, int decoded, int rows, int inputs) {
        if (decoded < 0 || decoded > rows)
            throw new IllegalArgumentException(decoded + " of " + rows + " rows cannot be decoded");
        if (rows < 0 || inputs < 1 || at < 0 || at + (long) rows * inputs > data.length)
            throw new IllegalArgumentException(
                    rows + " rows of " + inputs + " numbers from " + at + " are not in an array of "
                            + data.length);
        this.data = data;
        this.at = at;
        this.rows = rows;
        this.inputs = inputs;
        this.decoded = decoded;
        ready = 0;
        return this;
    }

    /** Rows of the tile that begins at a row: 8, 4, 2 or 1 of one kind, so that no row is computed in vain. */
    int height(int row) {
        return Integer.highestOneBit(Math.min((row < decoded ? decoded : rows) - row, tallest));
    }

    /** See {@link Kernels#matmul(Rows, Matrix, float[], int, int, Workers)}. */
    void times(Kernels kernels, Matrix w, float[] y, int yAt, int yStride, Workers workers) {
        if (w.inputs() != inputs)
            throw new IllegalArgumentException("rows of " + inputs + " numbers cannot be multiplied with a matrix of "
                    + w.inputs() + " inputs");
        if (rows == 0)
            return;
        if (yAt < 0 || yStride < w.outputs() || yAt + (rows - 1L) * yStride + w.outputs() > y.length)
            throw new IllegalArgumentException(
                    rows + " rows of " + w.outputs() + " results, " + yStride + " apart from "
                            + yAt + ", are not in an array of " + y.length);
        if (many != null && many.takes(kernels, w, rows)) {
            many.times(this, kernels, w, y, yAt, yStride, workers);
            return;
        }
        this.kernels = kernels;
        this.w = w;
        this.y = y;
        this.yAt = yAt;
        this.yStride = yStride;
        Workers by = (long) rows * inputs * w.outputs() < Kernels.WORTH_SHARING ? Workers.NONE : workers;
        for (int i = scratch.length; i < by.threads(); i++) {
            scratch = Arrays.copyOf(scratch, i + 1);
            scratch[i] = new Scratch();
        }
        prepare(w.forms(decoded, rows - decoded), rows == 1 ? Workers.NONE : by);
        by.run(w.panels(), multiply);
        this.w = null;
        this.y = null;
    }

    private void multiplyPanel(int panel, int worker) {
        w.panel(panel, this, kernels, scratch[worker], y, yAt, yStride);
    }

    /** Multipliers of words of so many bits. */
    int[] multipliers(int bits) {
        return multipliers[bits];
    }

    /** -8 times the sums of the bytes of 16 or 32 inputs. */
    short[] first(int group) {
        return group == BLOCK ? first : firstOf16;
    }

    private void prepare(int forms, Workers workers) {
        blocks = BlockKernels.of(kernels);
        if (tallest != blocks.tallest()) {
            tallest = blocks.tallest();
            ready = 0;
        }
        wanted = forms & ~ready;
        if (decoded == rows && !blocks.exactFloats())
            wanted &= ~WHOLE;
        if (wanted == 0)
            return;
        int size = rows * inputs;
        int picked = decoded * inputs;
        if ((wanted & NIBBLES) != 0 && scales.length < picked / BLOCK) {
            scales = new float[picked / BLOCK];
            sums = new float[picked / BLOCK];
            first = new short[picked / BLOCK];
            firstOf16 = new short[picked / 16];
        }
        for (int bits = 1; bits <= NIBBLES; bits *= 2)
            if ((wanted & bits) != 0 && multipliers[bits].length < picked)
                multipliers[bits] = new int[picked];
        if ((wanted & TILES) != 0 && tiles.length < size)
            tiles = new float[size];
        if ((wanted & WHOLE) != 0 && whole.length < size)
            whole = new float[size];
        workers.run((Math.ceilDiv(decoded, tallest) + Math.ceilDiv(rows - decoded, tallest))
                * Math.ceilDiv(inputs, PIECE), prepare);
        ready |= wanted;
    }

    /** Prepares some inputs of a tile of {@link #tallest} rows, or of the lower ones at the end. */
    private void preparePiece(int index, int worker) {
        int pieces = Math.ceilDiv(inputs, PIECE);
        int begin = index % pieces * PIECE;
        int n = Math.min(PIECE, inputs - begin);
        int tile = index / pieces;
        int before = Math.ceilDiv(decoded, tallest);
        int row = tile < before ? tile * tallest : decoded + (tile - before) * tallest;
        int end = Math.min(tile < before ? decoded : rows, row + tallest);
        for (int height; row < end; row += height) {
            height = height(row);
            for (int r = 0; r < height; r++)
                prepareRow(row, r, height, begin, n, scratch[worker]);
        }
    }

    private void prepareRow(int tile, int r, int height, int begin, int n, Scratch scratch) {
        int from = at + (tile + r) * inputs + begin;
        int to = tile * inputs + begin * height + r;
        if ((wanted & TILES) != 0)
            for (int k = 0; k < n; k++)
                tiles[to + k * height] = data[from + k];
        if (wanted == TILES || tile >= decoded && (wanted & WHOLE) == 0)
            return;
        blocks.quantize(data, from, n / BLOCK, scratch.bytes, scratch.steps);
        if (tile >= decoded) {
            for (int b = 0, k = 0, i = to; b < n / BLOCK; b++)
                for (float step = scratch.steps[b]; k < (b + 1) * BLOCK; k++, i += height)
                    whole[i] = scratch.bytes[k] * step;
            return;
        }
        int block = tile * (inputs / BLOCK) + begin / BLOCK * height; // the first of this piece
        noteBlocks(block + r, 2 * block + r, height, n / BLOCK, scratch);
        for (int bits = 1; bits <= NIBBLES; bits *= 2)
            if ((wanted & bits) != 0)
                multiply(bits, scratch.bytes, n, multipliers[bits], to, height);
        if ((wanted & WHOLE) != 0)
            for (int k = 0; k < n; k++)
                whole[to + k * height] = scratch.bytes[k];
    }

    /** Notes scales and sums of {@code n} blocks of a row, those of a block from {@code to} on, of its halves {@code to16}. */
    private void noteBlocks(int to, int to16, int height, int n, Scratch scratch) {
        for (int b = 0; b < n; b++) {
            int lower = 0;
            int upper = 0;
            for (int k = b * BLOCK; k < b * BLOCK + 16; k++) {
                lower += scratch.bytes[k];
                upper += scratch.bytes[k + 16];
            }
            int i = to + b * height;
            first[i] = (short) (-8 * (lower + upper));
            firstOf16[to16 + 2 * b * height] = (short) (-8 * lower);
            firstOf16[to16 + (2 * b + 1) * height] = (short) (-8 * upper);
            scales[i] = scratch.steps[b] * 0x1p-16f;
            sums[i] = scratch.steps[b] * (lower + upper);
        }
    }

    /** Makes multipliers of words that hold numbers of so many bits: each also takes away what the one before left over. */
    private void multiply(int bits, int[] bytes, int n, int[] to, int from, int height) {
        int left = 1 << bits;
        int inWord = 16 / bits - 1;
        for (int k = 0, i = from; k < n; k += 4, i += 4 * height) {
            int before = (k & inWord) == 0 ? 0 : bytes[k - 1];
            to[i] = twice(bytes[k] - left * before);
            to[i + height] = twice(bytes[k + 1] - left * bytes[k]);
            to[i + 2 * height] = twice(bytes[k + 2] - left * bytes[k + 1]);
            to[i + 3 * height] = twice(bytes[k + 3] - left * bytes[k + 2]);
        }
    }

    /** A number of 16 bits in both halves: an integer is spread over a register from memory, a short needs a shuffle too. */
    private static int twice(int multiplier) {
        return multiplier & 0xFFFF | multiplier << 16;
    }
}
