package io.quarry.chat;

import io.quarry.jinja.Origin;
import io.quarry.jinja.Text;
import io.quarry.text.Markup;
import java.util.HashSet;
import java.util.Set;

/**
 * A conversation as text, with what the template wrote told apart from what came in with it.
 *
 * @param text the text and who wrote which part of it
 */
public record Rendered(Text text) {
    /** The same for a tokenizer, where all added tokens in what others wrote are plain text. */
    public Markup markup() {
        return markup(Set.of());
    }

    /**
     * The same for a tokenizer: added tokens are recognised in what the template wrote. In the system's turns the marks
     * of a schema are recognised too, and in the assistant's those of calls and thoughts, so that what a model generated
     * becomes the tokens that it generated.
     *
     * @param live added tokens that are recognised everywhere; none that steers the model, see
     *             {@link ChatTemplate#writes}
     */
    public Markup markup(Set<String> live) {
        Markup out = new Markup();
        String all = text.toString();
        for (Text.Span span : text.spans()) {
            String words = all.substring(span.start(), span.end());
            if (span.learned())
                out.learned(add(new Markup(), words, span.origin(), live));
            else
                add(out, words, span.origin(), live);
        }
        return out;
    }

    private static Markup add(Markup to, String words, Origin origin, Set<String> live) {
        return switch (origin) {
            case TEMPLATE -> to.markup(words);
            case SYSTEM -> to.text(words, and(live, Template.SYSTEM));
            case ASSISTANT -> to.text(words, and(live, Template.ASSISTANT));
            case OTHER -> to.text(words, live);
        };
    }

    private static Set<String> and(Set<String> live, Set<String> own) {
        Set<String> both = new HashSet<>(live);
        both.addAll(own);
        return both;
    }

    /** The text alone. */
    @Override
    public String toString() {
        return text.toString();
    }
}
