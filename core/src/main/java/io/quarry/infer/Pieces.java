package io.quarry.infer;

import io.quarry.text.StopStrings;
import io.quarry.text.TokenStream;
import io.quarry.text.Tokenizer;

/** The text of one completion, token by token: whole characters only, ended before a stop string. */
final class Pieces {
    private final TokenStream stream;
    private final StopStrings stops;
    private final StringBuilder decoded = new StringBuilder();
    private final StringBuilder certain = new StringBuilder();
    /** Tokens of the prefix to come: no stop string is looked for in them. */
    private int prefix;

    Pieces(Tokenizer tokenizer, Request request) {
        stream = tokenizer.stream(true);
        stops = new StopStrings(request.stopStrings());
        prefix = request.prefix().length;
        int[] prompt = request.prompt();
        for (int i = prompt.length - request.begun(); i < prompt.length; i++)
            decode(prompt[i]); // of what was said before, only half a character matters
    }

    private void decode(int token) {
        decoded.setLength(0);
        stream.next(token, decoded);
    }

    /** The text that is certain after this token; good until the next call. */
    CharSequence next(int token) {
        decode(token);
        if (prefix > 0) {
            prefix--;
            return decoded;
        }
        certain.setLength(0);
        stops.next(decoded, certain);
        return certain;
    }

    /** Whether a stop string was met: the text is over. */
    boolean stopped() {
        return stops.met();
    }

    /** What was held back when the text ended by itself. */
    String end() {
        return stops.next(stream.end()) + stops.end();
    }
}
