package io.quarry.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** A Maven repository in a folder, and a user whose settings mirror everything to it. */
final class MavenFixture {
    private final Path remote;
    private final Path home;

    MavenFixture(Path dir) throws IOException {
        remote = Files.createDirectories(dir.resolve("remote"));
        home = Files.createDirectories(dir.resolve("home"));
        Files.writeString(home.resolve("settings.xml"), """
                <settings>
                  <mirrors><mirror><id>near</id><mirrorOf>*</mirrorOf><url>%s</url></mirror></mirrors>
                </settings>
                """.formatted(remote.toUri()));
    }

    UserMaven user() {
        return new UserMaven(home.resolve("settings.xml"), null, home.resolve("settings-security.xml"), local());
    }

    Path local() {
        return home.resolve("repository");
    }

    Path remote() {
        return remote;
    }

    /** @param inner elements within {@code project}, for instance licenses or a parent */
    Path pom(String name, String inner) throws IOException {
        Path dir = Files.createDirectories(remote.resolve("org/example/" + name + "/1.0"));
        Files.writeString(dir.resolve(name + "-1.0.pom"), """
                <project><modelVersion>4.0.0</modelVersion><groupId>org.example</groupId>
                <artifactId>%s</artifactId><version>1.0</version><packaging>%s</packaging>%s</project>
                """.formatted(name, name.equals("parent") ? "pom" : "jar", inner));
        return dir;
    }

    static String licence(String name) {
        return "<licenses><license><name>" + name + "</name></license></licenses>";
    }

    static Path jar(Path file, Map<String, String> entries) throws IOException {
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(file))) {
            for (Map.Entry<String, String> entry : new TreeMap<>(entries).entrySet()) {
                out.putNextEntry(new ZipEntry(entry.getKey()));
                out.write(entry.getValue().getBytes(java.nio.charset.StandardCharsets.UTF_8));
            }
        }
        return file;
    }
}
