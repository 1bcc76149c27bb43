package io.quarry.text;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.quarry.ledger.Progress;
import io.quarry.recipe.Recipe;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;

/**
 * Trains a byte-level BPE: again and again the most frequent pair of neighbours becomes a token. Of pairs equally
 * frequent the one with the lower left id wins, then the lower right id, so the same text gives the same tokenizer.
 *
 * <p>Pretokens are counted once; each pair knows the words it stands in, and a heap whose stale entries are renewed when
 * they come up gives the next one.
 */
public final class BpeTrainer {
    /** Longer pretokens are cut for training: nothing so long repeats, and its pairs would cost much. */
    private static final int MAX_WORD = 256;

    /** A pair of neighbours: how often it stands now, and the words in which it stood at some time. */
    private static final class Pair {
        final int left;
        final int right;
        final Ints words = new Ints(2);
        long count;

        Pair(long key) {
            left = (int) (key >>> 32);
            right = (int) key;
        }

        boolean inWord(int word) {
            return words.size() > 0 && words.at(words.size() - 1) == word;
        }
    }

    /** A pair in the heap with its count at that time. */
    private record Entry(long count, Pair pair) implements Comparable<Entry> {
        @Override
        public int compareTo(Entry other) {
            if (count != other.count)
                return Long.compare(other.count, count);
            if (pair.left != other.pair.left)
                return Integer.compare(pair.left, other.pair.left);
            return Integer.compare(pair.right, other.pair.right);
        }
    }

    private final List<int[]> words = new ArrayList<>();
    private final List<Long> counts = new ArrayList<>();
    private final Map<Long, Pair> pairs = new HashMap<>();
    private final PriorityQueue<Entry> heap = new PriorityQueue<>();
    private final List<String> entries = new ArrayList<>();
    private final Map<String, Integer> entryIds = new HashMap<>();
    private final Set<Long> merged = new HashSet<>();
    private final List<GraniteJson.Pair> merges = new ArrayList<>();

    private BpeTrainer() {}

    /**
     * Trains a tokenizer with Granite 4's pre-tokenizer and special tokens.
     *
     * @param texts    read until {@code plan.sampleBytes} of UTF-8 are reached; balanced by the caller
     * @param plan     size of the vocabulary and whether digits may merge
     * @param progress told the number of entries
     * @throws IllegalArgumentException if the texts have too few pairs for the vocabulary
     */
    public static Tokenizer train(Iterator<String> texts, Recipe.TokenizerPlan plan, Progress progress) {
        BpeTrainer trainer = new BpeTrainer();
        long bytes = trainer.count(texts, plan);
        trainer.bytes();
        trainer.merge(plan.vocabulary() - Specials.COUNT, bytes, progress);
        return trainer.tokenizer();
    }

    /** Merges learned from {@code texts}, as pairs of entries in order of rank; at most {@code most}. */
    static List<GraniteJson.Pair> merges(Iterator<String> texts, Recipe.TokenizerPlan plan, int most) {
        BpeTrainer trainer = new BpeTrainer();
        trainer.count(texts, plan);
        trainer.bytes();
        trainer.index();
        while (trainer.merges.size() < most && trainer.step()) {
            // each step adds one merge
        }
        return trainer.merges;
    }

    private long count(Iterator<String> texts, Recipe.TokenizerPlan plan) {
        Map<String, long[]> found = new HashMap<>();
        long bytes = 0;
        while (texts.hasNext() && bytes < plan.sampleBytes()) {
            Text text = Utf8.text(texts.next());
            int at = 0;
            while (at < text.length()) {
                int end = Llama3Cut.THREES.next(text.bytes(), at, text.length());
                boolean number = CodePoints.kind(CodePoints.step(text.bytes(), at)) == CodePoints.NUMBER;
                if (plan.mergeDigits() || !number)
                    found.computeIfAbsent(new String(text.bytes(), at, end - at, UTF_8), w -> new long[1])[0]++;
                at = end;
            }
            bytes += text.length();
        }
        // Sorted, so that nothing depends on the order of a hash table.
        new TreeMap<>(found).forEach(this::word);
        return bytes;
    }

