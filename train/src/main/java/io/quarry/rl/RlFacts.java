package io.quarry.rl;

import io.quarry.infer.Completion;
import io.quarry.train.Rows;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/** Numbers of one step of RL, for the report and for whoever wants to know whether it is healthy. */
final class RlFacts {
    private RlFacts() {}

    /**
     * Reward, share correct, length, share of answers cut at their limit, share of groups without variance; divergence
     * from the reference, entropy (mean negative log-probability of what was sampled), share of tokens clipped; and how
     * far the engine's log-probabilities are from the graph's.
     */
    static Map<String, Object> of(List<Rollouts.Answer> answers, Rollouts rollouts, Dapo loss, float[] logProbs,
            int group) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("reward", mean(answers, a -> a.grade().reward()));
        facts.put("correct", mean(answers, a -> a.grade().correct() ? 1 : 0));
        facts.put("rewardByTask", new TreeMap<>(answers.stream()
                .collect(Collectors.groupingBy(Rollouts.Answer::task,
                        Collectors.averagingDouble(a -> a.grade().reward())))));
        facts.put("length", mean(answers, a -> a.said().length));
        facts.put("cut", mean(answers, a -> a.completion().finish() == Completion.Finish.LENGTH ? 1 : 0));
        facts.put("zeroVariance", zeroVariance(answers, group));
        tokens(facts, rollouts, loss, logProbs);
        return facts;
    }

    private static double mean(List<Rollouts.Answer> answers, ToDoubleFunction<Rollouts.Answer> number) {
        return answers.stream().mapToDouble(number).average().orElse(0);
    }

    private static double zeroVariance(List<Rollouts.Answer> answers, int group) {
        int without = 0;
        for (int at = 0; at < answers.size(); at += group)
            if (answers.subList(at, at + group).stream().allMatch(a -> a.advantage() == 0))
                without++;
        return (double) without * group / answers.size();
    }

    private static void tokens(Map<String, Object> facts, Rollouts rollouts, Dapo loss, float[] logProbs) {
        double objective = 0;
        double kl = 0;
        double surprise = 0;
        long clipped = 0;
        double difference = 0;
        double largest = 0;
        long compared = 0;
        int[] targets = rollouts.rows().targets();
        for (int i = 0; i < targets.length; i++) {
            if (targets[i] == Rows.NOT_LEARNED)
                continue;
            objective += loss.loss(i, logProbs[i]);
            kl += loss.divergence(i, logProbs[i]);
            surprise -= logProbs[i];
            clipped += loss.clipped(i, logProbs[i]) ? 1 : 0;
            if (!Float.isNaN(rollouts.engine()[i])) {
                double apart = Math.abs(rollouts.engine()[i] - logProbs[i]);
                difference += apart;
                largest = Math.max(largest, apart);
                compared++;
            }
        }
        double tokens = Math.max(1, rollouts.tokens());
        facts.put("loss", objective);
        facts.put("kl", kl / tokens);
        facts.put("entropy", surprise / tokens);
        facts.put("clipped", clipped / tokens);
        facts.put("tokens", rollouts.tokens());
        facts.put("engineDifference", difference / Math.max(1, compared));
        facts.put("engineDifferenceLargest", largest);
    }
}
