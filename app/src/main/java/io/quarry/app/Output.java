package io.quarry.app;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * Where a command writes a file or folder of which others see all or nothing: it grows in a folder beside the place it is
 * meant for, and is moved there when it is whole. Whatever ends the command before, Ctrl-C too, that folder is deleted.
 */
final class Output implements AutoCloseable {
    private final Path target;
    private final boolean force;
    private final Path folder;
    private final Thread hook = new Thread(this::sweep, "sweep");

    /**
     * Checks the place.
     *
     * @param force whether what is there already may be replaced
     * @throws IllegalArgumentException if something is there and may not
     */
    Output(Path target, boolean force) throws IOException {
        this.target = target.toAbsolutePath().normalize();
        this.force = force;
        if (Files.exists(this.target, LinkOption.NOFOLLOW_LINKS) && !force)
            throw new IllegalArgumentException(target + " is there already; --force replaces it");
        Path parent = this.target.getParent();
        if (parent == null)
            throw new IllegalArgumentException(target + " is no place for a file or folder");
        Files.createDirectories(parent);
        folder = Files.createTempDirectory(parent, this.target.getFileName() + ".partial");
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** What is to be written. */
    Path path() {
        return folder.resolve(target.getFileName());
    }

    /** It is whole: moves it to its place. What was there steps aside first and is deleted last. */
    void done() throws IOException {
        Path old = folder.resolve("replaced");
        if (force && Files.exists(target, LinkOption.NOFOLLOW_LINKS))
            Files.move(target, old, StandardCopyOption.ATOMIC_MOVE);
        try {
            Files.move(path(), target, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            if (Files.exists(old, LinkOption.NOFOLLOW_LINKS))
                Files.move(old, target, StandardCopyOption.ATOMIC_MOVE);
            throw e;
        }
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            return; // the process is ending, and the hook sweeps
        }
        sweep();
    }

    private void sweep() {
        try {
            Folders.delete(folder);
        } catch (IOException | UncheckedIOException e) {
            System.err
                    .println("quarry: " + folder + " could not be deleted (" + e.getMessage() + "); it is not needed");
        }
    }
}
