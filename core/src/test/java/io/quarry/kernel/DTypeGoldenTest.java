package io.quarry.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.json.JsonMapper;

/** What ggml's own Python module and ml_dtypes make of the same bits; see {@code tools/golden/dtypes.py}. */
class DTypeGoldenTest {
    private record Widened(String blocks, String numbers) {}

    private record Golden(Map<DType, Widened> widen, String numbers, Map<DType, String> narrow,
            Map<DType, String> ggmlBlocks) {}

    private static final int ROW = 256;
    private static final Golden GOLDEN = read();

    private static Golden read() {
        try {
            return JsonMapper.shared().readValue(
                    Files.readString(Path.of("src/test/resources/golden/dtypes.json")), Golden.class);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = {"F32", "F16", "BF16"})
    void blocksWidenBitForBit(DType type) {
        Widened golden = GOLDEN.widen().get(type);
        byte[] blocks = bytes(golden.blocks());
        float[] expected = floats(golden.numbers());
        float[] found = new float[expected.length];
        type.widen(MemorySegment.ofArray(blocks), 0, found, 0, found.length);
        assertThat(type.bytes(found.length)).isEqualTo(blocks.length);
        assertThat(found).containsExactly(expected);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = {"F32", "Q4_K", "Q5_K", "Q6_K"})
    void numbersNarrowBitForBit(DType type) {
        float[] numbers = floats(GOLDEN.numbers());
        assertThat(narrowed(type, numbers)).isEqualTo(bytes(GOLDEN.narrow().get(type)));
    }

    /**
     * Row by row the weighted error is at most that of ggml's own search, and the plain error is smaller on the whole. What
     * a half rounds a scale by is no fault of either.
     */
    @ParameterizedTest
    @EnumSource(names = {"Q4_K", "Q5_K", "Q6_K"})
    void kBlocksMissByLessThanGgmls(DType type) {
        float[] numbers = floats(GOLDEN.numbers());
        byte[] ours = narrowed(type, numbers);
        byte[] ggmls = bytes(GOLDEN.ggmlBlocks().get(type));
        double logRatios = 0;
        for (int row = 0; row < numbers.length / ROW; row++) {
            double rounding = rounding(numbers, row);
            assertThat(error(type, ours, numbers, row, true)).as(type + ", row " + row)
                    .isLessThanOrEqualTo(Math.max(1.001 * error(type, ggmls, numbers, row, true), rounding));
            logRatios += Math.log(Math.max(error(type, ours, numbers, row, false), rounding + 1e-30)
                    / Math.max(error(type, ggmls, numbers, row, false), rounding + 1e-30));
        }
        assertThat(logRatios).as(type.name()).isLessThan(0);
    }

    private static double rounding(float[] numbers, int row) {
        double most = 0;
        for (int i = row * ROW; i < (row + 1) * ROW; i++)
            most = Math.max(most, Math.abs(numbers[i]));
        return most * 0x1p-11;
    }

    /** Root of the mean squared miss of one row; weighted as ggml weighs numbers when it searches. */
    private static double error(DType type, byte[] blocks, float[] numbers, int row, boolean weighted) {
        float[] back = new float[ROW];
        type.widen(MemorySegment.ofArray(blocks), row * type.bytes(ROW), back, 0, ROW);
        double error = 0;
        double weights = 0;
        for (int group = 0; group < ROW; group += 32) {
            double squares = 0;
            for (int i = group; i < group + 32; i++)
                squares += Math.pow(numbers[row * ROW + i], 2);
            for (int i = group; i < group + 32; i++) {
                double x = numbers[row * ROW + i];
                double weight = !weighted ? 1 : type == DType.Q6_K ? x * x : Math.sqrt(squares / 32) + Math.abs(x);
                error += weight * Math.pow(back[i] - x, 2);
                weights += weight;
            }
        }
        return weights == 0 ? 0 : Math.sqrt(error / weights);
    }

    private static byte[] narrowed(DType type, float[] numbers) {
        byte[] stored = new byte[Math.toIntExact(type.bytes(numbers.length))];
        type.narrow(numbers, 0, numbers.length, MemorySegment.ofArray(stored), 0);
        return stored;
    }

    private static byte[] bytes(String text) {
        return Base64.getDecoder().decode(text);
    }

    private static float[] floats(String text) {
        ByteBuffer all = ByteBuffer.wrap(bytes(text)).order(ByteOrder.LITTLE_ENDIAN);
        float[] numbers = new float[all.remaining() / Float.BYTES];
        all.asFloatBuffer().get(numbers);
        return numbers;
    }
}
