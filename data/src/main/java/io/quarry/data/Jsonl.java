package io.quarry.data;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Documents in files, one JSON object a line: readable by anything, and the same bytes for the same documents. */
public final class Jsonl {
    static final JsonMapper JSON = JsonMapper.builder().build();

    private Jsonl() {}

    /** Writes documents to one file, in the order in which they come. */
    static final class Writer implements AutoCloseable {
        private final BufferedWriter out;
        private long documents;

        Writer(Path file) throws IOException {
            Files.createDirectories(file.getParent());
            out = Files.newBufferedWriter(file);
        }

        void write(Object row) throws IOException {
            out.write(JSON.writeValueAsString(row));
            out.write('\n');
            documents++;
        }

        long documents() {
            return documents;
        }

        @Override
        public void close() throws IOException {
            out.close();
        }
    }

    /**
     * Reads documents that Quarry wrote.
     *
     * @throws IOException with file and line if one is no document
     */
    public static void documents(Path file, Consumer<Document> each) throws IOException {
        lines(file, (number, line) -> each.accept(document(file, number, line)));
    }

    /** As {@link #documents}, one at a time; close the stream. */
    public static Stream<Document> stream(Path file) throws IOException {
        long[] number = {0};
        return Files.lines(file).map(line -> {
            try {
                return document(file, ++number[0], line);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    /** @param number of the line, 0 where it is not known */
    static Document document(Path file, long number, String line) throws IOException {
        try {
            Document document = JSON.readValue(line, Document.class);
            if (document != null)
                return document;
            throw new IOException(place(file, number) + " is no document but null");
        } catch (JacksonException | NullPointerException e) {
            String why = String.valueOf(e.getMessage()).lines().findFirst().orElse("").replaceFirst(" \\(set .*", "");
            throw new IOException(place(file, number) + " is no document (" + why
                    + "); a document has id, text, source, licence, category, language and markup", e);
        }
    }

    private static String place(Path file, long number) {
        return number == 0 ? "a line of " + file : file + ", line " + number;
    }

    /** Does something with one line; may fail as files do. */
    interface Line {
        void read(long number, String line) throws IOException;
    }

    static void lines(Path file, Line each) throws IOException {
        try (BufferedReader in = Files.newBufferedReader(file)) {
            long number = 0;
            for (String line; (line = in.readLine()) != null;)
                if (++number > 0 && !line.isBlank())
                    each.read(number, line);
        } catch (CharacterCodingException e) {
            throw new IOException(file + " is not UTF-8; convert it first, for instance with iconv", e);
        }
    }

    /** Texts of a file of JSON strings or objects with {@code text}, for instance the evaluation items. */
    static List<String> texts(Path file) throws IOException {
        List<String> all = new ArrayList<>();
        lines(file, (number, line) -> all.add(text(file, number, line)));
        return all;
    }

    /** The text of one line: a JSON string, or the field {@code text} of an object. */
    static String text(Path file, long number, String line) throws IOException {
        try {
            JsonNode node = JSON.readTree(line);
            JsonNode text = node.isObject() ? node.path("text") : node;
            if (text.isString())
                return text.stringValue();
            throw new IOException(file + ", line " + number + " has no text; expected {\"text\": \"...\"}, found "
                    + line.substring(0, Math.min(80, line.length())));
        } catch (JacksonException e) {
            throw new IOException(file + ", line " + number + " is no JSON: " + e.getOriginalMessage(), e);
        }
    }

    /** The files of a folder with one of the endings, sorted by name; a file stands for itself. */
    static List<Path> files(Path fileOrFolder, String... endings) throws IOException {
        if (Files.isRegularFile(fileOrFolder))
            return List.of(fileOrFolder);
        try (Stream<Path> all = Files.walk(fileOrFolder)) {
            return all.filter(Files::isRegularFile)
                    .filter(file -> Stream.of(endings).anyMatch(file.getFileName().toString()::endsWith)).sorted()
                    .toList();
        }
    }
}