    private void word(String text, long[] count) {
        byte[] utf8 = text.getBytes(UTF_8);
        for (int from = 0; from < utf8.length; from += MAX_WORD) {
            int[] word = new int[Math.min(MAX_WORD, utf8.length - from)];
            for (int i = 0; i < word.length; i++)
                word[i] = ByteAlphabet.id(utf8[from + i]);
            words.add(word);
            counts.add(count[0]);
        }
    }

    private void bytes() {
        for (int id = 0; id < 256; id++)
            entry(String.valueOf(ByteAlphabet.character(ByteAlphabet.byteOf(id))));
    }

    /** Id of an entry; two merges may spell the same one. */
    private int entry(String spelling) {
        return entryIds.computeIfAbsent(spelling, s -> {
            entries.add(s);
            return entries.size() - 1;
        });
    }

    private void merge(int base, long bytes, Progress progress) {
        index();
        while (entries.size() < base) {
            if (!step())
                throw new IllegalArgumentException("the tokenizer's sample of " + bytes + " bytes has pairs for "
                        + (entries.size() + Specials.COUNT) + " entries, tokenizer.vocabulary is "
                        + (base + Specials.COUNT) + "; give more text or ask for a smaller vocabulary");
            progress.at(entries.size(), base, "entries", "");
        }
    }

    private void index() {
        for (int w = 0; w < words.size(); w++)
            count(w, words.get(w), counts.get(w));
        pairs.values().forEach(pair -> heap.add(new Entry(pair.count, pair)));
    }

    /** Merges the most frequent pair; false if no pair is left. */
    private boolean step() {
        while (!heap.isEmpty()) {
            Entry top = heap.poll();
            Pair pair = top.pair;
            if (top.count > pair.count && pair.count > 0)
                heap.add(new Entry(pair.count, pair));
            if (top.count != pair.count || pair.count == 0)
                continue;
            apply(pair);
            return true;
        }
        return false;
    }

    private void apply(Pair pair) {
        String left = entries.get(pair.left);
        String right = entries.get(pair.right);
        int id = entry(left + right);
        if (merged.add(key(pair.left, pair.right)))
            merges.add(new GraniteJson.Pair(left, right));
        Map<Long, Pair> grown = new LinkedHashMap<>();
        for (int i = 0; i < pair.words.size(); i++) {
            int w = pair.words.at(i);
            int[] before = words.get(w);
            int[] after = joined(before, pair.left, pair.right, id);
            if (after.length == before.length)
                continue;
            count(w, before, -counts.get(w));
            count(w, after, counts.get(w));
            words.set(w, after);
            for (int k = 0; k + 1 < after.length; k++)
                if (after[k] == id || after[k + 1] == id)
                    grown.put(key(after[k], after[k + 1]), pairs.get(key(after[k], after[k + 1])));
        }
        // Only pairs with the new entry can have become more frequent.
        grown.values().forEach(p -> heap.add(new Entry(p.count, p)));
    }

    private void count(int w, int[] word, long count) {
        for (int i = 0; i + 1 < word.length; i++) {
            Pair pair = pairs.computeIfAbsent(key(word[i], word[i + 1]), Pair::new);
            pair.count += count;
            if (count > 0 && !pair.inWord(w))
                pair.words.add(w);
        }
    }

    private static int[] joined(int[] word, int left, int right, int id) {
        int[] out = new int[word.length];
        int n = 0;
        for (int i = 0; i < word.length; i++) {
            boolean both = word[i] == left && i + 1 < word.length && word[i + 1] == right;
            out[n++] = both ? id : word[i];
            if (both)
                i++;
        }
        return n == word.length ? word : Arrays.copyOf(out, n);
    }

    private static long key(int left, int right) {
        return (long) left << 32 | right;
    }

    private Tokenizer tokenizer() {
        byte[] json = GraniteJson.write(entries, merges);
        try {
            return TokenizerJson.read(json, "the trained tokenizer", file -> Files.write(file, json));
        } catch (IOException e) {
            throw new UncheckedIOException(e); // the vocabulary was made with its merges
        }
    }
}
