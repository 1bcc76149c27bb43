package io.quarry.app;

import io.quarry.ledger.Artifact;
import io.quarry.recipe.Recipe;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The last stage: everything that was made, on one page. */
final class Reporting {
    private static final String VERSION = "1";

    private Reporting() {}

    /** Reads all stages before it. */
    static Stage stage(Recipe recipe, List<Stage> before) {
        List<String> names = before.stream().map(Stage::name).toList();
        return new Stage("report", VERSION, "report", recipe, names, c -> {
            List<Artifact> artifacts = new ArrayList<>();
            for (String name : names)
                artifacts.add(c.input(name));
            Report.write(c.recipe(), artifacts, c.out().resolve("report.html"));
            return Map.of();
        });
    }
}
