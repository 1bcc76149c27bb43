package io.quarry.app;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;

/** What all commands around models take; scripts rely on these two. */
final class CommonOptions {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    @Option(names = "--json", description = "Print one JSON value, and nothing else, on standard output.")
    private boolean json;

    @Option(names = "--threads", paramLabel = "N", defaultValue = "0", description = "Threads to work with at most (pull: files that come side by side, 8 if not said). Default: as many as the machine or container allows")
    private int threads;

    boolean json() {
        return json;
    }

    /**
     * Threads to work with.
     *
     * @param usual how many if the user does not say
     */
    int threads(int usual) {
        if (threads < 0)
            throw new IllegalArgumentException("--threads must be at least 1, was " + threads);
        return threads == 0 ? usual : threads;
    }

    /** Threads to work with: as many as the machine or container allows if the user does not say. */
    int threads() {
        return threads(Runtime.getRuntime().availableProcessors());
    }

    /** Prints a value as one line of JSON. */
    static void print(Object value) {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        out.println(line(value));
    }

    /** A value as one line of JSON. */
    static String line(Object value) {
        return JSON.writeValueAsString(value);
    }
}
