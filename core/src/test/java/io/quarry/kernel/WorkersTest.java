package io.quarry.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;

class WorkersTest {
    @Test
    void everyTaskRunsOnceAndAWorkerDoesOneAtATime() {
        for (int threads : new int[] {1, 2, 5})
            try (Workers workers = new Workers(threads)) {
                AtomicIntegerArray busy = new AtomicIntegerArray(threads);
                for (int round = 0; round < 2_000; round++) {
                    int tasks = round % 9;
                    AtomicIntegerArray times = new AtomicIntegerArray(9);
                    workers.run(tasks, (index, worker) -> {
                        assertThat(busy.incrementAndGet(worker)).isEqualTo(1);
                        times.incrementAndGet(index);
                        busy.decrementAndGet(worker);
                    });
                    for (int i = 0; i < 9; i++)
                        assertThat(times.get(i)).isEqualTo(i < tasks ? 1 : 0);
                }
            }
    }

    @Test
    void aFailureReachesTheCallerAndTheNextRoundWorks() {
        try (Workers workers = new Workers(3)) {
            assertThatThrownBy(() -> workers.run(10, (index, worker) -> {
                if (index == 7)
                    throw new IllegalStateException("seven");
            })).hasMessage("seven");
            int[] out = new int[100];
            workers.run(100, (index, worker) -> out[index] = index);
            assertThat(out[99]).isEqualTo(99);
        }
    }

    @Test
    void sharingOutWithinATaskIsAnError() {
        AtomicBoolean asked = new AtomicBoolean();
        try (Workers workers = new Workers(2)) {
            assertThatThrownBy(() -> workers.run(2, (index, worker) -> {
                asked.compareAndSet(false, worker == 0);
                if (worker == 0)
                    workers.run(2, (i, w) -> {});
                while (!asked.get()) // or one thread might take both
                    Thread.onSpinWait();
            })).hasMessageContaining("same workers");
        }
    }

    @Test
    void noThreadsIsAnError() {
        assertThatThrownBy(() -> new Workers(0)).hasMessageContaining("at least 1, was 0");
    }
}
