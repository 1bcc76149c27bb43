package io.quarry.kernel;

/**
 * A weight matrix laid out for the product {@code y = x W^T}: the rows of W (its outputs) stand in groups of
 * {@code width}, and within a group the numbers of one input stand side by side, so that a vector register takes several
 * outputs at once and every output is summed in the order of its inputs. Missing rows of the last group are zero.
 *
 * <p>W[row, in] lies at {@code (row / width * inputs + in) * width + row % width}.
 */
public final class Panels extends Matrix {
    private final int width;
    private final float[] data;

    /** An empty matrix; {@code width} is that of the kernels that will use it. */
    public Panels(int outputs, int inputs, int width) {
        super(outputs, inputs);
        long size = (long) Math.ceilDiv(outputs, width) * width * inputs;
        if (size > Integer.MAX_VALUE - 8)
            throw new IllegalArgumentException(
                    "a matrix of " + outputs + " x " + inputs + " has more than 2^31 numbers");
        this.width = width;
        this.data = new float[(int) size];
    }

    /** Fills the rows from {@code first} with a row-major matrix of {@code [n, inputs]}. */
    public void fill(int first, float[] matrix) {
        int rows = matrix.length / inputs();
        if (rows * inputs() != matrix.length || first + rows > outputs())
            throw new IllegalArgumentException(matrix.length + " numbers do not fit in rows from " + first + " of ["
                    + outputs() + ", " + inputs() + "]");
        for (int r = 0; r < rows; r++) {
            int to = start(first + r);
            for (int i = 0; i < inputs(); i++)
                data[to + i * width] = matrix[r * inputs() + i];
        }
    }

    @Override
    public void row(int row, float scale, float[] to, int at) {
        int from = start(row);
        for (int i = 0; i < inputs(); i++)
            to[at + i] = data[from + i * width] * scale;
    }

    private int start(int row) {
        return row / width * inputs() * width + row % width;
    }

    @Override
    public long bytes() {
        return 4L * data.length;
    }

    @Override
    int panels() {
        return groups();
    }

    @Override
    int forms(int decoded, int prefilled) {
        return 0;
    }

    @Override
    void panel(int panel, Rows x, Kernels kernels, Scratch scratch, float[] y, int yAt, int yStride) {
        int first = panel * width;
        kernels.product(x.data, x.at, x.inputs, x.rows, data, first * inputs(), inputs(), y, yAt + first, yStride,
                Math.min(width, outputs() - first));
    }

    @Override
    void bf16(int piece, int from, int n, Kernels kernels, Scratch scratch, long to) {
        long wide = scratch.wide(n * PANEL);
        for (int o = 0; o < width(piece); o++)
            for (int i = 0, at = start(piece * PANEL + o) + from * width; i < n; i++, at += width)
                Memory.ALL.set(Memory.FLOAT, wide + 4L * strips(i, o, n), data[at]);
        VectorBf16.pairs(wide, 4L * n * STRIP, n, to);
    }

    /** Number of groups of rows. */
    int groups() {
        return Math.ceilDiv(outputs(), width);
    }

    float[] data() {
        return data;
    }

    int width() {
        return width;
    }
}
