package io.quarry.model;

import java.util.List;

/**
 * One tensor of a model: its name in the checkpoint and its shape, rows first. A vector has one dimension.
 *
 * @param name  the name Hugging Face gives it
 * @param shape sizes, outermost first
 */
public record Param(String name, List<Integer> shape) {
    public Param {
        shape = List.copyOf(shape);
    }

    public long elements() {
        return shape.stream().mapToLong(Integer::longValue).reduce(1, Math::multiplyExact);
    }

    /** Whether weight decay applies: to matrices, not to the gains of norms. */
    public boolean decays() {
        return shape.size() > 1;
    }
}
