package io.quarry.serve;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.random.RandomGenerator;

/**
 * What bounds a server.
 *
 * @param bodyBytes most bytes of a request
 * @param messages  most messages of a conversation
 * @param atOnce    most requests that are answered or wait for their turn; the next one is told to come back
 * @param beat      longest silence towards a client that waits; what is sent then tells whether it is still there
 * @param grace     how long a stop waits for answers on their way before it cuts them
 * @param clock     dates answers
 * @param random    seeds answers that come without a seed, names answers; used by many threads
 */
public record Settings(long bodyBytes, int messages, int atOnce, Duration beat, Duration grace, InstantSource clock,
        RandomGenerator random) {
    public Settings {
        if (bodyBytes < 1 || messages < 1 || atOnce < 1)
            throw new IllegalArgumentException("bodyBytes, messages and atOnce must be at least 1, were " + bodyBytes
                    + ", " + messages + ", " + atOnce);
        if (beat.isNegative() || grace.isNegative())
            throw new IllegalArgumentException("beat and grace must not be negative, were " + beat + ", " + grace);
    }

    /** 1 MB a request, 1,000 messages, 64 requests at once, a sign of life a second, 10 seconds to finish. */
    public static Settings usual() {
        return new Settings(1 << 20, 1_000, 64, Duration.ofSeconds(1), Duration.ofSeconds(10), InstantSource.system(),
                new SecureRandom());
    }
}
