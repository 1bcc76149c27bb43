package io.quarry.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarry.ledger.Artifact;
import io.quarry.recipe.Recipe;
import io.quarry.recipe.RecipeFile;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole chain as a user starts it: a process of its own, on text that the test writes. */
class ChainTest {
    private static final int DOCUMENTS = 400;

    @TempDir
    private static Path folder;
    private static Path recipe;
    private static Path unbroken;

    /** What a process said and how it ended. */
    private record Run(int exit, List<String> lines) {
        String text() {
            return String.join("\n", lines);
        }
    }

    @BeforeAll
    static void buildOnce() throws Exception {
        recipe = folder.resolve("tiny.yaml");
        try (InputStream in = ChainTest.class.getResourceAsStream("/chain/tiny.yaml")) {
            Files.write(recipe, in.readAllBytes());
        }
        Files.write(folder.resolve("notes.jsonl"), notes());
        unbroken = folder.resolve("unbroken");
        Run run = build(recipe, unbroken, "");
        assertThat(run.exit()).as(run.text()).isZero();
        assertThat(run.text()).contains("Held-out answers right").contains("Report:").contains("./quarry chat");
    }

    @Test
    void leavesAReportAModelAndAWholeLedger() throws Exception {
        assertThat(Files.readString(unbroken.resolve("report.html"))).contains("tiny").contains("word-problems");
        assertThat(LastModel.find(unbroken).name()).isEqualTo("tiny");
        assertThat(Files.readAllLines(unbroken.resolve("ledger.jsonl"))).hasSize(contents(unbroken).size());
    }

    @Test
    void recognisesEverythingTheSecondTime() throws Exception {
        Run again = build(recipe, unbroken, "");
        assertThat(again.exit()).isZero();
        assertThat(again.lines().stream().filter(line -> line.matches(" *\\d+/\\d+ .*")))
                .isNotEmpty().allMatch(line -> line.endsWith("done before"));
    }

    @Test
    void aChangeOfALateStageRunsOnlyWhatFollows() throws Exception {
        Path changed = folder.resolve("changed.yaml");
        Files.writeString(changed, Files.readString(recipe).replace("    kl: 0.01", "    kl: 0.02"));
        Run run = build(changed, unbroken, "");
        assertThat(run.exit()).as(run.text()).isZero();
        assertThat(run.lines().stream().filter(line -> line.endsWith(" begins")).map(line -> line.split(" +")[2]))
                .containsExactly("rl.math", "eval.rl.math", "report");
    }

    @Test
    void goesOnAfterAKillWithTheSameWeights() throws Exception {
        Path killed = folder.resolve("killed");
        for (String stage : List.of("curate", "pretrain.p2", "sft", "rl.math")) {
            Run run = build(recipe, killed, stage);
            assertThat(run.exit()).as("killed in " + stage).isNotZero();
        }
        Run run = build(recipe, killed, "");
        assertThat(run.exit()).as(run.text()).isZero();
        Map<String, String> expected = contents(unbroken);
        contents(killed).forEach((stage, content) -> {
            if (!stage.startsWith("report") && !stage.startsWith("sources"))
                assertThat(content).as(stage).isEqualTo(expected.get(stage));
        });
    }

    @Test
    void aSourceOutsideThePolicyStopsTheBuild() throws Exception {
        Path strict = folder.resolve("strict.yaml");
        Files.writeString(strict, Files.readString(recipe).replace("[Apache-2.0, MIT]", "[Apache-2.0]"));
        Run run = build(strict, folder.resolve("strict"), "");
        assertThat(run.exit()).isEqualTo(1);
        assertThat(run.text()).contains("notes").contains("MIT").contains("policy");
    }

    @Test
    void anUnknownTaskIsSaidBeforeAnythingStarts() throws Exception {
        Path wrong = folder.resolve("wrong.yaml");
        Files.writeString(wrong,
                Files.readString(recipe).replace("  - {task: word-problems, items: 150",
                        "  - {task: wordy, items: 150"));
        Recipe bound = RecipeFile.read(wrong);
        assertThatThrownBy(() -> Chain.stages(bound, folder)).hasMessageContaining("synthetic")
                .hasMessageContaining("wordy").hasMessageContaining("word-problems");
    }

    /** Contents of the artifacts by the folder that names stage and key. */
    private static Map<String, String> contents(Path work) throws IOException {
        Map<String, String> contents = new TreeMap<>();
        try (Stream<Path> all = Files.list(work.resolve("artifacts"))) {
            for (Path dir : all.toList())
                contents.put(dir.getFileName().toString(), Artifact.open(dir).manifest().content());
        }
        return contents;
    }

    /** Starts a build; kills it, as kill -9 does, when it begins a stage, if one is named. */
    private static Run build(Path recipe, Path work, String killAt) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(option -> option.startsWith("--") || option.startsWith("-D") || option.startsWith("-Xmx"))
                .forEach(command::add);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Quarry.class.getName(), "build",
                recipe.toString(), "--workdir", work.toString()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        List<String> lines = new ArrayList<>();
        try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line; (line = out.readLine()) != null;) {
                lines.add(line);
                if (!killAt.isEmpty() && line.contains(" " + killAt + " ") && line.endsWith("begins"))
                    process.toHandle().destroyForcibly(); // unlike the process itself, it leaves the stream to be read
            }
        }
        return new Run(process.waitFor(), lines);
    }

    /** Documents of sentences made of common words, no two alike. */
    private static List<String> notes() {
        List<String> subjects = List.of("The river", "Our neighbour", "A small dog", "The old library",
                "The morning train",
                "Her garden", "The winter storm", "This village", "The baker", "A quiet teacher");
        List<String> verbs = List.of("carries", "remembers", "crosses", "welcomes", "changes", "follows", "surprises",
                "protects");
        List<String> objects = List.of("many people every year", "the long road to the city",
                "the children in the school",
                "a story about the sea", "the last light of the day", "the fields behind the house",
                "every visitor from abroad", "the letters of the family");
        SplittableRandom random = new SplittableRandom(5);
        List<String> lines = new ArrayList<>();
        for (int d = 0; d < DOCUMENTS; d++) {
            StringBuilder text = new StringBuilder();
            for (int s = 0; s < 8; s++)
                text.append(subjects.get(random.nextInt(subjects.size()))).append(' ')
                        .append(verbs.get(random.nextInt(verbs.size()))).append(' ')
                        .append(objects.get(random.nextInt(objects.size()))).append(" and number ")
                        .append(random.nextInt(1000)).append(". ");
            lines.add(RecipeFile.json(Map.of("text", text.toString().strip())));
        }
        return lines;
    }
}
