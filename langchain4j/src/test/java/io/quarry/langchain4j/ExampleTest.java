package io.quarry.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples in the document and in the Javadoc: taken from there, compiled and run. */
class ExampleTest {
    private static final Path DOCUMENT = Path.of("../docs/library.md");
    private static final Path JAVADOC = Path.of("src/main/java/io/quarry/langchain4j/QuarryChatModel.java");

    @Test
    void ofTheDocumentRuns(@TempDir Path dir) throws Exception {
        List<String> lines = Files.readAllLines(DOCUMENT);
        int begin = lines.indexOf("```java");
        List<String> example = lines.subList(begin + 1,
                begin + 1 + lines.subList(begin + 1, lines.size()).indexOf("```"));
        assertThat(run(dir, example)).startsWith("The capital of Germany is Berlin").endsWith("STOP\n");
    }

    @Test
    void ofTheJavadocRuns(@TempDir Path dir) throws Exception {
        List<String> lines = Files.readAllLines(JAVADOC);
        int begin = lines.indexOf(" * {@snippet :");
        List<String> example = lines.subList(begin + 1, lines.indexOf(" */") - 1).stream()
                .map(line -> line.substring(2)).toList();
        assertThat(run(dir, example)).startsWith("The capital of Germany is Berlin");
    }

    /** What an example prints. */
    private static String run(Path dir, List<String> example) throws Exception {
        Path source = dir.resolve("Example.java");
        Files.writeString(source, """
                import dev.langchain4j.model.chat.*;
                import dev.langchain4j.model.chat.request.ChatRequestParameters;
                import dev.langchain4j.model.chat.response.*;
                import io.quarry.chat.ChatFormat;
                import io.quarry.infer.Lm;
                import io.quarry.langchain4j.*;
                import java.nio.file.Path;
                import java.util.concurrent.CompletableFuture;

                public class Example {
                    public static void run(Path folder) throws Exception {
                """ + example.stream().collect(Collectors.joining("\n")) + "\n}}\n");
        StringWriter said = new StringWriter();
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        boolean compiled = compiler.getTask(said, null, null,
                List.of("-Xlint:all,-processing,-path,-classfile", "-Werror", "-d", dir.toString(), "-classpath",
                        System.getProperty("java.class.path")),
                null, compiler.getStandardFileManager(null, null, null).getJavaFileObjects(source)).call();
        assertThat(compiled).as(said.toString()).isTrue();
        ScriptedModel.make(dir).close();
        PrintStream out = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try (URLClassLoader loader = new URLClassLoader(new URL[] {dir.toUri().toURL()})) {
            loader.loadClass("Example").getMethod("run", Path.class).invoke(null, dir);
        } finally {
            System.setOut(out);
        }
        return printed.toString(StandardCharsets.UTF_8);
    }
}
