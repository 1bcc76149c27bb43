package io.quarry.langchain4j;

import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.DefaultChatRequestParameters;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;

/**
 * What holds for all requests of a chat model.
 *
 * @param name       the model's name, told with every answer; the only one that a request may ask for
 * @param parameters of requests that do not say otherwise; without a temperature the likeliest token is always taken
 * @param listeners  told of requests, responses and errors
 * @param seeds      a seed for each answer that is drawn by chance
 */
public record QuarrySettings(String name, ChatRequestParameters parameters, List<ChatModelListener> listeners,
        LongSupplier seeds) {
    public QuarrySettings {
        if (name.isBlank())
            throw new IllegalArgumentException("a model needs a name, was blank");
        listeners = List.copyOf(listeners);
    }

    /** Nothing but the usual, and seeds by chance. */
    public static QuarrySettings of(String name) {
        return new QuarrySettings(name, DefaultChatRequestParameters.EMPTY, List.of(),
                () -> ThreadLocalRandom.current().nextLong());
    }

    public QuarrySettings withParameters(ChatRequestParameters usual) {
        return new QuarrySettings(name, usual, listeners, seeds);
    }

    public QuarrySettings withListeners(List<ChatModelListener> told) {
        return new QuarrySettings(name, parameters, told, seeds);
    }

    /** For answers that come out the same again: a request's seed decides its text, whatever runs beside it. */
    public QuarrySettings withSeeds(LongSupplier source) {
        return new QuarrySettings(name, parameters, listeners, source);
    }
}
