package io.quarry.app;

import io.quarry.infer.Engine;
import io.quarry.infer.Lm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The model of a command, and a text for it: given as text, in a file, or as token ids. */
final class ModelOptions {
    @Parameters(index = "0", paramLabel = "MODEL", description = LocalModels.MODEL)
    private String model;

    @Option(names = "--tokens", paramLabel = "1,2,3", split = ",", description = "Token ids instead of text; for models without a tokenizer too")
    private int[] tokens;

    @Mixin
    private EngineOptions options;

    Path path() throws IOException {
        return LocalModels.find(model);
    }

    boolean hasTokens() {
        return tokens != null;
    }

    int[] tokens() {
        return tokens.clone();
    }

    Lm open(int threads) throws IOException {
        return Lm.open(path(), options.with(Engine.of(threads)));
    }

    /** One of a text, a file of it, and token ids must be given. */
    static void exactlyOne(Map<String, Boolean> given) {
        long count = given.values().stream().filter(is -> is).count();
        if (count != 1)
            throw new IllegalArgumentException("one of " + String.join(", ", given.keySet()) + " must be given, found "
                    + count);
    }

    /** The text of a file, which must be UTF-8. */
    static String text(Path file) throws IOException {
        if (!Files.isRegularFile(file))
            throw new IOException("there is no file " + file);
        return Files.readString(file);
    }

    /** Ids as people and scripts read them. */
    static String join(int[] ids) {
        return String.join(",", Arrays.stream(ids).mapToObj(Integer::toString).toList());
    }
}
