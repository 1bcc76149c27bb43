package io.quarry.app;

import io.quarry.ledger.Artifact;
import io.quarry.ledger.Hash;
import io.quarry.ledger.Manifest;
import io.quarry.recipe.Recipe;
import io.quarry.recipe.Schedule;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** A run that was never made, with manifests as the stages write them: what the report is tested and looked at with. */
final class ReportFixture {
    static final ReportMachine MACHINE = new ReportMachine("Test Processor 9", 2, 8_000_000_000L, "25+36, Test",
            "Linux 6.1, amd64");
    private final List<Artifact> artifacts = new ArrayList<>();
    private final SplittableRandom random = new SplittableRandom(7);

    private ReportFixture() {}

    static Recipe recipe(String name) {
        Schedule schedule = new Schedule("linear", 3e-3, 0, 10, null);
        Recipe.Phase phase = new Recipe.Phase("p1", 4_000_000, 256, 8192, Map.of("web", 1.0), schedule);
        return new Recipe(name, 41, new Recipe.Limits(6, 2), new Recipe.Policy(List.of("Apache-2.0", "MIT")),
                List.of(new Recipe.Source("guide", null, "guide.jsonl", "jsonl", "web", "MIT")),
                List.of(new Recipe.Synthetic("word-problems", 1000, "math", null)),
                new Recipe.Curation(80, 20_000, 0.5, 0.8, 13, 0.35, 0.5, 0.01, 3),
                new Recipe.TokenizerPlan(4096, 8_000_000, 0.5, false),
                new Recipe.ModelPlan(160, 5, 5, 5, 32, 448, 10_000, 1e-5, 12, 0.03125, 0.22, 1, true, 0.1),
                new Recipe.Optimizer(0.9, 0.95, 1e-8, 0.1, 1), List.of(phase),
                List.of(new Recipe.Extension(phase, 100_000, new Recipe.Merge("linear", 0.5))),
                new Recipe.Sft(Map.of("word-problems", 1000L), 0.1, 2, phase,
                        new Recipe.JudgePlan("programmatic", null, null, Map.of("correctness", 1.0), 4, 3)),
                List.of(new Recipe.RlStage("math", Map.of("word-problems", 1.0), 40, 8, 16, 64, 1, 1e-4, 5, 0.05, 0.2,
                        0.28)),
                new Recipe.Evaluation(Map.of("word-problems", 200), 20_000, List.of(256, 1024, 4096), 50, 64));
    }

    /** The whole chain, with plausible numbers. */
    static List<Artifact> whole() {
        ReportFixture run = new ReportFixture();
        run.data();
        run.training();
        run.scores();
        return run.artifacts;
    }

    /** One artifact that says nothing but its name. */
    static Artifact silent(String stage, String kind) {
        return artifact(stage, kind, Map.of(), Map.of(), 1);
    }

    static Artifact artifact(String stage, String kind, Map<String, String> parents, Map<String, Object> facts,
            double seconds) {
        List<Manifest.FileEntry> files = List
                .of(new Manifest.FileEntry("data.bin", Hash.of(stage + " file"), 4_321_000));
        return new Artifact(Path.of("work/artifacts/" + stage), new Manifest(stage, kind, Hash.of(stage + " key"),
                Hash.of(stage), parents, Hash.of("recipe"), facts, files, "0.1.0", "2026-11-21T08:00:00Z", seconds));
    }

    private void add(String stage, String kind, double seconds, List<String> parents, Map<String, Object> facts) {
        Map<String, String> hashes = new LinkedHashMap<>();
        parents.forEach(parent -> hashes.put(parent, Hash.of(parent)));
        Map<String, Object> whole = new LinkedHashMap<>(facts);
        whole.put("peakResidentBytes", 1_200_000_000L + random.nextLong(3_000_000_000L));
        artifacts.add(artifact(stage, kind, hashes, whole, seconds));
    }

