package io.quarry.eval;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How steps of a calculation are written down. */
class StoriesTest {
    private static final Pattern EQUATION = Pattern.compile("(\\d+) ([-+*/]) (\\d+) = (\\d+)");
    private static final int LARGEST = 99;

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"47 | + | 35 | 47 + 35: 40 + 30 = 70, 7 + 5 = 12, 70 + 12 = 82",
        "47 | + | 5 | 47 + 5: 7 + 5 = 12, 40 + 12 = 52", "5 | + | 47 | 5 + 47: 5 + 7 = 12, 40 + 12 = 52",
        "8 | + | 7 | 8 + 7 = 15", "40 | + | 35 | 40 + 35 = 75",
        "83 | - | 47 | 83 - 47: 83 - 40 = 43, 13 - 7 = 6, 30 + 6 = 36",
        "89 | - | 47 | 89 - 47: 89 - 40 = 49, 9 - 7 = 2, 40 + 2 = 42",
        "51 | - | 47 | 51 - 47: 51 - 40 = 11, 11 - 7 = 4", "40 | - | 7 | 40 - 7: 10 - 7 = 3, 30 + 3 = 33",
        "13 | - | 7 | 13 - 7 = 6", "83 | - | 40 | 83 - 40 = 43",
        "12 | * | 7 | 12 * 7: 10 * 7 = 70, 2 * 7 = 14, 70 + 14 = 84",
        "7 | * | 12 | 7 * 12: 7 * 10 = 70, 7 * 2 = 14, 70 + 14 = 84", "8 | * | 9 | 8 * 9 = 72",
        "3 | * | 30 | 3 * 30 = 90", "84 | / | 7 | 84 / 7: 70 / 7 = 10, 14 / 7 = 2, 10 + 2 = 12",
        "72 | / | 9 | 72 / 9 = 8", "90 | / | 3 | 90 / 3 = 30"})
    void worksAStepOutByTensAndOnes(int left, char operator, int right, String written) {
        assertThat(new Stories.Step(left, operator, right, Stories.result(left, operator, right)).worked())
                .isEqualTo(written);
    }

    /** Every step there is: its parts are true, end at its result, and each asks for one fact of the tables. */
    @Test
    void partsAreTrueAndSmall() {
        int steps = 0;
        for (char operator : "+-*/".toCharArray())
            for (int left = 1; left <= LARGEST; left++)
                for (int right = 1; right <= LARGEST; right++) {
                    int result = Stories.result(left, operator, right);
                    boolean large = (operator == '*' && Math.min(left, right) > 9) || (operator == '/' && right > 9);
                    if (result < 1 || result > LARGEST || large)
                        continue;
                    holds(new Stories.Step(left, operator, right, result));
                    steps++;
                }
        assertThat(steps).isGreaterThan(9000);
    }

    private static void holds(Stories.Step step) {
        Matcher parts = EQUATION.matcher(step.worked());
        int last = -1;
        while (parts.find()) {
            int left = Integer.parseInt(parts.group(1));
            char operator = parts.group(2).charAt(0);
            int right = Integer.parseInt(parts.group(3));
            last = Integer.parseInt(parts.group(4));
            assertThat(last).as(step.worked()).isEqualTo(Stories.result(left, operator, right));
            boolean round = left % 10 == 0 || right % 10 == 0 || last % 10 == 0;
            boolean table = operator == '-' ? right < 10 && last < 10 : right < 10 && (left < 10 || last < 10);
            assertThat(round || table).as(step.worked()).isTrue();
        }
        assertThat(last).as(step.worked()).isEqualTo(step.result());
    }

    @Test
    void aBriefSolutionSaysOnlyResults() {
        List<Stories.Step> steps = List.of(new Stories.Step(47, '+', 35, 82), new Stories.Step(82, '-', 9, 73));
        assertThat(Stories.brief(steps)).isEqualTo("47 + 35 = 82. 82 - 9 = 73. Answer: 73");
        assertThat(Stories.solution(steps)).isEqualTo("47 + 35: 40 + 30 = 70, 7 + 5 = 12, 70 + 12 = 82. "
                + "82 - 9: 12 - 9 = 3, 70 + 3 = 73. Answer: 73");
    }
}
