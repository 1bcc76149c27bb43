package io.quarry.app;

import io.quarry.hub.Hub;
import io.quarry.hub.Settings;
import java.io.IOException;
import java.nio.file.Path;

/** The models of this machine, as the environment says where they are. */
final class LocalModels {
    /** What a person may give as a model, for the help of every command that takes one. */
    static final String MODEL = "A GGUF file, a model folder, a work folder for the model built last in it, or the name of a pulled model";

    private LocalModels() {}

    static Hub hub() throws IOException {
        return new Hub(Settings.of(System.getenv(), Path.of(System.getProperty("user.home"))));
    }

    /**
     * Finds what a person means by a model.
     *
     * @param model a path, also that of a work folder for the model built last in it, or a name under which something was
     *              pulled
     * @return a model folder or a GGUF file
     * @throws IllegalArgumentException if there is none, with what there is
     */
    static Path find(String model) throws IOException {
        Path path = hub().resolve(model);
        return LastModel.isWork(path) ? LastModel.find(path).path() : path;
    }
}
