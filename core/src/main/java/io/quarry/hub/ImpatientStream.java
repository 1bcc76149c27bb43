package io.quarry.hub;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpTimeoutException;
import java.time.Duration;

/** Reads another stream and gives it up when no byte came for a while: the JDK's client waits for a body without end. */
final class ImpatientStream extends InputStream {
    private final InputStream in;
    private final long silenceNanos;
    private final Thread watch;
    /** When the read that is going on began; 0 while nobody reads. */
    private volatile long readingSince;
    private volatile boolean givenUp;

    ImpatientStream(InputStream in, Duration silence) {
        this.in = in;
        this.silenceNanos = silence.toNanos();
        watch = Thread.ofVirtual().start(this::watch);
    }

    private void watch() {
        try {
            while (!givenUp) {
                Thread.sleep(Duration.ofNanos(silenceNanos / 4));
                long since = readingSince;
                if (since != 0 && System.nanoTime() - since > silenceNanos) {
                    givenUp = true;
                    in.close();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the stream was closed
        } catch (IOException e) {
            return; // whoever reads meets the same
        }
    }

    @Override
    public int read(byte[] bytes, int from, int length) throws IOException {
        long now = System.nanoTime();
        readingSince = now == 0 ? 1 : now;
        try {
            int read = in.read(bytes, from, length);
            if (givenUp)
                throw new IOException("closed");
            return read;
        } catch (IOException e) {
            if (!givenUp)
                throw e;
            HttpTimeoutException silence = new HttpTimeoutException(
                    "nothing came for " + Duration.ofNanos(silenceNanos).toSeconds() + " s");
            silence.initCause(e);
            throw silence;
        } finally {
            readingSince = 0;
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        int read = read(one, 0, 1);
        return read < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public void close() throws IOException {
        watch.interrupt();
        in.close();
    }
}
