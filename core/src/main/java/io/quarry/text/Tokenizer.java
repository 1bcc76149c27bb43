package io.quarry.text;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Predicate;

/**
 * The byte-level BPE of Granite 4: text to tokens and back, as Hugging Face {@code tokenizers} does it from the same
 * {@code tokenizer.json}. Every text can be encoded; a lone surrogate becomes U+FFFD. Safe for many threads.
 */
public final class Tokenizer {
    private static final int CACHED_LENGTH = 24;
    private static final int CACHE = 1 << 15;

    /** A pretoken met before. Immutable, so that threads may race on the table without harm. */
    private record Known(String text, int[] ids) {}

    private final TokenizerJson file;
    private final AddedTokens added;
    private final Map<String, Integer> ids;
    private final byte[][] bytes;
    private final boolean[] special;
    private final int[] byteIds = new int[256];
    private final Merges merges;
    private final Known[] cache = new Known[CACHE];

    Tokenizer(TokenizerJson file, String name) throws IOException {
        this.file = file;
        added = new AddedTokens(file.added());
        ids = new HashMap<>(file.vocabulary());
        for (AddedTokens.Token token : file.added())
            ids.put(token.content(), token.id());
        int size = ids.values().stream().mapToInt(Integer::intValue).max().orElse(-1) + 1;
        bytes = new byte[size][];
        special = new boolean[size];
        for (Map.Entry<String, Integer> entry : file.vocabulary().entrySet())
            bytes[entry.getValue()] = bytes(entry.getKey());
        for (AddedTokens.Token token : file.added()) {
            bytes[token.id()] = Utf8.bytes(token.content(), 0, token.content().length());
            special[token.id()] = token.special();
        }
        for (int b = 0; b < 256; b++)
            byteIds[b] = entry(String.valueOf(ByteAlphabet.character(b)), name, "byte " + b);
        merges = new Merges(file.merges().size());
        int rank = 0;
        for (TokenizerJson.Pair pair : file.merges()) {
            String where = "merge " + rank;
            merges.put(entry(pair.left(), name, where), entry(pair.right(), name, where), rank++,
                    entry(pair.left() + pair.right(), name, where));
        }
    }

    /** An entry with a character outside the alphabet stands for its own text, as in Hugging Face. */
    private static byte[] bytes(String entry) {
        byte[] bytes = ByteAlphabet.read(entry);
        return bytes != null ? bytes : Utf8.bytes(entry, 0, entry.length());
    }

    private int entry(String entry, String name, String where) throws IOException {
        Integer id = file.vocabulary().get(entry);
        if (id == null)
            throw new IOException(name + ": " + where + " needs the entry \"" + entry
                    + "\", which is not in the vocabulary; the file is not whole");
        return id;
    }

    /**
     * Reads a tokenizer.
     *
     * @param fileOrFolder a {@code tokenizer.json} or a folder that has one, for instance a checkpoint
     * @throws IOException if there is none, or it asks for something that is not known here
     */
    public static Tokenizer open(Path fileOrFolder) throws IOException {
        Path path = Files.isDirectory(fileOrFolder) ? fileOrFolder.resolve("tokenizer.json") : fileOrFolder;
        return new Tokenizer(TokenizerJson.read(path), path.toString());
    }

    /**
     * Writes {@code tokenizer.json}, {@code tokenizer_config.json}, {@code special_tokens_map.json} and
     * {@code chat_template.jinja} into an existing folder.
     *
     * @param maxLength    tokens the model can read at once
     * @param chatTemplate Jinja text, for instance {@code Template.jinja()}
     */
    public void save(Path folder, long maxLength, String chatTemplate) throws IOException {
        file.write(folder.resolve("tokenizer.json"));
        TokenizerJson.writeRoles(folder, maxLength);
        Files.writeString(folder.resolve("chat_template.jinja"), chatTemplate);
    }

    /** Tokens of plain text: the names of added tokens in it are text like any other. */
    public int[] encode(String text) {
        Ints out = new Ints(text.length() / 3 + 8);
        plain(text, 0, text.length(), out);
        return out.array();
    }

    /** Tokens of trusted markup: added tokens are recognised, as in {@code encode(text, add_special_tokens=False)}. */
    public int[] encodeWithSpecials(String markup) {
        Ints out = new Ints(markup.length() / 3 + 8);
        int at = 0;
        Predicate<String> every = token -> true;
        for (AddedTokens.Match match : added.find(markup, 0, markup.length(), every)) {
            plain(markup, at, match.start(), out);
            out.add(match.token().id());
            at = match.end();
        }
        plain(markup, at, markup.length(), out);
        return out.array();
    }

