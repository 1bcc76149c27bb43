package io.quarry.hub;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * Fetches one file: goes on where it was cut, ends when its length and content are right, and only then gives it its
 * name.
 */
final class Download {
    private static final int CHUNK = 1 << 18;
    /** Bytes for which a failure is forgiven; fewer, and a server could keep us for ever. */
    private static final int PROGRESS = 1 << 16;
    private static final int OK = 200;
    private static final int PARTIAL = 206;
    private static final int RANGE_NOT_SATISFIABLE = 416;

    private final Transport transport;
    private final Patience patience;
    private final Target target;
    private final LongConsumer came;
    private final Consumer<String> note;
    private long received;

    /**
     * What is fetched.
     *
     * @param what       the file's name for sentences
     * @param bytes      its length
     * @param checksum   of its content, if it is known
     * @param incomplete where it grows; what is there already counts as its beginning
     * @param to         its name when it is whole, on the same file system
     */
    record Target(String what, URI from, long bytes, Optional<Checksum> checksum, Path incomplete, Path to) {
        /** Bytes that are there already. */
        long present() throws IOException {
            return Files.exists(incomplete) ? Math.min(Files.size(incomplete), bytes) : 0;
        }
    }

    /**
     * How it went.
     *
     * @param checksum of the content: of the kind the target has, else SHA-256
     * @param received bytes that came; fewer than the file has if its beginning was there
     */
    record Outcome(Checksum checksum, long received) {}

    /**
     * Fetches.
     *
     * @param came hears how many bytes more there are; fewer than none when a beginning was worth nothing
     * @param note hears what it waits for
     * @throws IOException with a sentence, if it cannot be had or is not what it should be
     */
    static Outcome run(Transport transport, Patience patience, Target target, LongConsumer came,
            Consumer<String> note) throws IOException, InterruptedException {
        return new Download(transport, patience, target, came, note).run();
    }

    private Download(Transport transport, Patience patience, Target target, LongConsumer came, Consumer<String> note) {
        this.transport = transport;
        this.patience = patience;
        this.target = target;
        this.came = came;
        this.note = note;
    }

