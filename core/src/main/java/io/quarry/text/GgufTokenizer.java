package io.quarry.text;

import static io.quarry.text.TokenizerJson.require;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Makes a tokenizer of the vocabulary of a GGUF file, with the ids that llama.cpp gives. */
final class GgufTokenizer {
    private final GgufVocabulary file;
    private final Vocabulary vocabulary = new Vocabulary();
    private final int size;

    private GgufTokenizer(GgufVocabulary file) {
        this.file = file;
        require(file.tokens() != null && file.tokens().length > 0, "tokenizer.ggml.tokens is missing or empty");
        size = file.tokens().length;
        require(file.types() == null || file.types().length >= size, "tokenizer.ggml.token_type has "
                + (file.types() == null ? 0 : file.types().length) + " entries for " + size + " tokens");
        for (int id = 0; id < size; id++) {
            String token = file.tokens()[id];
            // Empty texts get the name that llama.cpp gives them.
            String wrong = vocabulary.add(token.isEmpty() ? "[EMPTY_" + id + "]" : token, id);
            require(wrong == null, "tokenizer.ggml.tokens: " + wrong);
        }
    }

    static Tokenizer of(GgufVocabulary file) {
        GgufTokenizer made = new GgufTokenizer(file);
        String model = file.model() == null ? "missing" : "\"" + file.model() + "\"";
        return switch (model) {
            case "\"gpt2\"" -> made.byteLevel();
            case "\"llama\"" -> made.sentencePiece();
            default -> throw new IllegalArgumentException(
                    "tokenizer.ggml.model is " + model + "; gpt2 and llama are known");
        };
    }

    private Tokenizer byteLevel() {
        GgufPre pre = GgufPre.named(file.pre());
        require(file.merges() != null,
                "tokenizer.ggml.merges is missing; a gpt2 vocabulary without merges is not whole");
        require(file.merges().length < Merges.MOST, "tokenizer.ggml.merges has " + file.merges().length
                + " merges; at most " + (Merges.MOST - 1) + " are known");
        Bpe.Symbols symbols = new Bpe.Symbols(ByteAlphabet.ids(vocabulary), null, -1, false, pre.ignoreMerges(), false);
        int[] ids = new int[file.merges().length];
        Merges merges = new Merges(ids.length, ids, null);
        Joins joins = new Joins();
        for (int rank = 0; rank < file.merges().length; rank++) {
            String merge = file.merges()[rank];
            int space = merge.indexOf(' ', 1);
            require(space > 0, "tokenizer.ggml.merges[" + rank + "] must be two entries, was \"" + merge + "\"");
            String left = merge.substring(0, space);
            String right = merge.substring(space + 1);
            ids[rank] = entry(left + right, rank);
            // Of a pair that is there twice, the first counts.
            if (!merges.has(entry(left, rank), entry(right, rank)))
                merges.put(entry(left, rank), entry(right, rank), rank);
            joins.add(left + right, symbols);
        }
        return tokenizer(pre.cut(), new Bpe(vocabulary, symbols, merges.whole()), symbols.local() ? joins : null,
                Spelling.Start.KEPT, pre.addBos(), null, null);
    }

    private int entry(String entry, int rank) {
        int id = vocabulary.id(entry);
        require(id >= 0, "tokenizer.ggml.merges[" + rank + "] needs the entry \"" + entry
                + "\", which is not in the vocabulary; the file is not whole");
        return id;
    }

    private Tokenizer sentencePiece() {
        int[] fallback = new int[256];
        for (int b = 0; b < 256; b++)
            fallback[b] = vocabulary.id(String.format(Locale.ROOT, "<0x%02X>", b));
        int unknown = file.unknown() == null ? -1 : id(file.unknown(), "unknown_token_id");
        boolean whole = Arrays.stream(fallback).allMatch(id -> id >= 0);
        require(whole || unknown >= 0, "the vocabulary has neither a token for every byte nor an unknown token");
        Bpe.Symbols symbols = new Bpe.Symbols(null, fallback, unknown, true, false, true);
        GgufMerges merges = new GgufMerges(file, vocabulary);
        Joins joins = symbols.local() ? merges.joins(symbols) : null;
        boolean prefix = file.addSpacePrefix() == null || file.addSpacePrefix();
        Cut cut = new SpaceCut(prefix ? SpaceCut.Prefix.ALWAYS : SpaceCut.Prefix.NEVER, false, joins);
        return tokenizer(cut, new Bpe(vocabulary, symbols, merges.table()), joins,
                prefix ? Spelling.Start.ONE_SPACE_LESS : Spelling.Start.KEPT, true, 1, 2);
    }

