package io.quarry.app;

import java.io.IOException;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;

/** Whether a person looks: the launcher asks the shell, which knows input and output apart, and says so here. */
final class Terminals {
    private static final int USUAL_WIDTH = 80;

    private Terminals() {}

    /** Whether what is printed goes to a terminal. */
    static boolean output() {
        return Boolean.getBoolean("quarry.terminal.output");
    }

    /** Whether what is read is typed at a terminal. */
    static boolean input() {
        return Boolean.getBoolean("quarry.terminal.input");
    }

    /**
     * Characters in a line of the terminal. Asked without JLine's own signal handlers: by default it gives SIGINT back to
     * the system, and Ctrl-C would then end the process without the work being saved.
     */
    static int width() {
        try (Terminal terminal = TerminalBuilder.builder().nativeSignals(false).dumb(true).build()) {
            return terminal.getWidth() > 0 ? terminal.getWidth() : USUAL_WIDTH;
        } catch (IOException e) {
            return USUAL_WIDTH; // a bar of another width is no reason to stop a build
        }
    }
}
