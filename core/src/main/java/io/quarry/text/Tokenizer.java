package io.quarry.text;

import io.quarry.model.Gguf;
import io.quarry.model.TemplateSources;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Predicate;

/**
 * Text to tokens and back, with the ids that Hugging Face {@code tokenizers} gives for the same {@code tokenizer.json},
 * or llama.cpp for the same GGUF file: byte-level BPE and SentencePiece's BPE and unigram. Every text can be encoded; a
 * lone surrogate and bytes that are no UTF-8 become U+FFFD. Safe for many threads.
 */
public final class Tokenizer {
    /** Writes a tokenizer as {@code tokenizer.json}. */
    interface Source {
        void write(Path file) throws IOException;
    }

    /**
     * What a tokenizer is made of.
     *
     * @param vocabulary    ids of all tokens, the added ones included
     * @param added         tokens outside the merges, looked for in the text as it is
     * @param normalized    those looked for in the normalised text
     * @param normalization what happens to a text first, or null
     * @param joins         where tokens reach over, or null if everywhere
     * @param before        ids that stand before a sequence, for instance the token of its beginning
     * @param after         ids that stand behind a sequence
     */
    record Parts(Vocabulary vocabulary, AddedTokens added, AddedTokens normalized, Normalization normalization, Cut cut,
            Model model, Joins joins, Spelling spelling, int[] before, int[] after) {}

    private static final Predicate<String> EVERY = token -> true;
    /** Tokens to decode before {@link Characters} are made: most processes decode fewer, and making them takes longer. */
    private static final int MANY = 1 << 16;

    private final Parts parts;
    private final Source source;
    private final Spelling spelling;
    private final Loan<Words> words;
    /** Of the added tokens, those that are text rather than marks; null if there are none. */
    private final Predicate<String> blank;
    private volatile Characters characters;
    /** Tokens decoded before there are {@link #characters}; about as many, since threads do not wait for each other. */
    private int decoded;

    Tokenizer(Parts parts, Source source) {
        this.parts = parts;
        this.source = source;
        spelling = parts.spelling;
        words = new Loan<>(() -> new Words(parts.model, parts.joins));
        List<String> blanks = parts.added.all().stream().filter(AddedTokens.Token::blank)
                .map(AddedTokens.Token::content).toList();
        blank = blanks.isEmpty() ? null : java.util.Set.copyOf(blanks)::contains;
    }

    /**
     * Reads a tokenizer.
     *
     * @param fileOrFolder a {@code tokenizer.json}, a folder that has one, for instance a checkpoint, or a GGUF file
     * @throws IOException if there is none, or it asks for something that is not known here
     */
    public static Tokenizer open(Path fileOrFolder) throws IOException {
        if (fileOrFolder.toString().endsWith(".gguf"))
            try (Gguf gguf = Gguf.open(fileOrFolder)) {
                return of(GgufVocabulary.of(gguf.metadata()), fileOrFolder.toString());
            }
        Path path = Files.isDirectory(fileOrFolder) ? fileOrFolder.resolve("tokenizer.json") : fileOrFolder;
        return TokenizerJson.open(path);
    }

    /**
     * Makes the tokenizer of a GGUF file.
     *
     * @param file says where the vocabulary comes from, for messages
     * @throws IOException if it asks for something that is not known here or is not whole
     */
    public static Tokenizer of(GgufVocabulary vocabulary, String file) throws IOException {
        try {
            return GgufTokenizer.of(vocabulary);
        } catch (IllegalArgumentException e) {
            throw new IOException(file + ": " + e.getMessage(), e);
        }
    }

    /**
     * Writes {@code tokenizer.json}, {@code tokenizer_config.json}, {@code special_tokens_map.json} and
     * {@code chat_template.jinja} into an existing folder, with the roles of Granite's special tokens.
     *
     * @param maxLength    tokens the model can read at once
     * @param chatTemplate Jinja text, for instance {@code Template.jinja()}
     */
    public void save(Path folder, long maxLength, String chatTemplate) throws IOException {
        source.write(folder.resolve("tokenizer.json"));
        GraniteJson.writeRoles(folder, maxLength);
        Files.writeString(folder.resolve(TemplateSources.FILE), chatTemplate);
    }

    /** Writes {@code tokenizer.json} alone: the same tokenizer as Hugging Face's libraries read it. */
    public void write(Path file) throws IOException {
        source.write(file);
    }

    /**
     * Tokens of plain text: the names of added tokens in it are text like any other. Added tokens that are nothing but
     * white space, as Gemma has them, are recognised: they are text too.
     */
    public int[] encode(String text) {
        return encode(Utf8.text(text), blank);
    }

    /** As {@link #encode(String)}, of UTF-8. */
    public int[] encode(byte[] utf8) {
        return encode(Utf8.text(utf8, 0, utf8.length), blank);
    }

    /** As {@link #encode(String)}, of UTF-8 in memory, for instance a mapped file; at most 2 GiB. */
    public int[] encode(MemorySegment utf8) {
        byte[] bytes = Text.room(utf8.byteSize());
        int length = bytes.length - Text.SLACK;
        MemorySegment.copy(utf8, ValueLayout.JAVA_BYTE, 0, bytes, 0, length);
        return encode(Utf8.valid(bytes, 0, length)
                ? new Text(bytes, length)
                : Utf8.text(Utf8.string(bytes, 0, length)), blank);
    }

