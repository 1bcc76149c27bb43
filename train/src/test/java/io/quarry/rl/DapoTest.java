package io.quarry.rl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.quarry.train.Golden;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class DapoTest {
    private static double[] doubles(JsonNode array) {
        return array.valueStream().mapToDouble(JsonNode::asDouble).toArray();
    }

    @Test
    void advantagesEqualTheReference() throws Exception {
        JsonNode golden = Golden.read("grpo.json");
        double[] rewards = doubles(golden.get("rewards"));
        double[] wanted = doubles(golden.get("advantages"));
        int size = golden.get("size").asInt();
        for (int at = 0; at < rewards.length; at += size)
            assertThat(Dapo.advantages(Arrays.copyOfRange(rewards, at, at + size)))
                    .containsExactly(Arrays.copyOfRange(wanted, at, at + size), within(1e-9));
        assertThat(Dapo.advantages(new double[] {0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1}))
                .as("rounding must not make an advantage").containsOnly(0);
    }

    @Test
    void lossAndSlopesEqualTheReference() throws Exception {
        JsonNode golden = Golden.read("grpo.json");
        matches(golden, Golden.floats(golden.get("old")), "loss", "gradient", golden.get("clipped").asDouble());
        matches(golden, null, "onPolicyLoss", "onPolicyGradient", 0);
    }

    private static void matches(JsonNode golden, float[] old, String lossName, String gradientName, double clipShare) {
        double[] perAnswer = doubles(golden.get("advantages"));
        int length = golden.get("length").asInt();
        double[] logProbs = doubles(golden.get("new"));
        double[] gradient = doubles(golden.get(gradientName));
        double[] advantages = new double[logProbs.length];
        for (int i = 0; i < advantages.length; i++)
            advantages[i] = perAnswer[i / length];
        long tokens = golden.get("lengths").valueStream().mapToLong(JsonNode::asLong).sum();
        Dapo loss = new Dapo(advantages, old, Golden.floats(golden.get("reference")),
                new Dapo.Bounds(0.2, 0.28, 0.05), tokens);
        double sum = 0;
        double kl = 0;
        double clipped = 0;
        for (int i = 0; i < logProbs.length; i++) {
            boolean answer = i % length < golden.get("lengths").get(i / length).asInt();
            if (!answer)
                continue;
            assertThat(loss.slope(i, logProbs[i])).as("position " + i).isCloseTo(gradient[i], within(1e-7));
            sum += loss.loss(i, logProbs[i]);
            kl += loss.divergence(i, logProbs[i]) / tokens;
            clipped += loss.clipped(i, logProbs[i]) ? 1.0 / tokens : 0;
        }
        assertThat(sum).isCloseTo(golden.get(lossName).asDouble(), within(1e-6));
        assertThat(kl).isCloseTo(golden.get("kl").asDouble(), within(1e-6));
        assertThat(clipped).isCloseTo(clipShare, within(1e-9));
    }
}
