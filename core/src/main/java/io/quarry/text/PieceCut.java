package io.quarry.text;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.List;

/** The words of any pre-tokenizer, step by step on strings as Hugging Face does it: the slow way that knows them all. */
final class PieceCut implements Cut {
    /**
     * A piece of text.
     *
     * @param first whether it begins where the whole text does
     */
    record Piece(String text, boolean first) {}

    /** A step: the pieces of a piece, in order; what it leaves out is dropped. */
    interface Step {
        List<Piece> pieces(Piece piece);
    }

    private final List<Step> steps;

    PieceCut(List<Step> steps) {
        this.steps = List.copyOf(steps);
    }

    /** The words of a text. */
    List<String> words(String text, boolean first) {
        List<Piece> pieces = List.of(new Piece(text, first));
        for (Step step : steps) {
            List<Piece> smaller = new ArrayList<>();
            for (Piece piece : pieces)
                for (Piece part : step.pieces(piece))
                    if (!part.text.isEmpty())
                        smaller.add(part);
            pieces = smaller;
        }
        return pieces.stream().map(Piece::text).toList();
    }

    @Override
    public void cut(byte[] text, int from, int to, boolean first, Words words) {
        for (String piece : words(new String(text, from, to - from, UTF_8), first)) {
            Text word = Utf8.text(piece);
            words.add(word.bytes(), 0, word.length());
        }
    }
}
