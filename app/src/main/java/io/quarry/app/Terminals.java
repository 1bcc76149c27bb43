package io.quarry.app;

/** Whether a person looks: the launcher asks the shell, which knows input and output apart, and says so here. */
final class Terminals {
    private Terminals() {}

    /** Whether what is printed goes to a terminal. */
    static boolean output() {
        return Boolean.getBoolean("quarry.terminal.output");
    }

    /** Whether what is read is typed at a terminal. */
    static boolean input() {
        return Boolean.getBoolean("quarry.terminal.input");
    }
}
