package io.quarry.infer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PromptLookupTest {
    /** The longest agreement up to 32 tokens, of those the last; by trying every place. */
    private static int place(int[] tokens, int length, int least) {
        int found = -1;
        int agreed = least - 1;
        for (int place = length - 2; place >= 2; place--) {
            int n = 0;
            while (n < PromptLookup.MOST_AGREEING && n <= place && tokens[place - n] == tokens[length - 1 - n])
                n++;
            if (n > agreed) {
                agreed = n;
                found = place;
            }
        }
        return found;
    }

    @Test
    void guessesWhatFollowedTheLongestAgreement() {
        Random random = new Random(1);
        int guesses = 0;
        for (int round = 0; round < 300; round++) {
            int[] tokens = new int[120];
            int words = 2 + random.nextInt(40);
            for (int i = 0; i < tokens.length; i++) // part copied, part new
                tokens[i] = i > 20 && random.nextInt(8) > 0 ? tokens[i - 17] : random.nextInt(words);
            PromptLookup lookup = new PromptLookup(tokens.length);
            for (int length = 1 + random.nextInt(60); length < 110; length += 1 + random.nextInt(5)) {
                int least = random.nextBoolean() ? 3 : 6;
                int[] copy = tokens.clone();
                int guessed = lookup.guess(copy, length, least, 7);
                assertThat(Arrays.copyOf(copy, length)).containsExactly(Arrays.copyOf(tokens, length));
                int place = place(tokens, length, least);
                if (words > 12) // with fewer, more than 16 places agree and not all are looked at
                    assertThat(guessed).isEqualTo(place < 0 ? 0 : 7);
                if (guessed == 0 || words <= 12)
                    continue;
                guesses++;
                for (int i = 1; i <= 7; i++)
                    assertThat(copy[length - 1 + i]).isEqualTo(copy[place + i]);
            }
        }
        assertThat(guesses).isGreaterThan(1000);
    }

    @Test
    void aTextThatRepeatsGoesOnRepeating() {
        int[] tokens = new int[40];
        for (int i = 0; i < 12; i++)
            tokens[i] = i % 4;
        assertThat(new PromptLookup(40).guess(tokens, 12, 3, 20)).isEqualTo(20);
        for (int i = 0; i < 32; i++)
            assertThat(tokens[i]).isEqualTo(i % 4);
    }

    @Test
    void shortAndNewTextsHaveNothingToFind() {
        for (int length = 1; length < 30; length++) {
            int[] tokens = new int[40];
            Arrays.setAll(tokens, i -> i);
            assertThat(new PromptLookup(40).guess(tokens, length, 3, 7)).isZero();
        }
    }
}
