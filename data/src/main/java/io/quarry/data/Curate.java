package io.quarry.data;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.input_file_name;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.when;

import io.quarry.ledger.Progress;
import io.quarry.recipe.Recipe;
import java.io.IOException;
import java.net.URI;
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
        } catch (IOException e) {
            throw e;
        } catch (Exception e) { // Spark throws checked exceptions that it does not declare
            throw Engine.sentence(e);
        }
    }

    static Map<String, Object> run(SparkSession spark, Inputs in, Recipe.Curation plan, Path out, Progress progress)
            throws IOException {
        List<String> evaluation = in.evaluation() == null ? List.of() : Jsonl.texts(in.evaluation());
        progress.at(0, 3, "steps", "normal form, rules, languages, copies, contamination");
        Dataset<Row> raw = read(spark, in);
        Dataset<Row> normal = normalised(raw, plan.maxCharacters());
        Dataset<Row> good = rules(normal, Filters.of(plan));
        Dataset<Row> named = languages(good, plan.languageConfidence());
        Dataset<Row> unique = copies(named);
        Dataset<Row> clean = contamination(unique, Decontaminate.of(evaluation, plan.contaminationWords()))
                .persist(StorageLevel.MEMORY_AND_DISK());
        unique(clean);
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
        String[] paths = files.stream().map(file -> file.toUri().toString()).toArray(String[]::new);
        return spark.read().text(paths).select(input_file_name(), col("value")).where(not(col("value").equalTo("")))
                .map((MapFunction<Row, Row>) line -> new Judged(Jsonl
                        .document(Path.of(URI.create(line.getString(0)).getPath()), 0, line.getString(1)), null, null)
                        .row(), Judged.ROWS);
    }

    /** Ids decide the order and who stays; the same id twice would let chance in. */
    private static void unique(Dataset<Row> clean) throws IOException {
        List<Row> twice = clean.groupBy("id").agg(count(lit(1)).as("times")).where(col("times").gt(1)).orderBy("id")
                .limit(1).collectAsList();
        if (!twice.isEmpty())
            throw new IOException("the id " + twice.getFirst().getString(0) + " belongs to "
                    + twice.getFirst().getLong(1) + " documents; every document needs an id of its own");
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

    private static Dataset<Row> rules(Dataset<Row> normal, Filters filters) {
        return normal.map((MapFunction<Row, Row>) row -> {
            Judged judged = Judged.of(row);
            Document document = judged.document();
            if (document.markup())
                return row;
            return judged.dropped(filters.reason(document.text(), document.language().equals(Document.CODE)), null)
                    .row();
        }, Judged.ROWS);
    }

    /**
     * Finds the language where the source does not say it. What a source of general text ({@code web}) has in other
     * languages than English goes to {@code multilingual}, as Granite's mixes keep the two apart.
     */
    private static Dataset<Row> languages(Dataset<Row> good, double confidence) {
        return good.map((MapFunction<Row, Row>) row -> {
            Judged judged = Judged.of(row);
            Document document = judged.document();
            if (judged.reason() != null || document.markup() || !document.language().isEmpty())
                return row;
            Languages.Guess guess = Languages.guess(document.text(), confidence);
            boolean foreign = document.category().equals("web") && !guess.language().equals("en");
            Document named = document.with(document.text(), foreign ? "multilingual" : document.category(),
                    guess.language());
            boolean sure = guess.confidence() >= confidence;
            return new Judged(named, sure ? null : "language-unsure", sure ? null : guess.toString()).row();
        }, Judged.ROWS);
    }

    /** Of the same text only the document with the smallest id stays. */
    private static Dataset<Row> copies(Dataset<Row> named) {
        return Dedup.exact(named)
                .withColumn("reason", when(col("reason").isNull().and(col("copy").gt(1)), lit("copy"))
                        .otherwise(col("reason")))
                .drop("copy");
    }

    /**
     * Takes out what overlaps with the evaluation. Our own documents are disjoint from it by construction (a test of the
     * tasks holds it), but share the wording of their stories with it, which is no contamination.
     */
    private static Dataset<Row> contamination(Dataset<Row> unique, Decontaminate evaluation) {
        return unique.map((MapFunction<Row, Row>) row -> {
            Judged judged = Judged.of(row);
            Document document = judged.document();
            return judged.reason() == null && !document.markup() && evaluation.found(document.text())
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
