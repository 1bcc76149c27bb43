package io.quarry.infer;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarry.model.PicoGranite;
import io.quarry.text.Tokenizer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example in the Javadoc of {@link Lm}: taken from the source, compiled and run. */
class ExampleTest {
    private static String example() throws IOException {
        List<String> lines = Files.readAllLines(Path.of("src/main/java/io/quarry/infer/Lm.java"));
        int begin = lines.indexOf(" * {@snippet :");
        int end = begin + lines.subList(begin, lines.size()).indexOf(" */") - 1;
        assertThat(end).isGreaterThan(begin + 5);
        return lines.subList(begin + 1, end).stream().map(line -> line.substring(2)).collect(Collectors.joining("\n"));
    }

    @Test
    void runs(@TempDir Path dir) throws Exception {
        Path source = dir.resolve("Example.java");
        Files.writeString(source, """
                import io.quarry.infer.*;
                import java.nio.file.Path;
                import java.util.stream.Stream;

                public class Example {
                    public static void run(Path dir) throws Exception {
                """ + example() + "\n}}\n");
        StringWriter said = new StringWriter();
        boolean compiled = ToolProvider.getSystemJavaCompiler().getTask(said, null, null,
                List.of("-Xlint:all,-processing,-path,-classfile", "-Werror", "-d", dir.toString(), "-classpath",
                        System.getProperty("java.class.path")),
                null, ToolProvider.getSystemJavaCompiler().getStandardFileManager(null, null, null)
                        .getJavaFileObjects(source))
                .call();
        assertThat(compiled).as(said.toString()).isTrue();

        try (InputStream in = PicoGranite.class.getResourceAsStream("/golden/tokenizer.json")) {
            Files.copy(in, dir.resolve("tokenizer.json"));
        }
        PicoGranite.write(dir, Tokenizer.open(dir).vocabulary(), 5);
        PrintStream out = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try (URLClassLoader loader = new URLClassLoader(new URL[] {dir.toUri().toURL()})) {
            loader.loadClass("Example").getMethod("run", Path.class).invoke(null, dir);
        } finally {
            System.setOut(out);
        }
        List<String> lines = printed.toString(StandardCharsets.UTF_8).lines().toList();
        assertThat(lines).anyMatch(line -> line.endsWith(Completion.Finish.LENGTH.name()));
        assertThat(Double.parseDouble(lines.getLast())).isGreaterThan(1);
    }
}
