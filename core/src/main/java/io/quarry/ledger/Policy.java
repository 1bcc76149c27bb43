package io.quarry.ledger;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Which licences may enter. A source is asked about before anything of it is read, so that text under another licence
 * never touches the run.
 *
 * @param allow SPDX identifiers
 */
public record Policy(List<String> allow) {
    public Policy {
        allow = List.copyOf(allow);
        for (String name : allow)
            if (!name.equals(Licence.normalise(name).orElse(null)))
                throw new IllegalArgumentException(
                        "policy.allow names " + name + ", which is no SPDX identifier known here"
                                + Licence.normalise(name).map(spdx -> "; write " + spdx).orElse(""));
    }

    /** A source that the policy keeps out; the message is a sentence for the user. */
    public static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Refused(String sentence) {
            super(sentence);
        }
    }

    /**
     * The licence under which a source may be used.
     *
     * @param source   name of the source, for the message
     * @param declared licences its artifact declares, as written there; of several the user may choose any, as Maven's
     *                 POM reference says
     * @param stated   what the recipe says, or null; stands in where nothing is declared, or nothing that
     *                 is known ("BSD License" may be one of several), and must agree otherwise
     * @return the SPDX identifier
     * @throws Refused if there is no licence, none that is known, none that is allowed, or recipe and artifact disagree
     */
    public String check(String source, List<String> declared, String stated) {
        String wanted = stated == null
                ? null
                : Licence.normalise(stated).orElseThrow(() -> new Refused(
                        "source " + source + " is stated to be under " + stated + ", which is no licence known here; "
                                + "write its SPDX identifier"));
        if (declared.isEmpty() && wanted == null)
            throw new Refused(
                    "source " + source + " declares no licence and the recipe states none, so nothing of it was "
                            + "read; if you know its licence, state it as licence: of the source");
        List<String> known = declared.stream().map(Licence::normalise).flatMap(Optional::stream).distinct().toList();
        if (wanted != null && !known.isEmpty() && !known.contains(wanted))
            throw new Refused("source " + source + " is stated to be under " + wanted + ", but it declares "
                    + String.join(", ", declared)
                    + "; nothing of it was read; correct or remove licence: of the source");
        List<String> choice = new ArrayList<>(wanted == null ? known : List.of(wanted));
        if (choice.isEmpty())
            throw new Refused("source " + source + " declares the licence \"" + String.join("\", \"", declared)
                    + "\", which does not say which one, so nothing of it was read; if you know it, state its SPDX "
                    + "identifier as licence: of the source; the policy allows " + String.join(", ", allow));
        return choice.stream().filter(allow::contains).findFirst().orElseThrow(() -> new Refused("source " + source
                + " is under " + String.join(" or ", choice)
                + ", which the policy does not allow, so nothing of it was "
                + "read; allowed are " + String.join(", ", allow)));
    }
}
