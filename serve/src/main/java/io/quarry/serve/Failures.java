package io.quarry.serve;

import java.lang.System.Logger;

/** What went wrong on our side: the whole story in the log, one sentence for the client. */
final class Failures {
    private static final Logger LOG = System.getLogger("io.quarry.serve");

    private Failures() {}

    /** Logs a failure that nobody expected and gives the error for the client, which has no details of it. */
    static ApiError unexpected(Throwable failure) {
        LOG.log(Logger.Level.ERROR, "a request has failed", failure);
        return new ApiError(500, null, "internal_error", "the server has failed to answer; its log says why");
    }
}
