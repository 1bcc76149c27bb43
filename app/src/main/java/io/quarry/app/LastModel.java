package io.quarry.app;

import io.quarry.ledger.Artifact;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A model a person means.
 *
 * @param path its checkpoint, a folder or a GGUF file
 * @param name its name: that of the recipe, or of the folder or file
 */
record LastModel(Path path, String name) {
    private static final String POINTER = "last-model";

    /** Notes the model that was built last: its folder and its name, a line each, in the work folder. */
    static void remember(Path workdir, Path model, String name) throws IOException {
        Artifact.writeAtomically(workdir.resolve(POINTER), workdir.relativize(model) + "\n" + name + "\n");
    }

    /** Whether something was built in a folder that is no model itself. */
    static boolean isWork(Path folder) {
        return Files.isRegularFile(folder.resolve(POINTER)) && !Files.exists(folder.resolve("config.json"));
    }

    /**
     * Finds the model.
     *
     * @param given a GGUF file, a model folder, a work folder, the name of a pulled model, or null for the last one built
     *              in {@code ./work}
     * @throws IllegalArgumentException if there is none, with what was looked for
     */
    static LastModel find(Path given) throws IOException {
        if (given != null && !Files.exists(given))
            return new LastModel(LocalModels.find(given.toString()), given.toString());
        if (given != null && Files.isRegularFile(given))
            return new LastModel(given, given.getFileName().toString().replaceFirst("\\.gguf$", ""));
        Path folder = given == null ? Path.of("work") : given;
        if (Files.isRegularFile(folder.resolve("config.json")))
            return new LastModel(folder, folder.toAbsolutePath().normalize().getFileName().toString());
        Path pointer = folder.resolve(POINTER);
        if (!Files.isRegularFile(pointer))
            throw new IllegalArgumentException(given == null
                    ? "no model was built here yet (there is no " + pointer
                            + "). Build one with ./quarry build recipes/nano.yaml, or name a model"
                    : given + " is no model folder: it has neither config.json nor " + POINTER);
        List<String> lines = Files.readAllLines(pointer);
        if (lines.size() != 2)
            throw new IllegalArgumentException(pointer + " must have two lines, a folder and a name; build again");
        Path model = folder.resolve(lines.getFirst());
        if (!Files.isRegularFile(model.resolve("config.json")))
            throw new IllegalArgumentException(pointer + " names " + model
                    + ", which has no config.json; build again, or name a model");
        return new LastModel(model, lines.getLast());
    }
}
