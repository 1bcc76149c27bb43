package io.quarry.infer;

import java.util.List;
import java.util.Spliterator;
import java.util.Spliterators.AbstractSpliterator;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** The pieces of one text as a stream, which begins with the first that is asked for and ends when it is closed. */
final class TextStream extends AbstractSpliterator<String> {
    private final Sequence sequence;
    private final Pieces pieces;
    private final Generator generator;
    private boolean begun;
    private boolean over;

    private TextStream(Sequence sequence, Pieces pieces, Generator generator) {
        super(Long.MAX_VALUE, Spliterator.ORDERED | Spliterator.NONNULL);
        this.sequence = sequence;
        this.pieces = pieces;
        this.generator = generator;
    }

    static Stream<String> of(Sequence sequence, Pieces pieces, Generator generator) {
        return StreamSupport.stream(new TextStream(sequence, pieces, generator), false).onClose(sequence::cancel);
    }

    @Override
    public boolean tryAdvance(Consumer<? super String> action) {
        if (!begun) {
            begun = true;
            generator.submit(List.of(sequence));
        }
        String piece = "";
        while (piece.isEmpty() && !over)
            piece = next();
        if (piece.isEmpty())
            return false;
        action.accept(piece);
        return true;
    }

    private String next() {
        TokenListener.Token token = sequence.take();
        if (token != Sequence.END)
            return pieces.next(token.id()).toString();
        over = true;
        return sequence.await().finish() == Completion.Finish.CANCELLED ? "" : pieces.end();
    }
}
