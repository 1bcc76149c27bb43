package io.quarry.app;

import java.util.List;
import java.util.Map;

/**
 * One arrow of the chain: reads finished artifacts, writes one new artifact. What it makes is named by its key: SHA-256
 * over name, version, its part of the resolved recipe, the seed and the content hashes of what it needs.
 *
 * @param name       unique in the chain, for instance {@code pretrain.p1}; letters, digits, dots and hyphens
 * @param version    changes when the code makes something else of the same inputs
 * @param kind       what the artifact holds: documents, tokenizer, tokens, checkpoint, samples, scores, report
 * @param recipePart what of the recipe decides the result; any value that Jackson writes, null if nothing does
 * @param needs      names of the stages whose artifacts it reads; all stand before it
 * @param work       what it does
 */
public record Stage(String name, String version, String kind, Object recipePart, List<String> needs, Work work) {
    /** What a stage does. Everything it makes goes to {@link Context#out()}; what it learned is returned as facts. */
    @FunctionalInterface
    public interface Work {
        /**
         * Runs the stage. An interrupt asks it to save what can be gone on with in {@link Context#scratch()} and to
         * leave with any exception.
         *
         * @return numbers for the report, JSON values by name
         */
        Map<String, Object> run(Context context) throws Exception;
    }

    public Stage {
        if (!name.matches("[A-Za-z0-9][A-Za-z0-9.-]*"))
            throw new IllegalArgumentException(
                    "a stage's name has letters, digits, dots and hyphens, was \"" + name + "\"");
        needs = List.copyOf(needs);
    }
}
