package io.quarry.infer;

import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.quarry.kernel.DType;
import io.quarry.kernel.Kernels;
import io.quarry.kernel.KvType;
import io.quarry.model.ModelSpec;
import io.quarry.model.PicoGranite;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Warming up runs the kernels of every type, and comes to an end. */
class WarmUpTest {
    @ParameterizedTest
    @EnumSource(KvType.class)
    void endsForAllTypesAndOddHeads(KvType cache) {
        ModelSpec odd = new ModelSpec(300, 96, 2, 15, 3, 48, 64, 256, 10_000, 1e-5, 1, 1, 1, 1, true, 0, 0, 1);
        for (ModelSpec spec : new ModelSpec[] {PicoGranite.spec(300), odd})
            assertTimeoutPreemptively(Duration.ofMinutes(2), () -> WarmUp.run(spec,
                    EnumSet.copyOf(Arrays.asList(DType.values())),
                    new Engine(Kernels.best(), 1, 1, 1 << 26, cache)));
    }
}
