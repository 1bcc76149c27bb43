package io.quarry.judge;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;

/**
 * From candidates to training samples: rule filters, removal of duplicates, judge; everything that is dropped is counted
 * with its reason, and some of it is kept to look at.
 *
 * @param filters  asked first
 * @param judge    asked about what passes them
 * @param parallel verdicts asked for at once; 1 for a judge that computes
 * @param examples kept per task and decision
 */
public record Samples(RuleFilters filters, Judge judge, int parallel, int examples) {
    /**
     * A candidate on its way in.
     *
     * @param bad why it is known to be bad, null if it is not; counted, never shown to filters or judge
     */
    public record Offered(Candidate candidate, BadSamples.Kind bad) {}

    /** A candidate that was judged, to look at. */
    public record Example(String task, String decision, String reason, Candidate candidate) {}

    /** How many deliberately bad samples of a kind there were and how many were not accepted. */
    public record Caught(long made, long caught) {}

    /**
     * What came out.
     *
     * @param accepted in the order of the candidates
     * @param verdicts counts by accept, borderline, reject; rejections by rule are among the last
     * @param reasons  counts of what was not accepted, by reason
     * @param bad      deliberately bad samples by kind
     */
    public record Outcome(List<Candidate> accepted, long candidates, Map<String, Long> verdicts,
            Map<String, Long> reasons, Map<String, Caught> bad, List<Example> examples) {
        /** The counts as facts of a manifest; {@code text} writes an example. */
        public Map<String, Object> facts(java.util.function.Function<Candidate, String> text) {
            Map<String, Object> facts = new LinkedHashMap<>();
            facts.put("candidates", candidates);
            facts.put("accepted", (long) accepted.size());
            facts.put("verdicts", verdicts);
            facts.put("reasons", reasons);
            Map<String, Object> kinds = new TreeMap<>();
            bad.forEach((kind, count) -> kinds.put(kind, Map.of("made", count.made(), "caught", count.caught())));
            facts.put("bad", kinds);
            facts.put("examples", examples.stream().map(e -> Map.of("task", e.task(), "verdict", e.decision(), "reason",
                    e.reason(), "text", text.apply(e.candidate()))).toList());
            return facts;
        }
    }

    /** What is said of one candidate, by rule or by the judge. */
    private record Said(Candidate candidate, String decision, String cause, String reason) {
        boolean accepted() {
            return decision.equals("accept");
        }
    }

    /** Sifts all candidates; the order of the result does not depend on how many are judged at once. */
    public Outcome sift(List<Offered> offered) throws IOException, InterruptedException {
        List<Said> said = new ArrayList<>(offered.size());
        Set<String> seen = new HashSet<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Semaphore free = new Semaphore(parallel);
            List<Future<Said>> pending = new ArrayList<>(offered.size());
            for (Offered one : offered) {
                Candidate candidate = RuleFilters.normalised(one.candidate());
                String fault = seen.add(candidate.prompt() + "\n" + candidate.response())
                        ? filters.fault(candidate)
                        : "duplicate";
                if (!fault.isEmpty() || parallel == 1) {
                    Said now = fault.isEmpty() ? judged(candidate) : new Said(candidate, "reject", fault, fault);
                    pending.add(java.util.concurrent.CompletableFuture.completedFuture(now));
                    continue;
                }
                free.acquire();
                pending.add(threads.submit(() -> {
                    try {
                        return judged(candidate);
                    } finally {
                        free.release();
                    }
                }));
            }
            for (Future<Said> future : pending)
                said.add(result(future));
        }
        return counted(offered, said);
    }

    private Said judged(Candidate candidate) throws IOException, InterruptedException {
        Verdict verdict = judge.judge(candidate);
        return new Said(candidate, verdict.decision().name().toLowerCase(Locale.ROOT), verdict.cause(),
                verdict.reason());
    }

    private static Said result(Future<Said> future) throws IOException, InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException cause -> throw cause;
                case InterruptedException cause -> throw cause;
                case RuntimeException cause -> throw cause;
                case null, default -> throw new IllegalStateException("a verdict failed", e);
            }
        }
    }

    private Outcome counted(List<Offered> offered, List<Said> said) {
        Map<String, Long> verdicts = new LinkedHashMap<>();
        for (Verdict.Decision decision : Verdict.Decision.values())
            verdicts.put(decision.name().toLowerCase(Locale.ROOT), 0L);
        Map<String, Long> reasons = new TreeMap<>();
        Map<String, Caught> bad = new TreeMap<>();
        List<Candidate> accepted = new ArrayList<>();
        List<Example> kept = new ArrayList<>();
        Map<String, Integer> keptOf = new TreeMap<>();
        for (int i = 0; i < said.size(); i++) {
            Said one = said.get(i);
            verdicts.merge(one.decision(), 1L, Long::sum);
            if (one.accepted())
                accepted.add(one.candidate());
            else
                reasons.merge(one.cause(), 1L, Long::sum);
            BadSamples.Kind kind = offered.get(i).bad();
            if (kind != null)
                bad.merge(kind.key(), new Caught(1, one.accepted() ? 0 : 1),
                        (a, b) -> new Caught(a.made() + b.made(), a.caught() + b.caught()));
            boolean duplicate = one.cause().equals("duplicate");
            if (!duplicate && keptOf.merge(one.candidate().task() + " " + one.decision(), 1, Integer::sum) <= examples)
                kept.add(new Example(one.candidate().task(), one.decision(),
                        one.accepted() ? "" : one.reason().isEmpty() ? one.cause() : one.reason(), one.candidate()));
        }
        return new Outcome(List.copyOf(accepted), offered.size(), verdicts, reasons, bad, List.copyOf(kept));
    }
}
