package io.quarry.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/** Entries of jars, always in the order of their names. */
final class Zip {
    /** No entry we read is nearly as large; a larger one is a mistake or an attack on memory. */
    static final int LARGEST = 256 << 20;

    private Zip() {}

    /** Does something with one entry. */
    @FunctionalInterface
    interface Each {
        void read(String name, byte[] content) throws IOException;
    }

    /** Reads all entries whose name is wanted; says so if there is none. */
    static void entries(Path jar, Predicate<String> wanted, String what, Each each) throws IOException {
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            List<? extends ZipEntry> entries = zip.stream().filter(e -> !e.isDirectory() && wanted.test(e.getName()))
                    .sorted(Comparator.comparing(ZipEntry::getName)).toList();
            if (entries.isEmpty())
                throw new IOException(jar.getFileName() + " has no " + what + "; is it the right artifact and reader?");
            for (ZipEntry entry : entries)
                try (InputStream in = zip.getInputStream(entry)) {
                    each.read(entry.getName(), limited(in, jar, entry.getName()));
                }
        } catch (ZipException e) {
            throw new IOException(
                    jar + " is no whole jar: " + e.getMessage() + "; delete it so that it is fetched again", e);
        }
    }

    static byte[] limited(InputStream in, Path file, String name) throws IOException {
        byte[] content = in.readNBytes(LARGEST + 1);
        if (content.length > LARGEST)
            throw new IOException(name + " in " + file + " has more than " + (LARGEST >> 20) + " MiB; it is not read");
        return content;
    }
}
