package io.quarry.data;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.when;

import io.quarry.ledger.Progress;
import io.quarry.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.storage.StorageLevel;

/**
 * From raw text to documents worth learning from: the chain of steps, on one page. A step does not remove a document but
 * gives it a reason to go; what went, and why, is counted and can be looked at. The same text and thresholds give the
 * same bytes, whatever the number of threads.
 */
public final class Curate {
    private Curate() {}

    /**
     * What goes in.
     *
     * @param raw        folder with the documents of {@link Sources}
     * @param synthetic  files or folders of our own documents, as JSONL
     * @param evaluation file of evaluation texts ({@code {"text": ...}} a line), null if nothing is evaluated
     */
    public record Inputs(Path raw, List<Path> synthetic, Path evaluation) {
        public Inputs {
            synthetic = List.copyOf(synthetic);
        }
    }

    /**
     * Curates; writes {@code train/<category>.jsonl}, {@code held-out/<category>.jsonl} and
     * {@code dropped/<reason>.jsonl}.
     *
     * @param out     an existing folder; Spark spills into a subfolder that is gone at the end
     * @param threads tasks at once; 0 takes what the container allows
     * @return facts, see {@link Outcome}
     */
    public static Map<String, Object> run(Inputs in, Recipe.Curation plan, Path out, int threads, Progress progress)
            throws IOException {
        try (Engine engine = Engine.start(threads, Files.createTempDirectory(out, "spark"))) {
            return run(engine.spark(), in, plan, out, progress);
        }
    }

    static Map<String, Object> run(SparkSession spark, Inputs in, Recipe.Curation plan, Path out, Progress progress)
            throws IOException {
        List<String> evaluation = in.evaluation() == null ? List.of() : Jsonl.texts(in.evaluation());
        progress.at(0, 3, "steps", "normal form, languages, rules, copies, contamination");
        Dataset<Row> raw = read(spark, in);
        Dataset<Row> normal = normalised(raw, plan.maxCharacters());
        Dataset<Row> named = languages(normal, plan.languageConfidence());
        Dataset<Row> good = rules(named, Filters.of(plan));
        Dataset<Row> unique = copies(good);
        Dataset<Row> clean = contamination(unique, Decontaminate.of(evaluation, plan.contaminationWords()))
                .persist(StorageLevel.MEMORY_AND_DISK());
        clean.count();
        progress.at(1, 3, "steps", "near-duplicates");
        Dataset<Row> different = nearDuplicates(spark, clean, plan.nearDuplicateJaccard());
        progress.at(2, 3, "steps", "writing");
        Map<String, Object> facts = new Outcome(plan, out).write(raw, different);
        facts.put("evaluationTexts", evaluation.size());
        clean.unpersist();
        progress.at(3, 3, "steps", "done");
        return facts;
    }

    private static Dataset<Row> read(SparkSession spark, Inputs in) throws IOException {
        List<Path> files = new ArrayList<>(Jsonl.files(in.raw(), ".jsonl"));
        for (Path synthetic : in.synthetic())
            files.addAll(Jsonl.files(synthetic, ".jsonl"));
        if (files.isEmpty())
            throw new IOException(in.raw() + " has no documents (*.jsonl); fetch the sources first");
        return spark.read().schema(Judged.DOCUMENT).option("mode", "FAILFAST")
                .json(files.stream().map(file -> file.toUri().toString()).toArray(String[]::new));
    }

    /** One form for all texts, long ones in parts. Our own markup is as it should be and is not touched. */
    private static Dataset<Row> normalised(Dataset<Row> raw, int maxCharacters) {
        return raw.flatMap((FlatMapFunction<Row, Row>) row -> {
            Document document = Judged.of(row).document();
            List<String> parts = document.markup()
                    ? List.of(document.text())
                    : Normalise.parts(Normalise.text(document.text()), maxCharacters);
            return IntStream.range(0, parts.size())
                    .mapToObj(n -> new Judged(document.part(n, parts.get(n)), null, null).row()).iterator();
        }, Judged.ROWS);
    }

    /**
     * Finds the language where the source does not say it. What a source of general text ({@code web}) has in other
     * languages than English goes to {@code multilingual}, as Granite's mixes keep the two apart.
     */
    private static Dataset<Row> languages(Dataset<Row> normal, double confidence) {
        return normal.map((MapFunction<Row, Row>) row -> {
            Judged judged = Judged.of(row);
            Document document = judged.document();
            if (document.markup() || !document.language().isEmpty())
                return row;
            Languages.Guess guess = Languages.guess(document.text());
            boolean foreign = document.category().equals("web") && !guess.language().equals("en");
            Document named = document.with(document.text(), foreign ? "multilingual" : document.category(),
                    guess.language());
            boolean sure = guess.confidence() >= confidence;
            return new Judged(named, sure ? null : "language-unsure", sure ? null : guess.toString()).row();
        }, Judged.ROWS);
    }

    private static Dataset<Row> rules(Dataset<Row> named, Filters filters) {
        return named.map((MapFunction<Row, Row>) row -> {
            Judged judged = Judged.of(row);
            Document document = judged.document();
            if (judged.reason() != null || document.markup())
                return row;
            return judged.dropped(filters.reason(document.text(), document.language().equals(Document.CODE)), null)
                    .row();
        }, Judged.ROWS);
    }

    /** Of the same text only the document with the smallest id stays. */
    private static Dataset<Row> copies(Dataset<Row> good) {
        return Dedup.exact(good)
                .withColumn("reason", when(col("reason").isNull().and(col("copy").gt(1)), lit("copy"))
                        .otherwise(col("reason")))
                .drop("copy");
    }

    private static Dataset<Row> contamination(Dataset<Row> unique, Decontaminate evaluation) {
        return unique.map((MapFunction<Row, Row>) row -> {
            Judged judged = Judged.of(row);
            return judged.reason() == null && evaluation.found(judged.document().text())
                    ? judged.dropped("contaminated", null).row()
                    : row;
        }, Judged.ROWS);
    }

    private static Dataset<Row> nearDuplicates(SparkSession spark, Dataset<Row> clean, double jaccard) {
        Map<String, String> dropped = Dedup.near(clean.where(col("reason").isNull().and(not(col("markup")))), jaccard);
        var keptOf = spark.sparkContext().broadcast(dropped, scala.reflect.ClassTag$.MODULE$.apply(Map.class));
        return clean.map((MapFunction<Row, Row>) row -> {
            String kept = keptOf.value().get(row.getString(0));
            return kept == null ? row : Judged.of(row).dropped("near-duplicate", "of " + kept).row();
        }, Judged.ROWS);
    }
}
