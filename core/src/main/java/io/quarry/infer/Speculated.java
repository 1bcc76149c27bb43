package io.quarry.infer;

/**
 * What speculation was worth since a model was opened.
 *
 * @param guessed tokens that were guessed and verified
 * @param right   those that were what the model says: each saved its text a step
 */
public record Speculated(long guessed, long right) {}
