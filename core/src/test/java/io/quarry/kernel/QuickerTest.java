package io.quarry.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class QuickerTest {
    /** Turns out of {@code count} that go the second way, where one takes so many nanoseconds. */
    private static int seconds(Quicker quicker, int count, long first, long second) {
        int seconds = 0;
        for (int i = 0; i < count; i++) {
            boolean way = quicker.second();
            quicker.took(way, 3 * (way ? second : first), 3);
            if (way)
                seconds++;
        }
        return seconds;
    }

    @Test
    void takesTheQuickerWayAndTriesTheOtherNowAndThen() {
        assertThat(seconds(new Quicker(), 2560, 100, 50)).isBetween(2400, 2560 - 64 - 75);
        assertThat(seconds(new Quicker(), 2560, 50, 100)).isBetween(64 + 75, 64 + 110);
    }

    @Test
    void changesItsMindWhenTheOtherHasBecomeQuicker() {
        Quicker quicker = new Quicker();
        seconds(quicker, 1000, 100, 200);
        assertThat(seconds(quicker, 1000, 100, 50)).isGreaterThan(700);
        assertThat(seconds(quicker, 20_000, 100, 500)).as("one way became slow").isLessThan(2000);
    }

    @Test
    void aSlowBeginningIsForgotten() {
        Quicker quicker = new Quicker();
        seconds(quicker, 50, 10, 100_000);
        assertThat(seconds(quicker, 1000, 10, 5)).isGreaterThan(700);
    }
}
