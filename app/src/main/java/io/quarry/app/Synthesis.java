package io.quarry.app;

import io.quarry.chat.Conversation;
import io.quarry.chat.Template;
import io.quarry.eval.Retrieval;
import io.quarry.eval.Sample;
import io.quarry.eval.Split;
import io.quarry.eval.Task;
import io.quarry.eval.Tasks;
import io.quarry.recipe.Recipe;
import io.quarry.recipe.Recipe.Synthetic;
import io.quarry.recipe.RecipeFile;
import io.quarry.text.Encoded;
import io.quarry.text.TokenFile;
import io.quarry.text.Tokenizer;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The stages in which our own generators make text for pre-training, and the held-out questions nobody may train on. */
final class Synthesis {
    static final String DOCUMENTS = "synthetic";
    /** In the artifact {@link #DOCUMENTS}: the synthetic documents, and one held-out question per line as JSON. */
    static final String DOCUMENT_FILE = "documents.jsonl";
    static final String QUESTION_FILE = "held-out-questions.jsonl";
    private static final String VERSION = "3";
    private static final double HELD_OUT_SHARE = 0.02;
    private static final int EVERY = 500;

    private Synthesis() {}

    /** Solved items of tasks, rendered by the chat template, as documents; and the questions of the evaluation. */
    static Stage documents(Recipe recipe) {
        List<Synthetic> plans = recipe.synthetic().stream().filter(s -> s.tokens() == null).toList();
        Map<String, Object> part = new LinkedHashMap<>();
        part.put("synthetic", plans);
        part.put("evaluation", recipe.evaluation().items());
        return new Stage(DOCUMENTS, VERSION, "documents", part, List.of(), c -> {
            long total = plans.stream().mapToLong(Synthetic::items).sum();
            Map<String, Long> documents = new TreeMap<>();
            long done = 0;
            try (BufferedWriter out = Files.newBufferedWriter(c.out().resolve(DOCUMENT_FILE))) {
                for (Synthetic plan : plans) {
                    Task task = Tasks.of(plan.task());
                    for (long i = 0; i < plan.items(); i++) {
                        Sample sample = task.sample(Split.TRAIN, c.seed(), i);
                        out.write(document(plan, sample.id(), Template.render(sample.solved(), false)));
                        out.newLine();
                        if (++done % EVERY == 0)
                            progress(c, done, total, "documents");
                    }
                    documents.merge(plan.task(), plan.items(), Long::sum);
                }
            }
            return Map.of("documents", documents, "questions", questions(c, recipe));
        });
    }

    private static String document(Synthetic plan, String id, String text) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("id", "synthetic/" + plan.task() + "/" + plan.category() + "/" + id);
        row.put("text", text);
        row.put("source", "quarry:" + plan.task());
        row.put("licence", "Apache-2.0");
        row.put("category", plan.category());
        row.put("language", "en");
        row.put("markup", true);
        return RecipeFile.json(row);
    }

    /** Writes what the evaluation will ask, so that curation can take out every document that holds it. */
    private static long questions(Context c, Recipe recipe) throws IOException {
        long count = 0;
        try (BufferedWriter out = Files.newBufferedWriter(c.out().resolve(QUESTION_FILE))) {
            for (Map.Entry<String, Integer> entry : recipe.evaluation().items().entrySet()) {
                Task task = Tasks.of(entry.getKey());
                for (int i = 0; i < entry.getValue(); i++, count++) {
                    Sample sample = task.sample(Split.HELD_OUT, c.recipeSeed(), i);
                    out.write(RecipeFile.json(Map.of("task", entry.getKey(), "text", words(sample.solved()))));
                    out.newLine();
                }
            }
        }
        return count;
    }

    private static String words(Conversation conversation) {
        return conversation.messages().stream().map(m -> m.content()).collect(Collectors.joining("\n"));
    }

    /**
     * Long documents with facts to find, measured in the tokens of the finished tokenizer; a token file per category,
     * with masks: what is invented in a document cannot be learned, only what the answers say of it.
     */
    static Stage longDocuments(Recipe recipe) {
        List<Synthetic> plans = recipe.synthetic().stream().filter(s -> s.tokens() != null).toList();
        return new Stage(Corpus.LONG_DOCUMENTS, VERSION, "tokens", plans, List.of(Corpus.TOKENIZER), c -> {
            Tokenizer tokenizer = Tokenizer.open(c.in(Corpus.TOKENIZER));
            long total = plans.stream().mapToLong(Synthetic::items).sum();
            Map<String, Long> train = new TreeMap<>();
            Map<String, Long> heldOut = new TreeMap<>();
            long done = 0;
            for (Synthetic plan : plans) {
                long kept = Math.max(1, Math.round(plan.items() * HELD_OUT_SHARE));
                train.put(plan.category(), write(c, tokenizer, plan, Split.TRAIN, plan.items()));
                heldOut.put(plan.category(), write(c, tokenizer, plan, Split.HELD_OUT, kept));
                progress(c, done += plan.items(), total, "documents");
            }
            return Map.of("tokens", train, "heldOut", heldOut);
        });
    }

    private static long write(Context c, Tokenizer tokenizer, Synthetic plan, Split split, long items)
            throws IOException {
        Task task = Retrieval.training(plan.tokens(), text -> tokenizer.encode(text).length);
        Path file = Corpus.tokenFile(c.out(), split == Split.TRAIN ? "train" : "held-out", plan.category());
        Files.createDirectories(file.getParent());
        try (TokenFile.Writer out = new TokenFile.Writer(file, true)) {
            for (long i = 0; i < items; i++) {
                Encoded text = Template.learned(tokenizer, task.sample(split, c.seed(), i).solved());
                out.add(text.ids(), text.learned());
            }
            return out.tokens();
        }
    }

    private static void progress(Context c, long done, long total, String unit) throws IOException {
        c.progress().at(done, total, unit, "");
        if (Thread.interrupted())
            throw new java.io.InterruptedIOException("stopped after " + done + " of " + total + " " + unit);
    }
}
