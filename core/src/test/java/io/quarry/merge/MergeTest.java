package io.quarry.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.quarry.kernel.DType;
import io.quarry.model.Checkpoint;
import io.quarry.model.ModelSpec;
import io.quarry.model.Param;
import io.quarry.model.Params;
import io.quarry.model.PicoGranite;
import java.io.InputStream;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class MergeTest {
    @TempDir
    Path dir;

    private static float[] numbers(double from) {
        float[] numbers = new float[9];
        for (int i = 0; i < numbers.length; i++)
            numbers[i] = (float) Math.sin(from + 0.7 * i);
        return numbers;
    }

    @Test
    void slerpEqualsTheReference() throws Exception {
        try (InputStream in = MergeTest.class.getResourceAsStream("/golden/merge.json")) {
            JsonNode cases = JsonMapper.builder().build().readTree(in);
            assertThat(cases.size()).isEqualTo(6);
            for (JsonNode golden : cases) {
                float[] merged = Merge.RULES.get("slerp").merge(numbers(golden.get("a").asDouble()),
                        numbers(golden.get("b").asDouble()), golden.get("weight").asDouble());
                for (int i = 0; i < merged.length; i++)
                    assertThat((double) merged[i]).isCloseTo(golden.get("merged").get(i).asDouble(), within(1e-6));
            }
        }
    }

    @Test
    void tensorsOfZerosMergeToNumbers() {
        assertThat(Merge.slerp(new float[3], new float[] {2, 0, 4}, 0.5)).containsExactly(1, 0, 2);
        assertThat(Merge.linear(new float[] {1, 2}, new float[] {5, 10}, 0.25)).containsExactly(2, 4);
    }

    @Test
    void mergesCheckpointsTensorByTensorWithTheNewersContext() throws Exception {
        ModelSpec spec = PicoGranite.spec(70);
        ModelSpec longer = spec.withContext(1024, 80_000);
        PicoGranite.write(dir.resolve("older"), spec, 1, DType.F32);
        PicoGranite.write(dir.resolve("newer"), longer, 2, DType.F32);
        Merge.run("linear", 0.75, dir.resolve("older"), dir.resolve("newer"), dir.resolve("out"));
        try (Checkpoint a = Checkpoint.open(dir.resolve("older"));
                Checkpoint b = Checkpoint.open(dir.resolve("newer"));
                Checkpoint merged = Checkpoint.open(dir.resolve("out"))) {
            assertThat(merged.spec()).isEqualTo(longer);
            for (Param param : Params.of(spec)) {
                float[] older = a.f32(param.name());
                float[] newer = b.f32(param.name());
                float[] found = merged.f32(param.name());
                for (int i = 0; i < found.length; i++)
                    assertThat(found[i]).isCloseTo(0.25f * older[i] + 0.75f * newer[i], within(1e-6f));
            }
        }
    }

    @Test
    void refusesWhatCannotBeMerged() throws Exception {
        PicoGranite.write(dir.resolve("a"), 70, 1);
        PicoGranite.write(dir.resolve("b"), 71, 1);
        Path a = dir.resolve("a");
        assertThatThrownBy(() -> Merge.run("linear", 0.5, a, dir.resolve("b"), dir.resolve("out")))
                .hasMessageContaining("cannot merge").hasMessageContaining("vocabulary=71");
        assertThatThrownBy(() -> Merge.run("ties", 0.5, a, a, dir.resolve("out")))
                .hasMessage("there is no merge rule ties; there are [linear, slerp]");
        assertThatThrownBy(() -> Merge.run("linear", 1.5, a, a, dir.resolve("out"))).hasMessageContaining("was 1.5");
    }
}
