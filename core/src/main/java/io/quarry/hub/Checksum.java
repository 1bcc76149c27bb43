package io.quarry.hub;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;

/**
 * What a file's content must hash to. A hub names large files by SHA-256 (as Git LFS does) and small ones as Git names
 * its blobs: SHA-1 over {@code blob <length>\0} and the content.
 *
 * @param hex lower case
 */
record Checksum(Kind kind, String hex) {
    /** How it is computed. */
    enum Kind {
        SHA_256("SHA-256"), GIT_SHA_1("SHA-1");

        private final String algorithm;

        Kind(String algorithm) {
            this.algorithm = algorithm;
        }
    }

    /** By its length: 64 hex digits are a SHA-256, 40 the name of a Git blob; anything else is no checksum. */
    static Optional<Checksum> of(String text) {
        if (!text.matches("[0-9a-fA-F]{40}|[0-9a-fA-F]{64}"))
            return Optional.empty();
        return Optional.of(new Checksum(text.length() == 64 ? Kind.SHA_256 : Kind.GIT_SHA_1,
                text.toLowerCase(Locale.ROOT)));
    }

    /** Begins to compute one over a content of so many bytes. */
    static MessageDigest begin(Kind kind, long bytes) {
        try {
            MessageDigest digest = MessageDigest.getInstance(kind.algorithm);
            if (kind == Kind.GIT_SHA_1)
                digest.update(("blob " + bytes + "\0").getBytes(StandardCharsets.US_ASCII));
            return digest;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has " + kind.algorithm, e);
        }
    }

    static Checksum end(Kind kind, MessageDigest digest) {
        return new Checksum(kind, HexFormat.of().formatHex(digest.digest()));
    }

    @Override
    public String toString() {
        return (kind == Kind.SHA_256 ? "SHA-256 " : "Git SHA-1 ") + hex;
    }
}
