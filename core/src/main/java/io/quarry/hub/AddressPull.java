package io.quarry.hub;

import io.quarry.ledger.Artifact;
import io.quarry.ledger.Hash;
import io.quarry.ledger.Progress;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Brings a GGUF file, or all its shards, from any address onto the shelf. */
final class AddressPull {
    private static final Pattern FILE = Pattern.compile("(?<stem>.+?)(?:-(?<at>\\d{5})-of-(?<of>\\d{5}))?\\.gguf");
    private static final int MAX_SHARDS = 999;
    private static final String INCOMPLETE = ".incomplete";
    private static final String WHOLE = ".whole";
    private static final byte[] MAGIC = "GGUF".getBytes(StandardCharsets.US_ASCII);

    private final Shelf shelf;
    private final Transport transport;
    private final Patience patience;
    private final Progress progress;

    AddressPull(Shelf shelf, Transport transport, Patience patience, Progress progress) {
        this.shelf = shelf;
        this.transport = transport;
        this.patience = patience;
        this.progress = progress;
    }

    /** A file that can be had; the version tells its states apart, and is empty where the server does not. */
    private record Source(String file, URI from, long bytes, String version) {}

    Pulled run(URI address, String name, String sha256) throws IOException, InterruptedException {
        if (!Transport.isWeb(address))
            throw new Refused("an address to pull from must be http or https, without user and password, was "
                    + FilePath.shown(address.toString()));
        String path = address.getRawPath();
        String last = URLDecoder.decode(path.substring(path.lastIndexOf('/') + 1).replace("+", "%2B"),
                StandardCharsets.UTF_8);
        Matcher file = FILE.matcher(last);
        if (!file.matches())
            throw new Refused("an address to pull from must end in the name of a GGUF file, was "
                    + Transport.shown(address));
        FilePath.check(last, "the file of that address");
        Optional<Checksum> checksum = checksum(sha256, file.group("of") != null);
        String called = name.isEmpty() ? file.group("stem") : name;
        Path folder = shelf.entry(called);
        if (Files.exists(folder, LinkOption.NOFOLLOW_LINKS) && !Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS))
            throw new Refused("the name " + called + " is taken by a link to " + Files.readSymbolicLink(folder)
                    + "; give another with --name");
        try (PullLock _ = PullLock.take(folder.resolveSibling("." + called + ".lock"),
                () -> progress.at(0, 0, "bytes", "another process pulls " + called + " and is waited for"))) {
            return fetch(called, folder, sources(address, last, file), checksum);
        }
    }

    private static Optional<Checksum> checksum(String sha256, boolean shards) throws Refused {
        if (sha256.isEmpty())
            return Optional.empty();
        Optional<Checksum> checksum = Checksum.of(sha256);
        if (checksum.isEmpty() || checksum.get().kind() != Checksum.Kind.SHA_256)
            throw new Refused("a SHA-256 has 64 hex digits, was \"" + FilePath.shown(sha256) + "\"");
        if (shards)
            throw new Refused("a SHA-256 is that of one file, but the address names the first of several shards");
        return checksum;
    }

    private List<Source> sources(URI address, String last, Matcher file) throws IOException, InterruptedException {
        int of = file.group("of") == null ? 1 : Integer.parseInt(file.group("of"));
        if (of < 1 || of > MAX_SHARDS || of > 1 && Integer.parseInt(file.group("at")) != 1)
            throw new Refused(last + " must be the first of at most " + MAX_SHARDS + " shards (-00001-of-...)");
        List<Source> sources = new ArrayList<>();
        for (int i = 1; i <= of; i++) {
            String name = file.group("of") == null
                    ? last
                    : last.replace("-00001-of-", String.format(Locale.ROOT, "-%05d-of-", i));
            URI from = URI.create(address.toString().replace("-00001-of-",
                    String.format(Locale.ROOT, "-%05d-of-", i)));
            sources.add(new Attempts(patience, this::note).until(() -> ask(name, from)));
        }
        return sources;
    }

    /** Asks for one byte: what a server says of a whole file, it says then too; a HEAD is often not answered. */
    private Source ask(String name, URI from) throws IOException, InterruptedException {
        try (Transport.Answer answer = transport.get(from, Map.of("Range", "bytes=0-0"))) {
            Busy.check(answer, Instant.now());
            if (answer.status() != 200 && answer.status() != 206)
                throw new Refused(from.getHost() + " answered " + answer.status() + " when asked for " + name);
            if (answer.isPage())
                throw new Refused(from.getHost() + " answered with a web page instead of " + name
                        + "; use the address behind the download button");
            long bytes = answer.status() == 200
                    ? answer.length()
                    : answer.header("Content-Range").filter(range -> range.matches("bytes 0-0/\\d{1,18}"))
                            .map(range -> Long.parseLong(range.substring(range.indexOf('/') + 1))).orElse(-1L);
            if (bytes < 0)
                throw new Refused(from.getHost() + " does not say how long " + name
                        + " is, so a cut could not be told from its end; fetch it otherwise and pull the file");
            return new Source(name, from, bytes,
                    answer.header("ETag").or(() -> answer.header("Last-Modified")).orElse(""));
        }
    }

    private Pulled fetch(String called, Path folder, List<Source> sources, Optional<Checksum> checksum)
            throws IOException, InterruptedException {
        List<Download.Target> targets = new ArrayList<>();
        long bytes = 0;
        long present = 0;
        for (Source source : sources) {
            Download.Target target = target(folder, source, checksum);
            forgetOtherStates(folder, target, !source.version().isEmpty() || checksum.isPresent());
            targets.add(target);
            bytes += isWhole(target) ? 0 : source.bytes();
            present += isWhole(target) ? 0 : target.present();
        }
        Space.check(folder, bytes - present, called);
        Counter counter = new Counter(progress, bytes, targets.size());
        counter.came(present);
        List<Pulled.Item> items = new ArrayList<>();
        for (Download.Target target : targets)
            items.add(fetch(target, counter));
        Path opened = folder.resolve(sources.getFirst().file());
        return new Pulled(called, "", opened, items, Shelf.licence(opened));
    }

    private Pulled.Item fetch(Download.Target target, Counter counter) throws IOException, InterruptedException {
        long received = 0;
        if (!isWhole(target)) {
            Download.Outcome outcome = Download.run(transport, patience, target, counter::came, counter::note);
            checkMagic(target);
            Artifact.writeAtomically(mark(target), outcome.checksum() + "\n");
            received = outcome.received();
        }
        String found = Files.readString(mark(target)).strip();
        counter.fileDone();
        return new Pulled.Item(target.what(), target.bytes(), found, target.checksum().isPresent(), received);
    }

    /** Where a file grows: a name that holds what the server says about the state of the file. */
    private static Download.Target target(Path folder, Source source, Optional<Checksum> checksum) {
        String state = Hash.of(source.from() + "\n" + source.bytes() + "\n" + source.version() + "\n" + checksum)
                .substring(0, 16);
        return new Download.Target(source.file(), source.from(), source.bytes(), checksum,
                folder.resolve(source.file() + "." + state + INCOMPLETE), folder.resolve(source.file()));
    }

    /** Beside a whole file: which state of it this is, and the checksum it was found to have. */
    private static Path mark(Download.Target target) {
        String incomplete = target.incomplete().getFileName().toString();
        return target.incomplete().resolveSibling(incomplete.replace(INCOMPLETE, WHOLE));
    }

    private static boolean isWhole(Download.Target target) throws IOException {
        return Files.exists(mark(target)) && Files.isRegularFile(target.to())
                && Files.size(target.to()) == target.bytes();
    }

    /** Another state's beginning is never gone on with; nor is this one's, if the server does not tell states apart. */
    private static void forgetOtherStates(Path folder, Download.Target target, boolean hasState) throws IOException {
        if (!Files.isDirectory(folder))
            return;
        List<Path> all;
        try (Stream<Path> list = Files.list(folder)) {
            all = list.toList();
        }
        for (Path other : all) {
            String name = other.getFileName().toString();
            boolean ofThisFile = name.startsWith(target.what() + ".") && (name.endsWith(INCOMPLETE)
                    || name.endsWith(WHOLE));
            if (ofThisFile && !(hasState && (other.equals(target.incomplete()) || other.equals(mark(target)))))
                Files.delete(other);
        }
    }

    private static void checkMagic(Download.Target target) throws IOException {
        byte[] first;
        try (InputStream in = Files.newInputStream(target.to())) {
            first = in.readNBytes(MAGIC.length);
        }
        if (java.util.Arrays.equals(first, MAGIC))
            return;
        String beginning = Download.beginning(target.to());
        Files.delete(target.to());
        throw new Refused(target.what() + " from " + target.from().getHost() + " is no GGUF file: it begins with \""
                + beginning + "\", expected \"GGUF\". It was deleted");
    }

    private void note(String text) {
        progress.at(0, 0, "bytes", text);
    }
}
