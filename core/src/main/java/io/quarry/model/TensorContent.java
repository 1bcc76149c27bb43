package io.quarry.model;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** Where a writer gets a tensor's numbers from. */
@FunctionalInterface
public interface TensorContent {
    /** The bytes as they are to be stored, row-major; used before the next tensor is asked for, and not after. */
    MemorySegment of(TensorInfo info) throws IOException;
}
