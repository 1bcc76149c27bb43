package io.quarry.torch;

import io.quarry.kernel.DType;
import java.lang.foreign.MemorySegment;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Memory of the caller seen as a matrix, or as many of one shape: an operand or the result of a matrix product. Nothing
 * is copied; the memory must outlive the operand, and the operand must be closed.
 */
public final class Operand implements AutoCloseable {
    private final Tensor tensor;
    private final MemorySegment memory;
    private final DType type;
    private final long at;
    private final long[] sizes;
    private final long[] strides;

    private Operand(MemorySegment memory, DType type, long at, long[] sizes, long[] strides) {
        this.memory = memory;
        this.type = type;
        this.at = at;
        this.sizes = sizes;
        this.strides = strides;
        long last = at;
        for (int d = 0; d < sizes.length; d++)
            last += (sizes[d] - 1) * strides[d];
        if (at < 0 || type.bytes(last + 1) > memory.byteSize())
            throw new IndexOutOfBoundsException("an operand of " + java.util.Arrays.toString(sizes) + " from " + at
                    + " needs " + type.bytes(last + 1) + " bytes, its memory has " + memory.byteSize());
        Torch.ready();
        ScalarType scalar = switch (type) {
            case F32 -> ScalarType.Float;
            case BF16 -> ScalarType.BFloat16;
            case F16 -> ScalarType.Half;
            default -> throw new IllegalArgumentException("no operand of a matrix product is stored as " + type);
        };
        this.tensor = torch.from_blob(new Address(memory.address() + type.bytes(at)), sizes, strides,
                new TensorOptions(scalar));
    }

    /** A matrix whose rows stand one after the other, from number {@code at} of the memory. */
    public static Operand matrix(MemorySegment memory, DType type, long at, long rows, long columns) {
        return new Operand(memory, type, at, new long[] {rows, columns}, new long[] {columns, 1});
    }

    /** {@code count} matrices whose first numbers stand {@code stride} apart. */
    public static Operand matrices(MemorySegment memory, DType type, long count, long stride, long rows,
            long columns) {
        return new Operand(memory, type, 0, new long[] {count, rows, columns}, new long[] {stride, columns, 1});
    }

    /** Rows of one matrix. */
    public long rowCount() {
        return sizes[sizes.length - 2];
    }

    /** Columns of one matrix. */
    public long columnCount() {
        return sizes[sizes.length - 1];
    }

    /** The same matrices in part: {@code rows} rows from row {@code from} of each. */
    public Operand rows(long from, long rows) {
        int d = sizes.length - 2;
        long[] fewer = sizes.clone();
        fewer[d] = rows;
        return new Operand(memory, type, at + from * strides[d], fewer, strides);
    }

    /** The same memory with rows and columns exchanged. */
    public Operand transposed() {
        int d = sizes.length - 2;
        long[] turned = sizes.clone();
        long[] steps = strides.clone();
        turned[d] = sizes[d + 1];
        turned[d + 1] = sizes[d];
        steps[d] = strides[d + 1];
        steps[d + 1] = strides[d];
        return new Operand(memory, type, at, turned, steps);
    }

    /** {@code this = a b}, for one matrix or one by one for many. */
    public void product(Operand a, Operand b) {
        try (Tensor result = sizes.length == 2
                ? torch.mm_out(tensor, a.tensor, b.tensor)
                : torch.bmm_out(tensor, a.tensor, b.tensor)) {
            assert result.numel() == tensor.numel();
        }
    }

    @Override
    public void close() {
        tensor.close();
    }

    /** A plain address. */
    private static final class Address extends Pointer {
        Address(long address) {
            this.address = address;
        }
    }
}
