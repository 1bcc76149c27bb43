package io.quarry.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher keeps no classes of a rehearsal that fails. */
class RehearsalTest {
    @TempDir
    private Path dir;

    @Test
    void makesAModelAndLetsItSaySomething() throws IOException {
        assertThat(Rehearsal.in(dir)).isZero();
        assertThat(dir.resolve("tiny.gguf")).isNotEmptyFile();
        assertThat(dir.resolve("folder/config.json")).isNotEmptyFile();
    }
}