    private void data() {
        List<Map<String, Object>> sources = new ArrayList<>();
        String[][] all = {{"spring-core sources", "code", "Apache-2.0"}, {"guava sources", "code", "Apache-2.0"},
            {"spark javadoc", "technical", "Apache-2.0"}, {"lucene javadoc", "technical", "Apache-2.0"},
            {"wordnet 3.1 glosses", "web", "WordNet-3.0"}, {"languagetool en", "web", "LGPL-2.1-or-later"},
            {"languagetool de", "multilingual", "LGPL-2.1-or-later"},
            {"languagetool fr", "multilingual", "LGPL-2.1-or-later"},
            {"languagetool ja", "multilingual", "LGPL-2.1-or-later"}, {"our generators", "math", "CC0-1.0"}};
        for (String[] source : all)
            sources.add(Map.of("name", source[0], "version", "6.6", "sha256", Hash.of(source[0]), "licence", source[2],
                    "category", source[1], "bytes", 900_000 + random.nextInt(6_000_000), "documents",
                    800 + random.nextInt(5000)));
        add("sources", "sources", 14.2, List.of(), Map.of("sources", sources));
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("in", group(41_000, 39_400_000));
        facts.put("out", group(33_120, 31_050_000));
        facts.put("byCategory", Map.of("code", group(9000, 14_000_000), "technical", group(5600, 8_000_000), "web",
                group(7000, 5_000_000), "multilingual", group(8000, 3_000_000), "math", group(4000, 1_000_000)));
        facts.put("byLanguage", Map.of("en", group(11_000, 13_000_000), "code", group(9000, 14_000_000), "de",
                group(2000, 900_000), "fr", group(1900, 700_000), "es", group(1500, 500_000), "ja", group(900, 400_000),
                "nl", group(700, 300_000), "pl", group(600, 260_000), "ru", group(500, 250_000)));
        facts.put("byLicence", Map.of("Apache-2.0", group(14_600, 22_000_000), "LGPL-2.1-or-later",
                group(11_000, 5_000_000), "WordNet-3.0", group(4000, 3_000_000), "CC0-1.0", group(4000, 1_000_000)));
        facts.put("bySource", Map.of("guava sources", group(3000, 5_000_000)));
        facts.put("drops", Map.of("exact duplicate", 2400, "near duplicate", 2980, "too short", 1900,
                "language uncertain", 420, "symbols", 160, "overlaps with an evaluation item", 20));
        facts.put("dropsByCategory",
                Map.of("code", Map.of("exact duplicate", 1400, "near duplicate", 2100, "too short", 200), "web",
                        Map.of("exact duplicate", 600, "too short", 900, "language uncertain", 220), "multilingual",
                        Map.of("exact duplicate", 400, "too short", 800, "language uncertain", 200), "technical",
                        Map.of("near duplicate", 880, "symbols", 160), "math",
                        Map.of("overlaps with an evaluation item", 20)));
        facts.put("splits", Map.of("training", group(32_700, 30_700_000), "held out", group(420, 350_000)));
        facts.put("dropSamples", Map.of("too short", List.of("See also.", "@since 1.2"), "symbols",
                List.of("==== ---- ==== |||| ==== ----")));
        add("curate", "documents", 61.7, List.of("sources"), facts);
        add("tokenizer", "tokenizer", 21.3, List.of("curate"), Map.of("vocabulary", 4096, "merges", 3712,
                "bytesPerToken",
                Map.of("en", 3.41, "code", 3.62, "de", 2.71, "fr", 2.66, "es", 2.6, "ja", 1.92, "ru", 2.2)));
        add("tokens", "tokens", 12.9, List.of("curate", "tokenizer"),
                Map.of("tokens", Map.of("code", 3_900_000, "web", 1_500_000, "technical", 2_300_000, "multilingual",
                        1_100_000, "math", 800_000), "heldOut", Map.of("code", 41_000, "web", 16_000), "shards", 6));
    }

    private static Map<String, Object> group(long documents, long bytes) {
        return Map.of("documents", documents, "bytes", bytes);
    }

    private void training() {
        double loss = 8.1;
        String before = "tokens";
        String[] stages = {"pretrain.p1", "pretrain.p2", "pretrain.p3", "pretrain.p4", "long.1", "merge.1", "long.2",
            "merge.2", "sft"};
        double[] floors = {3.3, 2.9, 2.6, 2.4, 2.35, 0, 2.3, 0, 0.7};
        for (int i = 0; i < stages.length; i++) {
            if (stages[i].startsWith("merge")) {
                add(stages[i], "checkpoint", 0.6, List.of(before, stages[i - 2]), Map.of("rule", "linear", "weight",
                        0.5, "heldOut", Map.of("code", 2.37, "web", 3.02, "math", 1.2)));
            } else {
                if (stages[i].equals("sft"))
                    judged();
                long tokens = i == 0 ? 6_000_000 : i < 4 ? 2_500_000 : 900_000;
                add(stages[i], "checkpoint", tokens / 29_000.0,
                        stages[i].equals("sft") ? List.of(before, "samples") : List.of(before),
                        phase(loss, floors[i], tokens));
                loss = floors[i] + 0.4;
            }
            before = stages[i];
        }
        add("rl.multi-domain", "checkpoint", 120, List.of("sft"), rewards(0.35, 0.55));
        add("rl.math", "checkpoint", 110, List.of("rl.multi-domain"), rewards(0.3, 0.52));
    }

