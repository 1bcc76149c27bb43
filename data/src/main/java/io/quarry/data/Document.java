package io.quarry.data;

import io.quarry.ledger.Hash;
import java.util.Objects;

/**
 * One text on its way from a source to the tokens: the only row type of this module.
 *
 * @param id       unique and stable: source, {@code :}, place in the source
 * @param text     what is learned
 * @param source   name of its source in the recipe
 * @param licence  SPDX identifier of the source
 * @param category which part of the mixes it belongs to
 * @param language ISO 639-1 where there is one, {@code code} for program text, empty where it is not known yet
 * @param markup   whether it is our own text in which special tokens are parsed; never true for text from outside
 */
public record Document(String id, String text, String source, String licence, String category, String language,
        boolean markup) {
    /** The language of program text: the tokenizer counts it as one more language. */
    public static final String CODE = "code";

    public Document {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(text, "text");
        Objects.requireNonNull(source, "source");
        Objects.requireNonNull(licence, "licence");
        Objects.requireNonNull(category, "category");
        Objects.requireNonNull(language, "language");
    }

    Document with(String newText, String newCategory, String newLanguage) {
        return new Document(id, newText, source, licence, newCategory, newLanguage, markup);
    }

    Document part(int number, String newText) {
        return number == 0
                ? with(newText, category, language)
                : new Document(id + "#" + number, newText, source, licence, category, language, markup);
    }

    /** A number in [0, 1) that only the id decides: what is held out stays held out when other documents come or go. */
    static double draw(String id) {
        return (Long.parseUnsignedLong(Hash.of(id).substring(0, 13), 16)) / (double) (1L << 52);
    }
}
