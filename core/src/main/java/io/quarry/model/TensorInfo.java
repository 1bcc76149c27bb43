package io.quarry.model;

import io.quarry.kernel.DType;
import java.util.List;

/**
 * What a writer has to know of a tensor before it has its numbers.
 *
 * @param name  the name it gets in the file
 * @param dtype how its numbers are stored
 * @param shape sizes, outermost first
 */
public record TensorInfo(String name, DType dtype, List<Long> shape) {
    public TensorInfo {
        shape = List.copyOf(shape);
    }

    /** Bytes of its numbers; throws where they are no whole blocks. */
    public long bytes() {
        if (!shape.isEmpty())
            dtype.bytes(shape.getLast()); // blocks do not go over the end of a row
        return dtype.bytes(Tensor.elements(shape));
    }
}
