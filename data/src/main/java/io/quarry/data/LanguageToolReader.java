package io.quarry.data;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/**
 * Reads the example sentences of LanguageTool's rules, written by native speakers: the right ones, and the wrong ones
 * with the mistake replaced by its correction. Sentences of one file that follow each other become one document.
 */
final class LanguageToolReader {
    private static final Pattern RULES = Pattern
            .compile("org/languagetool/rules/([a-z]{2})/(.*/)?(grammar|style).*\\.xml");
    private static final Pattern DOCTYPE = Pattern.compile("^\\uFEFF|<!DOCTYPE.*?(?=<rules[\\s>])", Pattern.DOTALL);
    private static final Pattern ENTITY = Pattern.compile("&(?!(amp|lt|gt|quot|apos);)[\\p{L}_][^;\\s&<]*;");
    /** Bytes: what is shorter is a word or two, no sentence; in scripts of three bytes a character four say a lot. */
    private static final int SHORTEST = 12;
    private static final int SENTENCES = 12;

    private LanguageToolReader() {}

    static void examples(Path jar, Reader.Sink sink) throws IOException {
        Zip.entries(jar, name -> RULES.matcher(name).matches(), "LanguageTool rules (org/languagetool/rules)",
                (name, content) -> {
                    Matcher path = RULES.matcher(name);
                    String language = path.matches() ? path.group(1) : "";
                    List<String> all = sentences(content, jar + ", " + name);
                    for (int at = 0; at < all.size(); at += SENTENCES)
                        sink.add(name + ":" + at,
                                String.join("\n", all.subList(at, Math.min(all.size(), at + SENTENCES))), language);
                });
    }

    static List<String> sentences(byte[] xml, String where) throws IOException {
        XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
        // Rules name entities, some of files beside them; all stand in patterns, which are not read. None is ever opened.
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        String rules = DOCTYPE.matcher(new String(xml, StandardCharsets.UTF_8)).replaceAll("");
        String plain = ENTITY.matcher(rules).replaceAll("");
        Set<String> all = new LinkedHashSet<>();
        try {
            XMLStreamReader in = factory.createXMLStreamReader(new StringReader(plain));
            while (in.hasNext())
                if (in.next() == XMLStreamConstants.START_ELEMENT && in.getLocalName().equals("example")) {
                    String sentence = example(in);
                    if (sentence.getBytes(StandardCharsets.UTF_8).length >= SHORTEST)
                        all.add(sentence);
                }
        } catch (XMLStreamException e) {
            throw new IOException(where + " is no XML: " + e.getMessage().lines().findFirst().orElse(""), e);
        }
        return new ArrayList<>(all);
    }

    /** One sentence, empty where it is wrong and the rule has no correction. */
    private static String example(XMLStreamReader in) throws XMLStreamException {
        String correction = in.getAttributeValue(null, "correction");
        boolean wrong = correction != null || "incorrect".equals(in.getAttributeValue(null, "type"));
        String right = correction == null ? "" : correction.split("\\|", -1)[0];
        StringBuilder out = new StringBuilder();
        boolean marked = false;
        boolean replaced = false;
        for (int depth = 1; depth > 0;)
            switch (in.next()) {
                case XMLStreamConstants.START_ELEMENT -> {
                    depth++;
                    marked |= in.getLocalName().equals("marker");
                }
                case XMLStreamConstants.END_ELEMENT -> {
                    depth--;
                    if (marked && in.getLocalName().equals("marker")) {
                        marked = false;
                        replaced = true;
                        out.append(wrong ? right : "");
                    }
                }
                case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA ->
                    out.append(marked && wrong ? "" : in.getText());
                default -> {
                }
            }
        boolean usable = !wrong || replaced && !right.isEmpty();
        return usable ? out.toString().replaceAll("\\s+", " ").strip() : "";
    }
}
