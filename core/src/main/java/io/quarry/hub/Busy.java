package io.quarry.hub;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Optional;

/** A server that asks to come again: 408, 429 or 5xx. */
final class Busy extends IOException {
    private static final long serialVersionUID = 1;
    private static final int TIMEOUT = 408;
    private static final int TOO_MANY = 429;
    private static final int SERVER_ERROR = 500;

    /** How long it asks to wait; null if it does not say. */
    private final Duration wait;

    private Busy(String message, Duration wait) {
        super(message);
        this.wait = wait;
    }

    /** Throws one if the answer is of this kind; {@code Retry-After} has seconds or a date. */
    static void check(Transport.Answer answer, Instant now) throws Busy {
        int status = answer.status();
        if (status != TIMEOUT && status != TOO_MANY && status < SERVER_ERROR)
            return;
        throw new Busy(answer.from().getHost() + " answered " + status
                + (status == TOO_MANY ? " (too many requests)" : ""),
                answer.header("Retry-After").flatMap(text -> wait(text, now)).orElse(null));
    }

    private static Optional<Duration> wait(String text, Instant now) {
        if (text.matches("\\d{1,9}"))
            return Optional.of(Duration.ofSeconds(Long.parseLong(text)));
        try {
            Duration until = Duration.between(now,
                    ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant());
            return Optional.of(until.isNegative() ? Duration.ZERO : until);
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    Optional<Duration> asksFor() {
        return Optional.ofNullable(wait);
    }
}
