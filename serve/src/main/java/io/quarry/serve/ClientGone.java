package io.quarry.serve;

import io.helidon.webserver.CloseConnectionException;

/** The client has closed the connection: thrown where something was written, it ends the generation. */
final class ClientGone extends RuntimeException {
    private static final long serialVersionUID = 1;

    ClientGone(Throwable cause) {
        super("the client is gone", cause);
    }

    /** What tells the web server that nobody reads any more. */
    CloseConnectionException close() {
        return new CloseConnectionException(getMessage(), this);
    }
}
