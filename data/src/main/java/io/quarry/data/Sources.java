package io.quarry.data;

import io.quarry.ledger.Hash;
import io.quarry.ledger.Policy;
import io.quarry.ledger.Progress;
import io.quarry.recipe.Recipe;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.aether.artifact.Artifact;

/**
 * Where text comes from: Maven artifacts and the user's own files, each under a licence the policy allows. The licences
 * of all sources are checked before the content of any is fetched or read.
 */
public final class Sources {
    private Sources() {}

    /**
     * What was read of one source.
     *
     * @param name      of the source
     * @param origin    Maven coordinates or file
     * @param version   of the artifact, empty for files
     * @param sha256    of the jar or file; for a folder of its files' names and hashes
     * @param licence   SPDX identifier
     * @param declared  licences as its POM writes them; empty for files
     * @param category  which part of the mixes it fills
     * @param documents texts read
     * @param bytes     their size in UTF-8
     */
    public record Fact(String name, String origin, String version, String sha256, String licence,
            List<String> declared, String category, long documents, long bytes) {}

    private record Checked(Recipe.Source source, Artifact artifact, List<String> declared, String licence) {}

    /**
     * Fetches and reads all sources with the user's own Maven settings; writes {@code <source>.jsonl} each.
     *
     * @param recipeDir what {@code file:} sources are relative to
     * @param out       an existing folder
     * @return facts: {@code sources} (list of {@link Fact}), {@code documents}, {@code bytes}
     * @throws Policy.Refused if a licence may not enter; nothing was read then
     * @throws IOException    if a source cannot be had or read; the message names it
     */
    public static Map<String, Object> fetch(List<Recipe.Source> sources, Recipe.Policy policy, Path recipeDir, Path out,
            Progress progress) throws IOException {
        return fetch(sources, policy, recipeDir, out, progress, UserMaven.found());
    }

    static Map<String, Object> fetch(List<Recipe.Source> sources, Recipe.Policy policy, Path recipeDir, Path out,
            Progress progress, UserMaven user) throws IOException {
        List<Fact> facts = new ArrayList<>();
        try (Artifacts artifacts = new Artifacts(user, progress)) {
            List<Checked> checked = check(sources, new Policy(policy.allow()), artifacts, progress);
            for (int i = 0; i < checked.size(); i++) {
                facts.add(read(checked.get(i), artifacts, recipeDir, out));
                progress.at(i + 1L, checked.size(), "sources", checked.get(i).source().name());
            }
        }
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("documents", facts.stream().mapToLong(Fact::documents).sum());
        all.put("bytes", facts.stream().mapToLong(Fact::bytes).sum());
        all.put("sources", facts);
        return all;
    }

    private static List<Checked> check(List<Recipe.Source> sources, Policy policy, Artifacts artifacts,
            Progress progress) throws IOException {
        List<Checked> checked = new ArrayList<>();
        for (Recipe.Source source : sources) {
            progress.at(checked.size(), sources.size(), "licences", source.name());
            if (!source.name().matches("[A-Za-z0-9._-]+"))
                throw new IOException("source " + source.name()
                        + " must be named with letters, digits, '.', '_' and '-', since files are named after it");
            if (source.maven() == null) {
                checked.add(
                        new Checked(source, null, List.of(), policy.check(source.name(), List.of(), source.licence())));
                continue;
            }
            Artifact artifact = Artifacts.coordinates(source.name(), source.maven());
            List<String> declared = artifacts.licences(source.name(), artifact);
            checked.add(
                    new Checked(source, artifact, declared, policy.check(source.name(), declared, source.licence())));
        }
        return checked;
    }

    private static Fact read(Checked checked, Artifacts artifacts, Path recipeDir, Path out) throws IOException {
        Recipe.Source source = checked.source();
        boolean maven = checked.artifact() != null;
        Path from = maven ? artifacts.jar(source.name(), checked.artifact()) : recipeDir.resolve(source.file());
        long[] bytes = {0};
        long documents;
        try (Jsonl.Writer writer = new Jsonl.Writer(out.resolve(source.name() + ".jsonl"))) {
            Reader.ALL.get(source.reader()).read(from, (place, found, language) -> {
                String text = Normalise.wellFormed(found);
                bytes[0] += text.getBytes(StandardCharsets.UTF_8).length;
                writer.write(new Document(source.name() + ":" + place, text, source.name(), checked.licence(),
                        source.category(), language, false));
            });
            documents = writer.documents();
        } catch (IOException | IllegalArgumentException e) {
            throw new IOException("source " + source.name() + " cannot be read as " + source.reader() + ": "
                    + e.getMessage(), e);
        }
        if (documents == 0)
            throw new IOException("source " + source.name() + " (" + from + ") has no text for the reader "
                    + source.reader());
        return new Fact(source.name(), maven ? source.maven() : source.file(),
                maven ? checked.artifact().getVersion() : "", hash(from), checked.licence(), checked.declared(),
                source.category(),
                documents, bytes[0]);
    }

    private static String hash(Path from) throws IOException {
        if (Files.isRegularFile(from))
            return Hash.of(from);
        StringBuilder all = new StringBuilder();
        for (Path file : Jsonl.files(from, ""))
            all.append(from.relativize(file)).append('\0').append(Hash.of(file)).append('\n');
        return Hash.of(all.toString());
    }
}
