package io.quarry.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarry.recipe.Recipe;
import io.quarry.recipe.RecipeFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Every recipe of the project resolves, binds and makes a chain. */
class RecipesTest {
    @Test
    void everySizeFileBinds() throws IOException {
        List<Path> sizes = sizeFiles();
        assertThat(sizes).isNotEmpty();
        for (Path file : sizes) {
            Recipe recipe = RecipeFile.read(file);
            assertThat(file).hasFileName(recipe.name() + ".yaml");
            Plan.of(recipe).check(Long.MAX_VALUE);
        }
    }

    /** A file without a name is no recipe alone, but what others name as their base. */
    private static List<Path> sizeFiles() throws IOException {
        return Classes.files(Classes.ROOT.resolve("recipes"), ".yaml").stream()
                .filter(file -> text(file).lines().anyMatch(line -> line.startsWith("name:"))).toList();
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
