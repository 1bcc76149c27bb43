package io.quarry.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class WordsTest {

    @Test
    void caseAndPunctuationDoNotCount() {
        assertThat(Words.of("Hello, WORLD!")).isEqualTo(Words.of("hello world")).hasSize(2);
        assertThat(Words.of("hello worlds")).isNotEqualTo(Words.of("hello world"));
    }

    @Test
    void everyIdeographIsAWord() {
        assertThat(Words.of("日本語のabc")).hasSize(5);
    }

    @Test
    void similarityIsThatOfSets() {
        assertThat(Words.jaccard(new long[] {1, 2, 3}, new long[] {2, 3, 4})).isEqualTo(0.5);
        assertThat(Words.jaccard(new long[] {1}, new long[] {2})).isZero();
        assertThat(Words.shingles("a b c a b c a b c", 3)).hasSize(3);
        assertThat(Words.shingles("a b", 3)).hasSize(1);
    }

    /** The share of bands two texts have in common is what theory says it is for their similarity. */
    @Test
    void bandsMeetAsOftenAsTheoryPromises() {
        MinHash minHash = MinHash.forThreshold(0.8);
        assertThat(1 - Math.pow(1 - Math.pow(0.8, minHash.rows()), minHash.bands())).isGreaterThanOrEqualTo(0.99);
        Random random = new Random(7);
        int met = 0;
        int bands = 0;
        for (int trial = 0; trial < 60; trial++) {
            long[] both = random.longs(90).toArray();
            long[] a = with(both, random.longs(10).toArray());
            long[] b = with(both, random.longs(10).toArray());
            long[] first = minHash.bands(a);
            long[] second = minHash.bands(b);
            for (int i = 0; i < first.length; i++)
                met += first[i] == second[i] ? 1 : 0;
            bands += first.length;
        }
        double jaccard = 90 / 110.0;
        assertThat((double) met / bands).isCloseTo(Math.pow(jaccard, minHash.rows()), within(0.06));
    }

    private static long[] with(long[] a, long[] b) {
        long[] all = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, all, a.length, b.length);
        Arrays.sort(all);
        return all;
    }

    @Test
    void contaminationIsARunOfWords() {
        String item = IntStream.range(0, 20).mapToObj(i -> "word" + i).collect(Collectors.joining(" "));
        Decontaminate evaluation = Decontaminate.of(List.of(item, "too short to count"), 13);
        assertThat(evaluation.found("Before. " + item.substring(item.indexOf("word3")) + " after")).isTrue();
        String twelve = IntStream.range(3, 15).mapToObj(i -> "word" + i).collect(Collectors.joining(", "));
        assertThat(evaluation.found("before " + twelve + " after and a few more words so that there are enough"))
                .isFalse();
        assertThat(evaluation.found("too short to count")).isFalse();
    }
}
