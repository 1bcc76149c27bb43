package io.quarry.judge;

import io.quarry.chat.Conversation;
import io.quarry.recipe.Recipe;
import java.io.IOException;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A model as judge: gives it the rubric and the candidate, reads its verdict strictly, asks again when it is none.
 *
 * @param plan     weights and thresholds; the decision is ours, not the model's
 * @param model    who answers
 * @param attempts how often a verdict is asked for before giving up
 */
public record RubricJudge(Recipe.JudgePlan plan, Model model, int attempts) implements Judge {
    private static final JsonMapper JSON = JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();
    /** Many models cannot but put JSON in a fence; what is in it must still be exactly right. */
    private static final Pattern FENCE = Pattern.compile("\\A```(?:json)?\\s*(.*?)\\s*```\\z", Pattern.DOTALL);

    /** Whatever can answer a conversation: an endpoint or a local model. */
    public interface Model {
        String answer(Conversation conversation) throws IOException, InterruptedException;
    }

    public RubricJudge {
        Verdict.checked(plan);
        if (attempts < 1)
            throw new IllegalArgumentException("attempts must be at least 1, was " + attempts);
    }

    @Override
    public Verdict judge(Candidate candidate) throws IOException, InterruptedException {
        Conversation prompt = Rubric.prompt(candidate);
        String fault = "";
        for (int i = 0; i < attempts; i++) {
            String answer = model.answer(prompt);
            try {
                return verdict(answer);
            } catch (IllegalArgumentException e) {
                fault = e.getMessage();
            }
        }
        throw new IOException(
                "the judge gave no verdict on " + candidate.task() + " " + candidate.id() + " in " + attempts
                        + " attempts; the last answer: " + fault);
    }

    /** Reads a verdict; an {@link IllegalArgumentException} says what is not as it must be. */
    private Verdict verdict(String answer) {
        JsonNode json = json(answer);
        only(json, "the verdict", Set.of("scores", "faults", "reason"));
        Map<Dimension, Double> scores = new EnumMap<>(Dimension.class);
        only(json.get("scores"), "scores", Set.copyOf(Dimension.keys()));
        for (Dimension dimension : Dimension.values()) {
            JsonNode score = json.get("scores").get(dimension.key());
            if (!score.isIntegralNumber())
                throw new IllegalArgumentException("the score of " + dimension.key() + " is " + score
                        + ", not a whole number");
            scores.put(dimension, score.asDouble());
        }
        Set<String> keys = new java.util.TreeSet<>();
        for (HardReject reject : HardReject.values())
            keys.add(reject.key());
        only(json.get("faults"), "faults", keys);
        Set<HardReject> rejects = EnumSet.noneOf(HardReject.class);
        for (HardReject reject : HardReject.values()) {
            JsonNode fault = json.get("faults").get(reject.key());
            if (!fault.isBoolean())
                throw new IllegalArgumentException(reject.key() + " is " + fault + ", not true or false");
            if (fault.asBoolean())
                rejects.add(reject);
        }
        if (!json.get("reason").isString())
            throw new IllegalArgumentException("the reason is no text");
        return Verdict.of(plan, scores, rejects, json.get("reason").asString());
    }

    private static JsonNode json(String answer) {
        Matcher fence = FENCE.matcher(answer.strip());
        try {
            return JSON.readTree(fence.matches() ? fence.group(1) : answer.strip());
        } catch (JacksonException e) {
            String start = answer.length() <= 80 ? answer : answer.substring(0, 80) + "...";
            throw new IllegalArgumentException("no JSON: " + start, e);
        }
    }

    private static void only(JsonNode object, String what, Set<String> keys) {
        if (!object.isObject() || !Set.copyOf(object.propertyNames()).equals(keys))
            throw new IllegalArgumentException(
                    what + " must be an object with exactly " + new java.util.TreeSet<>(keys));
    }
}
