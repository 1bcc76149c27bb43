package io.quarry.app;

import io.quarry.ledger.Artifact;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where the model that was built last stands: one line in the work folder's {@code last-model}. */
final class LastModel {
    private static final String POINTER = "last-model";

    private LastModel() {}

    static void remember(Path workdir, Path model) throws IOException {
        Artifact.writeAtomically(workdir.resolve(POINTER), workdir.relativize(model) + "\n");
    }

    /**
     * The folder of the model a person means.
     *
     * @param given a model folder, a work folder, or null for the last one built in {@code ./work}
     * @throws IllegalArgumentException if there is none, with what was looked for
     */
    static Path find(Path given) throws IOException {
        Path folder = given == null ? Path.of("work") : given;
        if (Files.isRegularFile(folder.resolve("config.json")))
            return folder;
        Path pointer = folder.resolve(POINTER);
        if (!Files.isRegularFile(pointer))
            throw new IllegalArgumentException(given == null
                    ? "no model was built here yet (there is no " + pointer
                            + "). Build one with ./quarry build recipes/nano.yaml, or name a model folder"
                    : given + " is no model folder: it has neither config.json nor " + POINTER);
        Path model = folder.resolve(Files.readString(pointer).strip());
        if (!Files.isRegularFile(model.resolve("config.json")))
            throw new IllegalArgumentException(pointer + " names " + model
                    + ", which has no config.json; build again, or name a model folder");
        return model;
    }
}
