package io.quarry.app;

import io.quarry.ledger.Artifact;
import io.quarry.ledger.Manifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** What a finished build leaves at the top of the work folder, and says at its end. */
final class Summary {
    private static final int COLUMNS = 4;

    private Summary() {}

    /** Puts {@code report.html} and {@code last-model} where a person and {@code quarry chat} look for them. */
    static void publish(Path workdir, String name, Map<String, Artifact> made) throws IOException {
        Artifact report = last(made, "report");
        if (report != null) {
            Path fresh = workdir.resolve("report.html.partial");
            Files.copy(report.file("report.html"), fresh, StandardCopyOption.REPLACE_EXISTING);
            Files.move(fresh, workdir.resolve("report.html"), StandardCopyOption.ATOMIC_MOVE);
        }
        Artifact model = last(made, "checkpoint");
        if (model != null)
            LastModel.remember(workdir, model.dir(), name);
    }

    /** The last lines of a build: what was done, what the model scores, what to do next. */
    static String text(Path workdir, Map<String, Artifact> made, double seconds) {
        StringBuilder text = new StringBuilder("\n");
        double work = made.values().stream().map(Artifact::manifest).mapToDouble(Manifest::seconds).sum();
        text.append("Done in ").append(Meter.Numbers.time(seconds));
        if (work > seconds + 1)
            text.append(" (all stages together: ").append(Meter.Numbers.time(work)).append(')');
        text.append(".\n");
        scores(text, made);
        extension(text, made);
        if (last(made, "report") != null)
            text.append("Report: ").append(workdir.resolve("report.html")).append('\n');
        if (last(made, "checkpoint") != null) {
            String model = workdir.equals(Path.of("work")) ? "" : " " + workdir;
            text.append("Talk to it: ./quarry chat").append(model).append('\n');
        }
        return text.toString();
    }

    /** A table of tasks by the stages that measured them; a terminal has room for the last few, the report has all. */
    private static void scores(StringBuilder text, Map<String, Artifact> made) {
        Map<String, Map<?, ?>> columns = new LinkedHashMap<>();
        Set<String> tasks = new TreeSet<>();
        made.forEach((stage, artifact) -> {
            if (artifact.manifest().kind().equals("scores")
                    && artifact.manifest().facts().get("scores") instanceof Map<?, ?> scores) {
                columns.put(stage.replaceFirst("^eval\\.", ""), scores);
                scores.keySet().forEach(task -> tasks.add(task.toString()));
            }
        });
        if (tasks.isEmpty())
            return;
        columns.keySet().removeAll(List.copyOf(columns.keySet()).subList(0, Math.max(0, columns.size() - COLUMNS)));
        text.append(String.format("%-24s", "Held-out answers right"));
        columns.keySet().forEach(stage -> text.append(String.format("%17s", stage)));
        text.append('\n');
        for (String task : tasks) {
            text.append(String.format("  %-22s", task));
            columns.values().forEach(scores -> text.append(String.format("%17s", share(scores.get(task)))));
            text.append('\n');
        }
    }

    /** What the longer context brought and what it cost: the base model against the checkpoint measured before it. */
    private static void extension(StringBuilder text, Map<String, Artifact> made) {
        Map<?, ?> before = null;
        for (Map.Entry<String, Artifact> stage : made.entrySet()) {
            if (!stage.getValue().manifest().kind().equals("scores"))
                continue;
            Map<String, Object> facts = stage.getValue().manifest().facts();
            if (stage.getKey().equals("eval.base") && before != null
                    && facts.get("retrieval") instanceof Map<?, ?> found
                    && before.get("retrieval") instanceof Map<?, ?> foundBefore) {
                found.keySet().stream().map(Object::toString).max(Comparator.comparingInt(Integer::parseInt))
                        .ifPresent(length -> text.append("Longer context: retrieval at ").append(length)
                                .append(" tokens from ").append(share(foundBefore.get(length))).append(" to ")
                                .append(share(found.get(length))));
                if (facts.get(Measuring.SHORT_CONTEXT) instanceof Number now
                        && before.get(Measuring.SHORT_CONTEXT) instanceof Number then)
                    text.append(String.format(Locale.ROOT, ", held-out loss in short contexts from %.3f to %.3f nats",
                            then.doubleValue(), now.doubleValue()));
                text.append(".\n");
            }
            before = facts;
        }
    }

    private static String share(Object score) {
        return score instanceof Map<?, ?> s && s.get("correct") instanceof Number correct
                && s.get("total") instanceof Number total && total.longValue() > 0
                        ? String.format(Locale.ROOT, "%.1f %%", 100.0 * correct.longValue() / total.longValue())
                        : "-";
    }

    /** The artifact of that kind that was made last in the chain, null if there is none. */
    private static Artifact last(Map<String, Artifact> made, String kind) {
        Artifact last = null;
        for (Artifact artifact : made.values())
            if (artifact.manifest().kind().equals(kind))
                last = artifact;
        return last;
    }
}
