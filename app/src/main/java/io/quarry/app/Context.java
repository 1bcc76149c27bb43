package io.quarry.app;

import io.quarry.ledger.Artifact;
import io.quarry.ledger.Hash;
import io.quarry.ledger.Progress;
import io.quarry.recipe.Recipe;
import java.nio.file.Path;
import java.util.Map;

/**
 * What a stage is given.
 *
 * @param stage     its own name
 * @param inputs    the artifacts it needs, by the name of the stage that made each
 * @param out       empty folder for what it makes; becomes the artifact
 * @param scratch   folder that outlives a kill, for going on inside the stage; cleared when the stage is done
 * @param progress  where it says how far it is
 * @param recipe    the whole resolved recipe; what decides the result must stand in {@link Stage#recipePart()} too
 * @param recipeDir folder of the recipe file: {@code file:} sources are relative to it
 * @param threads   worker threads it may use
 */
public record Context(String stage, Map<String, Artifact> inputs, Path out, Path scratch, Progress progress,
        Recipe recipe, Path recipeDir, int threads) {

    /** The artifact of a stage this one needs. */
    public Artifact input(String name) {
        Artifact artifact = inputs.get(name);
        if (artifact == null)
            throw new IllegalStateException(
                    "stage " + stage + " reads " + name + ", but needs only " + inputs.keySet());
        return artifact;
    }

    /** The folder of a stage this one needs. */
    public Path in(String name) {
        return input(name).dir();
    }

    /** The seed of the recipe: for what several stages must draw alike, for instance evaluation items. */
    public long recipeSeed() {
        return recipe.seed();
    }

    /** A seed of this stage's own, so that no two stages draw the same numbers. */
    public long seed() {
        return Long.parseUnsignedLong(Hash.of(recipe.seed() + "\n" + stage).substring(0, 16), 16);
    }
}
