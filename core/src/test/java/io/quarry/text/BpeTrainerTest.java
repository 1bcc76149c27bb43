package io.quarry.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarry.ledger.Progress;
import io.quarry.recipe.Recipe;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BpeTrainerTest {
    private static final String TEXT = "the cat sat on the mat; the other cats thaw there. 1999 and 1998, aaaaaaa aaa "
            + "naïve café, 東京 東京タワー, über überall Überraschung\n\n    then the then\n        theme\n";

    private static Recipe.TokenizerPlan plan(int vocabulary, boolean mergeDigits) {
        return new Recipe.TokenizerPlan(vocabulary, 1 << 20, 0.5, mergeDigits);
    }

    static String sample() throws IOException {
        try (InputStream in = BpeTrainerTest.class.getResourceAsStream("/golden/tokenizer-sample.txt")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** The tokenizer of all golden encodings; the copy in target/ is there to be committed after a wanted change. */
    @Test
    void trainsTheTokenizerOfTheGoldenEncodings() throws Exception {
        Path made = Files.createDirectories(Path.of("target/golden"));
        BpeTrainer.train(sample().lines().iterator(), plan(1000, false), Progress.SILENT).save(made, 4096, "");
        try (InputStream in = BpeTrainerTest.class.getResourceAsStream("/golden/tokenizer.json")) {
            assertThat(Files.readAllBytes(made.resolve("tokenizer.json"))).isEqualTo(in.readAllBytes());
        }
    }

    /** The definition: count all pairs anew, take the best, merge it everywhere. */
    private static List<GraniteJson.Pair> slow(String text, int merges) {
        List<List<String>> words = new ArrayList<>();
        Text utf8 = Utf8.text(text);
        for (int at = 0; at < utf8.length();) {
            int end = Llama3Cut.THREES.next(utf8.bytes(), at, utf8.length());
            List<String> word = new ArrayList<>();
            for (int i = at; i < end; i++)
                word.add(String.valueOf(ByteAlphabet.character(utf8.bytes()[i])));
            words.add(word);
            at = end;
        }
        Map<String, Integer> ids = new HashMap<>();
        for (int i = 0; i < 256; i++)
            ids.put(String.valueOf(ByteAlphabet.character(ByteAlphabet.byteOf(i))), i);
        List<GraniteJson.Pair> out = new ArrayList<>();
        while (out.size() < merges) {
            Map<Long, Integer> counts = new TreeMap<>();
            Map<Long, GraniteJson.Pair> pairs = new HashMap<>();
            for (List<String> word : words)
                for (int i = 0; i + 1 < word.size(); i++) {
                    long key = (long) ids.get(word.get(i)) << 32 | ids.get(word.get(i + 1));
                    counts.merge(key, 1, Integer::sum);
                    pairs.put(key, new GraniteJson.Pair(word.get(i), word.get(i + 1)));
                }
            if (counts.isEmpty())
                break;
            int most = counts.values().stream().mapToInt(Integer::intValue).max().getAsInt();
            long best = counts.entrySet().stream().filter(e -> e.getValue() == most).findFirst().orElseThrow()
                    .getKey();
            GraniteJson.Pair pair = pairs.get(best);
            out.add(pair);
            ids.putIfAbsent(pair.left() + pair.right(), ids.size());
            for (List<String> word : words)
                for (int i = 0; i + 1 < word.size(); i++)
                    if (word.get(i).equals(pair.left()) && word.get(i + 1).equals(pair.right())) {
                        word.set(i, pair.left() + pair.right());
                        word.remove(i + 1);
                    }
        }
        return out;
    }

    @Test
    void learnsTheMergesOfTheSlowDefinition() {
        List<GraniteJson.Pair> want = slow(TEXT, 200);
        assertThat(want).hasSizeGreaterThan(50);
        assertThat(BpeTrainer.merges(List.of(TEXT).iterator(), plan(1024, true), 200)).isEqualTo(want);
    }

    @Test
    void sameTextsGiveTheSameFileInAnyOrder(@TempDir Path one, @TempDir Path two) throws Exception {
        List<String> texts = List.of(TEXT, sample(), "and then some more of it all");
        BpeTrainer.train(texts.iterator(), plan(600, false), Progress.SILENT).save(one, 4096, "a");
        BpeTrainer.train(texts.reversed().iterator(), plan(600, false), Progress.SILENT).save(two, 4096, "a");
        assertThat(Files.readString(one.resolve("tokenizer.json")))
                .isEqualTo(Files.readString(two.resolve("tokenizer.json")));
    }

    @Test
    void leavesDigitsApartUnlessToldToMergeThem() throws Exception {
        String text = sample() + "1999 ".repeat(100);
        Tokenizer apart = BpeTrainer.train(List.of(text).iterator(), plan(600, false), Progress.SILENT);
        Tokenizer merged = BpeTrainer.train(List.of(text).iterator(), plan(600, true), Progress.SILENT);
        assertThat(apart.encode("1999")).hasSize(4);
        assertThat(merged.encode("1999")).hasSize(2); // 199 and 9: pretokens of numbers have three digits
    }

    @Test
    void putsGranitesSpecialTokensBehindTheBaseVocabulary() throws Exception {
        Tokenizer tokenizer = BpeTrainer.train(List.of(sample()).iterator(), plan(600, false), Progress.SILENT);
        assertThat(tokenizer.vocabulary()).isEqualTo(600);
        assertThat(tokenizer.id(Specials.PAD)).isEqualTo(600 - 28);
        assertThat(tokenizer.id(Specials.END_OF_TEXT)).isEqualTo(600 - 27);
        assertThat(tokenizer.id(Specials.END_DOCUMENTS)).isEqualTo(599);
        assertThat(tokenizer.special(tokenizer.id(Specials.START_OF_ROLE))).isTrue();
        assertThat(tokenizer.special(tokenizer.id(Specials.TOOL_CALL))).isFalse();
    }

    @Test
    void saysWhenTheTextIsTooLittle() {
        assertThatThrownBy(
                () -> BpeTrainer.train(List.of("too little").iterator(), plan(600, false), Progress.SILENT))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("sample of 10 bytes")
                .hasMessageContaining("tokenizer.vocabulary is 600");
    }

    @Test
    void readsNoMoreThanTheSample() {
        Recipe.TokenizerPlan small = new Recipe.TokenizerPlan(512, 20, 0.5, true);
        List<GraniteJson.Pair> merges = BpeTrainer.merges(List.of("ab ab ab ab ab ab ab", "zz zz zz zz").iterator(),
                small, 100);
        assertThat(merges).extracting(GraniteJson.Pair::left).doesNotContain("z");
    }
}
