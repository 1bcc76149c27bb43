package io.quarry.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher, in a copy of the project that looks built, with JDKs that only say how they were started. */
class LauncherTest {
    @TempDir
    private Path dir;
    private Path home;

    @BeforeEach
    void layOut() throws IOException {
        home = Files.createDirectories(dir.resolve("a project"));
        executable(home.resolve("quarry"), Files.readString(Classes.ROOT.resolve("quarry")));
        Files.createDirectories(home.resolve("app/src/main"));
        Files.createDirectories(home.resolve("app/target/classes"));
        Files.writeString(home.resolve("pom.xml"), "");
        Files.writeString(home.resolve("app/pom.xml"), "");
        Files.writeString(home.resolve("app/target/quarry-app-1.jar"), "");
        Files.writeString(home.resolve("app/target/classpath.txt"), "other.jar");
    }

    @Test
    void startsTheJdkOfJavaHomeWithTheArgumentsAsTheyAre() throws Exception {
        Result result = launch(home.resolve("quarry"), jdk("25.0.1"), "chat", "two words", "*");
        assertThat(result.output()).contains("started 25.0.1")
                .contains("[@" + home + "/app/target/classes/jvm.options]")
                .contains(
                        "[-cp]\n[" + home + "/app/target/quarry-app-1.jar:other.jar]\n[io.quarry.app.Quarry]\n[chat]\n"
                                + "[two words]\n[*]\n");
        assertThat(result.code()).isEqualTo(7);
    }

    @Test
    void runsAModelWithASmallHeapAndKernelsThatAreCompiledBeforeTheyAreUsed() throws Exception {
        String run = launch(home.resolve("quarry"), jdk("25"), "generate", "model.gguf").output();
        assertThat(run).contains("[-XX:+UseSerialGC]", "[-Xmn16m]", "[-XX:TrimNativeHeapInterval=1000]")
                .doesNotContain("ParallelGC")
                .contains("[-XX:CompileCommand=CompileThresholdScaling,io.quarry.kernel.*::*,0.03]",
                        "[-XX:CompileCommand=CompileThresholdScaling,jdk.incubator.vector.*::*,8.0]",
                        "[-XX:CompileCommand=CompileThresholdScaling,jdk.internal.vm.vector.*::*,8.0]",
                        "[-XX:CompileCommand=BackgroundCompilation,io.quarry.kernel.*::*,false]");
        assertThat(launch(home.resolve("quarry"), jdk("25"), "build", "recipe.yaml").output())
                .contains("[-XX:+UseParallelGC]").doesNotContain("SerialGC").doesNotContain("CompileCommand");
    }

