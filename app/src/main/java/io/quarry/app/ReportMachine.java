package io.quarry.app;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * The machine a report is written on, because times and tokens/s mean nothing without it.
 *
 * @param cpu         model of the processor, as the system names it
 * @param cores       processors this process may use
 * @param memoryBytes memory of the machine, or of the container if that is less
 * @param jdk         version and maker
 * @param os          name, version and architecture
 */
record ReportMachine(String cpu, int cores, long memoryBytes, String jdk, String os) {

    static ReportMachine here() throws IOException {
        var system = ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class);
        return new ReportMachine(processor(), Runtime.getRuntime().availableProcessors(), system.getTotalMemorySize(),
                System.getProperty("java.vm.version") + ", " + System.getProperty("java.vendor"),
                system.getName() + " " + system.getVersion() + ", " + system.getArch());
    }

    /** Linux names the processor in a file; elsewhere the architecture has to do. */
    private static String processor() throws IOException {
        Path info = Path.of("/proc/cpuinfo");
        if (!Files.isReadable(info))
            return System.getProperty("os.arch");
        try (Stream<String> lines = Files.lines(info)) {
            return lines.filter(line -> line.startsWith("model name")).findFirst()
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .orElse(System.getProperty("os.arch"));
        }
    }
}
