package io.quarry.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;

/**
 * A weight matrix W of {@code [outputs, inputs]}, laid out for the product {@code y = x W^T}. All layouts hold the outputs
 * in panels that are computed one by one: a panel is what a thread takes, and what vector registers run across.
 *
 * <p>What a product computes depends on the type the weights are stored in and on the kind of the row, never on how many
 * rows are multiplied at once:
 * <ul>
 * <li>{@link BlockMatrix}: activations are rounded to 8 bits. Decoded rows are multiplied as whole numbers of blocks of
 * inputs, scaled and summed in the order of the blocks: fast where weights are read for a few rows. Prefilled rows are
 * multiplied as all others: fast where many rows share what becomes of the weights. The two differ by the rounding of
 * sums of floats;
 * <li>all others: floats, summed in the order of the inputs with fused multiply-add.
 * </ul>
 */
public abstract sealed class Matrix permits BlockMatrix, FloatMatrix, StoredMatrix, StackedMatrix, Panels {
    /** Outputs of one panel of a packed matrix: two vector registers of 16-bit lanes where these are widest. */
    static final int PANEL = 64;
    /** Outputs of a strip: floats of a panel stand in two strips {@code [2, inputs, 32]}, so that a tile reads every line of one. */
    static final int STRIP = 32;
    /**
     * Streams that the weights of a panel are dealt to in turn, so that a loop reads four places at once. Processors fetch
     * ahead for each place by itself, some lines and within a page, and a loop that is busy with arithmetic waits for one
     * place for half of its time.
     */
    static final int STREAMS = 4;

    private final int outputs;
    private final int inputs;

    Matrix(int outputs, int inputs) {
        if (outputs < 1 || inputs < 1)
            throw new IllegalArgumentException(
                    "a matrix has at least one output and one input, not [" + outputs + ", " + inputs + "]");
        this.outputs = outputs;
        this.inputs = inputs;
    }

    /**
     * Packs a matrix as files hold it: rows of {@code inputs} numbers of that type one after the other.
     *
     * @param from    where the rows begin, at byte {@code at}; not needed any more afterwards
     * @param arena   owns the packed weights; to be closed after the last product
     * @param workers share the work
     */
    public static Matrix pack(DType type, MemorySegment from, long at, int outputs, int inputs, Arena arena,
            Workers workers) {
        if (inputs % type.block() != 0)
            throw new IllegalArgumentException("rows of " + inputs + " inputs cannot be stored as " + type
                    + ", whose blocks hold " + type.block() + " numbers");
        long bytes = type.bytes((long) outputs * inputs);
        if (at < 0 || bytes > from.byteSize() - at)
            throw new IllegalArgumentException(
                    "a matrix [" + outputs + ", " + inputs + "] of " + type + " takes " + bytes
                            + " bytes from byte " + at + ", the file has " + from.byteSize());
        MemorySegment rows = from.asSlice(at, bytes);
        if (!rows.isNative()) // what packs reads at addresses
            rows = Arena.ofAuto().allocate(bytes, 64).copyFrom(rows);
        Matrix matrix = packed(type, rows, outputs, inputs, arena, workers);
        Reference.reachabilityFence(rows);
        return matrix;
    }

    private static Matrix packed(DType type, MemorySegment rows, int outputs, int inputs, Arena arena,
            Workers workers) {
        return switch (type) {
            case Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K, Q6_K ->
                new BlockMatrix(type, rows, outputs, inputs, arena, workers);
            case F32, BF16, F16, Q8_0 -> new FloatMatrix(type, rows, outputs, inputs, arena, workers);
            case MXFP4, F8_E4M3 -> new StoredMatrix(type, rows, outputs, inputs, arena);
        };
    }

    /** Matrices of the same inputs as one, the outputs of the first before those of the next. */
    public static Matrix stack(Matrix... parts) {
        return parts.length == 1 ? parts[0] : new StackedMatrix(parts);
    }

    public final int outputs() {
        return outputs;
    }

    public final int inputs() {
        return inputs;
    }

    /** Bytes of memory the weights take. */
    public abstract long bytes();

    /** Writes row {@code row}, times {@code scale}, to {@code to[at..]}: how an embedding is looked up. */
    public abstract void row(int row, float scale, float[] to, int at);

    /** Number of panels. */
    abstract int panels();

    /** The forms of the activations that its kernels read, of so many rows of each kind: bits of {@link Rows}. */
    abstract int forms(int decoded, int prefilled);

    /** Multiplies all rows with one panel; output {@code o} of row {@code r} goes to {@code y[yAt + r * yStride + o]}. */
    abstract void panel(int panel, Rows x, Kernels kernels, Scratch scratch, float[] y, int yAt, int yStride);

    /** Number of pieces of {@link #PANEL} outputs, as {@link #bf16} gives them. */
    int pieces() {
        return Math.ceilDiv(outputs, PANEL);
    }

    /** The first output of a piece. */
    int firstOutput(int piece) {
        return piece * PANEL;
    }

    /** Outputs of a piece; the last may have fewer than {@link #PANEL}. */
    int width(int piece) {
        return Math.min(PANEL, outputs - piece * PANEL);
    }

    /**
     * Writes inputs {@code from} to {@code from + n} of a piece as bf16, rounded to nearest: {@code [n / 2, PANEL, 2]}, of
     * each output two numbers side by side. What stands behind its last output is any finite number.
     *
     * @param from a multiple of 256
     * @param n    whole blocks of the type, even, and no more than 256 inputs
     * @param to   address
     */
    abstract void bf16(int piece, int from, int n, Kernels kernels, Scratch scratch, long to);

    /**
     * Where output {@code o} of a panel stands among 16-bit lanes: even lanes hold outputs 0 to 15, odd ones 16 to 31, and
     * the same from 32 on. Halves of 32-bit lanes are then neighbours in memory.
     */
    static int lane(int o) {
        return o & 32 | (o & 15) << 1 | o >>> 4 & 1;
    }

    /** Where output {@code o} of input {@code k} stands among the floats of two strips {@code [2, n, 32]}. */
    static int strips(int k, int o, int n) {
        return (o / STRIP * n + k) * STRIP + o % STRIP;
    }

    /** Outputs of a panel; the last may have fewer than {@link #PANEL}. */
    final int columns(int panel) {
        return Math.min(PANEL, outputs - panel * PANEL);
    }
}
