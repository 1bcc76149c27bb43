package io.quarry.text;

import static io.quarry.text.TokenizerJson.flag;
import static io.quarry.text.TokenizerJson.require;

import java.text.Normalizer.Form;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import tools.jackson.databind.JsonNode;

/**
 * The way from text to words to tokens that a {@code tokenizer.json} describes. The forms of the known families get code
 * of their own, which is fast; all others are followed step by step.
 *
 * @param normalization what happens to a text first, or null
 * @param joins         where tokens reach over, or null if everywhere
 */
record JsonPipeline(Normalization normalization, Cut cut, Model model, Joins joins) {
    /**
     * @param normalizedTokens whether added tokens are looked for in the normalised text, which must then be made
     */
    static JsonPipeline of(JsonNode normalizer, JsonNode preTokenizer, JsonModel model, boolean normalizedTokens) {
        List<JsonNode> before = flat(normalizer, "normalizers", "normalizer");
        List<JsonNode> steps = flat(preTokenizer, "pretokenizers", "pre_tokenizer");
        boolean byteLevel = !steps.isEmpty() && type(steps.getLast()).equals("ByteLevel");
        if (byteLevel) {
            Bpe.Symbols symbols = model.scores() == null ? model.symbols(true, false) : null;
            Joins joins = symbols == null ? null : model.joins(symbols);
            return new JsonPipeline(normalization(before), byteLevel(steps, joins), model.model(true, false), joins);
        }
        SpaceCut.Prefix prefix = normalizedTokens ? null : prefix(before);
        if (prefix != null) {
            steps = steps.stream().filter(step -> !splitsAtSpace(step)).toList();
            if (steps.isEmpty())
                return spaced(null, prefix, false, model);
        }
        boolean first = steps.stream().anyMatch(step -> step.path("prepend_scheme").asString("").equals("first"));
        require(!first || before.stream().noneMatch(JsonPipeline::removes),
                "pre_tokenizer.prepend_scheme is \"first\" behind a normalizer that may remove what stands first");
        if (steps.size() == 1 && type(steps.getFirst()).equals("Metaspace")
                && steps.getFirst().path("replacement").asString("").equals(Bpe.SPACE))
            return spaced(normalization(before), prefix(steps.getFirst()), flag(steps.getFirst(), "split", true),
                    model);
        Joins joins = model.scores() == null ? model.joins(model.symbols(false, false)) : null;
        Cut cut = steps.isEmpty() ? new SpaceCut(SpaceCut.Prefix.NEVER, false, joins) : JsonSteps.cut(steps);
        return new JsonPipeline(normalization(before), cut, model.model(false, false), joins);
    }

    private static boolean removes(JsonNode normalizer) {
        String type = type(normalizer);
        return type.equals("Strip") || type.equals("Replace") && normalizer.path("content").asString("").isEmpty();
    }

    /** Spaces are looked up as the vocabulary writes them; the text itself is not changed. */
    private static JsonPipeline spaced(Normalization normalization, SpaceCut.Prefix prefix, boolean split,
            JsonModel model) {
        Joins joins = model.scores() == null ? model.joins(model.symbols(false, true)) : null;
        return new JsonPipeline(normalization, new SpaceCut(prefix, split, joins), model.model(false, true), joins);
    }

    /** Steps of a sequence, sequences in it taken apart. */
    private static List<JsonNode> flat(JsonNode node, String key, String where) {
        List<JsonNode> steps = new ArrayList<>();
        if (node.isMissingNode() || node.isNull())
            return steps;
        require(node.isObject(), where + " must be an object, was " + node);
        if (!type(node).equals("Sequence"))
            return List.of(node);
        require(node.path(key).isArray(), where + "." + key + " must be an array");
        for (JsonNode step : node.path(key))
            steps.addAll(flat(step, key, where));
        return steps;
    }

    static String type(JsonNode node) {
        return node.path("type").asString("");
    }

