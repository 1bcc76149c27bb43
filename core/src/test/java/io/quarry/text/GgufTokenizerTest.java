package io.quarry.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Vocabularies of GGUF files against the encodings of llama.cpp; made by tools/golden/tokenizer_gguf.py. */
class GgufTokenizerTest {
    /** The vocabulary of a golden tokenizer.json with byte-level BPE, as a GGUF file has it. */
    private static GgufVocabulary byteLevel(String family, String pre) throws Exception {
        JsonNode json = TokenizersTest.json(family);
        JsonNode model = json.get("model");
        JsonNode added = json.get("added_tokens");
        int size = model.get("vocab").size();
        for (JsonNode token : added)
            size = Math.max(size, token.get("id").intValue() + 1);
        String[] tokens = new String[size];
        int[] types = new int[size];
        Arrays.fill(types, GgufVocabulary.NORMAL);
        model.get("vocab").properties().forEach(entry -> tokens[entry.getValue().intValue()] = entry.getKey());
        for (JsonNode token : added) {
            tokens[token.get("id").intValue()] = token.get("content").asString();
            types[token.get("id").intValue()] = token.get("special").booleanValue()
                    ? GgufVocabulary.CONTROL
                    : GgufVocabulary.USER_DEFINED;
        }
        String[] merges = model.get("merges").valueStream().map(m -> m.get(0).asString() + " " + m.get(1).asString())
                .toArray(String[]::new);
        return new GgufVocabulary("gpt2", pre, null, tokens, types, null, merges, size - 1, size - 1, null, null, null,
                null);
    }

    private static GgufVocabulary sentencePiece(String name, Boolean addSpacePrefix) throws Exception {
        JsonNode json = TokenizersTest.json("sentencepiece");
        String[] tokens = json.get("pieces").valueStream().map(JsonNode::asString).toArray(String[]::new);
        float[] scores = new float[tokens.length];
        int[] types = TokenizersTest.ints(json.get("types"));
        if (name.startsWith("Phi")) { // llama.cpp asks for this token, and does not load the file without
            tokens = append(tokens, "<|endoftext|>");
            scores = new float[tokens.length];
            types = Arrays.copyOf(types, tokens.length);
            types[tokens.length - 1] = GgufVocabulary.CONTROL;
        }
        for (int i = 0; i < json.get("scores").size(); i++) {
            scores[i] = json.get("scores").get(i).floatValue();
            if (types[i] == GgufVocabulary.USER_DEFINED)
                tokens[i] = tokens[i].replace(Bpe.SPACE, " "); // as the converter does it
        }
        return new GgufVocabulary("llama", "default", name, tokens, types, scores,
                null,
                1, 2, 0, null, null, addSpacePrefix);
    }

    private static String[] append(String[] all, String one) {
        String[] more = Arrays.copyOf(all, all.length + 1);
        more[all.length] = one;
        return more;
    }

    private static Tokenizer open(String name) throws Exception {
        return Tokenizer.of(switch (name) {
            case "smollm" -> byteLevel("granite3", "smollm");
            case "gpt-2" -> byteLevel("granite3", "gpt-2");
            case "llama-bpe" -> byteLevel("llama3", "llama-bpe");
            case "dbrx" -> byteLevel("llama3", "dbrx");
            case "qwen2" -> byteLevel("qwen2", "qwen2");
            case "llama" -> sentencePiece("a model", null);
            case "gemma" -> sentencePiece("gemma", false);
            case "phi-3" -> sentencePiece("Phi-3 mini", true);
            default -> throw new AssertionError(name);
        }, name + ".gguf");
    }

    @ParameterizedTest
    @ValueSource(strings = {"smollm", "gpt-2", "llama-bpe", "dbrx", "qwen2", "llama", "gemma", "phi-3"})
    void encodesAndDecodesAsLlamaCppDoes(String name) throws Exception {
        Tokenizer tokenizer = open(name);
        List<String> texts = TokenizersTest.texts();
        JsonNode rows = TokenizersTest.json("gguf.ids").get(name);
        assertThat(tokenizer.before()).isEqualTo(TokenizersTest.ints(rows.get(0)));
        for (int i = 0; i < texts.size(); i++)
            assertThat(tokenizer.encodeWithSpecials(texts.get(i))).as(texts.get(i))
                    .isEqualTo(TokenizersTest.ints(rows.get(1 + i)));
        assertThat(rows.size()).isEqualTo(1 + texts.size() + 40);
        for (JsonNode row : rows.valueStream().skip(1 + texts.size()).toList())
            assertThat(tokenizer.decode(TokenizersTest.ints(row.get(0)), false)).as("%s", row)
                    .isEqualTo(row.get(1).asString());
    }