    private Outcome run() throws IOException, InterruptedException {
        Files.createDirectories(target.incomplete().getParent());
        Checksum.Kind kind = target.checksum().map(Checksum::kind).orElse(Checksum.Kind.SHA_256);
        Checksum found;
        try (FileChannel file = FileChannel.open(target.incomplete(), StandardOpenOption.CREATE,
                StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            if (file.size() > target.bytes())
                file.truncate(0);
            Growing growing = new Growing(file, kind, target.bytes());
            growing.readWhatIsThere();
            fetch(growing);
            found = growing.checksum();
            file.force(false);
        } catch (ClosedByInterruptException e) {
            throw interrupted(e);
        }
        if (target.checksum().isPresent() && !target.checksum().get().equals(found)) {
            Files.delete(target.incomplete());
            came.accept(-target.bytes());
            throw new Refused(target.what() + " is not what it should be: it has " + found + ", expected "
                    + target.checksum().get() + ". What came was deleted; pull again, and if that happens again, "
                    + "something between here and " + target.from().getHost() + " changes files");
        }
        Files.move(target.incomplete(), target.to(), StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
        return new Outcome(found, received);
    }

    private void fetch(Growing growing) throws IOException, InterruptedException {
        Attempts attempts = new Attempts(patience, note);
        while (growing.size() < target.bytes()) {
            long before = growing.size();
            try {
                request(growing);
            } catch (IOException fault) {
                if (growing.size() - before >= PROGRESS)
                    attempts.progressed();
                attempts.failed(fault);
            }
        }
    }

    private void request(Growing growing) throws IOException, InterruptedException {
        long from = growing.size();
        Map<String, String> range = from == 0 ? Map.of() : Map.of("Range", "bytes=" + from + "-");
        try (Transport.Answer answer = transport.get(target.from(), range)) {
            switch (answer.status()) {
                case OK -> {
                    growing.restart(); // the server knows no ranges
                    came.accept(-from);
                }
                case PARTIAL -> checkRange(answer, from);
                case RANGE_NOT_SATISFIABLE -> throw new Refused(answer.from().getHost() + " has only part of "
                        + target.what() + ": it says there is nothing behind byte " + from + " of " + target.bytes());
                default -> {
                    Busy.check(answer, Instant.now());
                    throw new Refused(answer.from().getHost() + " answered " + answer.status() + " when asked for "
                            + target.what());
                }
            }
            checkLength(answer, growing.size());
            copy(answer, growing);
        }
    }

    private void checkRange(Transport.Answer answer, long from) throws Refused {
        String range = answer.header("Content-Range").orElse("");
        if (!range.matches("(?i)bytes " + from + "-\\d+/(\\*|" + target.bytes() + ")"))
            throw new Refused(answer.from().getHost() + " was asked for bytes " + from + " and on of "
                    + target.bytes() + " of " + target.what() + " and answered with \"" + FilePath.shown(range) + "\"");
    }

    private void checkLength(Transport.Answer answer, long from) throws Refused {
        String encoding = answer.header("Content-Encoding").orElse("identity").toLowerCase(Locale.ROOT);
        if (!encoding.equals("identity"))
            throw new Refused(answer.from().getHost() + " sends " + target.what() + " packed as "
                    + FilePath.shown(encoding) + ", which was not asked for");
        if (answer.length() == target.bytes() - from)
            return;
        if (answer.isPage())
            throw new Refused(answer.from().getHost() + " answered with a web page instead of " + target.what()
                    + ": is a sign-in needed, or is there a proxy in between?");
        if (answer.length() >= 0)
            throw new Refused(answer.from().getHost() + " would send " + answer.length() + " bytes of "
                    + target.what() + ", expected " + (target.bytes() - from));
    }

    private void copy(Transport.Answer answer, Growing growing) throws IOException, InterruptedException {
        byte[] chunk = new byte[CHUNK];
        InputStream in = answer.body();
        for (int n; (n = in.read(chunk)) >= 0;) {
            if (n > target.bytes() - growing.size())
                throw new Refused(answer.from().getHost() + " sends more than the " + target.bytes() + " bytes of "
                        + target.what());
            growing.append(chunk, n);
            received += n;
            came.accept(n);
        }
        if (growing.size() < target.bytes())
            throw new IOException(answer.from().getHost() + " broke off behind byte " + growing.size() + " of "
                    + target.bytes() + " of " + target.what());
    }

    private static InterruptedException interrupted(ClosedByInterruptException e) {
        InterruptedException interrupted = new InterruptedException("a download was stopped");
        interrupted.initCause(e);
        return interrupted;
    }

    /** The file as it grows, and its checksum with it. */
    private static final class Growing {
        private final FileChannel file;
        private final Checksum.Kind kind;
        private final long whole;
        private MessageDigest digest;
        private long size;

        Growing(FileChannel file, Checksum.Kind kind, long whole) {
            this.file = file;
            this.kind = kind;
            this.whole = whole;
            digest = Checksum.begin(kind, whole);
        }

        long size() {
            return size;
        }

        void readWhatIsThere() throws IOException {
            ByteBuffer buffer = ByteBuffer.allocate(CHUNK);
            for (int n; (n = file.read(buffer, size)) > 0; buffer.clear()) {
                digest.update(buffer.array(), 0, n);
                size += n;
            }
        }

        void restart() throws IOException {
            file.truncate(0);
            size = 0;
            digest = Checksum.begin(kind, whole);
        }

        void append(byte[] bytes, int count) throws IOException, InterruptedException {
            ByteBuffer buffer = ByteBuffer.wrap(bytes, 0, count);
            try {
                while (buffer.hasRemaining())
                    file.write(buffer, size + buffer.position());
            } catch (ClosedByInterruptException e) {
                throw interrupted(e);
            } catch (IOException e) {
                throw new Refused("what came cannot be written: " + e.getMessage()
                        + ". Make room; the same command goes on from here", e);
            }
            digest.update(bytes, 0, count);
            size += count;
        }

        Checksum checksum() {
            return Checksum.end(kind, digest);
        }
    }

    /** The first bytes of a file as text, for a sentence about a file that is none. */
    static String beginning(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return FilePath.shown(new String(in.readNBytes(24), StandardCharsets.ISO_8859_1));
        }
    }
}