    /** What a normalizer of nothing but spaces comes to: null if it is another one. */
    private static SpaceCut.Prefix prefix(List<JsonNode> steps) {
        boolean prepends = false;
        boolean replaces = false;
        for (JsonNode step : steps) {
            if (type(step).equals("Prepend") && step.path("prepend").asString("").equals(Bpe.SPACE) && !prepends)
                prepends = true;
            else if (type(step).equals("Replace") && step.path("pattern").path("String").asString("").equals(" ")
                    && step.path("content").asString("").equals(Bpe.SPACE) && !replaces)
                replaces = true;
            else
                return null;
        }
        if (!replaces)
            return null;
        return prepends ? SpaceCut.Prefix.ALWAYS : SpaceCut.Prefix.NEVER;
    }

    private static boolean splitsAtSpace(JsonNode step) {
        return type(step).equals("Split") && step.path("pattern").path("String").asString("").equals(" ")
                && !flag(step, "invert");
    }

    static SpaceCut.Prefix prefix(JsonNode metaspace) {
        String scheme = metaspace.path("prepend_scheme").asString("always");
        if (!flag(metaspace, "add_prefix_space", true)) {
            require(scheme.equals("never") || metaspace.path("prepend_scheme").isMissingNode(),
                    "pre_tokenizer.add_prefix_space is false and prepend_scheme is \"" + scheme + "\"");
            return SpaceCut.Prefix.NEVER;
        }
        return switch (scheme) {
            case "always" -> SpaceCut.Prefix.MISSING;
            case "first" -> SpaceCut.Prefix.FIRST;
            case "never" -> SpaceCut.Prefix.NEVER;
            default -> throw new IllegalArgumentException("pre_tokenizer.prepend_scheme is \"" + scheme
                    + "\"; always, first and never are known");
        };
    }

    private static Cut byteLevel(List<JsonNode> steps, Joins joins) {
        JsonNode last = steps.getLast();
        boolean regex = flag(last, "use_regex", true);
        if (flag(last, "add_prefix_space", true))
            return JsonSteps.cut(steps);
        if (steps.size() == 1)
            return regex ? new Gpt2Cut(Gpt2Cut.Numbers.WITH_SPACE) : new SpaceCut(SpaceCut.Prefix.NEVER, false, joins);
        JsonNode first = steps.getFirst();
        if (steps.size() == 2 && regex && type(first).equals("Digits"))
            return new Gpt2Cut(flag(first, "individual_digits") ? Gpt2Cut.Numbers.ALONE : Gpt2Cut.Numbers.RUNS);
        Cut known = steps.size() == 2 && !regex && type(first).equals("Split") ? known(first) : null;
        return known != null ? known : JsonSteps.cut(steps);
    }

    /** The code of its own for a pattern that has some; it matches everywhere, so nothing lies between its matches. */
    private static Cut known(JsonNode split) {
        String behavior = split.path("behavior").asString("");
        boolean invert = flag(split, "invert");
        if (!(behavior.equals("Isolated") || behavior.equals("Removed") && invert))
            return null;
        return JsonSteps.KNOWN.get(split.path("pattern").path("Regex").asString(""));
    }

    private static Normalization normalization(List<JsonNode> steps) {
        if (steps.isEmpty())
            return null;
        if (steps.size() == 1 && type(steps.getFirst()).equals("NFC"))
            return new Composition(Form.NFC);
        return Normalization.strings(steps.stream().map(JsonPipeline::normalizer).toList());
    }

    private static UnaryOperator<String> normalizer(JsonNode step) {
        String type = type(step);
        return switch (type) {
            case "NFC", "NFD", "NFKC", "NFKD" -> Normalization.form(Form.valueOf(type));
            case "Lowercase" -> Normalization::lowercase;
            case "Strip" -> text -> Normalization.strip(text, flag(step, "strip_left"), flag(step, "strip_right"));
            case "Prepend" -> {
                String prefix = step.path("prepend").asString("");
                yield text -> text.isEmpty() ? text : prefix + text;
            }
            case "Replace" -> {
                Splits.Pattern pattern = JsonSteps.pattern(step);
                String content = step.path("content").asString("");
                yield text -> Splits.replace(text, pattern, content);
            }
            default -> throw new IllegalArgumentException("normalizer " + step + " is not known; known are NFC, NFD, "
                    + "NFKC, NFKD, Lowercase, Strip, Prepend, Replace and Sequence");
        };
    }
}
