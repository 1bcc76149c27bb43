package io.quarry.hub;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What a pull has brought, or found here already.
 *
 * @param name    resolves to the path from now on
 * @param commit  state of the repository; empty for what did not come from a hub
 * @param path    folder or file to open
 * @param files   all files, those that were here before too
 * @param licence as the model says; empty if it does not
 */
public record Pulled(String name, String commit, Path path, List<Item> files, Optional<String> licence) {
    /**
     * A file.
     *
     * @param name     its path in the model
     * @param bytes    its length
     * @param checksum that its content was found to have, for instance {@code SHA-256 ...}
     * @param expected whether it was told beforehand, so that the content is known to be right
     * @param fetched  bytes of it that came with this pull
     */
    public record Item(String name, long bytes, String checksum, boolean expected, long fetched) {}

    public long bytes() {
        return files.stream().mapToLong(Item::bytes).sum();
    }

    /** Bytes that came with this pull. */
    public long fetchedBytes() {
        return files.stream().mapToLong(Item::fetched).sum();
    }

    /** Files of which only the length could be checked. */
    public List<Item> unchecked() {
        return files.stream().filter(file -> !file.expected()).toList();
    }
}
