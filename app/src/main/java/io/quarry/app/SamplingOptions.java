package io.quarry.app;

import io.quarry.infer.Penalties;
import io.quarry.infer.Sampling;
import java.util.Map;
import picocli.CommandLine.Option;

/** How the next token is picked. */
final class SamplingOptions {
    @Option(names = "--temperature", paramLabel = "T", defaultValue = "0", description = "0 always takes the likeliest token, and --top-k, --top-p and --min-p change nothing. Default: ${DEFAULT-VALUE}")
    private double temperature;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "1", description = "Of what is drawn by chance. Default: ${DEFAULT-VALUE}")
    private long seed;

    @Option(names = "--top-k", paramLabel = "K", defaultValue = "0", description = "Draw from the K likeliest tokens; 0 for all. Default: ${DEFAULT-VALUE}")
    private int topK;

    @Option(names = "--top-p", paramLabel = "P", defaultValue = "1", description = "Draw from the likeliest tokens that make up this share. Default: ${DEFAULT-VALUE}")
    private double topP;

    @Option(names = "--min-p", paramLabel = "P", defaultValue = "0", description = "Draw from tokens at least so likely as this share of the likeliest. Default: ${DEFAULT-VALUE}")
    private double minP;

    @Option(names = "--repetition-penalty", paramLabel = "X", defaultValue = "1", description = "Divides the logits of tokens of prompt and answer; above 1 discourages. Default: ${DEFAULT-VALUE}")
    private double repetition;

    @Option(names = "--presence-penalty", paramLabel = "X", defaultValue = "0", description = "Taken once from the logits of tokens that were said. Default: ${DEFAULT-VALUE}")
    private double presence;

    @Option(names = "--frequency-penalty", paramLabel = "X", defaultValue = "0", description = "Taken for each time that a token was said. Default: ${DEFAULT-VALUE}")
    private double frequency;

    @Option(names = "--logit-bias", paramLabel = "ID=VALUE", split = ",", description = "Added to the logit of a token; -Infinity forbids it. May be given several times")
    private Map<Integer, Float> bias = Map.of();

    Sampling sampling() {
        return new Sampling(temperature, topK, topP, minP, new Penalties(repetition, 0, frequency, presence), bias,
                seed);
    }
}
