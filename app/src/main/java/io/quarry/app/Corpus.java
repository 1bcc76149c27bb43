package io.quarry.app;

import io.quarry.chat.Template;
import io.quarry.data.Curate;
import io.quarry.data.Jsonl;
import io.quarry.data.Shards;
import io.quarry.data.Sources;
import io.quarry.data.TokenizerSample;
import io.quarry.ledger.Hash;
import io.quarry.recipe.Recipe;
import io.quarry.text.BpeTrainer;
import io.quarry.text.Tokenizer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The stages from sources to tokens. */
final class Corpus {
    static final String SOURCES = "sources";
    static final String CURATE = "curate";
    static final String TOKENIZER = "tokenizer";
    static final String TOKENS = "tokens";
    static final String LONG_DOCUMENTS = "long-documents";
    private static final String VERSION = "2";
    private static final String ENDING = ".tok";

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private Corpus() {}

    /** Text as it comes, after the policy has seen its licences. */
    static Stage sources(Recipe recipe, Path recipeDir) throws IOException {
        Map<String, Object> part = new LinkedHashMap<>();
        part.put("sources", recipe.sources());
        part.put("policy", recipe.policy());
        part.put("files", files(recipe, recipeDir));
        return new Stage(SOURCES, VERSION, "sources", part, List.of(),
                c -> Sources.fetch(recipe.sources(), recipe.policy(), c.recipeDir(), c.out(), c.progress()));
    }

    /** Hashes of a user's own files: when one changes, all that was made of it is made again. */
    private static Map<String, String> files(Recipe recipe, Path recipeDir) throws IOException {
        Map<String, String> hashes = new TreeMap<>();
        for (Recipe.Source source : recipe.sources()) {
            if (source.file() == null || !Files.exists(recipeDir.resolve(source.file())))
                continue; // one that is not there is named when it is read
            try (Stream<Path> all = Files.walk(recipeDir.resolve(source.file()))) {
                for (Path file : all.filter(Files::isRegularFile).toList())
                    hashes.put(recipeDir.relativize(file).toString(), Hash.of(file));
            }
        }
        return hashes;
    }

    /** Sources and synthetic documents, cleaned, without duplicates and without what the evaluation asks. */
    static Stage curate(Recipe recipe) {
        return new Stage(CURATE, VERSION, "documents", recipe.curation(), List.of(SOURCES, Synthesis.DOCUMENTS),
                c -> counted(Curate.run(
                        new Curate.Inputs(c.in(SOURCES),
                                List.of(c.in(Synthesis.DOCUMENTS).resolve(Synthesis.DOCUMENT_FILE)),
                                c.in(Synthesis.DOCUMENTS).resolve(Synthesis.QUESTION_FILE)),
                        recipe.curation(), c.out(), c.threads(), c.progress()), c.out()));
    }

    /** What was dropped, once by reason and once by category and reason, as the report draws it, with samples. */
    private static Map<String, Object> counted(Map<String, Object> curated, Path out) throws IOException {
        JsonNode drops = JSON.valueToTree(curated.get("drops"));
        Map<String, Long> byReason = new TreeMap<>();
        Map<String, Map<String, Long>> byCategory = new TreeMap<>();
        for (JsonNode drop : drops) {
            String reason = drop.path("reason").asString();
            long documents = drop.path("documents").asLong();
            byReason.merge(reason, documents, Long::sum);
            byCategory.computeIfAbsent(drop.path("category").asString(), _ -> new TreeMap<>()).merge(reason, documents,
                    Long::sum);
        }
        Map<String, List<String>> samples = new TreeMap<>();
        for (String reason : byReason.keySet())
            for (String line : Files.readAllLines(out.resolve("dropped").resolve(reason + ".jsonl")))
                samples.computeIfAbsent(reason, _ -> new ArrayList<>())
                        .add(JSON.readTree(line).path("document").path("text").asString());
        Map<String, Object> facts = new LinkedHashMap<>(curated);
        facts.remove("dropped");
        facts.put("drops", byReason);
        facts.put("dropsByCategory", byCategory);
        facts.put("dropsBySource", curated.get("drops"));
        facts.put("dropSamples", samples);
        facts.put("splits", facts.remove("bySplit"));
        return facts;
    }

