package io.quarry.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarry.kernel.DType;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;

class TensorTest {
    private static MemorySegment floats(float... values) {
        MemorySegment bytes = MemorySegment.ofArray(new byte[4 * values.length]);
        DType.F32.narrow(values, 0, values.length, bytes, 0);
        return bytes;
    }

    @Test
    void rowsAndColumns() {
        Tensor t = new Tensor("t", DType.F32, List.of(2L, 1L, 3L), floats(1, 2, 3, 4, 5, 6));
        assertThat(t.elements()).isEqualTo(6);
        assertThat(t.rows()).isEqualTo(2);
        assertThat(t.columns()).isEqualTo(3);
        assertThat(t.row(1).byteSize()).isEqualTo(12);
        assertThat(t.f32()).containsExactly(1, 2, 3, 4, 5, 6);
        assertThatThrownBy(() -> t.row(2)).isInstanceOf(IndexOutOfBoundsException.class);
        Tensor one = new Tensor("one", DType.F32, List.of(), floats(7));
        assertThat(one.rows()).isEqualTo(1);
        assertThat(one.columns()).isEqualTo(1);
        assertThat(one.f32()).containsExactly(7);
    }

    @Test
    void whatDoesNotFitTogetherIsRefused() {
        assertThatThrownBy(() -> new Tensor("t", DType.F32, List.of(2L), floats(1))).hasMessageContainingAll(
                "t of shape [2]",
                "takes 8", "has 4");
        assertThatThrownBy(() -> new Tensor("t", DType.F32, List.of(-1L), floats())).hasMessageContaining("negative");
        assertThatThrownBy(() -> new Tensor("t", DType.F32, List.of(0L, 1L << 40, 1L << 40), floats()))
                .hasMessageContaining("than a long can count");
        Tensor scale = new Tensor("s", DType.F32, List.of(3L), floats(1, 2, 3));
        assertThatThrownBy(() -> new Tensor("t", DType.F32, List.of(2L, 1L), floats(1, 2), scale))
                .hasMessageContainingAll("t has 2 rows", "[3]");
    }

    @Test
    void scalesAreAppliedRowByRow() {
        Tensor scale = new Tensor("s", DType.F32, List.of(3L, 1L), floats(1, 10, 100));
        Tensor t = new Tensor("t", DType.F32, List.of(3L, 2L), floats(1, 2, 3, 4, 5, 6), scale);
        assertThat(t.f32()).containsExactly(1, 2, 30, 40, 500, 600);
        float[] part = {9, 9, 9, 9};
        t.widen(1, part, 1, 3);
        assertThat(part).containsExactly(9, 2, 30, 40);
    }
}
