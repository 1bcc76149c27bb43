package io.quarry.infer;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/**
 * What this process may take: all of the machine, or as much as the container around it allows. Limits of control groups are
 * read from the group of this process and all above it (versions 1 and 2), since the least of them holds.
 *
 * @param memoryBytes most memory
 * @param processors  how many may work at once; a quota of one and a half is two
 */
public record Machine(long memoryBytes, int processors) {
    private static final Path GROUP = Path.of("proc/self/cgroup");
    private static final Path MOUNT = Path.of("sys/fs/cgroup");

    public Machine {
        if (memoryBytes < 1 || processors < 1)
            throw new IllegalArgumentException("a machine has memory and processors, not " + memoryBytes + " bytes and "
                    + processors);
    }

    /** The machine this runs on. */
    public static Machine here() {
        OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        return new Machine(system.getTotalMemorySize(), Runtime.getRuntime().availableProcessors())
                .within(Path.of("/"));
    }

    /** What control groups leave of it. */
    Machine within(Path root) {
        long memory = memoryBytes;
        int most = processors;
        for (String line : lines(root.resolve(GROUP))) {
            String[] parts = line.split(":", 3); // number, controllers, path; version 2 has number 0 and no controllers
            if (parts.length != 3)
                continue;
            List<String> controllers = List.of(parts[1].split(","));
            if (parts[0].equals("0") && parts[1].isEmpty()) {
                memory = Math.min(memory, least(root, "", parts[2], "memory.max", "memory.high"));
                most = Math.min(most, processors(root, "", parts[2]));
            }
            if (controllers.contains("memory"))
                memory = Math.min(memory, least(root, "memory", parts[2], "memory.limit_in_bytes"));
            if (controllers.contains("cpu"))
                most = Math.min(most, processors(root, parts[1], parts[2]));
        }
        return new Machine(Math.max(1, memory), Math.max(1, most));
    }

    /** The groups from that of the process up to the root; in a container its own may be out of sight. */
    private static List<Path> groups(Path root, String controller, String path) {
        Path mount = root.resolve(MOUNT).resolve(controller);
        Path own = mount.resolve(path.replaceFirst("^/+", "")).normalize();
        return java.util.stream.Stream.iterate(own, group -> group != null && group.startsWith(mount), Path::getParent)
                .toList();
    }

    private static long least(Path root, String controller, String path, String... files) {
        long least = Long.MAX_VALUE;
        for (Path group : groups(root, controller, path))
            for (String file : files)
                least = Math.min(least, number(first(group.resolve(file), 0)).orElse(Long.MAX_VALUE));
        return least;
    }

    /** Quota over period, rounded up. */
    private static int processors(Path root, String controller, String path) {
        int least = Integer.MAX_VALUE;
        for (Path group : groups(root, controller, path)) {
            OptionalLong quota = number(first(group.resolve("cpu.max"), 0));
            OptionalLong period = number(first(group.resolve("cpu.max"), 1));
            if (!controller.isEmpty()) {
                quota = number(first(group.resolve("cpu.cfs_quota_us"), 0));
                period = number(first(group.resolve("cpu.cfs_period_us"), 0));
            }
            if (quota.isPresent() && period.isPresent())
                least = (int) Math.min(least, Math.ceilDiv(quota.getAsLong(), period.getAsLong()));
        }
        return least;
    }

    /** A number above 0; "max" and -1 are no limits, and neither is what cannot be understood. */
    private static OptionalLong number(String text) {
        return text.matches("[1-9]\\d{0,17}") ? OptionalLong.of(Long.parseLong(text)) : OptionalLong.empty();
    }

    /** A word of a file of one line; empty where there is none. */
    private static String first(Path file, int word) {
        List<String> lines = lines(file);
        String[] words = lines.isEmpty() ? new String[0] : lines.getFirst().strip().split("\\s+");
        return word < words.length ? words[word] : "";
    }

    private static List<String> lines(Path file) {
        try {
            return Files.isReadable(file) && !Files.isDirectory(file) ? Files.readAllLines(file) : List.of();
        } catch (IOException e) {
            return List.of(); // a system that does not say sets no limit that could be known
        }
    }
}
