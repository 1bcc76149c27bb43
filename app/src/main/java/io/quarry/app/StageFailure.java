package io.quarry.app;

import java.nio.file.Path;

/** A stage ended with an exception; says which, so that the sentence can begin with it. */
public final class StageFailure extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String stage;
    private final transient Path workdir;

    StageFailure(String stage, Path workdir, Throwable cause) {
        super("stage " + stage + ": " + cause.getMessage(), cause);
        this.stage = stage;
        this.workdir = workdir;
    }

    public String stage() {
        return stage;
    }

    Path workdir() {
        return workdir;
    }
}
