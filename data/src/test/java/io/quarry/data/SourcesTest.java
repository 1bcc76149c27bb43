package io.quarry.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarry.ledger.Policy;
import io.quarry.ledger.Progress;
import io.quarry.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SourcesTest {
    @TempDir
    Path dir;
    private MavenFixture maven;
    private Path out;

    @BeforeEach
    void repository() throws IOException {
        maven = new MavenFixture(dir);
        out = Files.createDirectories(dir.resolve("out"));
    }

    private Map<String, Object> fetch(Recipe.Source... sources) throws IOException {
        return Sources.fetch(List.of(sources), new Recipe.Policy(List.of("Apache-2.0")), dir, out, Progress.SILENT,
                maven.user());
    }

    private static Recipe.Source java(String name, String classifier, String licence) {
        return new Recipe.Source(name, "org.example:" + name + ":1.0" + classifier, null, "java", "code", licence);
    }

    @Test
    void readsAJarWhoseLicenceStandsInTheParent() throws IOException {
        maven.pom("parent", MavenFixture.licence("The Apache License, Version 2.0"));
        Path at = maven.pom("lang", "<parent><groupId>org.example</groupId><artifactId>parent</artifactId>"
                + "<version>1.0</version></parent>");
        MavenFixture.jar(at.resolve("lang-1.0-sources.jar"),
                Map.of("A.java", "/* Licensed to you */\nclass A {}\n", "note.txt", "not read"));
        Map<String, Object> facts = fetch(java("lang", ":sources", null));
        List<Document> documents = new ArrayList<>();
        Jsonl.documents(out.resolve("lang.jsonl"), documents::add);
        assertThat(documents).containsExactly(
                new Document("lang:A.java", "class A {}\n", "lang", "Apache-2.0", "code", Document.CODE, false));
        Sources.Fact fact = (Sources.Fact) ((List<?>) facts.get("sources")).getFirst();
        assertThat(fact.version()).isEqualTo("1.0");
        assertThat(fact.sha256()).hasSize(64);
        assertThat(fact.documents()).isEqualTo(1);
        assertThat(fact.bytes()).isEqualTo(11);
        assertThat(fact.declared()).containsExactly("The Apache License, Version 2.0");
    }

    @Test
    void takesWhatIsInTheLocalRepositoryWhenTheRemoteIsGone() throws IOException {
        Path at = maven.pom("lang", MavenFixture.licence("Apache-2.0"));
        MavenFixture.jar(at.resolve("lang-1.0.jar"), Map.of("A.java", "class A {}"));
        fetch(java("lang", "", null));
        try (Stream<Path> all = Files.walk(maven.remote())) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList())
                Files.delete(path);
        }
        assertThat(fetch(java("lang", "", null))).containsEntry("documents", 1L);
    }

    @Test
    void aRefusedSourceIsNeitherFetchedNorRead() throws IOException {
        Path good = maven.pom("good", MavenFixture.licence("Apache-2.0"));
        MavenFixture.jar(good.resolve("good-1.0.jar"), Map.of("A.java", "class A {}"));
        Path bad = maven.pom("bad", MavenFixture.licence("GNU General Public License, version 3"));
        MavenFixture.jar(bad.resolve("bad-1.0.jar"), Map.of("B.java", "class B {}"));
        assertThatThrownBy(() -> fetch(java("good", "", null), java("bad", "", null)))
                .isInstanceOf(Policy.Refused.class).hasMessageContaining("source bad is under GPL-3.0-only");
        assertThat(out).as("nothing was written, not even of the source before").isEmptyDirectory();
        try (Stream<Path> local = Files.walk(maven.local())) {
            assertThat(local).noneMatch(file -> file.toString().endsWith(".jar"));
        }
    }

    @Test
    void aSourceWithoutLicenceIsRefusedUnlessTheRecipeKnows() throws IOException {
        Path at = maven.pom("bare", "");
        MavenFixture.jar(at.resolve("bare-1.0.jar"), Map.of("A.java", "class A {}"));
        assertThatThrownBy(() -> fetch(java("bare", "", null))).isInstanceOf(Policy.Refused.class)
                .hasMessageContaining("source bare declares no licence");
        assertThat(fetch(java("bare", "", "Apache-2.0"))).containsEntry("documents", 1L);
    }

    @Test
    void saysWhatWasTriedForASourceThatIsNotThere() throws IOException {
        assertThatThrownBy(() -> fetch(java("ghost", "", null))).isInstanceOf(IOException.class)
                .hasMessageContaining("source ghost cannot be had: the POM of org.example:ghost:jar:1.0")
                .hasMessageContaining(maven.local().toString()).hasMessageContaining(maven.remote().toUri().toString());
        maven.pom("half", MavenFixture.licence("Apache-2.0"));
        assertThatThrownBy(() -> fetch(java("half", "", null)))
                .hasMessageContaining("source half cannot be had: the jar of org.example:half:jar:1.0");
    }

    @Test
    void aBrokenJarIsSaid() throws IOException {
        Path at = maven.pom("torn", MavenFixture.licence("Apache-2.0"));
        Files.writeString(at.resolve("torn-1.0.jar"), "no zip");
        assertThatThrownBy(() -> fetch(java("torn", "", null)))
                .hasMessageContaining("source torn cannot be read as java").hasMessageContaining("is no whole jar");
    }

    @Test
    void aFileThatIsNotTheOneOfTheRepositoryIsNotTaken() throws IOException {
        Path at = maven.pom("evil", MavenFixture.licence("Apache-2.0"));
        MavenFixture.jar(at.resolve("evil-1.0.jar"), Map.of("A.java", "class A {}"));
        Files.writeString(at.resolve("evil-1.0.jar.sha1"), "0123456789012345678901234567890123456789");
        assertThatThrownBy(() -> fetch(java("evil", "", null))).hasMessageContaining("source evil cannot be had")
                .hasMessageContaining("0123456789012345678901234567890123456789");
    }

    @Test
    void coordinatesNameOneReleasedVersion() {
        assertThatThrownBy(() -> Artifacts.coordinates("x", "a:b"))
                .hasMessageContaining("expected group:artifact:version");
        assertThatThrownBy(() -> Artifacts.coordinates("x", "a:b:1-SNAPSHOT"))
                .hasMessageContaining("name a released version");
        assertThatThrownBy(() -> Artifacts.coordinates("x", "a:b:[1,2)"))
                .hasMessageContaining("expected group:artifact:version");
    }

    @Test
    void readsTheUsersOwnFilesBesideTheRecipe() throws IOException {
        Files.writeString(dir.resolve("mine.jsonl"),
                "{\"text\": \"First text.\"}\n\n{\"text\": \"Zweiter.\", \"language\": \"de\"}\n");
        fetch(new Recipe.Source("mine", null, "mine.jsonl", "jsonl", "web", "Apache-2.0"));
        assertThat(Files.readAllLines(out.resolve("mine.jsonl"))).hasSize(2).last().asString()
                .contains("\"id\":\"mine:mine.jsonl:3\"", "\"language\":\"de\"");
        Files.writeString(dir.resolve("mine.jsonl"), "{\"txt\": 1}\n");
        assertThatThrownBy(() -> fetch(new Recipe.Source("mine", null, "mine.jsonl", "jsonl", "web", "Apache-2.0")))
                .hasMessageContaining("source mine cannot be read as jsonl").hasMessageContaining("line 1 has no text");
        assertThatThrownBy(() -> fetch(new Recipe.Source("mine", null, "absent", "text", "web", "Apache-2.0")))
                .hasMessageContaining("absent does not exist");
    }
}