    /** A tokenizer trained on a sample that is balanced over the languages. */
    static Stage tokenizer(Recipe recipe) {
        Recipe.TokenizerPlan plan = recipe.tokenizer();
        return new Stage(TOKENIZER, VERSION, "tokenizer", plan, List.of(CURATE), c -> {
            Tokenizer tokenizer = BpeTrainer.train(
                    TokenizerSample.texts(c.in(CURATE), plan.sampleBytes(), plan.balance(), c.seed()), plan,
                    c.progress());
            tokenizer.save(c.out(), longest(recipe), Template.jinja());
            Map<String, Object> facts = new LinkedHashMap<>();
            facts.put("vocabulary", tokenizer.vocabulary());
            facts.put("bytesPerToken", bytesPerToken(c.in(CURATE), tokenizer));
            return facts;
        });
    }

    /** How many bytes of held-out text a token stands for, by language: what the balance of the sample is for. */
    private static Map<String, Double> bytesPerToken(Path documents, Tokenizer tokenizer) throws IOException {
        Map<String, long[]> counts = new TreeMap<>();
        try (Stream<Path> files = Files.list(documents.resolve("held-out"))) {
            for (Path file : files.filter(f -> f.toString().endsWith(".jsonl")).toList())
                Jsonl.documents(file, document -> {
                    if (document.markup())
                        return;
                    long[] count = counts.computeIfAbsent(document.language(), _ -> new long[2]);
                    count[0] += document.text().getBytes(StandardCharsets.UTF_8).length;
                    count[1] += tokenizer.encode(document.text()).length;
                });
        }
        Map<String, Double> ratio = new TreeMap<>();
        counts.forEach((language, count) -> ratio.put(language, (double) count[0] / Math.max(1, count[1])));
        return ratio;
    }

    private static int longest(Recipe recipe) {
        return Stream.concat(recipe.pretraining().stream(), recipe.longContext().stream().map(e -> e.phase()))
                .mapToInt(Recipe.Phase::sequenceLength).max().orElse(0);
    }

    /** All documents as tokens, a file per category and split. */
    static Stage tokens() {
        return new Stage(TOKENS, VERSION, "tokens", null, List.of(CURATE, TOKENIZER),
                c -> byCategory(Shards.write(c.in(CURATE), c.in(TOKENIZER), c.out(), c.threads(), c.progress())));
    }

    /** The counts of tokens as the report and {@link Synthesis#longDocuments} have them: by split and category. */
    private static Map<String, Object> byCategory(Map<String, Object> shards) {
        Map<String, Object> facts = new LinkedHashMap<>(shards);
        facts.put("tokens", tokens(shards.get("train")));
        facts.put("heldOut", tokens(shards.get("held-out")));
        return facts;
    }

    private static Map<String, Long> tokens(Object facts) {
        Map<String, Long> tokens = new TreeMap<>();
        if (facts instanceof Map<?, ?> categories)
            categories.forEach((category, fact) -> tokens.put((String) category, ((Shards.Fact) fact).tokens()));
        return tokens;
    }

    /** Where the tokens of a category lie; {@code split} is {@code train} or {@code held-out}. */
    static Path tokenFile(Path artifact, String split, String category) {
        return artifact.resolve(split).resolve(category + ENDING);
    }

    /** All token files of a split, by category. */
    static Map<String, Path> tokenFiles(Path artifact, String split) throws IOException {
        Map<String, Path> files = new TreeMap<>();
        Path folder = artifact.resolve(split);
        if (!Files.isDirectory(folder))
            return files;
        try (Stream<Path> all = Files.list(folder)) {
            for (Path file : all.toList()) {
                String name = file.getFileName().toString();
                if (name.endsWith(ENDING))
                    files.put(name.substring(0, name.length() - ENDING.length()), file);
            }
        }
        return files;
    }
}