    @Test
    void writtenAsJsonItIsTheSame(@TempDir Path folder) throws Exception {
        for (String name : List.of("smollm", "gpt-2", "llama-bpe", "qwen2", "llama", "gemma")) {
            Tokenizer tokenizer = open(name);
            tokenizer.save(folder, 100, "");
            Tokenizer again = Tokenizer.open(folder);
            assertThat(again.vocabulary()).isEqualTo(tokenizer.vocabulary());
            for (String text : TokenizersTest.texts()) {
                assertThat(again.encodeSequence(text)).as("%s: %s", name, text)
                        .isEqualTo(tokenizer.encodeSequence(text));
                int[] ids = again.encodeWithSpecials(text);
                assertThat(again.decode(ids)).isEqualTo(tokenizer.decode(ids));
            }
            Files.delete(folder.resolve("tokenizer.json"));
        }
    }

    /** Of pieces with one score the leftmost is made first, whatever its id. */
    @Test
    void equalScoresAreMadeFromTheLeft() throws Exception {
        String[] tokens = {"<unk>", "<s>", "</s>", "a", "b", "c", "bc", "ab"};
        GgufVocabulary file = new GgufVocabulary("llama", null, null, tokens, null, new float[8], null, 1, 2, 0, false,
                null, false);
        Tokenizer tokenizer = Tokenizer.of(file, "it");
        assertThat(tokenizer.encode("abc")).containsExactly(7, 5);
        assertThat(tokenizer.encode("xbc")).containsExactly(0, 6);
    }

    @Test
    void hostileVocabulariesAreRefusedWithASentence() throws Exception {
        String[] tokens = {"a", "b", "ab"};
        refuses(of("bert", "gpt-2", tokens, new String[0]), "tokenizer.ggml.model is \"bert\"");
        refuses(of(null, "gpt-2", tokens, new String[0]), "model is missing");
        refuses(of("gpt2", "odd", tokens, new String[0]), "pre is \"odd\"");
        refuses(of("gpt2", null, tokens, new String[0]), "pre is missing");
        refuses(of("gpt2", "gpt-2", null, new String[0]), "tokens is missing");
        refuses(of("gpt2", "gpt-2", tokens, null), "merges is missing");
        refuses(of("gpt2", "gpt-2", tokens, new String[] {"ab"}), "two entries");
        refuses(of("gpt2", "gpt-2", tokens, new String[] {"a c"}), "\"ac\"");
        refuses(of("gpt2", "gpt-2", new String[] {"a", "a"}, new String[0]), "twice");
        refuses(of("llama", null, tokens, null), "neither a token for every byte");
        refuses(new GgufVocabulary("llama", null, null, tokens, null, null, null, 0, 0, 0, null, null, null),
                "scores has 0");
        refuses(new GgufVocabulary("llama", null, null, tokens, null, new float[] {0, Float.NaN, 1}, null, 0, 0, 0,
                null,
                null, null), "scores[1]");
        refuses(new GgufVocabulary("llama", null, null, tokens, null, new float[3], null, 0, 0, 9, null, null, null),
                "unknown_token_id is 9");
        refuses(new GgufVocabulary("llama", null, null, tokens, null, new float[3], null, 0, 0, null, null, null, null),
                "neither a token for every byte");
        refuses(new GgufVocabulary("gpt2", "gpt-2", null, tokens, new int[1], null, new String[0], null, null, null,
                null,
                null, null), "token_type has 1");
        refuses(new GgufVocabulary("gpt2", "gpt-2", null, tokens, null, null, new String[0], 3, null, null, true, null,
                null), "bos_token_id is 3");
        refuses(new GgufVocabulary("gpt2", "gpt-2", null, tokens, null, null, new String[0], null, null, null, true,
                null,
                null), "bos_token_id is missing");
        refuses(new GgufVocabulary("llama", null, null, new String[] {"<unk>", "a".repeat(2000)}, null, new float[2],
                null,
                0, 0, 0, null, null, null), "2000 bytes");
    }

    private static GgufVocabulary of(String model, String pre, String[] tokens, String[] merges) {
        return new GgufVocabulary(model, pre, null, tokens, null, null, merges, null, null, null, null, null, null);
    }

    private static void refuses(GgufVocabulary file, String because) {
        assertThatThrownBy(() -> Tokenizer.of(file, "x.gguf")).isInstanceOf(IOException.class)
                .hasMessageStartingWith("x.gguf: ").hasMessageContaining(because);
    }
}
