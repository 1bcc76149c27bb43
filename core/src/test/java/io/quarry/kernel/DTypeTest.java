package io.quarry.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class DTypeTest {
    @Test
    void whatATypeCanHoldComesBackExactly() {
        for (DType type : DType.values()) {
            float[] values = {0, -0f, 1, -2.5f, 0.15625f, 96, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY,
                Float.NaN};
            assertThat(through(type, values)).as(type.name()).containsExactly(values);
        }
    }

    @Test
    void halfOfAFloatIsRoundedToEven() {
        float one = 1;
        float ulp = 0x1p-7f; // of bf16 at 1
        assertThat(through(DType.BF16, one + ulp / 2, one + ulp * 1.5f, one + ulp * 0.51f, -one - ulp * 0.49f))
                .containsExactly(one, one + 2 * ulp, one + ulp, -one);
        assertThat(through(DType.BF16, Float.MAX_VALUE)).containsExactly(Float.POSITIVE_INFINITY);
        assertThat(through(DType.BF16, Float.intBitsToFloat(0x7F800001))).containsExactly(Float.NaN);
    }

    private static float[] through(DType type, float... values) {
        MemorySegment stored = MemorySegment.ofArray(new byte[3 + values.length * type.bytes()]);
        type.narrow(values, 0, values.length, stored, 3);
        float[] back = new float[values.length];
        type.widen(stored, 3, back, 0, values.length);
        return back;
    }
}
