package io.quarry.app;

import io.quarry.recipe.Recipe;
import io.quarry.recipe.RecipeFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Small values that several tests need. */
final class Fixtures {
    private Fixtures() {}

    /** The smallest whole recipe. */
    static Recipe tiny() throws IOException {
        return tinyWith("", "");
    }

    /** The smallest whole recipe with one text in its YAML replaced. */
    static Recipe tinyWith(String old, String fresh) throws IOException {
        try (InputStream in = Fixtures.class.getResourceAsStream("/recipes/tiny.yaml")) {
            Path file = Files.createTempFile("tiny", ".yaml");
            try {
                Files.writeString(file, new String(in.readAllBytes(), StandardCharsets.UTF_8).replace(old, fresh));
                return RecipeFile.read(file);
            } finally {
                Files.delete(file);
            }
        }
    }
}
