package io.quarry.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** Reads the texts out of one kind of source. What it is given is untrusted; it may hold anything. */
@FunctionalInterface
interface Reader {
    /** All readers by the name a recipe knows them by; a new one is a class and a line here. */
    Map<String, Reader> ALL = Map.of("java", JavaReader::code, "javadoc", JavaReader::javadoc, "wordnet",
            WordNetReader::glosses, "languagetool", LanguageToolReader::examples, "jsonl", FileReaders::jsonl,
            "parquet",
            FileReaders::parquet, "text", FileReaders::text, "html", FileReaders::html, "lines", FileReaders::lines);

    /** @throws IOException with a sentence that names the file if it is not what this reads */
    void read(Path file, Sink sink) throws IOException;

    /** Takes one text. */
    @FunctionalInterface
    interface Sink {
        /**
         * @param place    where in the source, unique there
         * @param text     as it stands there
         * @param language ISO 639-1, {@link Document#CODE}, or empty where the source does not say
         */
        void add(String place, String text, String language) throws IOException;
    }
}
