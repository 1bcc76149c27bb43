package io.quarry.app;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalDateTime;
import java.time.temporal.ChronoUnit;

/** One build at a time in a folder. The operating system holds the lock, so it is free again even after kill -9. */
final class FolderLock implements AutoCloseable {
    private final FileChannel channel;

    private FolderLock(FileChannel channel) {
        this.channel = channel;
    }

    /** Takes the lock, or says in an {@link IllegalArgumentException} who holds it. */
    static FolderLock take(Path folder) throws IOException {
        Path file = folder.resolve("lock");
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ,
                StandardOpenOption.WRITE);
        FileLock lock = null;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            // held by this very process: said below like any other holder
        } finally {
            if (lock == null)
                channel.close();
        }
        if (lock == null)
            throw new IllegalArgumentException("another build is at work in " + folder + ": "
                    + Files.readString(file).strip() + ". Wait for it, stop it, or use another --workdir");
        String holder = "process " + ProcessHandle.current().pid() + " on " + host() + " since "
                + LocalDateTime.now().truncatedTo(ChronoUnit.SECONDS) + "\n";
        channel.truncate(0);
        channel.write(ByteBuffer.wrap(holder.getBytes(StandardCharsets.UTF_8)), 0);
        return new FolderLock(channel);
    }

    private static String host() throws IOException {
        Path name = Path.of("/proc/sys/kernel/hostname");
        if (Files.isReadable(name))
            return Files.readString(name).strip();
        return java.net.InetAddress.getLocalHost().getHostName();
    }

    @Override
    public void close() throws IOException {
        channel.truncate(0);
        channel.close();
    }
}
