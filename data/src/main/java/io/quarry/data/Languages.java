package io.quarry.data;

import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import opennlp.tools.langdetect.Language;
import opennlp.tools.langdetect.LanguageDetectorME;
import opennlp.tools.langdetect.LanguageDetectorModel;

/** Says which language a text is in, with the model of Apache OpenNLP (103 languages, trained on the Leipzig corpora). */
final class Languages {
    /** The language of most texts is clear after this many characters; more only takes time. */
    private static final int READ = 400;
    private static final int READ_IF_UNSURE = 2000;
    private static final String MODEL = "/langdetect-183.bin";
    /** The model names some languages by their commonest variety. */
    private static final Map<String, String> SHORT = codes();
    private static final Languages SHARED = new Languages();

    /** @param confidence from 0 to 1 */
    record Guess(String language, double confidence) {}

    private final LanguageDetectorModel model;

    private Languages() {
        try (InputStream in = Languages.class.getResourceAsStream(MODEL)) {
            if (in == null)
                throw new IllegalStateException(MODEL + " is not on the class path; opennlp-models-langdetect has it");
            model = new LanguageDetectorModel(in);
        } catch (IOException e) {
            throw new IllegalStateException(MODEL + " cannot be read", e);
        }
    }

    /** @param enough confidence from which no more of a long text is read */
    static Guess guess(String text, double enough) {
        Guess guess = of(text, READ);
        return guess.confidence >= enough || text.length() <= READ ? guess : of(text, READ_IF_UNSURE);
    }

    private static Guess of(String text, int characters) {
        String start = text.substring(0, Math.min(text.length(), characters));
        Language best = new LanguageDetectorME(SHARED.model).predictLanguage(start);
        return new Guess(shortest(best.getLang()), best.getConfidence());
    }

    /** ISO 639-1 where there is one, else 639-3. */
    static String shortest(String iso639of3) {
        return SHORT.getOrDefault(iso639of3, iso639of3);
    }

    private static Map<String, String> codes() {
        Map<String, String> codes = new HashMap<>();
        for (String two : Locale.getISOLanguages())
            codes.put(Locale.of(two).getISO3Language(), two);
        codes.putAll(Map.of("cmn", "zh", "pes", "fa", "nob", "no", "nno", "no", "ekk", "et", "lvs", "lv", "zlm", "ms",
                "plt", "mg", "gsw", "de"));
        return Map.copyOf(codes);
    }
}
