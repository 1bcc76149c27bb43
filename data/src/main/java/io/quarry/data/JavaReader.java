package io.quarry.data;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads sources jars of Java libraries: the program text, or the technical English of its Javadoc comments. */
final class JavaReader {
    private static final Predicate<String> JAVA = name -> name.endsWith(".java");
    private static final Pattern COMMENT = Pattern.compile("/\\*\\*(?!/)(.*?)\\*/", Pattern.DOTALL);
    private static final Pattern HEADER = Pattern.compile("\\A\\s*(/\\*.*?\\*/|(//[^\n]*\n)+)\\s*", Pattern.DOTALL);
    private static final Pattern MARGIN = Pattern.compile("(?m)^[ \\t]*\\*+ ?");
    private static final Pattern BLOCK_TAG = Pattern.compile("(?m)^\\s*@[a-zA-Z]");
    private static final Pattern INLINE = Pattern.compile("\\{@(\\w+)\\s*([^{}]*)}");

    private JavaReader() {}

    /** Every file is a document. A licence header says the same in all files and is left out; the source carries it. */
    static void code(Path jar, Reader.Sink sink) throws IOException {
        Zip.entries(jar, JAVA, "Java source files", (name, content) -> {
            String text = new String(content, StandardCharsets.UTF_8);
            Matcher header = HEADER.matcher(text);
            if (header.find() && legal(header.group()))
                text = text.substring(header.end());
            sink.add(name, text, Document.CODE);
        });
    }

    private static boolean legal(String comment) {
        String lower = comment.toLowerCase(java.util.Locale.ROOT);
        return lower.contains("licen") || lower.contains("copyright");
    }

    /** The descriptions of one file are one document, each a paragraph or more. */
    static void javadoc(Path jar, Reader.Sink sink) throws IOException {
        Zip.entries(jar, JAVA, "Java source files", (name, content) -> {
            StringBuilder out = new StringBuilder();
            COMMENT.matcher(new String(content, StandardCharsets.UTF_8)).results().map(m -> m.group(1))
                    .filter(comment -> !legal(comment)).map(JavaReader::description)
                    .filter(text -> text.length() >= 40).distinct().forEach(text -> out.append(text).append("\n\n"));
            if (!out.isEmpty())
                sink.add(name, out.toString(), "en");
        });
    }

    /** What stands before the first block tag, as prose. */
    static String description(String comment) {
        String text = MARGIN.matcher(comment).replaceAll("");
        Matcher tag = BLOCK_TAG.matcher(text);
        if (tag.find())
            text = text.substring(0, tag.start());
        for (int depth = 0; depth < 4 && text.contains("{@"); depth++)
            text = INLINE.matcher(text).replaceAll(JavaReader::inline);
        return Html.prose(text);
    }

    private static String inline(MatchResult tag) {
        String body = tag.group(2).strip();
        String text = switch (tag.group(1)) {
            case "code", "literal" -> body.replace("&", "&amp;").replace("<", "&lt;");
            case "link", "linkplain", "systemProperty", "index" -> label(body);
            case "inheritDoc", "docRoot", "value", "summary" -> "";
            default -> body;
        };
        return Matcher.quoteReplacement(text);
    }

    /** {@code Map#get(Object) the getter} is "the getter", {@code Map#get} is "Map.get". */
    private static String label(String link) {
        int depth = 0;
        for (int i = 0; i < link.length(); i++) {
            char c = link.charAt(i);
            depth += c == '(' ? 1 : c == ')' ? -1 : 0;
            if (depth == 0 && Character.isWhitespace(c))
                return link.substring(i + 1).strip();
        }
        String name = link.replace('#', '.');
        return name.startsWith(".") ? name.substring(1) : name;
    }
}
