package io.quarry.app;

import io.quarry.infer.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/** What this process has taken of the memory, and what there is: of the machine, or of the container it runs in. */
final class Memory {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Path CLEAR = Path.of("/proc/self/clear_refs");

    private Memory() {}

    /** Most resident bytes since the last {@link #resetPeak()}, or since the start; empty where the system does not say. */
    static OptionalLong peakResident() throws IOException {
        if (!Files.isReadable(STATUS))
            return OptionalLong.empty();
        for (String line : Files.readAllLines(STATUS))
            if (line.startsWith("VmHWM:"))
                return OptionalLong.of(Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024);
        return OptionalLong.empty();
    }

    /** Begins a new measurement of the peak; says whether the system allows that. */
    static boolean resetPeak() {
        try {
            Files.writeString(CLEAR, "5");
            return true;
        } catch (IOException e) {
            return false; // not Linux, or not allowed: the peak is then that of the whole process
        }
    }

    /** Bytes of memory the machine has, or the container if that has less. */
    static long total() {
        return Machine.here().memoryBytes();
    }
}
