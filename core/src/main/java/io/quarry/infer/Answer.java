package io.quarry.infer;

/**
 * What a model said, as text.
 *
 * @param text       without special tokens, and ended before a stop string
 * @param completion the same as tokens
 */
public record Answer(String text, Completion completion) {}