    /**
     * Tokens of a text whose parts are trusted differently. What lies between two recognised tokens is encoded as one
     * piece, so that a text without forged marks gets the same tokens as from {@link #encodeWithSpecials}.
     */
    public Encoded encode(Markup markup) {
        String text = markup.toString();
        Ints out = new Ints(text.length() / 3 + 8);
        Ints learned = new Ints(16); // pairs: tokens so far, whether those up to there are learned
        int run = 0;
        boolean runLearned = false;
        for (Markup.Part part : markup.parts()) {
            if (part.learned() != runLearned) {
                plain(text, run, part.start(), out);
                learned.add(out.size()).add(runLearned ? 1 : 0);
                run = part.start();
                runLearned = part.learned();
            }
            for (AddedTokens.Match match : added.find(text, part.start(), part.end(), part.live())) {
                plain(text, run, match.start(), out);
                out.add(match.token().id());
                run = match.end();
            }
        }
        plain(text, run, text.length(), out);
        learned.add(out.size()).add(runLearned ? 1 : 0);
        return new Encoded(out.array(), mask(learned.array()));
    }

    private static byte[] mask(int[] runs) {
        byte[] mask = new byte[runs[runs.length - 2]];
        int from = 0;
        for (int i = 0; i < runs.length; i += 2) {
            Arrays.fill(mask, from, runs[i], (byte) runs[i + 1]);
            from = runs[i];
        }
        return mask;
    }

    private void plain(String text, int from, int to, Ints out) {
        while (from < to) {
            int end = Pretokens.next(text, from, to);
            pretoken(text, from, end, out);
            from = end;
        }
    }

    private void pretoken(String text, int from, int to, Ints out) {
        int length = to - from;
        if (length > CACHED_LENGTH) {
            out.addAll(merged(text, from, to));
            return;
        }
        int hash = 0;
        for (int i = from; i < to; i++)
            hash = hash * 31 + text.charAt(i);
        int slot = (hash ^ hash >>> 15) & CACHE - 1;
        Known known = cache[slot];
        if (known == null || known.text.length() != length || !text.startsWith(known.text, from)) {
            known = new Known(text.substring(from, to), merged(text, from, to));
            cache[slot] = known;
        }
        out.addAll(known.ids);
    }

    private int[] merged(String text, int from, int to) {
        byte[] utf8 = Utf8.bytes(text, from, to);
        if (file.ignoreMerges()) {
            Integer whole = file.vocabulary().get(ByteAlphabet.write(utf8));
            if (whole != null)
                return new int[] {whole};
        }
        int[] tokens = new int[utf8.length];
        for (int i = 0; i < tokens.length; i++)
            tokens[i] = byteIds[utf8[i] & 0xFF];
        return merges.apply(tokens);
    }

    /** Text of tokens, added ones included. Bytes that are no UTF-8 become U+FFFD. */
    public String decode(int[] tokens) {
        return decode(tokens, false);
    }

    /** Text of tokens, with or without those that are marked special. */
    public String decode(int[] tokens, boolean skipSpecial) {
        StringBuilder out = new StringBuilder(tokens.length * 4);
        TokenStream stream = stream(skipSpecial);
        for (int token : tokens)
            stream.next(token, out);
        return out.append(stream.end()).toString();
    }

    /** Decodes one text token by token. */
    public TokenStream stream(boolean skipSpecial) {
        return new TokenStream(this, skipSpecial);
    }

    /** How many ids there are, added tokens included; the embedding needs this many rows. */
    public int vocabulary() {
        return bytes.length;
    }

    /** Id of a token by its text; throws if there is none. */
    public int id(String token) {
        return find(token).orElseThrow(() -> new IllegalArgumentException(
                "the tokenizer has no token " + token + " among its " + vocabulary()));
    }

    /** Id of a token by its text, for instance {@link Specials#END_OF_TEXT}; base entries are in GPT-2's alphabet. */
    public OptionalInt find(String token) {
        Integer id = ids.get(token);
        return id == null ? OptionalInt.empty() : OptionalInt.of(id);
    }

    /** Whether a token is marked special, so that decoding may skip it. */
    public boolean special(int id) {
        return special[id];
    }

    /** Texts of all added tokens, in order of the file. */
    public List<String> added() {
        return added.all().stream().map(AddedTokens.Token::content).toList();
    }

    /** The bytes a token stands for; not always whole characters. */
    public byte[] bytes(int id) {
        return shared(id).clone();
    }

    /** As {@link #bytes}, not to be written to. */
    byte[] shared(int id) {
        if (id < 0 || id >= bytes.length || bytes[id] == null)
            throw new IllegalArgumentException(
                    "there is no token " + id + "; the tokenizer has ids 0 to " + (bytes.length - 1));
        return bytes[id];
    }
}
