package io.quarry.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class WagerTest {
    /** Steps of one row that a text costs when a guess is right so often; without guesses it would be one a token. */
    private static double cost(double chance, int tokens, int running, double guessing) {
        double row = 0.25;
        Wager wager = guessing == 0 ? new Wager(row, 0, 0.5, 0.005) : new Wager(row, guessing, 2, 0.02);
        Random random = new Random(1);
        double cost = 0;
        for (int said = 0; said < tokens;) {
            int guessed = wager.most(running);
            int right = 0;
            while (right < guessed && random.nextDouble() < chance)
                right++;
            wager.settle(guessed, right, running);
            cost += (1 - row) / running + row * (1 + guessed) + guessing * guessed;
            said += right + 1;
        }
        return cost / ((1 - row) / running + row) / tokens;
    }

    @Test
    void guessesThatFailCostLittle() {
        for (int running : new int[] {1, 2, 4, 5})
            for (double chance : new double[] {0, 0.02, 0.1, 0.2}) {
                assertThat(cost(chance, 200, running, 0)).as("%d, %f", running, chance).isLessThan(1.02);
                assertThat(cost(chance, 500, running, 0.2)).as("%d, %f", running, chance).isLessThan(1.04);
            }
        assertThat(cost(0, 60, 1, 0)).isLessThan(1.02);
    }

    @Test
    void guessesThatAreRightAreWorthMuch() {
        assertThat(cost(1, 200, 1, 0)).isLessThan(0.4);
        assertThat(cost(0.9, 200, 1, 0)).isLessThan(0.67);
        assertThat(cost(0.7, 1000, 1, 0)).isLessThan(0.87);
        assertThat(cost(1, 200, 4, 0)).isLessThan(0.75);
        assertThat(cost(0.9, 400, 1, 0.1)).isLessThan(0.8);
    }

    @Test
    void aFullStepIsNotMadeFuller() {
        assertThat(cost(1, 100, 5, 0)).isCloseTo(1, within(1e-9));
    }
}
