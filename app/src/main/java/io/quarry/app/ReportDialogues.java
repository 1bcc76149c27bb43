package io.quarry.app;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** What the checkpoints really say: the same prompt, the answers side by side, each with its verdict. */
final class ReportDialogues {
    private static final int OPEN = 3;

    private ReportDialogues() {}

    static void write(ReportPage page, ReportRun run) {
        Map<String, Map<String, StringBuilder>> tasks = new LinkedHashMap<>();
        run.facts("eval.", "").forEach((stage, facts) -> {
            for (ReportFacts dialogue : facts.children("dialogues"))
                tasks.computeIfAbsent(dialogue.text("task").orElse("no task"), t -> new LinkedHashMap<>())
                        .computeIfAbsent(dialogue.text("prompt").orElse("no prompt"), p -> new StringBuilder())
                        .append(answer(stage, dialogue));
        });
        page.open("dialogues", "Dialogues", "Answers to held-out items, as they were given.");
        if (tasks.isEmpty())
            page.missing();
        tasks.forEach((task, prompts) -> {
            page.title(task);
            StringBuilder more = new StringBuilder();
            int shown = 0;
            for (Map.Entry<String, StringBuilder> prompt : prompts.entrySet()) {
                String html = dialogue(prompt.getKey(), prompt.getValue());
                if (shown++ < OPEN)
                    page.raw(html);
                else
                    more.append(html);
            }
            if (!more.isEmpty())
                page.details(prompts.size() - OPEN + " more of " + task, more.toString());
        });
        page.close();
    }

    private static String dialogue(String prompt, StringBuilder answers) {
        return "<div class=\"dialogue\"><pre class=\"prompt\" dir=\"auto\">" + ReportPage.escape(prompt)
                + "</pre><div class=\"answers\">" + answers + "</div></div>";
    }

    private static String answer(String stage, ReportFacts dialogue) {
        Optional<Boolean> correct = dialogue.flag("correct");
        String verdict = correct.map(right -> right
                ? "<span class=\"right\">&#10003; right</span>"
                : "<span class=\"wrong\">&#10007; wrong</span>").orElse(ReportPage.MISSING);
        String reason = dialogue.text("reason").orElse("");
        return "<article class=\"answer\"><header><span class=\"tag\">" + ReportPage.escape(stage) + "</span> "
                + verdict
                + "</header><pre dir=\"auto\">" + ReportPage.escape(dialogue.text("answer").orElse("no answer kept"))
                + "</pre>" + (reason.isEmpty() ? "" : "<p class=\"reason\">" + ReportPage.escape(reason) + "</p>")
                + "</article>";
    }
}
