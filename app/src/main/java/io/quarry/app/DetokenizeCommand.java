package io.quarry.app;

import io.quarry.text.Tokenizer;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code quarry detokenize}: the text of token ids. */
@Command(name = "detokenize", mixinStandardHelpOptions = true, versionProvider = Version.class, description = {
    "Prints the text of token ids.", ""}, footer = {"", "Examples:",
        "  quarry detokenize model.gguf --tokens 504,1234,28"})
final class DetokenizeCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "MODEL", description = LocalModels.MODEL)
    private String model;

    @Option(names = "--tokens", required = true, paramLabel = "1,2,3", split = ",", description = "The ids")
    private int[] tokens;

    @Mixin
    private CommonOptions common;

    @Override
    public Integer call() throws IOException {
        Tokenizer tokenizer = Tokenizer.open(LocalModels.find(model));
        for (int token : tokens)
            if (token < 0 || token >= tokenizer.vocabulary())
                throw new IllegalArgumentException("token " + token + " is not in the vocabulary of "
                        + tokenizer.vocabulary());
        String text = tokenizer.decode(tokens);
        if (common.json())
            CommonOptions.print(Map.of("text", text));
        else
            new PrintStream(System.out, true, StandardCharsets.UTF_8).println(text);
        return 0;
    }
}
