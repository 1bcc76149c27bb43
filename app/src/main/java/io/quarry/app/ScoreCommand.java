package io.quarry.app;

import io.quarry.infer.Lm;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code quarry score}: how likely a text is to a model. */
@Command(name = "score", mixinStandardHelpOptions = true, versionProvider = Version.class, description = {
    "Prints the log-likelihood and the perplexity of a text.", ""}, footer = {"", "Examples:",
        "  quarry score model.gguf --text-file notes.txt",
        "  quarry score model.gguf --tokens 1,2,3 --logits logits.npy --json"})
final class ScoreCommand implements Callable<Integer> {
    @Mixin
    private ModelOptions model;

    @Option(names = "--text-file", paramLabel = "FILE", description = "The text")
    private Path file;

    @Option(names = "--logits", paramLabel = "OUT.npy", description = "Write all logits, float32 [tokens, vocabulary]")
    private Path logits;

    @Mixin
    private CommonOptions common;

    @Override
    public Integer call() throws IOException {
        ModelOptions.exactlyOne(Map.of("--text-file", file != null, "--tokens", model.hasTokens()));
        try (Lm lm = model.open(common.threads())) {
            int[] tokens = model.hasTokens() ? model.tokens() : lm.tokenizer().encode(ModelOptions.text(file));
            if (logits != null)
                Npy.write(logits, lm.logits(tokens), tokens.length, lm.spec().vocabulary());
            double sum = 0;
            for (float logProb : lm.score(tokens))
                sum += logProb;
            double perplexity = Math.exp(-sum / Math.max(1, tokens.length - 1));
            if (common.json()) {
                Map<String, Object> all = new LinkedHashMap<>();
                all.put("tokens", tokens);
                all.put("logLikelihood", sum);
                all.put("perplexity", perplexity);
                CommonOptions.print(all);
            } else {
                new PrintStream(System.out, true, StandardCharsets.UTF_8).printf(java.util.Locale.ROOT,
                        "%d tokens, log-likelihood %.4f nats, perplexity %.4f%n", tokens.length, sum, perplexity);
            }
        }
        return 0;
    }
}