    /** The options are the JVM's, not ours: one that it does not know would end every start. */
    @Test
    void asksTheJvmForNothingThatItDoesNotKnow() throws Exception {
        String run = launch(home.resolve("quarry"), jdk("25"), "generate", "model.gguf").output();
        List<String> command = Stream.concat(
                Stream.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()),
                run.lines().filter(line -> line.startsWith("[-X")).map(line -> line.substring(1, line.length() - 1)))
                .toList();
        Process java = new ProcessBuilder(Stream.concat(command.stream(), Stream.of("-version")).toList())
                .redirectErrorStream(true).start();
        assertThat(new String(java.getInputStream().readAllBytes())).contains("Runtime").doesNotContain("rror",
                "arning");
        assertThat(java.waitFor()).isZero();
    }

    @Test
    void fillsTheCacheOfClassesByARehearsalAndNeedsNone() throws Exception {
        Path jdk = jdk("25");
        Path said = dir.resolve("said");
        executable(jdk.resolve("bin/java"), "#!/bin/sh\nfor a; do case $a in -XX:AOTCacheOutput=*) echo x >\"${a#*=}\";"
                + " echo \"$@\" >>'" + said + "'; exit ${REHEARSAL:-0};; esac; done\nfor a; do echo \"[$a]\"; done\n");
        assertThat(launch(home.resolve("quarry"), jdk, "--version").output()).contains("[-XX:AOTCache=");
        assertThat(launch(home.resolve("quarry"), jdk, "--version").output()).contains("[-XX:AOTCache=");
        assertThat(Files.readAllLines(said)).hasSize(1).first().asString().endsWith("io.quarry.app.Rehearsal");

        executable(jdk.resolve("bin/java"),
                Files.readString(jdk.resolve("bin/java")).replace("REHEARSAL:-0", "REHEARSAL:-1"));
        Files.delete(home.resolve("app/target/quarry-25.aot"));
        assertThat(launch(home.resolve("quarry"), jdk, "--version").output()).doesNotContain("AOTCache")
                .contains("[io.quarry.app.Quarry]");
    }

    @Test
    void passesOverAnOlderJavaHome() throws Exception {
        assertThat(launch(home.resolve("quarry"), jdk("17.0.9"), "--version").output()).doesNotContain("started 17");
        assertThat(launch(home.resolve("quarry"), jdk("1.8.0_402"), "--version").output())
                .doesNotContain("started 1.8");
        assertThat(launch(home.resolve("quarry"), jdk("26-ea"), "--version").output()).contains("started 26-ea");
    }

    @Test
    void findsItselfThroughLinks() throws Exception {
        Path first = Files.createSymbolicLink(dir.resolve("first"), Path.of("a project/quarry"));
        Path second = Files.createSymbolicLink(Files.createDirectories(dir.resolve("bin")).resolve("q"), first);
        assertThat(launch(second, jdk("25"), "--version").output()).contains(home + "/app/target/quarry-app-1.jar");
    }

    @Test
    void buildsWhenASourceIsNewerAndSaysSoWithoutMaven() throws Exception {
        Files.delete(home.resolve("app/target/classpath.txt"));
        Path jdk = jdk("25");
        Path maven = executable(Files.createDirectories(dir.resolve("bin")).resolve("mvn"),
                "#!/bin/sh\necho \"$JAVA_HOME $@\" >'" + dir + "/maven'\necho new.jar >app/target/classpath.txt\n");
        Result result = launch(home.resolve("quarry"), jdk, "--version");
        assertThat(result.output()).contains("Building Quarry").contains("quarry-app-1.jar:new.jar");
        assertThat(Files.readString(dir.resolve("maven"))).startsWith(jdk + " ").contains("package");
        assertThat(launch(home.resolve("quarry"), jdk, "--version").output()).doesNotContain("Building");

        Files.writeString(maven, "#!/bin/sh\necho '[ERROR] no such thing'\nexit 1\n");
        Files.delete(home.resolve("app/target/classpath.txt"));
        Result failed = launch(home.resolve("quarry"), jdk, "--version");
        assertThat(failed.output()).contains("[ERROR] no such thing").contains("the build failed; all of it is in");
        assertThat(failed.code()).isEqualTo(1);
    }

    private record Result(int code, String output) {}

    private Result launch(Path script, Path jdk, String... arguments) throws IOException, InterruptedException {
        List<String> command = Stream.concat(Stream.of("bash", script.toString()), Stream.of(arguments)).toList();
        ProcessBuilder builder = new ProcessBuilder(command).directory(dir.toFile()).redirectErrorStream(true);
        builder.environment().put("JAVA_HOME", jdk.toString());
        builder.environment().put("HOME", dir.toString());
        builder.environment().put("PATH", dir.resolve("bin") + ":/usr/bin:/bin");
        builder.environment().remove("QUARRY_JAVA_OPTS");
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes());
        return new Result(process.waitFor(), output);
    }

    /** A JDK whose java prints its arguments, one a line, and exits with 7. */
    private Path jdk(String version) throws IOException {
        Path jdk = Files.createDirectories(dir.resolve("jdk-" + version));
        Files.writeString(jdk.resolve("release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"" + version + "\"\n");
        Files.createDirectories(jdk.resolve("bin"));
        executable(jdk.resolve("bin/java"),
                "#!/bin/sh\necho started " + version + "\nfor a; do echo \"[$a]\"; done\nexit 7\n");
        return jdk;
    }

    private static Path executable(Path file, String text) throws IOException {
        Files.writeString(file, text);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
