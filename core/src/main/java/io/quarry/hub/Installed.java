package io.quarry.hub;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** What is on this machine: in the cache of the hub and on our own shelf. */
final class Installed {
    private final Cache cache;
    private final Shelf shelf;

    Installed(Cache cache, Shelf shelf) {
        this.cache = cache;
        this.shelf = shelf;
    }

    /** A choice that a snapshot can fulfil, wholly or in part. */
    private record Found(String commit, Choice choice) {}

    Path resolve(String text) throws IOException {
        Optional<Path> own = shelf.path(text);
        if (own.isPresent())
            return own.get();
        Optional<ModelName> name = ModelName.parse(text);
        if (name.isEmpty() || !Files.isDirectory(cache.folder(name.get().repo())))
            throw new IllegalArgumentException("there is no model " + text + ": neither a file or folder of that path, "
                    + "nor anything pulled under that name" + whatIsHere());
        Found found = find(name.get());
        if (!found.choice().variant().lacks().isEmpty())
            throw new IllegalArgumentException(text + " was not pulled to its end: "
                    + Choice.some(found.choice().variant().lacks()) + " is missing; quarry pull " + text
                    + " goes on");
        return path(name.get(), found);
    }

    /** What a pull would give, if nothing has to be fetched for it. */
    Optional<Pulled> pulled(ModelName name) throws IOException {
        Found found;
        try {
            found = find(name);
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // the caller says what to do
        }
        if (!found.choice().variant().lacks().isEmpty())
            return Optional.empty();
        Path snapshot = cache.snapshot(name.repo(), found.commit());
        List<Pulled.Item> items = new ArrayList<>();
        for (String file : found.choice().files())
            items.add(new Pulled.Item(file, Files.size(snapshot.resolve(file)), "", true, 0));
        Path opened = path(name, found);
        return Optional.of(new Pulled(name.toString(), found.commit(), opened, items,
                Shelf.licence(snapshot, opened)));
    }

    private Path path(ModelName name, Found found) {
        Path snapshot = cache.snapshot(name.repo(), found.commit());
        return found.choice().variant().isFile() ? snapshot.resolve(found.choice().variant().first()) : snapshot;
    }

    /**
     * The snapshot that a name means: that of its revision; for {@code main} also the newest other one that has it, since
     * a branch moves on while files of its older states stay.
     */
    private Found find(ModelName name) throws IOException {
        List<String> commits = new ArrayList<>(cache.commit(name.repo(), name.revision()).stream().toList());
        if (name.revision().equals(ModelName.MAIN))
            commits.addAll(cache.commits(name.repo()));
        IllegalArgumentException first = null;
        Found partly = null;
        for (String commit : commits.stream().distinct().toList())
            try {
                Choice choice = Choice.of(name, cache.files(name.repo(), commit));
                if (choice.variant().lacks().isEmpty())
                    return new Found(commit, choice);
                partly = partly == null ? new Found(commit, choice) : partly;
            } catch (IllegalArgumentException e) {
                first = first == null ? e : first;
            }
        if (partly != null)
            return partly;
        String why = first == null
                ? "of " + name.repo() + " no revision " + name.revision() + " was pulled"
                : "of what was pulled, " + first.getMessage();
        throw new IllegalArgumentException(why + "; quarry pull " + name + " asks the hub" + whatIsHere());
    }

    private String whatIsHere() throws IOException {
        List<String> names = models().stream().filter(model -> model.lacks().isEmpty()).map(Model::name).toList();
        return names.isEmpty()
                ? ". Nothing was pulled yet: quarry pull org/name"
                : ". Here are: " + Choice.some(names);
    }

    List<Model> models() throws IOException {
        List<Model> all = new ArrayList<>(shelf.models());
        for (String repo : cache.repos())
            for (String commit : cache.commits(repo))
                all.addAll(models(repo, commit));
        all.sort(Comparator.comparing(Model::name).thenComparing(Model::pulled, Comparator.reverseOrder()));
        return all;
    }

    private List<Model> models(String repo, String commit) throws IOException {
        List<String> files = cache.files(repo, commit);
        List<Variant> variants = Variant.of(files);
        List<String> refs = cache.refs(repo, commit);
        Path snapshot = cache.snapshot(repo, commit);
        List<Model> models = new ArrayList<>();
        for (Variant variant : variants) {
            ModelName name = name(repo, commit, refs, variant, variants);
            Choice choice = Choice.of(new ModelName(repo, commit, "", variant.first()), files);
            long bytes = 0;
            Instant pulled = Instant.EPOCH;
            for (String file : choice.files()) {
                bytes += Files.size(snapshot.resolve(file));
                Instant came = Files.getLastModifiedTime(snapshot.resolve(file)).toInstant();
                pulled = came.isAfter(pulled) ? came : pulled;
            }
            Path opened = variant.isFile() ? snapshot.resolve(variant.first()) : snapshot;
            models.add(new Model(name.toString(), opened, bytes, Shelf.licence(snapshot, opened), commit, refs, pulled,
                    variant.lacks()));
        }
        return models;
    }

    /** The shortest name that resolves to a variant. */
    private static ModelName name(String repo, String commit, List<String> refs, Variant variant,
            List<Variant> variants) {
        String revision = refs.contains(ModelName.MAIN)
                ? ModelName.MAIN
                : refs.stream().filter(ref -> !ref.contains("/")).findFirst().orElse(commit);
        if (!variant.isFile())
            return new ModelName(repo, revision, "", "");
        boolean unique = variants.stream().filter(v -> v.label().equalsIgnoreCase(variant.label())).count() == 1;
        return unique && ModelName.isQuant(variant.label())
                ? new ModelName(repo, revision, variant.label(), "")
                : new ModelName(repo, revision, "", variant.first());
    }
}
