package io.quarry.app;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** The version of Quarry, as the build wrote it. */
final class Version implements IVersionProvider {
    static String quarry() {
        try (InputStream in = Version.class.getResourceAsStream("/quarry.properties")) {
            Properties written = new Properties();
            written.load(in);
            return written.getProperty("version");
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Override
    public String[] getVersion() {
        return new String[] {"quarry " + quarry(), "Java " + Runtime.version() + ", " + System.getProperty("os.name")
                + " " + System.getProperty("os.arch")};
    }
}
