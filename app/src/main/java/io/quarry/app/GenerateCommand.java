package io.quarry.app;

import io.quarry.infer.Completion;
import io.quarry.infer.Lm;
import io.quarry.infer.Request;
import io.quarry.infer.Sampling;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code quarry generate}: continues a text, without a chat template around it. */
@Command(name = "generate", mixinStandardHelpOptions = true, versionProvider = Version.class, description = {
    "Continues a text.", ""}, footer = {"", "Examples:",
        "  quarry generate model.gguf --raw --prompt 'Once upon a time' --max-tokens 50",
        "  quarry generate model.gguf --tokens 1,2,3 --max-tokens 8 --json"})
final class GenerateCommand implements Callable<Integer> {
    @Mixin
    private ModelOptions model;

    @Option(names = "--prompt", paramLabel = "TEXT", description = "The text to continue")
    private String prompt;

    @Option(names = "--prompt-file", paramLabel = "FILE", description = "A file with it")
    private Path promptFile;

    @Option(names = "--raw", description = "No chat template around the text; needed with a text")
    private boolean raw;

    @Option(names = "--max-tokens", paramLabel = "N", defaultValue = "128", description = "Most tokens to generate. Default: ${DEFAULT-VALUE}")
    private int maxTokens;

    @Option(names = "--temperature", paramLabel = "T", defaultValue = "0", description = "0 always takes the likeliest token. Default: ${DEFAULT-VALUE}")
    private double temperature;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "1", description = "Of what is drawn by chance. Default: ${DEFAULT-VALUE}")
    private long seed;

    @Mixin
    private CommonOptions common;

    @Override
    public Integer call() throws IOException {
        ModelOptions.exactlyOne(
                Map.of("--prompt", prompt != null, "--prompt-file", promptFile != null, "--tokens", model.hasTokens()));
        if (!raw && !model.hasTokens())
            throw new IllegalArgumentException("generate continues a text as it is: say --raw; quarry chat puts the"
                    + " model's chat template around what is said");
        try (Lm lm = model.open(common.threads(Runtime.getRuntime().availableProcessors()))) {
            Completion said = lm.generate(new Request(tokens(lm), maxTokens, Sampling.at(temperature, seed),
                    Set.of(lm.spec().eos())));
            boolean text = !model.hasTokens();
            if (common.json()) {
                Map<String, Object> all = new LinkedHashMap<>();
                all.put("tokens", said.tokens());
                all.put("text", text ? lm.tokenizer().decode(said.tokens()) : null);
                all.put("finishReason", said.finish().name().toLowerCase(Locale.ROOT));
                all.put("logprobs", said.logProbs());
                CommonOptions.print(all);
            } else {
                new PrintStream(System.out, true, StandardCharsets.UTF_8)
                        .println(text ? lm.tokenizer().decode(said.tokens()) : ModelOptions.join(said.tokens()));
            }
        }
        return 0;
    }

    private int[] tokens(Lm lm) throws IOException {
        if (model.hasTokens())
            return model.tokens();
        return lm.tokenizer().encodeSequence(prompt != null ? prompt : ModelOptions.text(promptFile));
    }
}
