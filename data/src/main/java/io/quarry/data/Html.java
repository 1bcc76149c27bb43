package io.quarry.data;

import java.util.Set;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Element;
import org.jsoup.nodes.Node;
import org.jsoup.nodes.TextNode;
import org.jsoup.select.NodeVisitor;

/** HTML to prose: words in reading order, a blank line between paragraphs, program text as it stands. */
final class Html {
    private static final Set<String> UNREAD = Set.of("script", "style", "nav", "head", "form", "button", "noscript");

    private Html() {}

    static String prose(String html) {
        Element body = Jsoup.parse(html).body();
        body.select(String.join(",", UNREAD)).remove();
        Prose prose = new Prose();
        body.traverse(prose);
        return prose.out.toString().replaceAll("[ \\t]+\n", "\n").replaceAll("\n{3,}", "\n\n").strip();
    }

    private static final class Prose implements NodeVisitor {
        private final StringBuilder out = new StringBuilder();
        private int preformatted;

        @Override
        public void head(Node node, int depth) {
            if (node instanceof TextNode text)
                append(text.getWholeText());
            else if (node instanceof Element element) {
                paragraph(element);
                if (element.nameIs("pre"))
                    preformatted++;
                if (element.nameIs("li"))
                    out.append("- ");
            }
        }

        @Override
        public void tail(Node node, int depth) {
            if (!(node instanceof Element element))
                return;
            if (element.nameIs("pre"))
                preformatted--;
            paragraph(element);
        }

        private void append(String text) {
            if (preformatted > 0) {
                out.append(text);
                return;
            }
            String plain = text.replaceAll("\\s+", " ");
            boolean atStart = out.isEmpty() || Character.isWhitespace(out.charAt(out.length() - 1));
            out.append(atStart ? plain.stripLeading() : plain);
        }

        private void paragraph(Element element) {
            boolean line = element.nameIs("br") || element.nameIs("li") || element.nameIs("tr") || element.nameIs("dt")
                    || element.nameIs("dd");
            if (line || element.nameIs("td") || element.nameIs("th"))
                end(element.nameIs("td") || element.nameIs("th") ? " " : "\n");
            else if (element.isBlock())
                end("\n\n");
        }

        private void end(String with) {
            int length = out.length();
            if (length > 0 && !(out.charAt(length - 1) == '\n' && with.length() < 2))
                out.append(with);
        }
    }
}
