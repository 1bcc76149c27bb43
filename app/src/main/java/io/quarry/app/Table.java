package io.quarry.app;

import java.io.PrintStream;
import java.util.List;

/** Rows of text in columns as wide as they need to be. */
final class Table {
    private static final String GAP = "  ";

    private Table() {}

    /** Prints a head and rows; nothing where there are no rows. */
    static void print(PrintStream out, List<String> head, List<String[]> rows) {
        if (rows.isEmpty())
            return;
        int[] widths = new int[head.size()];
        for (int c = 0; c < widths.length; c++) {
            widths[c] = head.get(c).length();
            for (String[] row : rows)
                widths[c] = Math.max(widths[c], row[c].length());
        }
        out.println(line(head.toArray(String[]::new), widths));
        for (String[] row : rows)
            out.println(line(row, widths));
    }

    private static String line(String[] row, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int c = 0; c < widths.length; c++)
            line.append(row[c]).repeat(' ', widths[c] - row[c].length()).append(GAP);
        return line.toString().stripTrailing();
    }
}
