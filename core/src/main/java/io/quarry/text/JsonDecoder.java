package io.quarry.text;

import static io.quarry.text.TokenizerJson.require;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import tools.jackson.databind.JsonNode;

/** The {@code decoder} of a {@code tokenizer.json}, as the bytes that each token stands for. */
final class JsonDecoder {
    private final List<UnaryOperator<String>> steps = new ArrayList<>();
    private boolean byteLevel;
    private boolean byteFallback;
    private boolean fused;
    private Spelling.Start start = Spelling.Start.KEPT;
    private String metaspace;

    private JsonDecoder() {}

    static Spelling spelling(JsonNode decoder, Vocabulary vocabulary, List<AddedTokens.Token> added) {
        require(decoder.isObject(), "decoder is " + decoder + "; it would join tokens by spaces");
        JsonDecoder steps = new JsonDecoder();
        steps.add(decoder);
        int size = vocabulary.size();
        boolean[] special = new boolean[size];
        added.forEach(token -> special[token.id()] = token.special());
        boolean[] isByte = new boolean[size];
        for (int id = 0; id < size; id++)
            isByte[id] = steps.byteFallback && vocabulary.text(id) != null && byteOf(vocabulary.text(id)) >= 0;
        Function<String, byte[]> bytes = steps::bytes;
        return new Spelling(size, id -> vocabulary.text(id) == null ? null : bytes.apply(vocabulary.text(id)), special,
                isByte, steps.start,
                id -> bytes.apply(steps.metaspace == null
                        ? vocabulary.text(id)
                        : vocabulary.text(id).replace(steps.metaspace, "")));
    }

    private void add(JsonNode step) {
        String type = JsonPipeline.type(step);
        require(!byteLevel && metaspace == null || type.equals("Fuse"),
                "decoder has " + type + " behind a step that must be the last");
        switch (type) {
            case "Sequence" -> step.path("decoders").forEach(this::add);
            case "ByteLevel" -> byteLevel = true;
            case "ByteFallback" -> byteFallback = true;
            case "Fuse" -> fused = true;
            case "Replace" -> {
                require(!fused, "decoder has Replace behind Fuse, which is not known");
                Splits.Pattern pattern = JsonSteps.pattern(step);
                String content = step.path("content").asString("");
                steps.add(token -> Splits.replace(token, pattern, content));
            }
            case "Strip" -> strip(step);
            case "Metaspace" -> {
                metaspace = step.path("replacement").asString("");
                require(!metaspace.isEmpty(), "decoder.replacement must be a character");
                boolean kept = JsonPipeline.prefix(step) == SpaceCut.Prefix.NEVER;
                start = kept ? Spelling.Start.KEPT : Spelling.Start.FIRST_TOKEN_WITHOUT;
                String space = metaspace;
                steps.add(token -> token.replace(space, " "));
            }
            default -> throw new IllegalArgumentException("decoder " + step + " is not known; known are ByteLevel, "
                    + "ByteFallback, Fuse, Replace, Strip, Metaspace and Sequence");
        }
    }

    /** One space less at the beginning of all, as SentencePiece's vocabularies have it. */
    private void strip(JsonNode step) {
        boolean known = fused && step.path("content").asString("").equals(" ") && step.path("start").asInt(-1) == 1
                && step.path("stop").asInt(-1) == 0;
        require(known, "decoder has " + step + "; known is one space at the start, behind Fuse");
        start = Spelling.Start.ONE_SPACE_LESS;
    }

    private byte[] bytes(String token) {
        int b = byteFallback ? byteOf(token) : -1;
        if (b >= 0)
            return new byte[] {(byte) b};
        String text = token;
        for (UnaryOperator<String> step : steps)
            text = step.apply(text);
        byte[] alphabet = byteLevel ? ByteAlphabet.read(text) : null;
        return alphabet != null ? alphabet : text.getBytes(UTF_8);
    }

    /** The byte that a token such as {@code <0xE6>} stands for, or -1. */
    static int byteOf(String token) {
        boolean is = token.length() == 6 && token.startsWith("<0x") && token.endsWith(">")
                && Character.digit(token.charAt(3), 16) >= 0 && Character.digit(token.charAt(4), 16) >= 0
                && token.charAt(3) < 128 && token.charAt(4) < 128;
        return is ? Integer.parseInt(token.substring(3, 5), 16) : -1;
    }
}
