package io.quarry.text;

/** Splits a word into tokens: the part of a tokenizer that was learned. Safe for many threads. */
interface Model {
    /** Gives the tokens of {@code text[from, to)}, valid UTF-8 and not empty, to {@code words}. */
    void apply(byte[] text, int from, int to, Words words);
}
