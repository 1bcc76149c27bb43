package io.quarry.infer;

import io.quarry.model.ModelSpec;
import java.util.ArrayList;
import java.util.List;

/** A smaller model of the same vocabulary that says, greedily, what may come next in the texts of a larger one. */
final class Draft {
    /** Rows of a text in one step. */
    private static final int ROWS = 512;

    /** A text as the smaller model sees it. */
    static final class Text {
        private final Span span;
        /** Tokens that were certain at the last guess, and positions computed then, guesses included. */
        private int certain;
        private int computed;

        private Text(Span span) {
            this.span = span;
        }

        /** Says how many of the last guesses were right: their positions need not be computed again. */
        void settle(int right) {
            computed = Math.min(computed, certain + right);
        }
    }

    private final Decoder decoder;
    private final Generator turns;
    private final Decoder.Reader reader;
    private final List<Span> step = new ArrayList<>();
    /** What is done between two steps of the smaller model; what it is about stands in the fields below. */
    private final Runnable work = () -> guessed = write();
    private Text text;
    private int length;
    private int most;
    private int guessed;

    /**
     * A model that guesses.
     *
     * @param turns whose steps it stands between, and who lends it caches
     */
    Draft(Decoder decoder, Generator turns) {
        this.decoder = decoder;
        this.turns = turns;
        int vocabulary = decoder.spec().vocabulary();
        this.reader = (span, position, logits, at, spare) -> span.tokens[position + 1] = decoder.kernels()
                .argmax(logits, at, vocabulary);
    }

    /** What a guess costs, in steps of one row of the larger model. */
    double cost(ModelSpec larger) {
        return (double) decoder.spec().parameters() / larger.parameters();
    }

    /** Takes a text in; it must be given back by {@link #end}. */
    Text begin(int[] tokens) {
        return new Text(new Span(turns.lend(List.of(tokens), List.of(0), List.of(0)).getFirst(), tokens, null));
    }

    void end(Text text) {
        turns.giveBack(List.of(text.span.cache));
    }

    /**
     * Guesses what follows the first {@code length} tokens and writes it behind them.
     *
     * @return how many were guessed: {@code most}, or none if the smaller model has no room for them
     */
    int guess(Text text, int length, int most) {
        this.text = text;
        this.length = length;
        this.most = most;
        turns.between(work);
        return guessed;
    }

    private int write() {
        Span span = text.span;
        int positions = length + most - 1; // the last guess is not put in
        if (positions > decoder.spec().contextLength() || !span.cache.reserve(span.tokens, positions))
            return 0;
        span.cache.length(Math.min(text.computed, length - 1));
        step.clear();
        step.add(span);
        while (span.cache.length() < positions) {
            span.from = span.cache.length();
            span.count = Math.min(ROWS, Math.max(1, length - span.from));
            span.given = length - span.from > 1 ? length : 0; // one token is better decoded, whoever gave it
            span.readFrom = length - 1;
            decoder.forward(step, reader);
        }
        text.certain = length;
        text.computed = positions;
        span.cache.length(length); // what is only guessed must not be found by others
        return most;
    }
}
