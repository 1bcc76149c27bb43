package io.quarry.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarry.ledger.Hash;
import io.quarry.ledger.Progress;
import io.quarry.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CurateTest {
    private static final Recipe.Curation PLAN = new Recipe.Curation(80, 2000, 0.1, 0.8, 13, 0.35, 0.5, 0.1, 2);
    @TempDir
    static Path scratch;
    private static Engine engine;
    @TempDir
    Path dir;

    @BeforeAll
    static void start() {
        engine = Engine.start(2, scratch);
    }

    @AfterAll
    static void stop() throws IOException {
        engine.close();
    }

    private static Document document(String id, String text, String category) {
        return new Document(id, text, "test", "CC0-1.0", category, category.equals("code") ? Document.CODE : "", false);
    }

    /** Sentences of known words by chance, different enough not to be duplicates. */
    private static String prose(int seed) {
        String[] words = ("the a river house old man woman went came saw found near far under over light dark water stone "
                + "morning evening small great quiet loud garden field road north south winter summer bread song letter "
                + "brother sister teacher doctor ship horse window door table and but while because that which with from")
                .split(" ");
        Random random = new Random(seed);
        return IntStream.range(0, 60).mapToObj(i -> words[random.nextInt(words.length)])
                .collect(Collectors.joining(" ", "Once ", "."));
    }

    private Path write(String name, List<Document> documents) throws IOException {
        Path file = dir.resolve(name);
        try (Jsonl.Writer writer = new Jsonl.Writer(file)) {
            for (Document document : documents)
                writer.write(document);
        }
        return file;
    }

    private Map<String, Object> run(Path out, Path raw, List<Path> synthetic, Path evaluation) throws IOException {
        Files.createDirectories(out);
        return Curate.run(engine.spark(), new Curate.Inputs(raw, synthetic, evaluation), PLAN, out, Progress.SILENT);
    }

    private static Map<String, String> ids(Path out, String folder) throws IOException {
        Map<String, String> ids = new TreeMap<>();
        if (Files.isDirectory(out.resolve(folder)))
            for (Path file : Jsonl.files(out.resolve(folder), ".jsonl"))
                Jsonl.documents(file, d -> ids.put(d.id(), d.category() + " " + d.language()));
        return ids;
    }

    @Test
    void everyDocumentEitherComesOutOrHasAReason() throws IOException {
        String original = prose(1);
        String evaluated = prose(2);
        List<Document> all = new ArrayList<>(List.of(document("a", original, "web"), document("b", original, "web"),
                document("c", original.replace("Once", "Twice") + " The end.", "web"), document("d", "Short.", "web"),
                document("e", "It is said: " + evaluated, "web"), document("f", prose(3), "web"),
                document("g",
                        "Der Fluss entspringt in den Hügeln über der Stadt und fließt vierzig Meilen bis zum Meer; "
                                + "an seinen Ufern stehen Mühlen, von denen sich die meisten seit Jahren nicht mehr drehen.",
                        "web"),
                document("h",
                        "class A {\n  int sum(int a, int b) { return a + b; }\n  // adds what it is given, no more\n}\n"
                                + "interface B { void run(); }",
                        "code")));
        Path raw = write("raw/all.jsonl", all).getParent();
        Path evaluation = dir.resolve("evaluation.jsonl");
        Files.writeString(evaluation, Jsonl.JSON.writeValueAsString(Map.of("text", evaluated)) + "\n");
        Path out = dir.resolve("out");
        Map<String, Object> facts = run(out, raw, List.of(), evaluation);
        Map<String, String> kept = ids(out, "train");
        kept.putAll(ids(out, "held-out"));
        assertThat(kept).containsOnly(Map.entry("a", "web en"), Map.entry("f", "web en"),
                Map.entry("g", "multilingual de"), Map.entry("h", "code code"));
        assertThat(((Map<?, ?>) facts.get("dropped")).keySet()).map(Object::toString).containsExactly("contaminated",
                "copy", "near-duplicate", "too-short");
        assertThat(Files.readString(out.resolve("dropped/near-duplicate.jsonl"))).contains("\"id\":\"c\"", "of a");
        assertThat(facts.get("in")).isInstanceOfSatisfying(Outcome.Size.class,
                size -> assertThat(size.documents()).isEqualTo(8));
        assertThat(facts.get("out")).isInstanceOfSatisfying(Outcome.Size.class,
                size -> assertThat(size.documents()).isEqualTo(4));
    }

    @Test
    void partitionsAndFilesDoNotChangeAByte() throws IOException {
        List<Document> all = IntStream.range(0, 120).mapToObj(i -> document("d" + i,
                prose(i % 100) + (i >= 100 ? " And one word more." : ""), i % 3 == 0 ? "web-quality" : "web")).toList();
        Path one = write("one/all.jsonl", all).getParent();
        for (int part = 0; part < 5; part++) {
            int number = 4 - part;
            write("five/part" + part + ".jsonl", IntStream.range(0, 120).filter(i -> i % 5 == number)
                    .mapToObj(i -> all.get(119 - i)).toList());
        }
        run(dir.resolve("out1"), one, List.of(), null);
        String before = engine.spark().conf().get("spark.sql.shuffle.partitions");
        engine.spark().conf().set("spark.sql.shuffle.partitions", "7");
        run(dir.resolve("out5"), dir.resolve("five"), List.of(), null);
        engine.spark().conf().set("spark.sql.shuffle.partitions", before);
        Map<String, String> first = hashes(dir.resolve("out1"));
        assertThat(first).isEqualTo(hashes(dir.resolve("out5")));
        assertThat(first.keySet()).contains("train/web.jsonl", "held-out/web.jsonl", "held-out/web-quality.jsonl",
                "dropped/near-duplicate.jsonl");
    }

    private static Map<String, String> hashes(Path out) throws IOException {
        Map<String, String> all = new TreeMap<>();
        try (Stream<Path> files = Files.walk(out)) {
            for (Path file : files.filter(Files::isRegularFile).toList())
                all.put(out.relativize(file).toString(), Hash.of(file));
        }
        return all;
    }

    @Test
    void ourOwnMarkupIsKeptAsItIsButNotWhenItAnswersTheEvaluation() throws IOException {
        Path raw = write("raw/a.jsonl", List.of(document("a", prose(1), "web"))).getParent();
        String text = "<|start_of_role|>user<|end_of_role|>1 + 1?<|end_of_text|>\n";
        Path synthetic = write("synthetic.jsonl", List.of(
                new Document("s1", text, "sums", "CC0-1.0", "math", "en", true),
                new Document("s2", text, "sums", "CC0-1.0", "math", "en", true),
                new Document("s3", prose(9), "sums", "CC0-1.0", "math", "en", true)));
        Path evaluation = dir.resolve("evaluation.jsonl");
        Files.writeString(evaluation, Jsonl.JSON.writeValueAsString(prose(9)) + "\n");
        Path out = dir.resolve("out");
        run(out, raw, List.of(synthetic), evaluation);
        assertThat(ids(out, "train")).containsKeys("s1").doesNotContainKeys("s2", "s3");
        assertThat(Files.readString(out.resolve("train/math.jsonl"))).contains("<|end_of_text|>\\n");
    }

    @Test
    void badInputIsASentence() throws IOException {
        Path empty = Files.createDirectories(dir.resolve("empty"));
        assertThatThrownBy(() -> run(dir.resolve("out"), empty, List.of(), null))
                .hasMessageContaining("has no documents (*.jsonl); fetch the sources first");
        Path twice = write("twice/a.jsonl", List.of(document("x", prose(1), "web"), document("x", prose(2), "web")))
                .getParent();
        assertThatThrownBy(() -> run(dir.resolve("out"), twice, List.of(), null))
                .hasMessage("the id x belongs to 2 documents; every document needs an id of its own");
    }

    @Test
    void aFileThatHoldsNoDocumentsIsNamed() throws IOException {
        Files.createDirectories(dir.resolve("bad"));
        Files.writeString(dir.resolve("bad/a.jsonl"), "{\"id\": 3}\n");
        assertThatThrownBy(() -> {
            try {
                run(dir.resolve("out"), dir.resolve("bad"), List.of(), null);
            } catch (Exception e) { // as Curate.run does for callers
                throw Engine.sentence(e);
            }
        }).isInstanceOf(IOException.class)
                .hasMessageStartingWith("a line of " + dir.resolve("bad/a.jsonl") + " is no document");
    }

    @Test
    void parquetOfAUserIsRead() throws IOException {
        Path file = dir.resolve("texts.parquet");
        engine.spark().sql("select 'Ein Text' as text, 1 as other").coalesce(1).write().parquet(file.toString());
        List<String> texts = new ArrayList<>();
        engine.parquetTexts(file, (place, text, language) -> texts.add(place + " " + text));
        assertThat(texts).containsExactly("texts.parquet:0 Ein Text");
        Path other = dir.resolve("other.parquet");
        engine.spark().sql("select 1 as txt").write().parquet(other.toString());
        assertThatThrownBy(() -> engine.parquetTexts(other, (place, text, language) -> {}))
                .hasMessageContaining("has no column text with strings; it has txt");
    }
}
