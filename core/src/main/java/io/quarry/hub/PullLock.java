package io.quarry.hub;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;

/** One pull of a model at a time. The operating system holds the lock, so it is free again even after kill -9. */
final class PullLock implements AutoCloseable {
    private static final Duration PAUSE = Duration.ofMillis(200);

    private final FileChannel channel;

    private PullLock(FileChannel channel) {
        this.channel = channel;
    }

    /**
     * Takes the lock, and waits for it as long as another has it.
     *
     * @param waiting told once if there is something to wait for
     */
    static PullLock take(Path file, Runnable waiting) throws IOException, InterruptedException {
        Files.createDirectories(file.getParent());
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            for (boolean told = false; !taken(channel); told = true) {
                if (!told)
                    waiting.run();
                Thread.sleep(PAUSE);
            }
            return new PullLock(channel);
        } catch (IOException | InterruptedException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static boolean taken(FileChannel channel) throws IOException {
        try {
            FileLock lock = channel.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException e) {
            return false; // held by another thread of this process
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
