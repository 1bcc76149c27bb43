package io.quarry.hub;

import io.quarry.model.TemplateSources;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Which files of a repository a name means.
 *
 * @param variant the weights
 * @param files   all files to have: the weights and what belongs to them
 */
record Choice(Variant variant, List<String> files) {
    /** What belongs to weights in safetensors, beside the files of templates: sizes and tokenizer. */
    private static final Set<String> BESIDE_TENSORS = Set.of("config.json", "generation_config.json", "tokenizer.json",
            "tokenizer.model", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "vocab.json",
            "merges.txt");
    /** The model card and the licence. */
    private static final Pattern BESIDE_ALL = Pattern.compile("README\\.md|(?:LICENSE|NOTICE)(?:\\.md|\\.txt)?");

    /**
     * Chooses.
     *
     * @param names the files of the repository
     * @throws IllegalArgumentException if there are none that fit, or more than one way to fit; says which there are
     */
    static Choice of(ModelName name, Collection<String> names) {
        Variant variant = variant(name, names);
        List<String> files = new ArrayList<>(variant.files());
        for (String beside : names)
            if (BESIDE_ALL.matcher(beside).matches()
                    || !variant.isFile() && (BESIDE_TENSORS.contains(beside) || TemplateSources.isFile(beside)))
                files.add(beside);
        return new Choice(variant, files.stream().distinct().toList());
    }

    private static Variant variant(ModelName name, Collection<String> names) {
        List<Variant> all = Variant.of(names);
        if (!name.file().isEmpty())
            return byFile(name, all, names);
        if (!name.quant().isEmpty())
            return byQuant(name, all);
        if (!all.isEmpty() && (all.size() == 1 || !all.getFirst().isFile()))
            return all.getFirst();
        if (all.isEmpty())
            throw new IllegalArgumentException(name.repo() + " has neither safetensors nor GGUF files"
                    + (names.stream().anyMatch(file -> file.endsWith(".bin") || file.endsWith(".pth"))
                            ? "; weights as Python pickles are not read, since opening them runs code"
                            : "; it has " + some(List.copyOf(names))));
        throw new IllegalArgumentException(name.repo() + " has " + all.size() + " GGUF files: "
                + some(all.stream().map(Variant::label).toList()) + ". Choose one, for instance " + name.repo() + ":"
                + all.getFirst().label());
    }

    private static Variant byFile(ModelName name, List<Variant> all, Collection<String> names) {
        for (Variant variant : all)
            if (variant.files().contains(name.file()))
                return variant;
        if (!names.contains(name.file()))
            throw new IllegalArgumentException(name.repo() + " has no file " + name.file() + "; it has "
                    + some(List.copyOf(names)));
        return new Variant(name.file(), List.of(name.file()), List.of());
    }

    private static Variant byQuant(ModelName name, List<Variant> all) {
        List<Variant> gguf = all.stream().filter(Variant::isFile).toList();
        List<Variant> fitting = gguf.stream().filter(v -> v.label().equalsIgnoreCase(name.quant())).toList();
        if (fitting.isEmpty()) {
            Pattern inside = Pattern.compile("(?:.*[-._/])?" + Pattern.quote(name.quant()) + "(?:[-._/].*)?",
                    Pattern.CASE_INSENSITIVE);
            fitting = gguf.stream().filter(v -> inside.matcher(v.first()).matches()).toList();
        }
        if (fitting.size() == 1)
            return fitting.getFirst();
        if (fitting.size() > 1)
            throw new IllegalArgumentException(name + " may be " + some(fitting.stream().map(Variant::first).toList())
                    + ". Choose one by its file, for instance " + name.repo() + "/" + fitting.getFirst().first());
        throw new IllegalArgumentException(name.repo() + " has no GGUF file of type "
                + name.quant().toUpperCase(Locale.ROOT) + (gguf.isEmpty()
                        ? ", and no other GGUF file"
                        : "; it has " + some(gguf.stream().map(Variant::label).toList())));
    }

    /** The first of a list, for a sentence. */
    static String some(List<String> texts) {
        return texts.stream().limit(12).map(FilePath::shown).collect(Collectors.joining(", "))
                + (texts.size() > 12 ? " and " + (texts.size() - 12) + " more" : "");
    }
}
