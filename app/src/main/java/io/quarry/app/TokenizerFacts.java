package io.quarry.app;

import io.quarry.model.GgufMetadata;
import io.quarry.text.Tokenizer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.IntFunction;

/**
 * The tokenizer of a model, as its files tell it.
 *
 * @param kind       its model and how it cuts text, for people; null if there is none
 * @param vocabulary how many ids it has; 0 if it is not read
 * @param token      the text of an id; empty where it has none
 * @param why        it is not read here; null if it is, or if there is none
 */
record TokenizerFacts(String kind, int vocabulary, IntFunction<String> token, String why) {
    private static final TokenizerFacts NONE = new TokenizerFacts(null, 0, id -> "", null);

    static TokenizerFacts ofGguf(Path file, GgufMetadata keys) throws IOException {
        String at = "tokenizer.ggml.";
        if (!keys.has(at + "tokens"))
            return NONE;
        String model = keys.has(at + "model") ? keys.string(at + "model") : "not said";
        String kind = switch (model) {
            case "gpt2" -> "byte-level BPE";
            case "llama" -> "SentencePiece";
            default -> model;
        };
        return of(file, keys.has(at + "pre") ? kind + ", cuts text as " + keys.string(at + "pre") : kind);
    }

    static TokenizerFacts ofFolder(Path dir) throws IOException {
        Path file = dir.resolve("tokenizer.json");
        if (!Files.isRegularFile(file))
            return NONE;
        return of(dir, JsonFile.read(file).root().path("model").path("type").asString("not said"));
    }

    private static TokenizerFacts of(Path model, String kind) {
        try {
            Tokenizer tokenizer = Tokenizer.open(model);
            return new TokenizerFacts(kind, tokenizer.vocabulary(), id -> text(tokenizer, id), null);
        } catch (IOException e) {
            return new TokenizerFacts(kind, 0, id -> "", Failure.sentence(e));
        }
    }

    private static String text(Tokenizer tokenizer, int id) {
        return id < tokenizer.vocabulary() ? new String(tokenizer.bytes(id), StandardCharsets.UTF_8) : "";
    }
}
