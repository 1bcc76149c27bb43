package io.quarry.serve;

import io.quarry.chat.Conversation;
import io.quarry.infer.Penalties;
import io.quarry.infer.Sampling;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;

/**
 * A request for a chat completion, read from OpenAI's JSON. A field that would change the answer and that this server
 * does not know is refused, never ignored; one that asks for what happens anyway is taken.
 *
 * @param model     name of the model asked
 * @param chat      the conversation with its tools
 * @param maxTokens most tokens to say; absent: as many as the context holds
 * @param sampling  greedy unless a temperature is given, as IBM recommends for Granite
 * @param stops     strings that end the answer and are not part of it
 * @param stream    whether the answer is sent as it comes
 * @param usage     whether a stream ends with the count of tokens
 */
record ChatRequest(String model, Conversation chat, OptionalInt maxTokens, Sampling sampling, List<String> stops,
        boolean stream, boolean usage) {
    private static final int MOST_STOPS = 4;
    private static final int LONGEST_STOP = 256;
    private static final Set<String> KNOWN = Set.of("model", "messages", "max_tokens", "max_completion_tokens",
            "temperature", "top_p", "top_k", "min_p", "presence_penalty", "frequency_penalty", "logit_bias", "seed",
            "stop", "stream", "stream_options", "tools", "tool_choice");
    /** Say nothing about the answer: who asks, how it is billed, cached or sped up. */
    private static final Set<String> HARMLESS = Set.of("user", "metadata", "safety_identifier", "prompt_cache_key",
            "prompt_cache_retention", "service_tier", "prediction", "parallel_tool_calls");
    /** Not supported, but for the value that asks for what happens anyway. */
    private static final Map<String, Predicate<JsonNode>> NEUTRAL = Map.ofEntries(
            Map.entry("n", n -> n.isNumber() && n.doubleValue() == 1),
            Map.entry("logprobs", n -> n.isBoolean() && !n.booleanValue()),
            Map.entry("top_logprobs", ChatRequest::zero),
            Map.entry("store", n -> n.isBoolean() && !n.booleanValue()),
            Map.entry("response_format", n -> n.isObject() && n.size() == 1 && is("text").test(n.path("type"))),
            Map.entry("modalities", n -> n.isArray() && n.size() == 1 && is("text").test(n.get(0))),
            Map.entry("functions", n -> n.isArray() && n.isEmpty()),
            Map.entry("function_call", is("none", "auto")), Map.entry("reasoning_effort", is("none")),
            Map.entry("verbosity", is("medium")), Map.entry("audio", n -> false),
            Map.entry("web_search_options", n -> false));

    /**
     * Reads a request.
     *
     * @param mostMessages longest conversation to take
     * @param seeds        gives a seed where the request has none
     */
    static ChatRequest read(JsonNode json, int mostMessages, LongSupplier seeds) {
        Fields fields = Fields.of(json, "");
        refuseUnsupported(fields);
        Conversation chat = new Conversation(ChatMessages.read(fields.need("messages"), mostMessages),
                ChatTools.read(fields), List.of());
        boolean stream = fields.truth("stream");
        return new ChatRequest(Fields.text(fields.need("model"), "model"), chat, maxTokens(fields),
                sampling(fields, seeds), stops(fields), stream, usage(fields, stream));
    }

    private static void refuseUnsupported(Fields fields) {
        for (Map.Entry<String, JsonNode> field : fields.node().properties()) {
            String name = field.getKey();
            JsonNode value = field.getValue();
            if (KNOWN.contains(name) || HARMLESS.contains(name) || value.isNull())
                continue;
            Predicate<JsonNode> neutral = NEUTRAL.get(name);
            if (neutral == null)
                throw new ApiError(400, name, "unknown_parameter",
                        "'" + name + "' is not known here; it would be ignored, so leave it out");
            if (!neutral.test(value))
                throw new ApiError(400, name, "unsupported_parameter", unsupported(name));
        }
    }

    private static String unsupported(String name) {
        return name.equals("n")
                ? "'n' must be 1: this server gives one choice per request"
                : "'" + name + "' is not supported by this server; leave it out";
    }

    private static OptionalInt maxTokens(Fields fields) {
        OptionalInt old = fields.count("max_tokens", 1);
        OptionalInt now = fields.count("max_completion_tokens", 1);
        if (old.isPresent() && now.isPresent() && old.getAsInt() != now.getAsInt())
            throw ApiError.invalid("max_tokens", "'max_tokens' is " + old.getAsInt()
                    + " and 'max_completion_tokens' is " + now.getAsInt() + "; give one of them");
        return now.isPresent() ? now : old;
    }

    private static Sampling sampling(Fields fields, LongSupplier seeds) {
        double temperature = fields.number("temperature", 0, 2).orElse(0);
        double topP = fields.number("top_p", 0, 1).orElse(1);
        if (topP == 0)
            throw ApiError.invalid("top_p", "'top_p' must be above 0; for the likeliest token alone, temperature is 0");
        int topK = fields.count("top_k", 0).orElse(0);
        long seed = fields.whole("seed", Long.MIN_VALUE, Long.MAX_VALUE).orElseGet(seeds);
        return Sampling.at(temperature, seed).withTopK(topK).withTopP(topP)
                .withMinP(fields.number("min_p", 0, 1).orElse(0))
                .withPenalties(Penalties.of(fields.number("frequency_penalty", -2, 2).orElse(0),
                        fields.number("presence_penalty", -2, 2).orElse(0)))
                .withBias(bias(fields));
    }

    private static Map<Integer, Float> bias(Fields fields) {
        JsonNode given = fields.find("logit_bias").orElse(null);
        if (given == null)
            return Map.of();
        if (!given.isObject())
            throw Fields.wrong(given, "logit_bias", "an object of numbers by token id");
        Map<Integer, Float> bias = new HashMap<>();
        Fields by = Fields.of(given, "logit_bias");
        for (String id : given.propertyNames()) {
            if (!id.matches("\\d{1,9}"))
                throw ApiError.invalid(by.path(id), "'" + by.path(id) + "' must be under a token id, a whole number");
            by.number(id, -100, 100).ifPresent(value -> bias.put(Integer.parseInt(id), (float) value));
        }
        return bias;
    }

    private static List<String> stops(Fields fields) {
        JsonNode stop = fields.find("stop").orElse(null);
        if (stop == null)
            return List.of();
        List<JsonNode> given = stop.isArray() ? List.copyOf(stop.values()) : List.of(stop);
        if (given.size() > MOST_STOPS)
            throw ApiError.invalid("stop",
                    "'stop' may have " + MOST_STOPS + " strings at most, has " + given.size());
        List<String> stops = new ArrayList<>();
        for (JsonNode one : given) {
            if (!one.isString())
                throw Fields.wrong(one, "stop", "a string or an array of strings");
            String text = one.stringValue();
            if (text.isEmpty() || text.length() > LONGEST_STOP
                    || !StandardCharsets.UTF_8.newEncoder().canEncode(text))
                throw ApiError.invalid("stop",
                        "a stop string must have 1 to " + LONGEST_STOP + " whole characters, has " + text.length());
            stops.add(text);
        }
        return stops;
    }

    private static boolean usage(Fields fields, boolean stream) {
        JsonNode options = fields.find("stream_options").orElse(null);
        if (options == null)
            return false;
        if (!stream)
            throw ApiError.invalid("stream_options", "'stream_options' goes with 'stream': true");
        return Fields.of(options, "stream_options").truth("include_usage");
    }

    private static boolean zero(JsonNode n) {
        return n.isNumber() && n.doubleValue() == 0;
    }

    private static Predicate<JsonNode> is(String... words) {
        return n -> n.isString() && Set.of(words).contains(n.stringValue());
    }
}
