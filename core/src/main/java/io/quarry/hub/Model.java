package io.quarry.hub;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A model that is on this machine.
 *
 * @param name    resolves to it
 * @param path    what to open: a folder or a GGUF file
 * @param bytes   of its weights and what belongs to them
 * @param licence as its card says; empty if it does not
 * @param commit  state of the repository; empty for what did not come from a hub
 * @param refs    branches and tags that stand for it here
 * @param pulled  when its last file came
 * @param lacks   files that are missing, because a pull was not finished
 */
public record Model(String name, Path path, long bytes, Optional<String> licence, String commit, List<String> refs,
        Instant pulled, List<String> lacks) {}
