package io.quarry.hub;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The cache as Python's {@code huggingface_hub} lays it out: {@code models--org--name} with {@code blobs/TAG} (contents),
 * {@code snapshots/COMMIT/FILE} (links to blobs) and {@code refs/REVISION} (a commit).
 */
final class Cache {
    private static final String PREFIX = "models--";
    private static final int MAX_DEPTH = 12;

    private final Path root;

    Cache(Path root) {
        this.root = root;
    }

    /** All models it has, by name. */
    List<String> repos() throws IOException {
        if (!Files.isDirectory(root))
            return List.of();
        try (Stream<Path> list = Files.list(root)) {
            return list.map(path -> path.getFileName().toString())
                    .filter(name -> name.startsWith(PREFIX) && Files.isDirectory(root.resolve(name)))
                    .map(name -> name.substring(PREFIX.length()).replace("--", "/")).filter(ModelName::isRepo)
                    .sorted().toList();
        }
    }

    Path folder(String repo) {
        return root.resolve(PREFIX + repo.replace("/", "--"));
    }

    Path blob(String repo, String tag) {
        return folder(repo).resolve("blobs").resolve(tag);
    }

    /**
     * Where a blob grows. Python's tools name theirs otherwise, so that two programs never write into one file: their
     * locks are of another kind than those Java can take.
     */
    Path incomplete(String repo, String tag) {
        return folder(repo).resolve("blobs").resolve(tag + ".quarry.incomplete");
    }

    Path lock(String repo) {
        return root.resolve(".locks").resolve(PREFIX + repo.replace("/", "--")).resolve("quarry.lock");
    }

    Path snapshot(String repo, String commit) {
        return folder(repo).resolve("snapshots").resolve(commit);
    }

    /** Commits that are here, the one whose folder changed last at the front. */
    List<String> commits(String repo) throws IOException {
        Path snapshots = folder(repo).resolve("snapshots");
        if (!Files.isDirectory(snapshots))
            return List.of();
        record Dated(String commit, long millis) {}
        try (Stream<Path> list = Files.list(snapshots)) {
            List<Path> folders = list.filter(Files::isDirectory).toList();
            Stream.Builder<Dated> all = Stream.builder();
            for (Path folder : folders)
                all.add(new Dated(folder.getFileName().toString(), Files.getLastModifiedTime(folder).toMillis()));
            return all.build().sorted((a, b) -> a.millis() != b.millis()
                    ? Long.compare(b.millis(), a.millis())
                    : a.commit().compareTo(b.commit())).map(Dated::commit).toList();
        }
    }

    /** Files of a snapshot whose content is here, by their paths in the model. */
    List<String> files(String repo, String commit) throws IOException {
        Path snapshot = snapshot(repo, commit);
        if (!Files.isDirectory(snapshot))
            return List.of();
        try (Stream<Path> walk = Files.walk(snapshot, MAX_DEPTH)) {
            return walk.filter(Files::isRegularFile) // follows links: a link to nothing is no file
                    .map(path -> snapshot.relativize(path).toString().replace('\\', '/')).sorted().toList();
        }
    }

    /** The commit of a branch or tag, or the commit itself if one is given; empty if nothing is known here. */
    Optional<String> commit(String repo, String revision) throws IOException {
        Path ref = folder(repo).resolve("refs").resolve(revision);
        if (Files.isRegularFile(ref) && Files.size(ref) < 100) {
            String commit = Files.readString(ref).strip();
            return commit.matches("[0-9A-Za-z]{1,64}") ? Optional.of(commit) : Optional.empty();
        }
        return Files.isDirectory(snapshot(repo, revision)) ? Optional.of(revision) : Optional.empty();
    }

    /** Branches and tags that stand for a commit. */
    List<String> refs(String repo, String commit) throws IOException {
        Path refs = folder(repo).resolve("refs");
        if (!Files.isDirectory(refs))
            return List.of();
        List<String> names;
        try (Stream<Path> walk = Files.walk(refs, MAX_DEPTH)) {
            names = walk.filter(Files::isRegularFile).map(path -> refs.relativize(path).toString().replace('\\', '/'))
                    .filter(name -> !name.endsWith(".tmp")).sorted().toList();
        }
        Stream.Builder<String> found = Stream.builder();
        for (String name : names)
            if (commit(repo, name).filter(commit::equals).isPresent())
                found.add(name);
        return found.build().toList();
    }

    /** Makes a file of a snapshot a symbolic link to its blob, or a hard one where there are none (Windows). */
    void link(String repo, String commit, String file, String tag) throws IOException {
        Path link = snapshot(repo, commit).resolve(file);
        Path blob = blob(repo, tag);
        if (Files.isRegularFile(link) && Files.size(link) == Files.size(blob))
            return;
        Files.createDirectories(link.getParent());
        Files.deleteIfExists(link); // a link to nothing, or a copy that was cut
        try {
            Files.createSymbolicLink(link, link.getParent().relativize(blob));
        } catch (FileAlreadyExistsException e) {
            if (!Files.exists(link))
                throw e; // else somebody else has just made it
        } catch (UnsupportedOperationException | FileSystemException e) {
            Files.createLink(link, blob);
        }
    }

    /** Notes the commit of a branch or tag. */
    void ref(String repo, String revision, String commit) throws IOException {
        if (revision.equals(commit))
            return;
        Path ref = folder(repo).resolve("refs").resolve(revision);
        Files.createDirectories(ref.getParent());
        Path fresh = ref.resolveSibling(ref.getFileName() + "." + ProcessHandle.current().pid() + ".tmp");
        Files.writeString(fresh, commit);
        Files.move(fresh, ref, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Whether a file of a snapshot is here with its content, of the right length. */
    boolean has(String repo, String commit, String file, long bytes) throws IOException {
        Path link = snapshot(repo, commit).resolve(file);
        return Files.isRegularFile(link) && Files.size(link) == bytes;
    }

    /** Whether a content is here. */
    boolean hasBlob(String repo, String tag, long bytes) throws IOException {
        Path blob = blob(repo, tag);
        return Files.isRegularFile(blob) && Files.size(blob) == bytes;
    }
}
