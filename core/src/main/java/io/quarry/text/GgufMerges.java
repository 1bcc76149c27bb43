package io.quarry.text;

import static io.quarry.text.TokenizerJson.require;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The merges of a SentencePiece BPE, which a GGUF file has as scores only: any two neighbours become a piece if the
 * vocabulary has it, the piece of the highest score first.
 */
final class GgufMerges {
    /** Longest piece: each is taken apart at every place. */
    private static final int LONGEST = 1024;

    private final GgufVocabulary file;
    private final Vocabulary vocabulary;
    /** Rank of the piece of each id; pieces of one score have one rank. */
    private final int[] ranks;
    /** Left id, right id and id of the whole, in turn. */
    private final Ints merges = new Ints(1 << 10);

    GgufMerges(GgufVocabulary file, Vocabulary vocabulary) {
        this.file = file;
        this.vocabulary = vocabulary;
        int size = file.tokens().length;
        float[] scores = file.scores();
        require(scores != null && scores.length >= size, "tokenizer.ggml.scores has "
                + (scores == null ? 0 : scores.length) + " entries for " + size + " tokens");
        ranks = ranks(Arrays.copyOf(scores, size));
        for (int id = 0; id < size; id++)
            if (piece(id))
                apart(id);
    }

    /** Sets for each id the rank of its score, the highest score being rank 0. */
    private static int[] ranks(float[] scores) {
        long[] order = new long[scores.length];
        for (int id = 0; id < scores.length; id++) {
            require(Float.isFinite(scores[id]), "tokenizer.ggml.scores[" + id + "] is " + scores[id]);
            int bits = Float.floatToIntBits(scores[id] + 0f); // -0 and 0 are one score
            int ascending = bits ^ bits >> 31 & Integer.MAX_VALUE;
            order[id] = (long) ~ascending << 32 | id;
        }
        Arrays.sort(order);
        int[] ranks = new int[scores.length];
        int rank = 0;
        for (int i = 0; i < order.length; i++) {
            if (i > 0 && order[i] >> 32 != order[i - 1] >> 32)
                rank++;
            ranks[(int) order[i]] = rank;
        }
        return ranks;
    }

    /** Whether text can become this token by merging. */
    private boolean piece(int id) {
        return file.type(id) == GgufVocabulary.NORMAL || file.type(id) == GgufVocabulary.USER_DEFINED;
    }

    private void apart(int id) {
        byte[] piece = vocabulary.bytes(id);
        require(piece.length <= LONGEST, "tokenizer.ggml.tokens[" + id + "] has " + piece.length
                + " bytes; at most " + LONGEST + " are known");
        for (int at = 1; at < piece.length; at++) {
            if ((piece[at] & 0xC0) == 0x80)
                continue;
            int left = vocabulary.id(piece, 0, at);
            int right = left < 0 ? -1 : vocabulary.id(piece, at, piece.length);
            if (right >= 0 && piece(left) && piece(right))
                merges.add(left).add(right).add(id);
        }
    }

    Merges table() {
        int[] ids = IntStream.range(0, ranks.length).toArray();
        Merges table = new Merges(merges.size() / 3, ids, ranks);
        for (int i = 0; i < merges.size(); i += 3)
            table.put(merges.at(i), merges.at(i + 1), merges.at(i + 2));
        return table.whole();
    }

    /** All merges as left and right id, the lowest rank first. */
    List<int[]> inOrder() {
        List<int[]> all = new ArrayList<>();
        for (int i = 0; i < merges.size(); i += 3)
            all.add(new int[] {merges.at(i), merges.at(i + 1), ranks[merges.at(i + 2)]});
        all.sort(Comparator.comparingInt((int[] merge) -> merge[2]).thenComparingInt(merge -> merge[0])
                .thenComparingInt(merge -> merge[1]));
        return all;
    }

    Joins joins(Bpe.Symbols symbols) {
        Joins joins = new Joins();
        for (int i = 0; i < merges.size(); i += 3)
            joins.add(vocabulary.text(merges.at(i + 2)), symbols);
        return joins;
    }
}
