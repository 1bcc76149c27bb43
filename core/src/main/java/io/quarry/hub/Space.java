package io.quarry.hub;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whether there is room for what will come. */
final class Space {
    /** Left free, so that the rest of the machine can go on. */
    private static final long RESERVE = 64L << 20;

    private Space() {}

    static void check(Path folder, long bytes, String what) throws IOException {
        Path there = folder.toAbsolutePath();
        while (there.getParent() != null && !Files.exists(there))
            there = there.getParent();
        long free = Files.getFileStore(there).getUsableSpace();
        check(folder, bytes, what, free);
    }

    static void check(Path folder, long bytes, String what, long free) throws Refused {
        if (bytes > 0 && bytes > free - RESERVE)
            throw new Refused(String.format("%s needs %,d bytes more in %s, where %,d are free. Make room, or point "
                    + "HF_HUB_CACHE (QUARRY_HOME for what is no hub's) at another disk", what, bytes, folder, free));
    }
}
