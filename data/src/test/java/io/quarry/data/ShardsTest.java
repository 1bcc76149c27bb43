package io.quarry.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.quarry.ledger.Progress;
import io.quarry.recipe.Recipe;
import io.quarry.text.BpeTrainer;
import io.quarry.text.Specials;
import io.quarry.text.TokenFile;
import io.quarry.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShardsTest {
    @TempDir
    Path dir;

    private Path tokenizer() throws IOException {
        String words = IntStream.range(0, 3000).mapToObj(i -> Integer.toString(i * 7919, 36))
                .collect(Collectors.joining(" ", "the fox number ", ""));
        Tokenizer trained = BpeTrainer.train(List.of(words).iterator(), new Recipe.TokenizerPlan(512, 100_000, 1, true),
                Progress.SILENT);
        Path folder = Files.createDirectories(dir.resolve("tokenizer"));
        trained.save(folder, 512, "");
        return folder;
    }

    private void write(String name, List<Document> documents) throws IOException {
        try (Jsonl.Writer writer = new Jsonl.Writer(dir.resolve("docs").resolve(name))) {
            for (Document document : documents)
                writer.write(document);
        }
    }

    private static Document document(String id, String text, String language, boolean markup) {
        return new Document(id, text, "test", "CC0-1.0", "web", language, markup);
    }

    @Test
    void everyDocumentEndsOnceInItsOrder() throws IOException {
        List<Document> many = new ArrayList<>();
        for (int i = 0; i < 600; i++)
            many.add(document("d" + i, "the fox number " + i, "en", false));
        many.add(document("m", "<|start_of_role|>user<|end_of_role|>hi<|end_of_text|>", "en", true));
        many.add(document("plain", "<|end_of_text|> is only text here", "de", false));
        write("train/web.jsonl", many);
        write("held-out/web.jsonl", many.subList(0, 1));
        Path out = Files.createDirectories(dir.resolve("out"));
        Path tokenizer = tokenizer();
        Map<String, Object> facts = Shards.write(dir.resolve("docs"), tokenizer, out, 3, Progress.SILENT);
        Tokenizer encoder = Tokenizer.open(tokenizer);
        int end = encoder.id(Specials.END_OF_TEXT);
        try (TokenFile file = TokenFile.open(out.resolve("train/web.tok"))) {
            assertThat(file.documents()).isEqualTo(602);
            for (int d = 0; d < 602; d++)
                assertThat(file.document(d)).endsWith(end).containsOnlyOnce(end);
            assertThat(encoder.decode(file.document(599), true)).isEqualTo("the fox number 599");
            assertThat(file.document(600)).startsWith(encoder.id(Specials.START_OF_ROLE));
            assertThat(encoder.decode(file.document(601), true)).isEqualTo("<|end_of_text|> is only text here");
            assertThat(((Map<?, ?>) facts.get("train")).get("web"))
                    .isInstanceOfSatisfying(Shards.Fact.class, f -> assertThat(f.tokens()).isEqualTo(file.tokens()));
        }
        assertThat(facts).containsEntry("documents", 603L);
        assertThat(facts.get("tokensByLanguage")).asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.MAP)
                .containsOnlyKeys("de", "en");
        assertThatThrownBy(() -> Shards.write(dir, tokenizer, out, 1, Progress.SILENT))
                .hasMessageContaining("has no train/*.jsonl; curate first");
    }

    @Test
    void sharesFollowTheExponentAndFillUp() {
        Map<String, Long> found = Map.of("en", 1_000_000L, "de", 10_000L);
        Map<String, Double> even = TokenizerSample.shares(found, 100_000, 0);
        assertThat(even.get("de")).isEqualTo(1.0);
        assertThat(even.get("en")).isCloseTo(0.09, within(1e-9));
        Map<String, Double> found1 = TokenizerSample.shares(found, 101_000, 1);
        assertThat(found1.get("de")).isCloseTo(0.1, within(1e-9));
        assertThat(found1.get("en")).isCloseTo(0.1, within(1e-9));
        assertThat(TokenizerSample.shares(found, 1L << 40, 0.5).values()).containsOnly(1.0);
    }

    @Test
    void theSampleIsTheSameForTheSameSeed() throws IOException {
        List<Document> many = new ArrayList<>();
        for (int i = 0; i < 400; i++)
            many.add(document("d" + i, "text number " + i + " of many", i % 10 == 0 ? "de" : "en", false));
        write("train/web.jsonl", many);
        List<String> first = sample(1);
        assertThat(first).isEqualTo(sample(1)).isNotEqualTo(sample(2));
        assertThat(first.stream().mapToInt(String::length).sum()).isBetween(2_000, 4_500);
    }

    private List<String> sample(long seed) throws IOException {
        List<String> all = new ArrayList<>();
        TokenizerSample.texts(dir.resolve("docs"), 3_000, 0.5, seed).forEachRemaining(all::add);
        return all;
    }
}
