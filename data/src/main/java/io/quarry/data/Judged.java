package io.quarry.data;

import org.apache.spark.sql.Encoder;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * A document on its way through the steps, as a row of Spark.
 *
 * @param reason why it goes; null: it stays
 * @param note   what whoever looks at dropped text should know; null if nothing
 */
record Judged(Document document, String reason, String note) {
    static final StructType DOCUMENT = new StructType().add("id", DataTypes.StringType)
            .add("text", DataTypes.StringType).add("source", DataTypes.StringType)
            .add("licence", DataTypes.StringType).add("category", DataTypes.StringType)
            .add("language", DataTypes.StringType).add("markup", DataTypes.BooleanType);
    private static final DataType STRING = DataTypes.StringType;
    static final Encoder<Row> ROWS = Encoders.row(DOCUMENT.add("reason", STRING).add("note", STRING));

    static Judged of(Row row) {
        boolean judged = row.size() > DOCUMENT.size();
        return new Judged(
                new Document(row.getString(0), row.getString(1), row.getString(2), row.getString(3), row.getString(4),
                        row.getString(5), row.getBoolean(6)),
                judged ? row.getString(7) : null, judged ? row.getString(8) : null);
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