    private Map<String, Object> phase(double from, double to, long tokens) {
        List<Map<String, Object>> losses = new ArrayList<>();
        int points = 120;
        for (int i = 1; i <= points; i++) {
            double done = (double) i / points;
            double loss = to + (from - to) * Math.exp(-5 * done) + random.nextDouble(-0.04, 0.04);
            losses.add(
                    Map.of("step", i, "tokens", tokens * i / points, "lr", 3e-3 * Math.min(1, i / 10.0) * (1.05 - done),
                            "loss", loss, "gradNorm", 0.4 + random.nextDouble(0.3), "tokensPerSecond",
                            28_000 + random.nextInt(2500)));
        }
        Map<String, Double> before = Map.of("code", from, "web", from + 0.6, "math", from * 0.7);
        Map<String, Double> after = Map.of("code", to + 0.05, "web", to + 0.7, "math", to * 0.6);
        return Map.of("losses", losses, "heldOut", Map.of("before", before, "after", after), "tokens", tokens,
                "seconds",
                tokens / 29_000.0, "tokensPerSecond", 29_012.5, "parameters", 2_196_320, "spikes", List.of());
    }

    private void judged() {
        add("samples", "samples", 8.8, List.of("tokenizer"),
                Map.of("candidates", 12_000, "accepted", 10_480, "verdicts",
                        Map.of("accept", 10_480, "borderline", 310, "reject", 1210), "reasons",
                        Map.of("incorrect computation", 480, "hallucination", 300, "wrong tool", 240, "truncated", 190),
                        "bad",
                        Map.of("wrong computation", Map.of("made", 480, "caught", 480), "hallucinated fact",
                                Map.of("made", 310, "caught", 300), "wrong tool", Map.of("made", 240, "caught", 240)),
                        "examples", List.of(Map.of("task", "word-problems", "verdict", "reject", "reason",
                                "incorrect computation: 47 + 35 is 82", "text", "Q: ...\n47 + 35 = 83. Answer: 83"))));
    }

    private Map<String, Object> rewards(double from, double to) {
        List<Map<String, Object>> steps = new ArrayList<>();
        for (int i = 1; i <= 40; i++) {
            double reward = from + (to - from) * i / 40 + random.nextDouble(-0.05, 0.05);
            steps.add(Map.of("step", i, "reward", reward, "correct", reward, "kl", 0.0006 * i, "length",
                    31 - i * 0.1 + random.nextDouble(2), "entropy", 0.4 - i * 0.004, "seconds", 2.9));
        }
        return Map.of("steps", steps);
    }

    private void scores() {
        double[][] shares = {{0.02, 0.0, 0.01, 0.05}, {0.36, 0.88, 0.71, 0.9}, {0.42, 0.9, 0.74, 0.92},
            {0.52, 0.91, 0.75, 0.93}};
        String[] names = {"merge.2", "sft", "rl.multi-domain", "rl.math"};
        for (int i = 0; i < names.length; i++) {
            Map<String, Object> facts = new LinkedHashMap<>();
            String[] tasks = {"word-problems", "tool-calls", "constraints", "structured"};
            Map<String, Object> scores = new LinkedHashMap<>();
            for (int t = 0; t < tasks.length; t++)
                scores.put(tasks[t], score(shares[i][t], 200));
            facts.put("scores", scores);
            if (i < 2)
                facts.put("retrieval", Map.of("256", score(0.9, 50), "1024", score(i == 0 ? 0.2 : 0.88, 50), "4096",
                        score(i == 0 ? 0.02 : 0.84, 50)));
            facts.put("heldOut", Map.of("code", Map.of("nats", 2.37, "low", 2.31, "high", 2.43), "web",
                    Map.of("nats", 3.02, "low", 2.95, "high", 3.1)));
            facts.put("dialogues", dialogues(i));
            add("eval." + names[i], "scores", 15 + i, List.of(names[i]), facts);
        }
    }

    private static List<Map<String, Object>> dialogues(int stage) {
        List<Map<String, Object>> dialogues = new ArrayList<>();
        for (int item = 0; item < 5; item++)
            dialogues.add(Map.of("task", "word-problems", "prompt",
                    "Mia has " + (20 + item) + " shells and finds 35 more. How many shells has she?", "answer",
                    stage == 0
                            ? "shells and finds the the"
                            : (20 + item) + " + 35 = " + (55 + item) + ". Answer: "
                                    + (55 + item + (stage == 1 ? 1 : 0)),
                    "correct", stage > 1, "reason", stage > 1 ? "" : "expected " + (55 + item)));
        dialogues.add(Map.of("task", "tool-calls", "prompt", "What is the weather in Oslo?", "answer",
                "<tool_call>\n{\"name\": \"weather\", \"arguments\": {\"city\": \"Oslo\"}}\n</tool_call>", "correct",
                stage > 0, "reason", ""));
        return dialogues;
    }

    private static Map<String, Object> score(double share, int total) {
        double error = 1.96 * Math.sqrt((share * (1 - share) + 0.01) / total);
        return Map.of("correct", Math.round(share * total), "total", total, "low", Math.max(0, share - error), "high",
                Math.min(1, share + error));
    }
}
