package io.quarry.hub;

import java.io.IOException;

/** What another attempt would not change; its message is a sentence for a person. */
final class Refused extends IOException {
    private static final long serialVersionUID = 1;

    Refused(String message) {
        super(message);
    }

    Refused(String message, Throwable cause) {
        super(message, cause);
    }
}
