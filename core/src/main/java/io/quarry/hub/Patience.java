package io.quarry.hub;

import java.time.Duration;

/**
 * How long to wait and how often to try.
 *
 * @param connect  until a connection stands
 * @param silence  without a single byte, before a connection counts as broken
 * @param small    for a whole answer that is not a file
 * @param attempts without any progress in between; at least 1
 * @param pause    before the second attempt; doubles each time
 * @param longest  pause a server may ask for
 */
record Patience(Duration connect, Duration silence, Duration small, int attempts, Duration pause, Duration longest) {
    static final Patience USUAL = new Patience(Duration.ofSeconds(10), Duration.ofSeconds(30), Duration.ofMinutes(2), 5,
            Duration.ofMillis(500), Duration.ofMinutes(5));
}
