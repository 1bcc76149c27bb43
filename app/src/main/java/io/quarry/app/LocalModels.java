package io.quarry.app;

import io.quarry.hub.Hub;
import io.quarry.hub.Settings;
import java.io.IOException;
import java.nio.file.Path;

/** The models of this machine, as the environment says where they are. */
final class LocalModels {
    private LocalModels() {}

    static Hub hub() throws IOException {
        return new Hub(Settings.of(System.getenv(), Path.of(System.getProperty("user.home"))));
    }

    /**
     * Finds what a person means by a model.
     *
     * @param model a path, or a name under which something was pulled
     * @return a model folder or a GGUF file
     * @throws IllegalArgumentException if there is none, with what there is
     */
    static Path find(String model) throws IOException {
        return hub().resolve(model);
    }
}
