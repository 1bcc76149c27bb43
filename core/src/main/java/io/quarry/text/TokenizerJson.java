package io.quarry.text;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads a {@code tokenizer.json} of Hugging Face. Anything in a file that would change the encoding and is not known here
 * stops the reading with a sentence.
 */
final class TokenizerJson {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final ObjectNode root;
    private final JsonModel model;
    private final Vocabulary vocabulary;

    private TokenizerJson(ObjectNode root, JsonModel model) {
        this.root = root;
        this.model = model;
        vocabulary = model.vocabulary();
    }

    static Tokenizer open(Path file) throws IOException {
        if (!Files.isRegularFile(file))
            throw new IOException("there is no tokenizer at " + file
                    + "; expected a tokenizer.json in the format of Hugging Face tokenizers");
        return read(Files.readAllBytes(file), file.toString(),
                to -> Files.copy(file, to, StandardCopyOption.REPLACE_EXISTING));
    }

    /**
     * Makes a tokenizer of the bytes of a file.
     *
     * @param name   says where they come from, for messages
     * @param source writes them again
     */
    static Tokenizer read(byte[] json, String name, Tokenizer.Source source) throws IOException {
        try (JsonParser parser = JSON.createParser(json)) {
            return parse(parser).tokenizer(source);
        } catch (JacksonException e) {
            throw new IOException(name + " is no JSON: " + e.getOriginalMessage(), e);
        } catch (IllegalArgumentException e) {
            throw new IOException(name + ": " + e.getMessage(), e);
        }
    }

    /** Vocabulary and merges go straight to where they are needed; the rest, which is small, becomes a tree. */
    private static TokenizerJson parse(JsonParser parser) {
        ObjectNode root = JSON.createObjectNode();
        JsonModel model = null;
        if (parser.nextToken() != JsonToken.START_OBJECT)
            throw new IllegalArgumentException("a tokenizer is a JSON object, found " + parser.currentToken());
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String key = parser.currentName();
            parser.nextToken();
            if (key.equals("model"))
                model = JsonModel.parse(parser);
            else
                root.set(key, (JsonNode) parser.readValueAsTree());
        }
        if (model == null)
            throw new IllegalArgumentException("there is no model");
        return new TokenizerJson(root, model);
    }

    private Tokenizer tokenizer(Tokenizer.Source source) {
        for (String key : List.of("truncation", "padding"))
            require(root.path(key).isMissingNode() || root.path(key).isNull(),
                    key + " is " + root.path(key) + "; it would change the tokens, set it to null");
        List<AddedTokens.Token> added = added();
        List<AddedTokens.Token> raw = added.stream().filter(token -> !token.normalized()).toList();
        List<AddedTokens.Token> normalized = added.stream().filter(AddedTokens.Token::normalized).toList();
        JsonPipeline pipeline = JsonPipeline.of(root.path("normalizer"), root.path("pre_tokenizer"), model,
                !normalized.isEmpty());
        List<String> contents = normalized.stream().map(AddedTokens.Token::content)
                .map(content -> pipeline.normalization() == null ? content : pipeline.normalization().apply(content))
                .toList();
        JsonBounds bounds = JsonBounds.of(root.path("post_processor"), vocabulary);
        Tokenizer.Parts parts = new Tokenizer.Parts(vocabulary, new AddedTokens(raw, false),
                new AddedTokens(normalized, contents, false), pipeline.normalization(), pipeline.cut(),
                pipeline.model(), pipeline.joins(), JsonDecoder.spelling(root.path("decoder"), vocabulary, added),
                bounds.before(), bounds.after());
        return new Tokenizer(parts, source);
    }

    static void require(boolean holds, String otherwise) {
        if (!holds)
            throw new IllegalArgumentException(otherwise);
    }

    private List<AddedTokens.Token> added() {
        JsonNode node = root.path("added_tokens");
        require(node.isMissingNode() || node.isNull() || node.isArray(), "added_tokens must be an array");
        List<AddedTokens.Token> added = new ArrayList<>(node.size());
        int next = vocabulary.count();
        for (JsonNode each : node) {
            String content = each.path("content").asString("");
            require(!content.isEmpty(), "added_tokens[" + added.size() + "] has no content");
            require(content.length() <= AddedTokens.LONGEST,
                    "added_tokens[" + added.size() + "] has " + content.length() + " characters; at most "
                            + AddedTokens.LONGEST + " are known");
            JsonNode id = each.path("id");
            require(id.isInt(), "id of added token " + content + " must be an id, was " + id);
            int known = vocabulary.id(content);
            // Hugging Face gives a token that is not in the vocabulary the next free id, whatever the file says.
            int expected = known >= 0 ? known : next;
            require(id.intValue() == expected, "id of added token " + content + " is " + id + ", but the tokens before "
                    + "it make it " + expected);
            if (known < 0) {
                String wrong = vocabulary.add(content, expected);
                require(wrong == null, wrong);
            }
            next = Math.max(next, expected + 1);
            added.add(new AddedTokens.Token(expected, content, flag(each, "special"), flag(each, "normalized"),
                    flag(each, "single_word"), flag(each, "lstrip"), flag(each, "rstrip")));
        }
        return added;
    }

    /** A flag that may be absent, which means no; anything but a flag is refused. */
    static boolean flag(JsonNode in, String key) {
        return flag(in, key, false);
    }

    static boolean flag(JsonNode in, String key, boolean absent) {
        JsonNode value = in.path(key);
        if (value.isMissingNode() || value.isNull())
            return absent;
        require(value.isBoolean(), key + " must be true or false, was " + value);
        return value.booleanValue();
    }
}
