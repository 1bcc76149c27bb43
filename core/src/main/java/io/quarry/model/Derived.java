package io.quarry.model;

import io.quarry.kernel.DType;
import io.quarry.kernel.Workers;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongUnaryOperator;

/**
 * A tensor that a file is to have: rows of one or several stored tensors, in their order or another, perhaps changed number
 * by number. All that GGUF and Hugging Face do differently is of this kind. Rows are moved as they are stored, so that
 * whatever type they have, nothing is lost.
 *
 * @param name   in the file that is written
 * @param shape  sizes, outermost first
 * @param from   where the rows are; they count through from the first tensor to the last
 * @param rows   how many there are, all of the same length
 * @param source the row that becomes the given one
 * @param change of every number; null where there is none
 */
record Derived(String name, List<Long> shape, List<Tensor> from, long rows, LongUnaryOperator source, Change change) {
    private static final LongUnaryOperator IN_ORDER = LongUnaryOperator.identity();
    /** Numbers that are widened at once, or one row where that is more. */
    private static final int PIECE = 1 << 16;

    /** What becomes of a number. */
    @FunctionalInterface
    interface Change {
        float of(float number);
    }

    Derived {
        shape = List.copyOf(shape);
        from = List.copyOf(from);
        long there = from.stream().mapToLong(Tensor::elements).sum();
        if (rows == 0 ? Tensor.elements(shape) != 0 : Tensor.elements(shape) % rows != 0)
            throw new IllegalArgumentException(name + " of shape " + shape + " has no " + rows + " rows");
        if (there < Tensor.elements(shape))
            throw new IllegalArgumentException(name + " of shape " + shape + " needs more numbers than the " + there
                    + " of " + from.stream().map(Tensor::name).toList());
    }

    /** A stored tensor under another name. */
    static Derived same(String name, Tensor tensor) {
        return shaped(name, tensor.shape(), tensor);
    }

    /** A stored tensor under another name, its numbers counted in another shape. */
    static Derived shaped(String name, List<Long> shape, Tensor tensor) {
        long rows = shape.isEmpty() ? 1 : Tensor.elements(shape.subList(0, shape.size() - 1));
        return new Derived(name, shape, List.of(tensor), rows, IN_ORDER, null);
    }

    Derived changed(Change then) {
        return new Derived(name, shape, from, rows, source, then);
    }

    private long columns() {
        return rows == 0 ? 0 : Tensor.elements(shape) / rows;
    }

    /** The type its numbers have where they are stored; of several, that of the first. */
    DType stored() {
        return from.getFirst().dtype();
    }

    /** Whether its bytes are there already, row by row, if it is to be stored as {@code type}. */
    private boolean moved(DType type) {
        return change == null && from.stream().allMatch(t -> t.dtype() == type && t.scale() == null);
    }

    /** Its bytes where they are stored, if they are there as {@code type} and in order; else null. */
    MemorySegment stored(DType type) {
        if (!moved(type) || source != IN_ORDER || from.size() > 1)
            return null;
        return from.getFirst().data().asSlice(0, type.bytes(Tensor.elements(shape)));
    }

    /** Lets go of the memory that what it is made of takes in this process; it is still in the file. */
    void unload() {
        for (Tensor tensor : from)
            if (tensor.data().isMapped())
                tensor.data().unload();
    }

    /** The tensor in which a row is, and where its first number is there. */
    private record Place(Tensor tensor, long first) {}

    private Place place(long row) {
        long first = source.applyAsLong(row) * columns();
        for (Tensor tensor : from) {
            if (first < tensor.elements())
                return new Place(tensor, first);
            first -= tensor.elements();
        }
        throw new IllegalArgumentException(name + ": row " + row + " is in none of " + from);
    }

    /**
     * Puts it in memory as it is to be stored.
     *
     * @param room at least as many bytes as it takes; what is given back is a part of it
     * @return its bytes, and by how much rounding has changed its numbers
     */
    Result store(DType type, MemorySegment room, Workers workers) {
        long bytes = type.bytes(Tensor.elements(shape));
        if (columns() == 0)
            return new Result(room.asSlice(0, bytes), 0);
        long rowBytes = type.bytes(columns());
        int height = (int) Math.clamp(PIECE / columns(), 1, Math.max(1, rows));
        int tasks = Math.toIntExact(Math.ceilDiv(rows, height));
        double[] misses = new double[tasks];
        double[] squares = new double[tasks];
        float[][] numbers = new float[workers.threads()][];
        float[][] back = new float[workers.threads()][];
        workers.run(tasks, (task, worker) -> {
            long first = (long) task * height;
            long end = Math.min(rows, first + height);
            if (moved(type)) {
                for (long row = first; row < end; row++) {
                    Place place = place(row);
                    MemorySegment.copy(place.tensor().data(), type.bytes(place.first()), room, row * rowBytes,
                            rowBytes);
                }
                return;
            }
            int columns = Math.toIntExact(columns());
            if (numbers[worker] == null) {
                numbers[worker] = new float[height * columns];
                back[worker] = new float[height * columns];
            }
            int count = (int) (end - first) * columns;
            for (long row = first; row < end; row++) {
                Place place = place(row);
                place.tensor().widen(place.first(), numbers[worker], (int) (row - first) * columns, columns);
            }
            if (change != null)
                for (int i = 0; i < count; i++)
                    numbers[worker][i] = change.of(numbers[worker][i]);
            type.narrow(numbers[worker], 0, count, room, first * rowBytes);
            type.widen(room, first * rowBytes, back[worker], 0, count);
            for (int i = 0; i < count; i++) {
                double number = numbers[worker][i];
                misses[task] += (back[worker][i] - number) * (back[worker][i] - number);
                squares[task] += number * number;
            }
        });
        double square = Arrays.stream(squares).sum();
        return new Result(room.asSlice(0, bytes), square == 0 ? 0 : Math.sqrt(Arrays.stream(misses).sum() / square));
    }

    /**
     * What was stored.
     *
     * @param bytes as they are to be written
     * @param error root of the mean squared miss over that of the numbers
     */
    record Result(MemorySegment bytes, double error) {}
}
