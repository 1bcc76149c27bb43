package io.quarry.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StopStringsTest {
    @Test
    void holdsBackWhatMayBeTheBeginOfAStop() {
        StopStrings stops = new StopStrings(List.of("END", "\n\n"));
        assertThat(stops.next("one E")).isEqualTo("one ");
        assertThat(stops.next("N")).isEmpty();
        assertThat(stops.next("Tity\n")).isEqualTo("ENTity");
        assertThat(stops.next("two\n")).isEqualTo("\ntwo");
        assertThat(stops.met()).isFalse();
        assertThat(stops.next("\nEND")).isEmpty();
        assertThat(stops.met()).isTrue();
        assertThat(stops.next("more")).isEmpty();
        assertThat(stops.end()).isEmpty();
    }

    @Test
    void givesBackAtTheEndWhatWasNoStop() {
        StopStrings stops = new StopStrings(List.of("END"));
        assertThat(stops.next("the EN")).isEqualTo("the ");
        assertThat(stops.end()).isEqualTo("EN");
    }

    @Test
    void cutsLikeASearchInTheWholeTextHoweverItComes() {
        Random random = new Random(1);
        for (int round = 0; round < 20_000; round++) {
            String text = letters(random, random.nextInt(30));
            List<String> wanted = new ArrayList<>();
            for (int i = random.nextInt(4); i >= 0; i--)
                wanted.add(letters(random, 1 + random.nextInt(4)));
            int first = wanted.stream().mapToInt(text::indexOf).filter(at -> at >= 0).min().orElse(text.length());

            StopStrings stops = new StopStrings(wanted);
            StringBuilder out = new StringBuilder();
            for (int at = 0; at < text.length() && !stops.met();) {
                int to = Math.min(text.length(), at + random.nextInt(5));
                out.append(stops.next(text.substring(at, to)));
                at = to;
            }
            out.append(stops.end());
            assertThat(text).as("%s in %s", wanted, text).startsWith(out);
            // Of several, the one that is complete first ends the text, though a longer one may begin before it.
            if (wanted.size() == 1)
                assertThat(out.toString()).as("%s in %s", wanted, text).isEqualTo(text.substring(0, first));
            else
                assertThat(wanted).as("in %s", text).noneMatch(out.toString()::contains);
        }
    }

    private static String letters(Random random, int length) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < length; i++)
            out.append((char) ('a' + random.nextInt(2)));
        return out.toString();
    }
}
