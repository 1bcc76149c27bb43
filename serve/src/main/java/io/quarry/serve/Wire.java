package io.quarry.serve;

import io.helidon.webserver.CloseConnectionException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Writes to a client at once, and now and then something without meaning, to learn whether it still listens. */
final class Wire {
    private final OutputStream out;
    private long last = System.nanoTime();

    Wire(OutputStream out) {
        this.out = out;
    }

    /** Sends text now. */
    void send(String text) {
        send(text.getBytes(StandardCharsets.UTF_8));
    }

    void send(byte[] bytes) {
        try {
            out.write(bytes);
            out.flush();
            last = System.nanoTime();
        } catch (IOException | UncheckedIOException | CloseConnectionException e) {
            throw new ClientGone(e);
        }
    }

    /** Ends what is sent; the client sees a whole response. */
    void close() {
        try {
            out.close();
        } catch (IOException | UncheckedIOException | CloseConnectionException e) {
            throw new ClientGone(e);
        }
    }

    /** Sends {@code sign} if nothing was sent for so long. */
    void beat(String sign, Duration after) {
        if (System.nanoTime() - last >= after.toNanos())
            send(sign);
    }
}
