package io.quarry.judge;

import io.quarry.recipe.Recipe;
import java.util.Map;

/** Makes the judge that a recipe asks for. */
public final class Judges {
    /** Environment variable with the key of the endpoint; a key is no part of a recipe. */
    public static final String KEY = "QUARRY_JUDGE_KEY";
    private static final int ATTEMPTS = 3;

    private Judges() {}

    /** A judge of samples whose ground truth is known. */
    public static Judge programmatic(Recipe.JudgePlan plan, ProgrammaticJudge.Grading grading) {
        return new ProgrammaticJudge(plan, grading);
    }

    /**
     * A model behind an OpenAI-compatible endpoint.
     *
     * @param environment of the process; {@value #KEY} may hold the key
     */
    public static Judge endpoint(Recipe.JudgePlan plan, Map<String, String> environment) {
        return endpoint(plan, environment, Endpoint.Patience.USUAL);
    }

    static Judge endpoint(Recipe.JudgePlan plan, Map<String, String> environment, Endpoint.Patience patience) {
        return new RubricJudge(plan,
                new Endpoint(plan.endpoint(), plan.model(), environment.getOrDefault(KEY, ""), patience), ATTEMPTS);
    }

    /** A model of this process; it is asked once, because it would answer the same again. */
    public static Judge local(Recipe.JudgePlan plan, LocalModel model) {
        return new RubricJudge(plan, model, 1);
    }
}
