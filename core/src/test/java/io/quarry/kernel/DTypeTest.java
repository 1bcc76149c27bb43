package io.quarry.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class DTypeTest {
    @Test
    void whatATypeCanHoldComesBackExactly() {
        for (DType type : List.of(DType.F32, DType.BF16, DType.F16)) {
            float[] values = {0, -0f, 1, -2.5f, 0.15625f, 96, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY,
                Float.NaN};
            assertThat(through(type, values)).as(type.name()).containsExactly(values);
        }
        assertThat(through(DType.F8_E4M3, 0, -0f, 1, -2.5f, 0.15625f, 96, 448, -0x1p-9f, Float.NaN))
                .containsExactly(0, -0f, 1, -2.5f, 0.15625f, 96, 448, -0x1p-9f, Float.NaN);
    }

    @Test
    void everyBitPatternOfAPlainTypeComesBack() {
        for (DType type : List.of(DType.BF16, DType.F16, DType.F8_E4M3)) {
            int patterns = 1 << 8 * type.blockBytes();
            byte[] all = new byte[patterns * type.blockBytes()];
            for (int i = 0; i < patterns; i++)
                for (int b = 0; b < type.blockBytes(); b++)
                    all[i * type.blockBytes() + b] = (byte) (i >> 8 * b);
            float[] values = new float[patterns];
            type.widen(MemorySegment.ofArray(all), 0, values, 0, patterns);
            float[] again = through(type, values);
            assertThat(again).as(type.name()).containsExactly(values);
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

    @Test
    void eightBitsRoundToEvenAndBeyondTheLargestBecomeNaN() {
        assertThat(through(DType.F8_E4M3, 1.0625f, 1.1875f, 464, 464.1f, -1e9f, 0x1p-10f, 0x1.8p-9f,
                Float.POSITIVE_INFINITY))
                .containsExactly(1, 1.25f, 448, Float.NaN, Float.NaN, 0, 0x1p-8f, Float.NaN);
    }

    @Test
    void bytesAreExactOrRefused() {
        assertThat(DType.F32.bytes(3)).isEqualTo(12);
        assertThat(DType.Q4_0.bytes(64)).isEqualTo(36);
        assertThat(DType.Q6_K.bytes(1L << 40)).isEqualTo((1L << 32) * 210);
        assertThat(DType.Q4_K.bytes(0)).isZero();
        assertThatThrownBy(() -> DType.Q4_0.bytes(33)).hasMessageContainingAll("Q4_0", "blocks of 32", "33");
        assertThatThrownBy(() -> DType.Q4_K.bytes(-256)).hasMessageContainingAll("Q4_K", "-256");
        assertThatThrownBy(() -> DType.F32.bytes(Long.MAX_VALUE)).hasMessageContaining("than a long counts");
    }

    @ParameterizedTest
    @CsvSource({"F32,1,4,0", "F16,1,2,1", "BF16,1,2,30", "Q4_0,32,18,2", "Q4_1,32,20,3", "Q5_0,32,22,6",
        "Q5_1,32,24,7", "Q8_0,32,34,8", "Q4_K,256,144,12", "Q5_K,256,176,13", "Q6_K,256,210,14", "MXFP4,32,17,39"})
    void layoutsAreGgmls(DType type, int block, int bytes, int id) {
        assertThat(type.block()).isEqualTo(block);
        assertThat(type.blockBytes()).isEqualTo(bytes);
        assertThat(type.ggmlId()).isEqualTo(id);
        assertThat(DType.ofGgmlId(id)).contains(type);
    }

    @Test
    void otherIdsAreNoType() {
        for (int id : new int[] {-1, 4, 5, 9, 15, 31, 40, 1000, Integer.MIN_VALUE})
            assertThat(DType.ofGgmlId(id)).isEmpty();
        assertThatThrownBy(DType.F8_E4M3::ggmlId).hasMessageContaining("F8_E4M3 is no type of GGUF");
    }

    /** Numbers of any spread: the mean miss is that of even steps, none is off by two, wherever block and array begin. */
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = {"F32", "F16", "BF16", "F8_E4M3"})
    void blocksMissByPartOfAStep(DType type) {
        SplittableRandom random = new SplittableRandom(3);
        for (int round = 0; round < 300; round++) {
            float[] x = new float[type.block()];
            float size = (float) Math.pow(10, random.nextDouble(0, 4));
            float shift = round % 3 == 0 ? 0 : size * (float) random.nextDouble(-2, 2);
            for (int i = 0; i < x.length; i++)
                x[i] = shift + size * (float) (round % 2 == 0 ? random.nextDouble(-1, 1) : random.nextGaussian());
            float[] back = through(type, x);
            double step = step(type, x);
            double squares = 0;
            for (int i = 0; i < x.length; i++) {
                assertThat(Math.abs(back[i] - x[i])).as(type + ", round " + round).isLessThan((float) (2 * step));
                squares += Math.pow((double) back[i] - x[i], 2);
            }
            assertThat(Math.sqrt(squares / x.length)).as(type + ", round " + round).isLessThan(0.5 * step);
        }
    }

    /** Between two neighbours that can be stored, where they are farthest apart. */
    private static double step(DType type, float[] block) {
        float most = 0;
        float min = 0;
        float max = 0;
        for (float v : block) {
            most = Math.max(most, Math.abs(v));
            min = Math.min(min, v);
            max = Math.max(max, v);
        }
        return switch (type) {
            case Q8_0 -> most / 127;
            case Q4_0 -> most / 8;
            case Q5_0 -> most / 16;
            case Q4_1, Q4_K -> (max - min) / 15;
            case Q5_1, Q5_K -> (max - min) / 31;
            case Q6_K -> most / 32;
            case MXFP4 -> most / 2;
            default -> throw new IllegalArgumentException(type.name());
        };
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = {"F32", "F16", "BF16", "F8_E4M3"})
    void blocksOfZerosAreZero(DType type) {
        float[] zeros = new float[type.block()];
        for (float v : through(type, zeros))
            assertThat(Math.abs(v)).isZero();
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = {"F32", "F16", "BF16", "F8_E4M3"})
    void blocksRefuseWhatTheyCannotHold(DType type) {
        for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
            float[] x = new float[type.block()];
            x[5] = bad;
            assertThatThrownBy(() -> through(type, x)).hasMessageContainingAll(type.name(), "number 5 is " + bad);
        }
        float[] large = new float[type.block()];
        large[3] = 1e30f;
        large[4] = -1e30f;
        if (type != DType.MXFP4)
            assertThatThrownBy(() -> through(type, large)).hasMessageContaining("a half cannot hold");
        float[] part = new float[type.block() - 1];
        assertThatThrownBy(() -> type.narrow(part, 0, part.length, MemorySegment.ofArray(new byte[400]), 0))
                .hasMessageContaining("whole number");
        assertThatThrownBy(() -> type.widen(MemorySegment.ofArray(new byte[400]), 0, part, 0, part.length))
                .hasMessageContaining("whole number");
    }

    /** Stores and reads again, at odd places of memory and array, and sees that nothing beside is touched. */
    private static float[] through(DType type, float... values) {
        int bytes = Math.toIntExact(type.bytes(values.length));
        byte[] memory = new byte[3 + bytes + 2];
        memory[2] = 77;
        memory[3 + bytes] = 78;
        float[] from = new float[values.length + 1];
        System.arraycopy(values, 0, from, 1, values.length);
        MemorySegment stored = MemorySegment.ofArray(memory);
        type.narrow(from, 1, values.length, stored, 3);
        float[] back = new float[values.length + 2];
        type.widen(stored, 3, back, 1, values.length);
        assertThat(memory[2]).isEqualTo((byte) 77);
        assertThat(memory[3 + bytes]).isEqualTo((byte) 78);
        assertThat(back[0]).isZero();
        assertThat(back[values.length + 1]).isZero();
        return Arrays.copyOfRange(back, 1, values.length + 1);
    }
}
