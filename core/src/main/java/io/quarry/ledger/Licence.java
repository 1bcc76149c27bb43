package io.quarry.ledger;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The many spellings of a licence, brought to its one SPDX identifier, so that a policy can name it. What the table does
 * not know stays unknown: a licence is never guessed.
 */
public final class Licence {
    /** SPDX identifier, then the ways in which artifacts name it: names without "the", "license" and punctuation, or URLs. */
    private static final List<List<String>> TABLE = List.of(
            List.of("Apache-2.0", "apache 2", "apache 2 0", "apache software 2 0", "apache software", "apache",
                    "apache software foundation 2 0", "asl 2 0", "al 2 0", "apache public 2 0", "apache v2",
                    "apache v2 0",
                    "asf 2 0", "apache software 2", "apache org licenses 2 0", "apache org licenses license 2 0",
                    "apache org licenses license 2 0 txt", "apache org licenses license 2 0 html",
                    "opensource org licenses apache 2 0", "opensource org licenses apache2 0 php",
                    "repository jboss org licenses apache 2 0 txt"),
            List.of("MIT", "mit", "expat", "x11", "opensource org licenses mit", "opensource org licenses mit php",
                    "opensource org licenses mit license php", "mit x11", "bouncy castle"),
            List.of("MIT-0", "mit 0", "mit no attribution"), List.of("ISC", "isc", "opensource org licenses isc"),
            List.of("BSD-2-Clause", "bsd 2 clause", "simplified bsd", "freebsd", "bsd 2 clause simplified",
                    "opensource org licenses bsd 2 clause"),
            List.of("BSD-3-Clause", "bsd 3 clause", "new bsd", "revised bsd", "modified bsd", "bsd new", "3 clause bsd",
                    "bsd 3 clause new or revised", "eclipse distribution 1 0", "edl 1 0", "eclipse distribution v 1 0",
                    "eclipse org org documents edl v10 php", "eclipse org org documents edl v10 html",
                    "opensource org licenses bsd 3 clause"),
            List.of("0BSD", "0bsd", "bsd zero clause"), List.of("Zlib", "zlib", "zlib libpng"),
            List.of("EPL-1.0", "epl 1 0", "eclipse public 1 0", "eclipse public v1 0", "eclipse public v 1 0",
                    "eclipse org legal epl v10 html", "eclipse org org documents epl v10 html",
                    "eclipse org org documents epl v10 php", "opensource org licenses epl 1 0"),
            List.of("EPL-2.0", "epl 2 0", "eclipse public 2 0", "eclipse public v2 0", "eclipse public v 2 0",
                    "eclipse org legal epl 2 0", "eclipse org legal epl v20 html",
                    "eclipse org org documents epl 2 0 epl 2 0 html", "eclipse org org documents epl 2 0 epl 2 0 txt"),
            List.of("LGPL-2.1-or-later", "lgpl 2 1 or later", "gnu lesser general public 2 1 or later",
                    "gnu lesser general public v2 1 or later", "lgpl 2 1 +", "gnu lgpl 2 1 or later",
                    "gnu library general public v2 1 or later"),
            List.of("LGPL-2.1-only", "lgpl 2 1", "lgpl 2 1 only", "gnu lesser general public 2 1", "gnu lgpl v2 1",
                    "gnu lesser general public v2 1", "gnu lesser general public lgpl 2 1", "lgpl v2 1"),
            List.of("LGPL-3.0-or-later", "lgpl 3 0 or later", "gnu lesser general public 3 or later"),
            List.of("LGPL-3.0-only", "lgpl 3 0", "lgpl 3 0 only", "gnu lesser general public 3", "lgpl v3",
                    "gnu lesser general public 3 0"),
            List.of("GPL-2.0-only", "gpl 2 0", "gpl 2 0 only", "gnu general public 2", "gpl v2",
                    "gnu general public 2 0"),
            List.of("GPL-2.0-or-later", "gpl 2 0 or later", "gnu general public 2 or later", "gpl v2 or later"),
            List.of("GPL-2.0-only WITH Classpath-exception-2.0", "gpl 2 0 only with classpath exception 2 0",
                    "gpl2 w cpe", "gnu general public 2 with gnu classpath exception",
                    "gpl 2 0 with classpath exception",
                    "gnu general public 2 with classpath exception"),
            List.of("GPL-3.0-only", "gpl 3 0", "gpl 3 0 only", "gnu general public 3", "gpl v3",
                    "gnu general public 3 0"),
            List.of("GPL-3.0-or-later", "gpl 3 0 or later", "gnu general public 3 or later", "gpl v3 or later"),
            List.of("AGPL-3.0-only", "agpl 3 0", "agpl 3 0 only", "gnu affero general public 3", "agpl v3"),
            List.of("MPL-1.1", "mpl 1 1", "mozilla public 1 1"),
            List.of("MPL-2.0", "mpl 2 0", "mozilla public 2 0", "mozilla public v2 0", "mozilla org mpl 2 0",
                    "mozilla org en us mpl 2 0"),
            List.of("CDDL-1.0", "cddl 1 0", "cddl", "common development and distribution 1 0"),
            List.of("CDDL-1.1", "cddl 1 1", "common development and distribution 1 1"),
            List.of("CC0-1.0", "cc0 1 0", "cc0", "cc0 1 0 universal", "creative commons zero 1 0",
                    "public domain per creative commons cc0",
                    "creativecommons org publicdomain zero 1 0"),
            List.of("CC-BY-3.0", "cc by 3 0", "creative commons attribution 3 0"),
            List.of("CC-BY-4.0", "cc by 4 0", "creative commons attribution 4 0",
                    "creativecommons org licenses by 4 0"),
            List.of("CC-BY-SA-3.0", "cc by sa 3 0", "creative commons attribution sharealike 3 0"),
            List.of("CC-BY-SA-4.0", "cc by sa 4 0", "creative commons attribution sharealike 4 0"),
            List.of("WordNet-3.0", "wordnet 3 0", "wordnet", "wordnet 3 1", "princeton wordnet"),
            List.of("PostgreSQL", "postgresql"),
            List.of("Python-2.0", "psf", "python software foundation", "python 2 0"),
            List.of("Unicode-3.0", "unicode 3 0", "unicode icu", "unicode"), List.of("Unlicense", "unlicense"),
            List.of("BSL-1.0", "bsl 1 0", "boost software 1 0"),
            List.of("UPL-1.0", "upl 1 0", "universal permissive 1 0"));
    private static final Map<String, String> BY_SPELLING = spellings();

