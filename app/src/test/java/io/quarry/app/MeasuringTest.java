package io.quarry.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import org.junit.jupiter.api.Test;

class MeasuringTest {
    @Test
    void weighsTheMeasuredCategoriesByTheirShares() {
        Map<String, Double> mix = Map.of("web", 0.6, "code", 0.2, "math", 0.2);
        assertThat(Measuring.weighted(Map.of("web", 3.0, "code", 1.0, "books", 9.0), mix)).isCloseTo(2.5,
                within(1e-12));
        assertThat(Measuring.weighted(Map.of("books", 9.0), mix)).isNaN();
    }
}
