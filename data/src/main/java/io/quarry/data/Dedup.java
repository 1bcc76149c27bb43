package io.quarry.data;

import static org.apache.spark.sql.functions.array_intersect;
import static org.apache.spark.sql.functions.array_sort;
import static org.apache.spark.sql.functions.array_union;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.collect_list;
import static org.apache.spark.sql.functions.posexplode;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.sha2;
import static org.apache.spark.sql.functions.size;
import static org.apache.spark.sql.functions.udf;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Finds texts that say the same as another. Of a pair the one with the smaller id stays, whatever ran first. */
final class Dedup {
    /** In a larger bucket every text is compared with the first only; the other bands bring the rest together. */
    private static final int ALL_PAIRS = 64;

    private Dedup() {}

    /** Adds {@code copy}: 1 for the text that stays, more for each that is the same, character by character. */
    static Dataset<Row> exact(Dataset<Row> documents) {
        var same = Window.partitionBy(sha2(col("text"), 256)).orderBy("id");
        return documents.withColumn("copy", row_number().over(same));
    }

    /**
     * Near-duplicates by MinHash and bands; every candidate pair is checked by its true Jaccard similarity.
     *
     * @param texts   columns {@code id} and {@code text}
     * @param jaccard pairs at least this similar lose one
     * @return the ids to drop, each with the id that stays in its place
     */
    static Map<String, String> near(Dataset<Row> texts, double jaccard) {
        MinHash minHash = MinHash.forThreshold(jaccard);
        int bands = minHash.bands();
        int rows = minHash.rows();
        var longs = DataTypes.createArrayType(DataTypes.LongType);
        var shingles = udf((UDF1<String, long[]>) text -> Words.shingles(text, MinHash.SHINGLE), longs);
        var signature = udf((UDF1<String, long[]>) text -> new MinHash(bands, rows)
                .bands(Words.shingles(text, MinHash.SHINGLE)), longs);
        Dataset<Row> pairs = texts.select(col("id"), posexplode(signature.apply(col("text"))))
                .groupBy("pos", "col").agg(array_sort(collect_list("id")).as("ids")).where(size(col("ids")).gt(1))
                .select("ids").distinct()
                .flatMap((FlatMapFunction<Row, Row>) row -> pairs(row.getList(0)).iterator(), Encoders.row(PAIR))
                .distinct();
        Dataset<Row> similar = pairs
                .join(texts.select(col("id").as("a"), shingles.apply(col("text")).as("as")), "a")
                .join(texts.select(col("id").as("b"), shingles.apply(col("text")).as("bs")), "b")
                .where(size(array_intersect(col("as"), col("bs"))).cast("double")
                        .divide(size(array_union(col("as"), col("bs")))).geq(jaccard))
                .select("a", "b");
        return survivors(similar.collectAsList());
    }

    private static final StructType PAIR = new StructType().add("a", DataTypes.StringType).add("b",
            DataTypes.StringType);

    private static List<Row> pairs(List<String> ids) {
        List<Row> pairs = new ArrayList<>();
        int firsts = ids.size() <= ALL_PAIRS ? ids.size() : 1;
        for (int i = 0; i < firsts; i++)
            for (int j = i + 1; j < ids.size(); j++)
                pairs.add(RowFactory.create(ids.get(i), ids.get(j)));
        return pairs;
    }

    /** In order of ids a text goes if one that stays is similar to it; a chain of small changes does not swallow both ends. */
    private static Map<String, String> survivors(List<Row> pairs) {
        TreeMap<String, List<String>> smaller = new TreeMap<>();
        for (Row pair : pairs)
            smaller.computeIfAbsent(pair.getString(1), id -> new ArrayList<>()).add(pair.getString(0));
        Map<String, String> dropped = new HashMap<>();
        smaller.forEach((id, similar) -> {
            Collections.sort(similar);
            similar.stream().filter(other -> !dropped.containsKey(other)).findFirst()
                    .ifPresent(kept -> dropped.put(id, kept));
        });
        return dropped;
    }
}