    private Licence() {}

    /**
     * The SPDX identifier of a licence as somebody wrote it.
     *
     * @param written an SPDX identifier, a name ("The Apache License, Version 2.0") or a URL
     * @return empty if it is not known; plain "BSD" or "LGPL" is not, since it may be one of several licences
     */
    public static Optional<String> normalise(String written) {
        return Optional.ofNullable(BY_SPELLING.get(plain(written)));
    }

    private static Map<String, String> spellings() {
        Map<String, String> all = new HashMap<>();
        for (List<String> row : TABLE)
            for (String spelling : row) {
                String before = all.put(plain(spelling), row.getFirst());
                if (before != null && !before.equals(row.getFirst()))
                    throw new IllegalStateException(spelling + " would stand for " + before + " and " + row.getFirst());
            }
        return Map.copyOf(all);
    }

    /** Lower case, words only, without those that say nothing: "The Apache Software License, Version 2.0" is "apache software 2 0". */
    private static String plain(String written) {
        String text = written.toLowerCase(Locale.ROOT).strip().replaceFirst("^https?://(www\\.)?", "");
        text = text.replaceAll("\\bor \\(at your option\\) any later version\\b|\\bor any later version\\b",
                "or later");
        text = text.replaceAll("[^a-z0-9+]+", " ");
        text = text.replaceAll("\\b(the|licen[cs]e|version)\\b", " ").strip().replaceAll(" +", " ");
        return text;
    }
}
