package io.quarry.model;

import io.quarry.kernel.DType;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * One tensor of a model as it is stored: nothing is read before it is asked for, and the memory is that of the file.
 *
 * @param name  the name its file gives it
 * @param dtype how its numbers are stored
 * @param shape sizes, outermost first; empty for a single number
 * @param data  its bytes, row-major; they live as long as the {@link Tensors} they are from
 * @param scale what the numbers are multiplied with: one number for each row, or one for all; null where there is none
 */
public record Tensor(String name, DType dtype, List<Long> shape, MemorySegment data, Tensor scale) {
    public Tensor {
        shape = List.copyOf(shape);
        long bytes = dtype.bytes(elements(shape));
        if (data.byteSize() != bytes)
            throw new IllegalArgumentException(
                    name + " of shape " + shape + " takes " + bytes + " bytes as " + dtype + ", has "
                            + data.byteSize());
        if (scale != null && scale.elements() != 1 && scale.elements() != rows(shape))
            throw new IllegalArgumentException(name + " has " + rows(shape) + " rows, its scale has shape "
                    + scale.shape() + ": one number for each row or one for all is expected");
    }

    public Tensor(String name, DType dtype, List<Long> shape, MemorySegment data) {
        this(name, dtype, shape, data, null);
    }

    /** How many numbers a shape holds; throws where a long cannot count them or a size is negative. */
    static long elements(List<Long> shape) {
        long count = 1;
        for (long n : shape) {
            if (n < 0)
                throw new IllegalArgumentException("shape " + shape + " has a negative size");
            if (count > Long.MAX_VALUE / Math.max(1, n))
                throw new IllegalArgumentException("shape " + shape + " has more numbers than a long can count");
            count *= Math.max(1, n); // a size of 0 must not hide the others
        }
        return shape.contains(0L) ? 0 : count;
    }

    private static long rows(List<Long> shape) {
        return shape.isEmpty() ? 1 : elements(shape.subList(0, shape.size() - 1));
    }

    public long elements() {
        return elements(shape);
    }

    /** Numbers of one row: the innermost size. */
    public long columns() {
        return shape.isEmpty() ? 1 : shape.getLast();
    }

    /** All sizes but the innermost, multiplied. */
    public long rows() {
        return rows(shape);
    }

    /** The bytes of one row. */
    public MemorySegment row(long row) {
        long bytes = dtype.bytes(columns());
        return data.asSlice(Math.multiplyExact(row, bytes), bytes);
    }

    /**
     * Widens numbers to floats, with the scale where there is one.
     *
     * @param first index of the first, row-major; both it and {@code count} are whole blocks
     */
    public void widen(long first, float[] to, int offset, int count) {
        dtype.widen(data, dtype.bytes(first), to, offset, count);
        if (scale == null)
            return;
        float[] factor = new float[1];
        for (int i = 0; i < count;) {
            long row = (first + i) / columns();
            int end = (int) Math.min(count, (row + 1) * columns() - first);
            scale.widen(scale.elements() == 1 ? 0 : row, factor, 0, 1);
            for (; i < end; i++)
                to[offset + i] *= factor[0];
        }
    }

    /** All numbers, row-major; throws where they are more than one array holds. */
    public float[] f32() {
        if (elements() > Integer.MAX_VALUE - 8)
            throw new IllegalArgumentException(
                    name + ": " + elements() + " numbers do not fit in one array (limit 2^31)");
        float[] out = new float[(int) elements()];
        widen(0, out, 0, out.length);
        return out;
    }
}
