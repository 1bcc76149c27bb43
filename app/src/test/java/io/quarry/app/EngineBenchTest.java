package io.quarry.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What counts as saying tokens together. */
class EngineBenchTest {
    private static final long SECOND = 1_000_000_000;

    private static long[] seconds(long... times) {
        for (int i = 0; i < times.length; i++)
            times[i] *= SECOND;
        return times;
    }

    @Test
    void oneTextIsMeasuredFromItsFirstToken() {
        assertThat(EngineBench.together(List.of(seconds(10, 12, 14, 16)))).isEqualTo(0.5);
    }

    @Test
    void aTextThatIsAloneAtFirstOrAtLastDoesNotCount() {
        List<long[]> said = List.of(seconds(1, 5, 9, 10, 11), seconds(9, 10, 11, 12, 20));
        assertThat(EngineBench.together(said)).isEqualTo(2);
    }

    @Test
    void textsThatNeverMeetAreMeasuredFromTheFirstTokenToTheLast() {
        assertThat(EngineBench.together(List.of(seconds(1, 2), seconds(3, 6)))).isEqualTo(3.0 / 5);
    }
}
