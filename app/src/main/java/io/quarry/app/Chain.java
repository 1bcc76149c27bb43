package io.quarry.app;

import io.quarry.recipe.Recipe;
import java.util.List;

/** The whole chain on one page: every stage, in order. */
final class Chain {
    private Chain() {}

    static List<Stage> stages(Recipe recipe) {
        return List.of();
    }
}
