package io.quarry.train;

import io.quarry.kernel.DType;
import io.quarry.torch.Operand;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** Native memory of one part of a batch and the operands that look at it; all of it dies at once. */
final class Memory implements AutoCloseable {
    private final Arena arena = Arena.ofShared();
    private final DType type;
    private final List<Operand> operands = new ArrayList<>();

    Memory(DType type) {
        this.type = type;
    }

    /** Room for some numbers. */
    MemorySegment numbers(long count) {
        return arena.allocate(type.bytes(count), 64);
    }

    /** Room for a matrix, with the operand that looks at it. */
    Block matrix(long rows, long columns) {
        MemorySegment memory = numbers(rows * columns);
        return new Block(memory, keep(Operand.matrix(memory, type, 0, rows, columns)));
    }

    /** A matrix in memory there is already. */
    Operand matrix(MemorySegment memory, long rows, long columns) {
        return keep(Operand.matrix(memory, type, 0, rows, columns));
    }

    /** Many matrices in memory there is already. */
    Operand matrices(MemorySegment memory, long count, long stride, long rows, long columns) {
        return keep(Operand.matrices(memory, type, count, stride, rows, columns));
    }

    Operand transposed(Operand operand) {
        return keep(operand.transposed());
    }

    Operand rows(Operand operand, long from, long rows) {
        return keep(operand.rows(from, rows));
    }

    private Operand keep(Operand operand) {
        operands.add(operand);
        return operand;
    }

    @Override
    public void close() {
        operands.forEach(Operand::close);
        arena.close();
    }

    /** A matrix, as memory for kernels and as operand of products. */
    record Block(MemorySegment memory, Operand operand) {}
}
