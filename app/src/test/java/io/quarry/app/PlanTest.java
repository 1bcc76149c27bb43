package io.quarry.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class PlanTest {
    private static final long GIB = 1L << 30;

    @Test
    void smallRecipeFits() throws IOException {
        Plan plan = Plan.of(Fixtures.tiny());
        assertThatCode(() -> plan.check(64 * GIB)).doesNotThrowAnyException();
        assertThat(plan.stage()).as("its longest rows").isIn("long-1", "sft");
    }

    @Test
    void machineThatIsTooSmallIsSaidWithTheNumbers() throws IOException {
        Plan plan = Plan.of(Fixtures.tiny());
        assertThatThrownBy(() -> plan.check(GIB)).hasMessageContaining("this machine (or container) has 1.0 GiB")
                .hasMessageContaining("needs about").hasMessageContaining("of heap");
    }

    @Test
    void limitOfTheRecipeHolds() throws IOException {
        Plan plan = Plan.of(Fixtures.tinyWith("memoryGiB: 6", "memoryGiB: 0.5"));
        assertThatThrownBy(() -> plan.check(64 * GIB)).hasMessageContaining("its limits.memoryGiB is 0.5 GiB");
    }

    @Test
    void modelThatIsTooLargeForTheHeapNamesTheOption() throws IOException {
        Plan plan = Plan.of(Fixtures.tinyWith("dim: 32", "dim: 65536"));
        assertThatThrownBy(() -> plan.check(1024 * GIB)).hasMessageContaining("QUARRY_JAVA_OPTS=-Xmx");
    }

    @Test
    void longRowsTakeMore() throws IOException {
        long with = Plan.of(Fixtures.tinyWith("sequenceLength: 128\n      batchTokens: 256",
                "sequenceLength: 65536\n      batchTokens: 65536")).activations();
        assertThat(with).isGreaterThan(40 * Plan.of(Fixtures.tiny()).activations());
    }
}
