package io.quarry.eval;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** All tasks by name: what recipes and the command line choose from. */
public final class Tasks {
    /** Length of {@code retrieval} where no length is asked for. */
    private static final int RETRIEVAL_TOKENS = 256;
    private static final Pattern RETRIEVAL = Pattern.compile("retrieval-(training-)?(\\d{1,7})");
    private static final Map<String, Task> ALL = new TreeMap<>();

    static {
        for (Task task : List.of(WordProblems.worked(), WordProblems.brief(), Arithmetic.task(), LongCot.task(),
                Constraints.task(),
                ToolCalls.task(), Structured.task(), Queries.task(), Dialogues.task(), Grounded.task(), Lists.task(),
                Copying.task(),
                Logic.task(), Calendar.task()))
            ALL.put(task.name(), task);
        Task retrieval = Retrieval.at(RETRIEVAL_TOKENS, Tasks::aboutTokens);
        ALL.put("retrieval", new Named("retrieval", retrieval));
    }

    private Tasks() {}

    /**
     * The task of a name; an {@link IllegalArgumentException} names those there are. {@code retrieval-1024} and
     * {@code retrieval-training-1024} are retrieval at about that many tokens, see {@link Retrieval} for exact lengths.
     */
    public static Task of(String name) {
        Task task = ALL.get(name);
        if (task != null)
            return task;
        Matcher retrieval = RETRIEVAL.matcher(name);
        if (!retrieval.matches())
            throw new IllegalArgumentException("there is no task " + name + "; there are " + names()
                    + ", and retrieval-<tokens>");
        int tokens = Integer.parseInt(retrieval.group(2));
        return retrieval.group(1) == null
                ? Retrieval.at(tokens, Tasks::aboutTokens)
                : Retrieval.training(tokens, Tasks::aboutTokens);
    }

    /** All names in alphabetical order. */
    public static List<String> names() {
        return List.copyOf(ALL.keySet());
    }

    /** Tokens of a text without a tokenizer, rather too many: 2.5 characters each. */
    static int aboutTokens(String text) {
        return (text.length() * 2 + 4) / 5;
    }

    /** The same task under another name. */
    private record Named(String name, Task task) implements Task {
        @Override
        public Sample sample(Split split, long seed, long index) {
            Sample sample = task.sample(split, seed, index);
            return new Sample(name, sample.id(), sample.prompt(), sample.solution(), sample.truth());
        }

        @Override
        public Grade grade(Sample sample, String answer) {
            return task.grade(sample, answer);
        }
    }
}
