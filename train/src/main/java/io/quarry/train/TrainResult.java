package io.quarry.train;

import java.nio.file.Path;
import java.util.Map;

/**
 * What a stage of training gave.
 *
 * @param checkpoint folder of the weights
 * @param facts      numbers for the report: {@code losses} (a list of step, tokens, lr, loss, gradNorm,
 *                   tokensPerSecond), {@code heldOut} (nats per token by category, {@code before} and {@code after}),
 *                   tokens, steps, seconds, tokensPerSecond, spikes, and those of the batches
 */
public record TrainResult(Path checkpoint, Map<String, Object> facts) {}
