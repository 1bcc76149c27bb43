package io.quarry.app;

import io.quarry.app.ReportPage.Tile;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** How well the vocabulary fits each language: more bytes in a token, shorter sequences. */
final class ReportTokenizer {
    private ReportTokenizer() {}

    static void write(ReportPage page, ReportRun run) {
        ReportFacts facts = run.facts("tokenizer");
        page.open("tokenizer", "Tokenizer", "Byte-level BPE, trained on a sample balanced over the languages.");
        page.tiles("tiles small", List.of(Tile.of("Vocabulary", facts.number("vocabulary"), ReportNumbers::count),
                Tile.of("Merges", facts.number("merges"), ReportNumbers::count)));
        List<Map.Entry<String, Double>> languages = new ArrayList<>(facts.child("bytesPerToken").numbers().entrySet());
        languages.sort(Map.Entry.<String, Double>comparingByValue().reversed());
        page.chart("tokenizer", "bars", "Bytes per token, by language",
                Map.of("names", languages.stream().map(Map.Entry::getKey).toList(), "values",
                        languages.stream().map(Map.Entry::getValue).toList(), "unit", "bytes/token"));
        page.close();
    }
}
