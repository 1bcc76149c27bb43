package io.quarry.app;

import io.quarry.chat.Template;
import io.quarry.eval.Candidates;
import io.quarry.infer.Lm;
import io.quarry.judge.Candidate;
import io.quarry.judge.Judges;
import io.quarry.judge.LocalModel;
import io.quarry.judge.RuleFilters;
import io.quarry.judge.Samples;
import io.quarry.recipe.Recipe;
import io.quarry.recipe.Recipe.Sft;
import io.quarry.text.Encoded;
import io.quarry.text.TokenFile;
import io.quarry.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The stage that makes samples for fine-tuning: candidates, rule filters, judge; only what is accepted is learned. */
final class Tuning {
    static final String SAMPLES = "samples";
    private static final String VERSION = "2";
    private static final int EXAMPLES = 2;
    /** Requests to an endpoint that may be on their way at once. */
    private static final int PARALLEL = 8;

    /** Characters of the longest response that is taken; own choice. */
    private static final int LONGEST = 2000;
    /** Tokens a model of our own may take for a verdict. */
    private static final int VERDICT_TOKENS = 256;

    private Tuning() {}

    static Stage samples(Recipe recipe) {
        Sft sft = recipe.sft();
        Map<String, Object> part = new LinkedHashMap<>();
        part.put("items", sft.items());
        part.put("badRatio", sft.badRatio());
        part.put("judge", sft.judge());
        part.put("evaluation", recipe.evaluation().items());
        return new Stage(SAMPLES, VERSION, "samples", part, List.of(Corpus.TOKENIZER), c -> {
            RuleFilters filters = new RuleFilters(Candidates.heldOut(recipe.evaluation().items(), c.recipeSeed()),
                    LONGEST);
            List<Samples.Offered> offered = Candidates.draw(sft.items(), sft.badRatio(), c.seed());
            Samples.Outcome outcome = switch (sft.judge().kind()) {
                case "programmatic" -> new Samples(filters, Candidates.programmatic(sft.judge()), 1, EXAMPLES)
                        .sift(offered);
                case "endpoint" ->
                    new Samples(filters, Judges.endpoint(sft.judge(), System.getenv()), PARALLEL, EXAMPLES)
                            .sift(offered);
                default -> byModel(c, sft.judge(), filters, offered);
            };
            Map<String, Object> facts = new LinkedHashMap<>(
                    outcome.facts(candidate -> Candidates.plain(candidate.conversation())));
            facts.put("tokens", write(c, outcome.accepted()));
            return facts;
        });
    }

    /** A model of our own as judge; its folder is relative to the recipe. */
    private static Samples.Outcome byModel(Context c, Recipe.JudgePlan plan, RuleFilters filters,
            List<Samples.Offered> offered) throws IOException, InterruptedException {
        try (Lm lm = Lm.open(c.recipeDir().resolve(plan.model()), c.threads())) {
            return new Samples(filters, Judges.local(plan, LocalModel.of(lm, VERDICT_TOKENS)), 1, EXAMPLES)
                    .sift(offered);
        }
    }

    /** A token file per task, with the mask of what the assistant says. */
    private static Map<String, Long> write(Context c, List<Candidate> accepted) throws IOException {
        Tokenizer tokenizer = Tokenizer.open(c.in(Corpus.TOKENIZER));
        Map<String, TokenFile.Writer> files = new TreeMap<>();
        for (Candidate candidate : accepted) {
            TokenFile.Writer file = files.get(candidate.task());
            if (file == null) {
                Path path = Corpus.tokenFile(c.out(), "train", candidate.task());
                Files.createDirectories(path.getParent());
                files.put(candidate.task(), file = new TokenFile.Writer(path, true));
            }
            Encoded sample = Template.learned(tokenizer, candidate.conversation());
            file.add(sample.ids(), sample.learned());
        }
        Map<String, Long> tokens = new TreeMap<>();
        for (Map.Entry<String, TokenFile.Writer> file : files.entrySet()) {
            tokens.put(file.getKey(), file.getValue().tokens());
            file.getValue().close();
        }
        return tokens;
    }
}
