package io.quarry.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecipeFileTest {
    @TempDir
    private Path dir;

    @Test
    void bindsAWholeRecipe() throws IOException {
        Recipe recipe = RecipeFile.read(write("tiny.yaml", tiny()));
        assertThat(recipe.pretraining()).extracting(Recipe.Phase::name).containsExactly("p1", "p2");
        assertThat(recipe.pretraining().getFirst().steps()).isEqualTo(16);
        assertThat(recipe.sources().getFirst().maven()).isNull();
        assertThat(recipe.pretraining().get(1).schedule().exponent()).isNull();
        assertThat(recipe.model().spec(512, 64, 1, 2).parameters()).isPositive();
    }

    @ParameterizedTest(name = "{0} -> {1}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "seed: 7 | sead: 7 | :3: sead is no key of a recipe; did you mean seed?",
        "seed: 7 | seed: 7.5 | :3: seed is wrong: a whole number is expected, found 7.5",
        "seed: 7 | seed: 99999999999999999999 | :3: seed is wrong: a whole number up to 9223372036854775807 is expected",
        "tokens: 4096 | tokens: 3M | :41: pretraining[0].tokens is wrong: a whole number is expected, found the text \"3M\"; write all digits",
        "warmupSteps: 2, exponent | warmup: 2, exponent | :45: pretraining[0].schedule.warmup is no key of a recipe; did you mean warmupSteps?",
        "warmupSteps: 2, exponent | warmupTokens: 2, exponent | pretraining[0].schedule.warmupTokens is no key of a recipe; did you mean warmupSteps?",
        "warmupSteps: 2, exponent | warmup: 2, exponent | :45: pretraining[0].schedule.warmupSteps is missing",
        "web: 0.5, code: 0.25, math: 0.25 | web: 0.45, code: 0.25, math: 0.25 | :44: pretraining[0].mix must sum to 1, sums to 0.95",
        "web: 0.2, code: 0.4 | wep: 0.2, code: 0.4 | :39: pretraining (p2).mix.wep is a category that no source and no synthetic task fills; there is code, math, web",
        "name: p2 | name: p1 | :39: pretraining must have different names, has p1 twice",
        "name: lang | name: notes | :7: sources must have different names, has notes twice",
        "licence: MIT} | } | :8: sources[0] (notes) is a file and must say its licence",
        "reader: java | reader: jawa | :9: sources[1].reader must be one of java, javadoc, wordnet",
        "file: notes.txt, | file: notes.txt, maven: a, | :8: sources[0] (notes) must have exactly one of maven and file",
        "kvHeads: 2 | kvHeads: 3 | :27: model.kvHeads must divide heads, was 3 for 4 heads",
        "dim: 32 | dim: 0 | :24: model.dim must be positive",
        "tiedEmbeddings: true | tiedEmbeddings: 1 | :36: model.tiedEmbeddings is wrong: true or false is expected, found 1",
        "normEps: 1.0e-5 | normEps: .inf | :31: this is no YAML: Malformed numeric value",
        "batchTokens: 256 | batchTokens: 250 | pretraining[0].batchTokens must be a multiple of sequenceLength, was 250 of 64",
        "kind: power | kind: powr | :45: pretraining[0].schedule.kind must be one of power, exponential, linear, constant, was powr",
        "exponent: -0.51 | exponent: 0.51 | pretraining[0].schedule.exponent must be negative for kind power",
        "sequenceLength: 128 | sequenceLength: 64 | longContext (long-1).phase.sequenceLength must be over the length before it (64), was 64",
        "policy: | polisy: | :5: polisy is no key of a recipe; did you mean policy?",
        "allow: [Apache-2.0, MIT] | allow: MIT | :6: policy.allow is wrong: a list is expected, found the text \"MIT\"",
        "group: 2 | group: 1 | rl[0].group must be at least 2 (advantages compare answers), was 1",
        "retrievalLengths: [64, 128] | retrievalLengths: [64, 256] | evaluation.retrievalLengths must not be over the longest training length (128), has 256",
        "mix: {word-problems: 1}\\n    sch | mix: {riddles: 1}\\n    sch | sft.phase.mix.riddles is a task of which sft.items makes none; there is word-problems",
        "seed: 7 | seed: *x | uses an alias", "seed: 7 | seed: [7 | this is no YAML",
        "seed: 7 | seed: 7\\nseed: 8 | this is no YAML: Duplicate"})
    void saysWhatIsWrongAndWhere(String good, String bad, String sentence) throws IOException {
        String broken = tiny().replace(good.replace("\\n", "\n"), bad.replace("\\n", "\n"));
        assertThat(broken).isNotEqualTo(tiny());
        Path file = write("broken.yaml", broken);
        assertThatThrownBy(() -> RecipeFile.read(file)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(sentence).hasMessageStartingWith(file.toString());
    }

    @Test
    void saysAllProblemsAtOnce() throws IOException {
        Path file = write("broken.yaml", tiny().replace("seed: 7", "sed: 7").replace("dim: 32", "dim: wide"));
        assertThatThrownBy(() -> RecipeFile.read(file)).satisfies(e -> assertThat(e.getMessage().lines()).hasSize(3));
    }

    @Test
    void patchChangesOneThingAndLinesAreThoseOfTheRightFile() throws IOException {
        write("family.yaml", tiny());
        Recipe recipe = RecipeFile.read(write("size.yaml", "base: family.yaml\nmodel: {dim: 64}\nseed: 9\n"));
        assertThat(recipe.model().dim()).isEqualTo(64);
        assertThat(recipe.model().layers()).isEqualTo(2);
        assertThat(recipe.seed()).isEqualTo(9);

        Path bad = write("bad.yaml", "base: family.yaml\nmodel: {dim: -1}\n");
        assertThatThrownBy(() -> RecipeFile.read(bad)).hasMessageContaining("bad.yaml:2: model.dim must be positive");
        Path missing = write("missing.yaml", "base: family.yaml\nname: x\nmodel: {ffn: null}\n");
        assertThatThrownBy(() -> RecipeFile.read(missing)).hasMessageContaining("missing.yaml:3: model.ffn is missing");
        write("broken.yaml", tiny().replace("name: p2", "name: p1"));
        Path onBroken = write("on-broken.yaml", "base: broken.yaml\nname: x\n");
        assertThatThrownBy(() -> RecipeFile.read(onBroken)).hasMessageContaining("broken.yaml:39: pretraining must");
    }

    @Test
    void namedThingsMayBeWrittenAsAMapSoThatAPatchCanChangeOne() throws IOException {
        String asMap = tiny().replace("  - name: p1\n    tokens", "  p1:\n    tokens")
                .replace("  - name: p2\n    tokens",
                        "  p2:\n    tokens")
                .replace("  - phase:\n      name: long-1", "  long-1:\n    phase:")
                .replace("  - name: math\n", "  math:\n");
        write("family.yaml", asMap);
        assertThat(RecipeFile.read(dir.resolve("family.yaml"))).isEqualTo(RecipeFile.read(write("tiny.yaml", tiny())));

        Recipe changed = RecipeFile
                .read(write("size.yaml", "base: family.yaml\npretraining: {p2: {tokens: 4096}}\n"));
        assertThat(changed.pretraining()).extracting(Recipe.Phase::tokens).containsExactly(4096L, 4096L);
        Path bad = write("bad.yaml", "base: family.yaml\npretraining:\n  p2:\n    tokens: no\n");
        assertThatThrownBy(() -> RecipeFile.read(bad))
                .hasMessageContaining("bad.yaml:4: pretraining.p2.tokens is wrong");
        Path twice = write("twice.yaml", "base: family.yaml\npretraining: {p2: {name: p3}}\n");
        assertThatThrownBy(() -> RecipeFile.read(twice)).hasMessageContaining("has a name already");
    }

    @Test
    void refusesWhatIsNoRecipe() throws IOException {
        assertThatThrownBy(() -> RecipeFile.read(dir.resolve("none.yaml"))).hasMessageContaining("there is no recipe");
        Path list = write("list.yaml", "- a\n");
        assertThatThrownBy(() -> RecipeFile.read(list)).hasMessageContaining("must be a map of keys");
        Path empty = write("empty.yaml", "");
        assertThatThrownBy(() -> RecipeFile.read(empty)).hasMessageContaining("must be a map of keys");
        Path bytes = Files.write(dir.resolve("bytes.yaml"), new byte[] {(byte) 0xff, (byte) 0xfe, 0, 1});
        assertThatThrownBy(() -> RecipeFile.read(bytes)).hasMessageContaining("is not UTF-8 text");
        Path large = Files.write(dir.resolve("large.yaml"), new byte[(1 << 20) + 1]);
        assertThatThrownBy(() -> RecipeFile.read(large)).hasMessageContaining("is no recipe");
        write("chain.yaml", "base: family.yaml\n");
        Path chained = write("chained.yaml", "base: chain.yaml\n");
        assertThatThrownBy(() -> RecipeFile.read(chained)).hasMessageContaining("no chains");
        Path orphan = write("orphan.yaml", "base: nothing.yaml\n");
        assertThatThrownBy(() -> RecipeFile.read(orphan)).hasMessageContaining("which does not exist");
    }

    @Test
    void jsonDoesNotDependOnTheOrderOfKeys() throws IOException {
        Recipe one = RecipeFile.read(write("a.yaml", tiny()));
        Recipe two = RecipeFile.read(write("b.yaml", tiny().replace("{web: 0.5, code: 0.25, math: 0.25}",
                "{math: 0.25, web: 0.5, code: 0.25}")));
        assertThat(RecipeFile.json(one)).isEqualTo(RecipeFile.json(two));
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(dir.resolve(name), text);
    }

    private static String tiny() throws IOException {
        try (InputStream in = RecipeFileTest.class.getResourceAsStream("/recipes/tiny.yaml")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
