package io.quarry.text;

import static io.quarry.text.JsonPipeline.type;
import static io.quarry.text.TokenizerJson.flag;
import static io.quarry.text.TokenizerJson.require;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** The pre-tokenizers of a {@code tokenizer.json}, step by step. */
final class JsonSteps {
    /** Patterns that have code of their own. */
    static final Map<String, Cut> KNOWN = Map.of(Llama3Cut.THREES.pattern(), Llama3Cut.THREES,
            Llama3Cut.ONES.pattern(), Llama3Cut.ONES, Gpt2Cut.PATTERN, new Gpt2Cut(Gpt2Cut.Numbers.WITH_SPACE));

    private static final String ASCII_PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

    private JsonSteps() {}

    static Cut cut(List<JsonNode> nodes) {
        List<PieceCut.Step> steps = new ArrayList<>();
        for (int i = 0; i < nodes.size(); i++) {
            require(!type(nodes.get(i)).equals("ByteLevel") || i == nodes.size() - 1,
                    "pre_tokenizer has ByteLevel before another step; it is known only as the last");
            steps.add(step(nodes.get(i)));
        }
        return new PieceCut(steps);
    }

    private static PieceCut.Step step(JsonNode node) {
        return switch (type(node)) {
            case "Split" -> split(node);
            case "ByteLevel" -> byteLevel(node);
            case "Metaspace" -> metaspace(node);
            case "Digits" -> {
                Splits splits = flag(node, "individual_digits") ? Splits.ISOLATED : Splits.CONTIGUOUS;
                Splits.Pattern numbers = Splits
                        .characters(c -> CodePoints.classify(c) == CodePoints.NUMBER);
                yield piece -> splits.pieces(piece, numbers, false);
            }
            case "Punctuation" -> {
                Splits splits = behavior(node.path("behavior").asString("Isolated"));
                Splits.Pattern punctuation = Splits.characters(JsonSteps::punctuation);
                yield piece -> splits.pieces(piece, punctuation, false);
            }
            case "WhitespaceSplit" -> {
                Splits.Pattern white = Splits.characters(JsonSteps::white);
                yield piece -> Splits.REMOVED.pieces(piece, white, false);
            }
            case "Whitespace" -> {
                Splits.Pattern words = new Oniguruma("\\w+|[^\\w\\s]+");
                yield piece -> Splits.REMOVED.pieces(piece, words, true);
            }
            case "CharDelimiterSplit" -> {
                Splits.Pattern delimiter = Splits.literal(node.path("delimiter").asString(""));
                yield piece -> Splits.REMOVED.pieces(piece, delimiter, false);
            }
            default -> throw new IllegalArgumentException("pre_tokenizer " + node + " is not known; known are Split, "
                    + "ByteLevel, Metaspace, Digits, Punctuation, Whitespace, WhitespaceSplit, CharDelimiterSplit and "
                    + "Sequence");
        };
    }

    private static PieceCut.Step split(JsonNode node) {
        Splits splits = behavior(node.path("behavior").asString(""));
        Splits.Pattern pattern = pattern(node);
        boolean invert = flag(node, "invert");
        return piece -> splits.pieces(piece, pattern, invert);
    }

    /** The {@code pattern} of a node: a text or a regular expression. */
    static Splits.Pattern pattern(JsonNode node) {
        JsonNode pattern = node.path("pattern");
        if (pattern.path("String").isString())
            return Splits.literal(pattern.path("String").asString());
        require(pattern.path("Regex").isString(), type(node) + ".pattern must be a String or a Regex, was " + pattern);
        return new Oniguruma(pattern.path("Regex").asString());
    }

    private static Splits behavior(String name) {
        Splits splits = Splits.named(name);
        require(splits != null, "pre_tokenizer behavior \"" + name + "\" is not known");
        return splits;
    }

    private static PieceCut.Step byteLevel(JsonNode node) {
        boolean prefix = flag(node, "add_prefix_space", true);
        Splits.Pattern pattern = flag(node, "use_regex", true) ? new Oniguruma(Gpt2Cut.PATTERN) : null;
        return piece -> {
            PieceCut.Piece whole = prefix && !piece.text().startsWith(" ")
                    ? new PieceCut.Piece(" " + piece.text(), piece.first())
                    : piece;
            return pattern == null ? List.of(whole) : Splits.ISOLATED.pieces(whole, pattern, false);
        };
    }

    private static PieceCut.Step metaspace(JsonNode node) {
        String replacement = node.path("replacement").asString("");
        require(replacement.codePointCount(0, replacement.length()) == 1,
                "pre_tokenizer.replacement must be one character, was \"" + replacement + "\"");
        SpaceCut.Prefix prefix = JsonPipeline.prefix(node);
        Splits.Pattern spaces = flag(node, "split", true) ? Splits.literal(replacement) : null;
        return piece -> {
            String text = piece.text().replace(" ", replacement);
            boolean put = !text.startsWith(replacement) && (prefix == SpaceCut.Prefix.MISSING
                    || prefix == SpaceCut.Prefix.FIRST && piece.first());
            PieceCut.Piece whole = new PieceCut.Piece(put ? replacement + text : text, piece.first());
            return spaces == null ? List.of(whole) : Splits.MERGED_WITH_NEXT.pieces(whole, spaces, false);
        };
    }

    private static boolean punctuation(int c) {
        return c < 128 ? ASCII_PUNCTUATION.indexOf(c) >= 0 : switch (Character.getType(c)) {
            case Character.CONNECTOR_PUNCTUATION, Character.DASH_PUNCTUATION, Character.START_PUNCTUATION,
                    Character.END_PUNCTUATION, Character.INITIAL_QUOTE_PUNCTUATION,
                    Character.FINAL_QUOTE_PUNCTUATION, Character.OTHER_PUNCTUATION ->
                true;
            default -> false;
        };
    }

    private static boolean white(int c) {
        int kind = CodePoints.classify(c);
        return kind == CodePoints.SPACE || kind == CodePoints.NEWLINE;
    }
}
