package io.quarry.data;

import java.io.Serializable;
import java.util.Arrays;
import java.util.Collection;

/**
 * Knows the evaluation's texts and recognises them: a model must not have read what it is asked. As in GPT-3
 * (arXiv:2005.14165, appendix C) a run of words decides.
 *
 * @param words length of a run
 * @param runs  hashes of all runs of the evaluation's texts, sorted
 */
record Decontaminate(int words, long[] runs) implements Serializable {

    /** Texts shorter than a run are not looked for: their few words stand in innocent text too. */
    static Decontaminate of(Collection<String> evaluation, int words) {
        return new Decontaminate(words, evaluation.stream().map(Words::of).filter(text -> text.length >= words)
                .flatMapToLong(text -> Arrays.stream(Words.runs(text, words))).sorted().distinct().toArray());
    }

    boolean found(String text) {
        long[] all = Words.of(text);
        if (runs.length == 0 || all.length < words)
            return false;
        for (long run : Words.runs(all, words))
            if (Arrays.binarySearch(runs, run) >= 0)
                return true;
        return false;
    }
}
