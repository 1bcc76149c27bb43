package io.quarry.recipe;

import io.quarry.model.ModelSpec;
import java.util.List;
import java.util.Map;

/**
 * A whole run as one value: bound strictly from YAML by {@link RecipeFile}, hashed, stored with every artifact. Each
 * record checks itself; the message of a failed check carries the path of the key. Units stand in the names.
 *
 * @param name        of the model that comes out
 * @param seed        of everything that is drawn by chance
 * @param limits      what the run may take of the machine
 * @param policy      which licences may enter
 * @param sources     where text comes from
 * @param synthetic   what our generators make
 * @param curation    thresholds of the curation chain
 * @param tokenizer   how the tokenizer is trained
 * @param model       sizes
 * @param optimizer   AdamW's constants, shared by all training
 * @param pretraining phases 1 to 4
 * @param longContext stages of context extension, each followed by a merge
 * @param sft         judged fine-tuning
 * @param rl          stages of reinforcement learning
 * @param evaluation  what is measured after every stage
 */
public record Recipe(String name, long seed, Limits limits, Policy policy, List<Source> sources,
        List<Synthetic> synthetic, Curation curation, TokenizerPlan tokenizer, ModelPlan model, Optimizer optimizer,
        List<Phase> pretraining, List<Extension> longContext, Sft sft, List<RlStage> rl, Evaluation evaluation) {

    /**
     * What the run may take of the machine.
     *
     * @param memoryGiB resident memory the run is planned for
     * @param threads   worker threads of training and inference; 0 takes what the container allows
     */
    public record Limits(double memoryGiB, int threads) {
        public Limits {
            Check.positive("memoryGiB", memoryGiB);
            Check.that(threads >= 0, "threads", "must be 0 (all) or more, was " + threads);
        }
    }

    /**
     * Which licences may enter.
     *
     * @param allow SPDX identifiers
     */
    public record Policy(List<String> allow) {
        public Policy {
            allow = List.copyOf(allow);
        }
    }

    /**
     * One source of text: exactly one of {@code maven} and {@code file}.
     *
     * @param name     unique; stands in every document and in the report
     * @param maven    {@code group:artifact:version[:classifier]}, resolved with the user's own Maven settings
     * @param file     a file or folder of JSONL, Parquet or text, relative to the recipe
     * @param reader   how documents are read out of it: java, javadoc, wordnet, languagetool, jsonl, parquet, text,
     *                 html (pages), lines (a document a line, the last field of tab-separated ones)
     * @param category which part of the mixes it fills
     * @param licence  SPDX identifier; required for {@code file}; for {@code maven} the POM decides and this, if given,
     *                 must agree with it or stand in where the POM declares none
     */
    public record Source(String name, @MayBeAbsent String maven, @MayBeAbsent String file, String reader,
            String category, @MayBeAbsent String licence) {
        private static final List<String> READERS = List.of("java", "javadoc", "wordnet", "languagetool", "jsonl",
                "parquet", "text", "html", "lines");

        public Source {
            Check.that((maven == null) != (file == null), "",
                    "(" + name + ") must have exactly one of maven and file");
            Check.that(file == null || licence != null, "",
                    "(" + name + ") is a file and must say its licence (an SPDX identifier)");
            Check.oneOf("reader", reader, READERS);
        }
    }

    /**
     * Documents or samples made by one of our generators.
     *
     * @param task     name of the task, see {@code io.quarry.eval.Tasks}
     * @param items    how many for pre-training
     * @param category which part of the mixes they fill
     * @param tokens   for {@code retrieval} alone: longest document, in tokens. These are made when the tokenizer is there,
     *                 and fill a category of their own
     */
    public record Synthetic(String task, long items, String category, @MayBeAbsent Integer tokens) {
        public Synthetic {
            Check.positive("items", items);
            Check.that(task.equals("retrieval") == (tokens != null), "tokens",
                    "must be given for the task retrieval, and for no other");
        }
    }

    /**
     * Thresholds of the curation chain.
     *
     * @param minCharacters         shorter documents are dropped
     * @param maxCharacters         longer documents are cut at a paragraph
     * @param languageConfidence    documents whose language is less certain are dropped
     * @param nearDuplicateJaccard  pairs at least this similar (MinHash, 5-word shingles) lose one
     * @param contaminationWords    a document that shares this many consecutive words with an evaluation item is dropped
     * @param maxSymbolRatio        share of characters that are neither letters, digits nor spaces; not for code
     * @param maxDuplicateLineRatio share of lines that repeat
     * @param heldOutRatio          share of documents kept for held-out loss
     * @param samplesKept           dropped documents kept per reason, to look at
     */
    public record Curation(int minCharacters, int maxCharacters, double languageConfidence,
            double nearDuplicateJaccard, int contaminationWords, double maxSymbolRatio, double maxDuplicateLineRatio,
            double heldOutRatio, int samplesKept) {
        public Curation {
            Check.positive("minCharacters", minCharacters);
            Check.that(maxCharacters > minCharacters, "maxCharacters",
                    "must be over minCharacters (" + minCharacters + "), was " + maxCharacters);
            Check.ratio("languageConfidence", languageConfidence);
            Check.ratio("nearDuplicateJaccard", nearDuplicateJaccard);
            Check.positive("contaminationWords", contaminationWords);
            Check.ratio("maxSymbolRatio", maxSymbolRatio);
            Check.ratio("maxDuplicateLineRatio", maxDuplicateLineRatio);
            Check.ratio("heldOutRatio", heldOutRatio);
            Check.notNegative("samplesKept", samplesKept);
        }
    }

    /**
     * How the tokenizer is trained.
     *
     * @param vocabulary  ids, bytes and special tokens included
     * @param sampleBytes text it is trained on, balanced over languages
     * @param balance     exponent on each language's share: 1 as found, 0 all equal
     * @param mergeDigits whether two digits may become one token; a small model counts better when they may not
     */
    public record TokenizerPlan(int vocabulary, long sampleBytes, double balance, boolean mergeDigits) {
        public TokenizerPlan {
            Check.that(vocabulary >= 512, "vocabulary",
                    "must be at least 512 (256 bytes and the special tokens), was " + vocabulary);
            Check.positive("sampleBytes", sampleBytes);
            Check.ratio("balance", balance);
        }
    }

    /** Sizes of the model; vocabulary and special ids come from the tokenizer. See {@code model.ModelSpec}. */
    public record ModelPlan(int dim, int layers, int heads, int kvHeads, int headDim, int ffn, double ropeTheta,
            double normEps, double embeddingMultiplier, double attentionMultiplier, double residualMultiplier,
            double logitsScaling, boolean tiedEmbeddings, double initializerRange) {
        public ModelPlan {
            Check.positive("initializerRange", initializerRange);
            Check.that(heads > 0 && kvHeads > 0 && heads % kvHeads == 0, "kvHeads",
                    "must divide heads, was " + kvHeads + " for " + heads + " heads");
            Check.that(headDim > 0 && headDim % 2 == 0, "headDim", "must be even (RoPE turns pairs), was " + headDim);
        }

        /** The model of these sizes, made for a vocabulary and a length; ids of special tokens as the tokenizer has them. */
        public ModelSpec spec(int vocabulary, int contextLength, int eos, int pad) {
            return new ModelSpec(vocabulary, dim, layers, heads, kvHeads, headDim, ffn, contextLength, ropeTheta,
                    normEps, embeddingMultiplier, attentionMultiplier, residualMultiplier, logitsScaling,
                    tiedEmbeddings, eos, eos, pad);
        }
    }

    /** AdamW's constants and the clip of the gradient's norm. */
    public record Optimizer(double beta1, double beta2, double epsilon, double weightDecay, double clipNorm) {
        public Optimizer {
            Check.that(beta1 >= 0 && beta1 < 1, "beta1", "must be in [0, 1), was " + beta1);
            Check.that(beta2 >= 0 && beta2 < 1, "beta2", "must be in [0, 1), was " + beta2);
            Check.positive("epsilon", epsilon);
            Check.notNegative("weightDecay", weightDecay);
            Check.positive("clipNorm", clipNorm);
        }
    }

    /**
     * One phase of next-token training.
     *
     * @param name           unique, for instance {@code p1}
     * @param tokens         tokens trained
     * @param sequenceLength tokens of one row
     * @param batchTokens    tokens of one optimizer step
     * @param mix            share per category; must sum to 1 within 0.001
     * @param schedule       learning rate by step
     */
    public record Phase(String name, long tokens, int sequenceLength, int batchTokens, Map<String, Double> mix,
            Schedule schedule) {
        public Phase {
            mix = Check.mix("mix", mix);
            Check.positive("tokens", tokens);
            Check.positive("sequenceLength", sequenceLength);
            Check.that(batchTokens >= sequenceLength && batchTokens % sequenceLength == 0, "batchTokens",
                    "must be a multiple of sequenceLength, was " + batchTokens + " of " + sequenceLength);
        }

        /** Optimizer steps: tokens over batchTokens, rounded up. */
        public long steps() {
            return (tokens + batchTokens - 1) / batchTokens;
        }

        public int rows() {
            return batchTokens / sequenceLength;
        }
    }

    /**
     * One stage of context extension and the merge behind it.
     *
     * @param phase     what is trained, at the longer length
     * @param ropeTheta the raised RoPE base; our own choice, IBM published only the last one
     * @param merge     how the result is merged with the checkpoint before the stage; our own choice
     */
    public record Extension(Phase phase, double ropeTheta, Merge merge) {
        public Extension {
            Check.positive("ropeTheta", ropeTheta);
        }
    }

    /**
     * A merge of a checkpoint with the one before it.
     *
     * @param rule   name of a rule of {@code io.quarry.merge.Merge}
     * @param weight share of the newer checkpoint
     */
    public record Merge(String rule, double weight) {
        public Merge {
            Check.ratio("weight", weight);
        }
    }

    /**
     * Judged fine-tuning.
     *
     * @param items     samples made per task, before the judge
     * @param badRatio  share of deliberately bad samples mixed in, to show that the judge rejects them
     * @param epochs    times each accepted sample is seen
     * @param phase     lengths and schedule; its mix is over tasks, its tokens are a ceiling over the epochs
     * @param judge     who judges
     */
    public record Sft(Map<String, Long> items, double badRatio, int epochs, Phase phase, JudgePlan judge) {
        public Sft {
            Check.ratio("badRatio", badRatio);
            Check.positive("epochs", epochs);
        }
    }

    /**
     * Who judges, and what is enough.
     *
     * @param kind       {@code programmatic}, {@code endpoint} (any OpenAI-compatible one) or {@code local}
     * @param endpoint   base URL for {@code endpoint}, else null
     * @param model      model name for {@code endpoint}, folder for {@code local}, else null
     * @param weights    weight per dimension; sums to 1; our own choice
     * @param accept     weighted score (1 to 5) from which a sample is accepted; our own choice
     * @param borderline weighted score from which it is borderline rather than rejected
     */
    public record JudgePlan(String kind, @MayBeAbsent String endpoint, @MayBeAbsent String model,
            Map<String, Double> weights, double accept, double borderline) {
        public JudgePlan {
            Check.oneOf("kind", kind, List.of("programmatic", "endpoint", "local"));
            Check.that(!kind.equals("endpoint") || endpoint != null, "endpoint", "is missing for kind endpoint");
            Check.that(kind.equals("programmatic") || model != null, "model", "is missing for kind " + kind);
            Check.that(accept >= 1 && accept <= 5, "accept", "must be a score from 1 to 5, was " + accept);
            Check.that(borderline >= 1 && borderline <= accept, "borderline",
                    "must be a score from 1 to accept, was " + borderline);
            weights = Check.mix("weights", weights);
        }
    }

    /**
     * One stage of reinforcement learning (GRPO with the DAPO loss).
     *
     * @param name         unique, for instance {@code multi-domain}
     * @param mix          share of prompts per task
     * @param steps        optimizer steps
     * @param prompts      different prompts per step
     * @param group        answers per prompt
     * @param maxTokens    longest answer
     * @param temperature  of the rollouts
     * @param learningRate constant after {@code warmupSteps}
     * @param warmupSteps  linear warm-up
     * @param kl           weight of the divergence from the model before the stage (k3 estimator)
     * @param clipLow      lower clip of the ratio (0.2 in DAPO)
     * @param clipHigh     upper clip of the ratio (0.28 in DAPO)
     */
    public record RlStage(String name, Map<String, Double> mix, int steps, int prompts, int group, int maxTokens,
            double temperature, double learningRate, int warmupSteps, double kl, double clipLow, double clipHigh) {
        public RlStage {
            mix = Check.mix("mix", mix);
            Check.positive("steps", steps);
            Check.positive("prompts", prompts);
            Check.that(group >= 2, "group", "must be at least 2 (advantages compare answers), was " + group);
            Check.positive("maxTokens", maxTokens);
            Check.positive("temperature", temperature);
            Check.positive("learningRate", learningRate);
            Check.notNegative("warmupSteps", warmupSteps);
            Check.notNegative("kl", kl);
            Check.ratio("clipLow", clipLow);
            Check.positive("clipHigh", clipHigh);
        }
    }

    /**
     * What is measured after every stage.
     *
     * @param items            held-out items per task
     * @param heldOutTokens    tokens of held-out text per category
     * @param retrievalLengths lengths at which retrieval is measured, in tokens
     * @param retrievalItems   items per length
     * @param maxTokens        longest answer
     */
    public record Evaluation(Map<String, Integer> items, long heldOutTokens, List<Integer> retrievalLengths,
            int retrievalItems, int maxTokens) {
        public Evaluation {
            items.forEach((task, count) -> Check.positive("items." + task, count));
            Check.positive("heldOutTokens", heldOutTokens);
            retrievalLengths.forEach(length -> Check.positive("retrievalLengths", length));
            Check.positive("retrievalItems", retrievalItems);
            Check.positive("maxTokens", maxTokens);
        }

        /** The same without retrieval. */
        public Evaluation withoutRetrieval() {
            return new Evaluation(items, heldOutTokens, List.of(), retrievalItems, maxTokens);
        }
    }
}
