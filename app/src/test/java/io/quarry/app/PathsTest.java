package io.quarry.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the documents point at is there: paths in backticks and targets of links. */
class PathsTest {
    /** A path in backticks: begins with a folder or file of the project's root, names separated by slashes. */
    private static final Pattern QUOTED = Pattern
            .compile("`((?:core|data|train|serve|app|bench|docs|recipes|tools|results|\\.ci)/[\\w./-]*)`");
    private static final Pattern LINK = Pattern.compile("\\]\\((?!https?:|#|mailto:)([^)#\\s]+)[^)]*\\)");

    @TempDir
    private Path elsewhere;

    @Test
    void documentsPointAtWhatIsThere() throws IOException {
        List<Path> documents = new ArrayList<>(Classes.files(Classes.ROOT.resolve("docs"), ".md"));
        documents.add(Classes.ROOT.resolve("README.md"));
        List<String> wrong = new ArrayList<>();
        for (Path document : documents)
            wrong.addAll(missing(Classes.ROOT, document));
        assertThat(wrong).isEmpty();
    }

    @Test
    void seesWhatIsNotThere() throws IOException {
        Files.createDirectories(elsewhere.resolve("docs"));
        Path document = Files.writeString(elsewhere.resolve("docs/a.md"),
                "see `docs/a.md`, `docs/b.md`, `a/b`, [this](a.md), [that](c.md#part), [far](https://example.org/x)");
        assertThat(missing(elsewhere, document)).containsExactly("a.md points at docs/b.md, which is not there",
                "a.md points at c.md, which is not there");
    }

    private static List<String> missing(Path root, Path document) throws IOException {
        String text = Files.readString(document);
        List<String> wrong = new ArrayList<>();
        for (MatchResult quoted : QUOTED.matcher(text).results().toList())
            if (!Files.exists(root.resolve(quoted.group(1))))
                wrong.add(document.getFileName() + " points at " + quoted.group(1) + ", which is not there");
        for (MatchResult link : LINK.matcher(text).results().toList())
            if (!Files.exists(document.resolveSibling(link.group(1))))
                wrong.add(document.getFileName() + " points at " + link.group(1) + ", which is not there");
        return wrong;
    }
}
