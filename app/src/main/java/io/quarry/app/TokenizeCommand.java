package io.quarry.app;

import io.quarry.text.Tokenizer;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code quarry tokenize}: a text as the model's token ids. */
@Command(name = "tokenize", mixinStandardHelpOptions = true, versionProvider = Version.class, description = {
    "Prints the token ids of a text.", ""}, footer = {"", "Examples:",
        "  quarry tokenize model.gguf --text-file notes.txt",
        "  quarry tokenize model.gguf --text-file notes.txt --json"})
final class TokenizeCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "MODEL", description = LocalModels.MODEL)
    private String model;

    @Option(names = "--text-file", required = true, paramLabel = "FILE", description = "The text; bytes that are no UTF-8 become U+FFFD")
    private Path file;

    @Mixin
    private CommonOptions common;

    @Override
    public Integer call() throws IOException {
        if (!Files.isRegularFile(file))
            throw new IOException("there is no file " + file);
        int[] tokens = Tokenizer.open(LocalModels.find(model)).encode(Files.readAllBytes(file));
        if (common.json())
            CommonOptions.print(Map.of("tokens", tokens));
        else
            new PrintStream(System.out, true, StandardCharsets.UTF_8).println(ModelOptions.join(tokens));
        return 0;
    }
}
