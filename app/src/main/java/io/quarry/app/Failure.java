package io.quarry.app;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Turns what went wrong into one sentence for the person at the command line. */
final class Failure {
    private static final Pattern DISK_FULL = Pattern
            .compile("(?i)no space left on device|disk quota exceeded|not enough space on the disk");

    private Failure() {}

    static String sentence(Throwable failure) {
        if (!(failure instanceof StageFailure stage))
            return plain(failure);
        for (Throwable cause : chain(failure))
            if (cause.getMessage() != null && DISK_FULL.matcher(cause.getMessage()).find())
                return "stage " + stage.stage() + ": " + diskFull(cause, stage.workdir());
        return "stage " + stage.stage() + ": " + plain(failure.getCause());
    }

    private static String diskFull(Throwable cause, Path workdir) {
        Path folder = cause instanceof FileSystemException f && f.getFile() != null
                && Path.of(f.getFile()).getParent() != null ? Path.of(f.getFile()).getParent() : workdir;
        return "the disk is full: " + free(folder) + temporary(folder)
                + ". Make room there; the same command goes on where it stopped";
    }

    private static String temporary(Path folder) {
        Path tmp = Path.of(System.getProperty("java.io.tmpdir"));
        return folder.startsWith(tmp) ? "" : ", " + free(tmp);
    }

    private static String free(Path folder) {
        Path there = folder.toAbsolutePath();
        while (there.getParent() != null && !Files.exists(there))
            there = there.getParent();
        try {
            return String.format("%,d bytes free in %s", Files.getFileStore(there).getUsableSpace(), folder);
        } catch (IOException e) {
            return "free bytes in " + folder + " cannot be read (" + e.getMessage() + ")";
        }
    }

    private static String plain(Throwable failure) {
        return switch (failure) {
            case OutOfMemoryError e -> "memory ran out (" + e.getMessage() + "): the heap may take "
                    + Meter.Numbers.gib(Runtime.getRuntime().maxMemory())
                    + ". Give it more, for instance QUARRY_JAVA_OPTS=-Xmx4g, or make the recipe smaller";
            case NoSuchFileException e -> "there is no " + e.getFile();
            case AccessDeniedException e -> "no right to read or write " + e.getFile();
            case UncheckedIOException e when e.getCause() != null -> plain(e.getCause());
            case RuntimeException e when e.getClass() == RuntimeException.class && e.getCause() != null
                    && e.getCause().toString().equals(e.getMessage()) ->
                plain(e.getCause()); // a mere wrapper
            case Throwable e when isSentence(e.getMessage()) -> e.getMessage();
            default -> "this should not happen: " + failure + ". Run it again with --debug to see where";
        };
    }

    /** A message that someone wrote for a reader: it has several words. */
    private static boolean isSentence(String message) {
        return message != null && message.strip().split("\\s+").length >= 3;
    }

    private static List<Throwable> chain(Throwable failure) {
        List<Throwable> chain = new ArrayList<>();
        for (Throwable t = failure; t != null && !chain.contains(t); t = t.getCause())
            chain.add(t);
        return chain;
    }
}