    private int id(Integer id, String key) {
        require(id != null, "tokenizer.ggml." + key + " is missing, but texts need it");
        require(id >= 0 && id < size, "tokenizer.ggml." + key + " is " + id + "; the vocabulary has ids 0 to "
                + (size - 1));
        return id;
    }

    private Tokenizer tokenizer(Cut cut, Model model, Joins joins, Spelling.Start start, boolean addBos,
            Integer bos, Integer eos) {
        boolean begins = file.addBos() == null ? addBos : file.addBos();
        boolean ends = file.addEos() != null && file.addEos();
        int[] before = begins ? new int[] {id(file.bos() == null ? bos : file.bos(), "bos_token_id")} : new int[0];
        int[] after = ends ? new int[] {id(file.eos() == null ? eos : file.eos(), "eos_token_id")} : new int[0];
        List<AddedTokens.Token> added = added();
        Tokenizer.Parts parts = new Tokenizer.Parts(vocabulary, new AddedTokens(added, true),
                new AddedTokens(List.of(), true), null, cut,
                model, joins, spelling(start), before, after);
        return new Tokenizer(parts, new GgufJson(file, vocabulary, added, before, after));
    }

    private List<AddedTokens.Token> added() {
        // llama.cpp lets Phi-3's marks take the white space behind them.
        String name = file.name() == null ? "" : file.name().toLowerCase(Locale.ROOT);
        boolean strips = name.contains("phi-3") || name.contains("phi3");
        List<String> plain = List.of("<unk>", "<s>", "<|endoftext|>");
        List<AddedTokens.Token> added = new ArrayList<>();
        for (int id = 0; id < size; id++) {
            int type = file.type(id);
            boolean special = type == GgufVocabulary.CONTROL || type == GgufVocabulary.UNKNOWN;
            if (!special && type != GgufVocabulary.USER_DEFINED)
                continue;
            String content = vocabulary.text(id);
            require(content.length() <= AddedTokens.LONGEST, "tokenizer.ggml.tokens[" + id + "] is an added token of "
                    + content.length() + " characters; at most " + AddedTokens.LONGEST + " are known");
            added.add(new AddedTokens.Token(id, content, special, false, false, false,
                    strips && !plain.contains(content)));
        }
        return added;
    }

    private Spelling spelling(Spelling.Start start) {
        boolean[] special = new boolean[size];
        for (int id = 0; id < size; id++)
            special[id] = file.type(id) == GgufVocabulary.CONTROL || file.type(id) == GgufVocabulary.UNKNOWN;
        return new Spelling(size, this::bytes, special, new boolean[size], start, this::bytes);
    }

    private byte[] bytes(int id) {
        byte[] own = vocabulary.bytes(id);
        return switch (file.type(id)) {
            case GgufVocabulary.UNKNOWN, GgufVocabulary.CONTROL, GgufVocabulary.USER_DEFINED -> own;
            case GgufVocabulary.BYTE -> {
                int b = JsonDecoder.byteOf(vocabulary.text(id));
                require(b >= 0, "tokenizer.ggml.tokens[" + id + "] is of the type of bytes, was \""
                        + vocabulary.text(id) + "\"");
                yield new byte[] {(byte) b};
            }
            case GgufVocabulary.NORMAL -> normal(vocabulary.text(id), own);
            default -> new byte[0]; // unused: stands for no text
        };
    }

    private byte[] normal(String text, byte[] own) {
        if (file.model().equals("llama"))
            return text.replace(Bpe.SPACE, " ").getBytes(java.nio.charset.StandardCharsets.UTF_8);
        byte[] alphabet = ByteAlphabet.read(text);
        return alphabet != null ? alphabet : own;
    }
}