    /** Tokens of trusted markup: added tokens are recognised, as in {@code encode(text, add_special_tokens=False)}. */
    public int[] encodeWithSpecials(String markup) {
        return encode(Utf8.text(markup), EVERY);
    }

    /**
     * Tokens of trusted markup as a whole sequence, with what the tokenizer puts before and behind one, as in
     * {@code encode(text, add_special_tokens=True)}.
     */
    public int[] encodeSequence(String markup) {
        int[] inner = encodeWithSpecials(markup);
        int[] all = Arrays.copyOf(parts.before, parts.before.length + inner.length + parts.after.length);
        System.arraycopy(inner, 0, all, parts.before.length, inner.length);
        System.arraycopy(parts.after, 0, all, parts.before.length + inner.length, parts.after.length);
        return all;
    }

    /** Ids that stand before a sequence, for instance the token of its beginning; often none. */
    public int[] before() {
        return parts.before.clone();
    }

    /** Ids that stand behind a sequence; mostly none. */
    public int[] after() {
        return parts.after.clone();
    }

    Parts parts() {
        return parts;
    }

    private int[] encode(Text text, Predicate<String> live) {
        return words.lend(words -> {
            byte[] bytes = text.bytes();
            int at = 0;
            if (live != null)
                for (AddedTokens.Match match : parts.added.find(new AddedTokens.Scope(bytes, 0, text.length()), 0,
                        text.length(), 0, live)) {
                    stretch(bytes, at, match.start(), live, words);
                    words.token(match.token().id());
                    at = match.end();
                }
            stretch(bytes, at, text.length(), live, words);
            return words.take();
        });
    }

    /** A stretch between added tokens; after normalisation there may be more of them in it. */
    private void stretch(byte[] text, int from, int to, Predicate<String> live, Words words) {
        if (from >= to)
            return;
        boolean first = from == 0;
        if (parts.normalization != null) {
            Text changed = parts.normalization.apply(text, from, to);
            if (changed != null) {
                text = changed.bytes();
                from = 0;
                to = changed.length();
            }
        }
        if (live != null)
            for (AddedTokens.Match match : parts.normalized.find(new AddedTokens.Scope(text, from, to), from, to, from,
                    live)) {
                if (from < match.start())
                    parts.cut.cut(text, from, match.start(), first, words);
                words.token(match.token().id());
                from = match.end();
                first = false;
            }
        if (from < to)
            parts.cut.cut(text, from, to, first, words);
    }

    /**
     * Tokens of a text whose parts are trusted differently. What lies between two recognised tokens is encoded as one
     * piece, so that a text without forged marks gets the same tokens as from {@link #encodeWithSpecials}.
     */
    public Encoded encode(Markup markup) {
        return words.lend(words -> MarkupEncoder.encode(markup, parts.added, parts.normalized, blank,
                (text, from, to) -> stretch(text, from, to, null, words), words));
    }

    /** Text of tokens, added ones included. Bytes that are no UTF-8 become U+FFFD. */
    public String decode(int[] tokens) {
        return decode(tokens, false);
    }

    /** Text of tokens, with or without those that are marked special. */
    public String decode(int[] tokens, boolean skipSpecial) {
        Characters quick = characters;
        if (quick != null)
            return quick.decode(tokens, skipSpecial);
        decoded += Math.min(MANY, tokens.length);
        if (decoded >= MANY)
            characters = new Characters(spelling);
        Text text = spelling.decode(tokens, skipSpecial);
        return Utf8.string(text.bytes(), 0, text.length());
    }

    /** The bytes of {@link #decode(int[], boolean)}; what is no UTF-8 stays as it is. */
    public byte[] decodeUtf8(int[] tokens, boolean skipSpecial) {
        Text text = spelling.decode(tokens, skipSpecial);
        return Arrays.copyOf(text.bytes(), text.length());
    }

    /** Decodes one text token by token. */
    public TokenStream stream(boolean skipSpecial) {
        return new TokenStream(spelling, skipSpecial);
    }

    /** How many ids there are, added tokens included; the embedding needs this many rows. */
    public int vocabulary() {
        return spelling.size();
    }

    /** Id of a token by its text; throws if there is none. */
    public int id(String token) {
        return find(token).orElseThrow(() -> new IllegalArgumentException(
                "the tokenizer has no token " + token + " among its " + vocabulary()));
    }

    /**
     * Id of a token by its text, for instance {@link Specials#END_OF_TEXT}; entries of a byte-level vocabulary are in
     * GPT-2's alphabet.
     */
    public OptionalInt find(String token) {
        int id = parts.vocabulary.id(token);
        return id < 0 ? OptionalInt.empty() : OptionalInt.of(id);
    }

    /** Whether a token is marked special, so that decoding may skip it. */
    public boolean special(int id) {
        return spelling.special(id);
    }

    /** Texts of all added tokens, in order of the file. */
    public List<String> added() {
        return java.util.stream.Stream.concat(parts.added.all().stream(), parts.normalized.all().stream())
                .map(AddedTokens.Token::content).toList();
    }

    /** The bytes a token stands for within a text; not always whole characters. */
    public byte[] bytes(int id) {
        return spelling.bytes(id);
    }
}
