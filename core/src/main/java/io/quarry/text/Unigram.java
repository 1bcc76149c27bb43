package io.quarry.text;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;

/**
 * A unigram language model over pieces (SentencePiece): of all ways to split a word, the one whose pieces have the
 * greatest sum of scores, by Viterbi, in time linear in the word.
 */
final class Unigram implements Model {
    /** What a character that is no piece costs beside the least score (SentencePiece, Hugging Face). */
    private static final double UNKNOWN_PENALTY = 10;

    private final Vocabulary vocabulary;
    private final double[] scores;
    private final double unknownScore;
    private final int unknown;
    private final int[] fallback;
    private final boolean spaces;
    private final ByteTrie trie = new ByteTrie();

    /**
     * @param scores   of each id
     * @param unknown  id for what is no piece
     * @param fallback id of each byte for what is no piece, -1 where there is none; null for no such ids
     * @param spaces   whether a space is looked up as {@link Bpe#SPACE}
     */
    Unigram(Vocabulary vocabulary, double[] scores, int unknown, int[] fallback, boolean spaces) {
        this.spaces = spaces;
        this.vocabulary = vocabulary;
        this.scores = scores;
        this.unknown = unknown;
        this.fallback = fallback;
        unknownScore = Arrays.stream(scores).min().orElse(0) - UNKNOWN_PENALTY;
        for (int id = 0; id < scores.length; id++)
            if (vocabulary.bytes(id).length > 0)
                trie.put(vocabulary.bytes(id), id);
    }

    @Override
    public void apply(byte[] text, int from, int to, Words words) {
        if (spaces) {
            byte[] written = new String(text, from, to - from, UTF_8).replace(" ", Bpe.SPACE).getBytes(UTF_8);
            split(written, 0, written.length, words);
        } else {
            split(text, from, to, words);
        }
    }

    private void split(byte[] text, int from, int to, Words words) {
        int n = to - from;
        int[] starts = new int[n + 1];
        int[] ids = new int[n + 1];
        double[] best = new double[n + 1];
        Arrays.fill(starts, -1);
        for (int at = 0; at < n;) {
            int character = CodePoints.length(text[from + at]);
            boolean alone = false;
            int node = ByteTrie.ROOT;
            for (int i = at; i < n; i++) {
                node = trie.next(node, text[from + i]);
                if (node < 0)
                    break;
                int id = trie.value(node);
                if (id < 0)
                    continue;
                offer(starts, ids, best, at, i + 1, id, best[at] + scores[id]);
                alone |= i + 1 - at == character;
            }
            if (!alone)
                offer(starts, ids, best, at, at + character, unknown, best[at] + unknownScore);
            at += character;
        }
        back(text, from, n, starts, ids, words);
    }

    private static void offer(int[] starts, int[] ids, double[] best, int at, int end, int id, double score) {
        if (starts[end] >= 0 && score <= best[end])
            return;
        starts[end] = at;
        ids[end] = id;
        best[end] = score;
    }

    /** Walks the best way back to front; unknown neighbours become one piece. */
    private void back(byte[] text, int from, int n, int[] starts, int[] ids, Words words) {
        int[] ends = words.symbols(n + 1);
        int pieces = 0;
        for (int end = n; end > 0;) {
            ends[pieces++] = end;
            int start = starts[end];
            if (ids[end] == unknown)
                while (start > 0 && ids[start] == unknown)
                    start = starts[start];
            end = start;
        }
        int start = 0;
        while (pieces > 0) {
            int end = ends[--pieces];
            piece(text, from + start, from + end, words);
            start = end;
        }
    }

    private void piece(byte[] text, int from, int to, Words words) {
        int id = vocabulary.id(text, from, to);
        if (id >= 0) {
            words.token(id);
            return;
        }
        boolean all = fallback != null;
        for (int i = from; i < to && all; i++)
            all = fallback[text[i] & 0xFF] >= 0;
        if (!all) {
            words.token(unknown);
            return;
        }
        for (int i = from; i < to; i++)
            words.token(fallback[text[i] & 0xFF]);
    }
}
