package io.quarry.hub;

import io.quarry.model.Gguf;
import io.quarry.model.ModelCard;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Models that did not come from a hub: a folder with an entry for each name. An entry is a folder of files that were
 * pulled from an address, or a symbolic link to what lies elsewhere on this machine.
 */
final class Shelf {
    private static final String NAME = "\\w[\\w.-]{0,99}";
    private static final String CONFIG = "config.json";

    private final Path root;

    Shelf(Path root) {
        this.root = root;
    }

    /**
     * The place of a name.
     *
     * @throws Refused if it cannot be a name
     */
    Path entry(String name) throws Refused {
        if (!name.matches(NAME))
            throw new Refused("a name for a model here has letters, digits, '-', '_' and '.', at most 100, was \""
                    + FilePath.shown(name) + "\"; give another with --name");
        return root.resolve(name);
    }

    /** What the name stands for: a model folder or a GGUF file; empty if it is no name here. */
    Optional<Path> path(String name) throws IOException {
        if (!name.matches(NAME) || !Files.exists(root.resolve(name), LinkOption.NOFOLLOW_LINKS))
            return Optional.empty();
        try {
            return Optional.of(opened(root.resolve(name).toRealPath()));
        } catch (NoSuchFileException e) {
            throw new IllegalArgumentException("the model " + name + " was linked to "
                    + Files.readSymbolicLink(root.resolve(name)) + ", which is not there any more", e);
        }
    }

    /** What is opened of a file, or of a folder: itself if it has a config.json, else its only GGUF file. */
    private static Path opened(Path model) throws IOException {
        if (Files.isRegularFile(model) || Files.isRegularFile(model.resolve(CONFIG)))
            return model;
        List<Variant> variants = Variant.of(names(model)).stream().filter(Variant::isFile).toList();
        if (variants.size() == 1 && variants.getFirst().lacks().isEmpty())
            return model.resolve(variants.getFirst().first());
        throw new IllegalArgumentException(model + " is no model: it has neither " + CONFIG + " nor one whole GGUF file"
                + (variants.isEmpty()
                        ? ""
                        : "; it has "
                                + Choice.some(variants.stream().map(Variant::first).toList())));
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> list = Files.list(folder)) {
            return list.filter(Files::isRegularFile).map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    /** Makes a name for a model that lies elsewhere. */
    Pulled link(Path model, String name) throws IOException {
        Path real = model.toRealPath();
        String file = real.getFileName().toString();
        if (Files.isRegularFile(real) && !file.endsWith(".gguf"))
            throw new Refused(
                    model + " is no model: a file must be a GGUF file, and a model in safetensors is named by "
                            + "its folder");
        Path opened = model(real);
        String called = name.isEmpty() ? file.replaceFirst("(?:-00001-of-\\d{5})?\\.gguf$", "") : name;
        Path link = entry(called);
        Files.createDirectories(root);
        if (Files.exists(link, LinkOption.NOFOLLOW_LINKS)) {
            if (!Files.isSymbolicLink(link))
                throw new Refused("the name " + called + " is taken: " + link + " holds a model that was pulled. Give "
                        + "another with --name, or delete that folder");
            Files.delete(link);
        }
        try {
            Files.createSymbolicLink(link, real);
        } catch (UnsupportedOperationException | FileSystemException e) {
            throw new Refused("no link can be made in " + root + " (" + e.getMessage() + "); use the path " + real
                    + " itself as the model's name", e);
        }
        List<Pulled.Item> items = new ArrayList<>();
        for (Path one : files(opened))
            items.add(new Pulled.Item(one.getFileName().toString(), Files.size(one), "", true, 0));
        return new Pulled(called, "", opened, items, licence(opened));
    }

    private static Path model(Path real) throws Refused, IOException {
        try {
            return opened(real);
        } catch (IllegalArgumentException e) {
            throw new Refused(e.getMessage(), e);
        }
    }

    /** All files of a model that is opened by a path. */
    static List<Path> files(Path opened) throws IOException {
        Path folder = Files.isDirectory(opened) ? opened : opened.getParent();
        List<String> names = names(folder);
        if (Files.isDirectory(opened))
            return names.stream().map(folder::resolve).toList();
        String own = opened.getFileName().toString();
        return Variant.of(names).stream().filter(variant -> variant.files().contains(own)).findFirst()
                .map(Variant::files).orElse(List.of(own)).stream().map(folder::resolve).toList();
    }

    /** What a model says of its licence: a folder in its card, a GGUF file in its keys. */
    static Optional<String> licence(Path opened) throws IOException {
        if (Files.isDirectory(opened))
            return ModelCard.licence(opened.resolve(ModelCard.FILE));
        try (Gguf file = Gguf.open(opened)) {
            return ModelCard.licence(file.metadata());
        } catch (IOException e) {
            return Optional.empty(); // a file that cannot be read says nothing; whoever runs it hears why
        }
    }

    /** The same of a model of a hub, whose card speaks for all files of its repository. */
    static Optional<String> licence(Path snapshot, Path opened) throws IOException {
        Optional<String> card = ModelCard.licence(snapshot.resolve(ModelCard.FILE));
        return card.isPresent() ? card : licence(opened);
    }

    /** All models on the shelf; a name whose model is gone is there with what it lacks. */
    List<Model> models() throws IOException {
        if (!Files.isDirectory(root))
            return List.of();
        List<String> names;
        try (Stream<Path> list = Files.list(root)) {
            names = list.map(path -> path.getFileName().toString()).filter(name -> name.matches(NAME)).sorted()
                    .toList();
        }
        List<Model> models = new ArrayList<>();
        for (String name : names)
            models.add(model(name));
        return models;
    }

    private Model model(String name) throws IOException {
        Path entry = root.resolve(name);
        Instant came = Files.getLastModifiedTime(entry, LinkOption.NOFOLLOW_LINKS).toInstant();
        try {
            Path opened = path(name).orElseThrow();
            long bytes = 0;
            for (Path file : files(opened))
                bytes += Files.size(file);
            return new Model(name, opened, bytes, licence(opened), "", List.of(), came, List.of());
        } catch (IllegalArgumentException e) {
            return new Model(name, entry, 0, Optional.empty(), "", List.of(), came, List.of(e.getMessage()));
        }
    }
}
