package io.quarry.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LedgerTest {
    @TempDir
    private Path dir;
    private Path file;
    private Artifact third;

    @BeforeEach
    void writeThree() throws IOException {
        file = dir.resolve("ledger.jsonl");
        Ledger ledger = Ledger.open(file);
        ledger.append(artifact("one"));
        ledger.append(artifact("two"));
        third = artifact("three");
        ledger.append(third);
    }

    @Test
    void opensAgainWithAllEntries() throws IOException {
        Ledger ledger = Ledger.open(file);
        assertThat(ledger.entries()).extracting(Ledger.Entry::stage).containsExactly("one", "two", "three");
        assertThat(ledger.entries().getFirst().previous()).isEqualTo(Ledger.START);
        assertThat(ledger.holds(third.manifest(), third.manifestHash())).isTrue();
        assertThat(ledger.holds(third.manifest(), Hash.of("other"))).isFalse();
        assertThat(ledger.repair()).isEmpty();
    }

    @Test
    void seesEveryChangedByte() throws IOException {
        byte[] whole = Files.readAllBytes(file);
        for (int i = 0; i < whole.length; i += 3) {
            byte[] changed = whole.clone();
            changed[i] = (byte) (changed[i] == '7' ? '8' : '7');
            Files.write(file, changed);
            int at = i;
            assertThatThrownBy(() -> Ledger.open(file)).as("byte " + at).isInstanceOf(IOException.class)
                    .hasMessageContaining("is broken at line");
        }
    }

    @Test
    void seesLinesTakenOutOrSwapped() throws IOException {
        List<String> lines = Files.readAllLines(file);
        write(List.of(lines.get(0), lines.get(2)));
        assertThatThrownBy(() -> Ledger.open(file)).hasMessageContaining("broken at line 2")
                .hasMessageContaining("it follows");
        write(List.of(lines.get(1), lines.get(0), lines.get(2)));
        assertThatThrownBy(() -> Ledger.open(file)).hasMessageContaining("broken at line 1");
        List<String> twice = new ArrayList<>(lines);
        twice.add(lines.get(2));
        write(twice);
        assertThatThrownBy(() -> Ledger.open(file)).hasMessageContaining("broken at line 4");
        write(List.of(lines.get(0), "", lines.get(1)));
        assertThatThrownBy(() -> Ledger.open(file)).hasMessageContaining("broken at line 2");
    }

    @Test
    void takesOffALastLineThatWasCutAndGoesOn() throws IOException {
        String whole = Files.readString(file);
        Files.writeString(file, whole.substring(0, whole.length() - 10));
        Ledger ledger = Ledger.open(file);
        assertThat(ledger.repair()).contains("was cut off");
        assertThat(ledger.entries()).hasSize(2);
        ledger.append(third);
        assertThat(Ledger.open(file).entries()).hasSize(3);
    }

    @Test
    void artifactSaysItsDamage() throws IOException {
        assertThat(third.damage()).isEmpty();
        Path extra = Files.writeString(third.file("extra"), "x");
        assertThat(third.damage()).endsWith("is not in the manifest");
        Files.delete(extra);
        Files.delete(third.file("text"));
        assertThat(third.damage()).endsWith("is missing");
        Path outside = Files.writeString(dir.resolve("outside"), "three");
        Files.createSymbolicLink(third.file("text"), outside);
        assertThat(third.damage()).as("a link is no file of the artifact").endsWith("is missing");
        Files.writeString(third.file(Artifact.MANIFEST), "{\"stage\": \"three\"}");
        assertThatThrownBy(() -> Artifact.open(third.dir())).hasMessageContaining("is no manifest");
    }

    @Test
    void seenHashesAgainOnlyWhatChanged() throws IOException {
        Path data = Files.writeString(dir.resolve("data"), "abc");
        Path cache = dir.resolve("seen.json");
        Seen seen = Seen.open(cache);
        seen.learn(data, "remembered");
        seen.save();
        assertThat(Seen.open(cache).hash(data)).as("not read").isEqualTo("remembered");
        FileTime before = Files.getLastModifiedTime(data);
        Files.writeString(data, "abd");
        Files.setLastModifiedTime(data, before);
        assertThat(Seen.open(cache).hash(data)).as("same size and time, but the file was touched")
                .isEqualTo(Hash.of(data));
        Files.writeString(cache, "{broken");
        assertThat(Seen.open(cache).hash(data)).isEqualTo(Hash.of(data));
    }

    private Artifact artifact(String name) throws IOException {
        Path folder = Files.createDirectories(dir.resolve(name));
        Files.writeString(folder.resolve("text"), name);
        return Artifact.seal(folder, name, "text", Hash.of(name), Map.of("parent", "x"), "recipe", Map.of("n", 1), "1",
                0.5);
    }

    private void write(List<String> lines) throws IOException {
        Files.writeString(file, String.join("\n", lines) + "\n");
    }
}
