package io.quarry.data;

import org.apache.spark.sql.Encoder;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * A document on its way through the steps, as a row of Spark.
 *
 * @param reason why it goes; null: it stays
 * @param note   what whoever looks at dropped text should know; null if nothing
 */
record Judged(Document document, String reason, String note) {
    static final Encoder<Row> ROWS = Encoders.row(columns("id", "text", "source", "licence", "category", "language")
            .add("markup", DataTypes.BooleanType).add("reason", DataTypes.StringType)
            .add("note", DataTypes.StringType));

    private static StructType columns(String... names) {
        StructType columns = new StructType();
        for (String name : names)
            columns = columns.add(name, DataTypes.StringType);
        return columns;
    }

    static Judged of(Row row) {
        return new Judged(
                new Document(row.getString(0), row.getString(1), row.getString(2), row.getString(3), row.getString(4),
                        row.getString(5), row.getBoolean(6)),
                row.getString(7), row.getString(8));
    }

    Row row() {
        Document d = document;
        return RowFactory.create(d.id(), d.text(), d.source(), d.licence(), d.category(), d.language(), d.markup(),
                reason, note);
    }

    Judged dropped(String why, String about) {
        return new Judged(document, why, about);
    }
}
