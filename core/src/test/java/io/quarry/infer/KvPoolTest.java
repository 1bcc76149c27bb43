package io.quarry.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarry.kernel.KvLayout;
import io.quarry.kernel.KvType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Pages: never more than the budget has, shared where texts begin alike, kept as long as there is room. */
class KvPoolTest {
    private static final int SLOTS = KvLayout.SLOTS;
    private static final List<AttentionShape> LAYERS = List.of(new AttentionShape(1, 1, 2, 1, 0, 0, null));
    private static final long PAGE = new KvLayout(KvType.F32, 2).bytes();

    private static KvPool pool(int pages) {
        return new KvPool(KvType.F32, LAYERS, PAGE * pages + PAGE / 2, length -> 0);
    }

    private static int[] text(int seed, int length) {
        return new Random(seed).ints(length, 0, 1000).toArray();
    }

    /** Fills a cache up to a position: each page says whose positions it holds. */
    private static void fill(KvCache cache, int[] text, int positions) {
        assertThat(cache.reserve(text, positions)).isTrue();
        for (int p = cache.length(); p < positions; p++)
            cache.page(p / SLOTS).setAtIndex(ValueLayout.JAVA_INT, p % SLOTS, text[p]);
        cache.length(positions);
    }

    private static void holds(KvCache cache, int[] text, int positions) {
        for (int p = 0; p < positions; p++)
            assertThat(cache.page(p / SLOTS).getAtIndex(ValueLayout.JAVA_INT, p % SLOTS)).isEqualTo(text[p]);
    }

    @Test
    void countsInWholePages() {
        try (KvPool pool = pool(5)) {
            assertThat(pool.pageBytes()).isEqualTo(PAGE);
            assertThat(pool.pages()).isEqualTo(5);
            assertThat(pool.positions()).isEqualTo(5 * SLOTS);
            assertThat(KvPool.pages(0)).isZero();
            assertThat(KvPool.pages(SLOTS)).isEqualTo(1);
            assertThat(KvPool.pages(SLOTS + 1)).isEqualTo(2);
            KvCache cache = new KvCache(pool);
            assertThat(cache.reserve(new int[6 * SLOTS], 5 * SLOTS + 1)).isFalse();
            assertThat(pool.available()).isEqualTo(5);
            assertThat(cache.reserve(new int[6 * SLOTS], 5 * SLOTS)).isTrue();
            assertThat(pool.available()).isZero();
            cache.release();
            assertThat(pool.available()).isEqualTo(5);
        }
        try (KvPool none = new KvPool(KvType.Q8, LAYERS, 100, length -> 0)) {
            assertThat(none.positions()).isZero();
            assertThatThrownBy(() -> none.take(none.root(), new int[1], 0)).hasMessageContaining("all 0 pages");
        }
    }

    @Test
    void aTextThatBeginsAlikeSharesWholePagesAndCopiesTheLast() {
        try (KvPool pool = pool(10)) {
            int[] text = text(1, 200);
            KvCache first = new KvCache(pool);
            fill(first, text, 200);
            int[] other = text.clone();
            other[150] = -1;
            assertThat(pool.known(other, 200)).isEqualTo(new KvPool.Known(150, 2));
            KvCache second = new KvCache(pool);
            assertThat(second.adopt(other, 200)).isEqualTo(150);
            assertThat(pool.available()).isEqualTo(10 - 4 - 1);
            assertThat(second.page(0)).isSameAs(first.page(0));
            assertThat(second.page(1)).isSameAs(first.page(1));
            assertThat(second.page(2)).isNotSameAs(first.page(2));
            holds(second, other, 150);
            fill(second, other, 200);
            holds(first, text, 200);
            KvCache third = new KvCache(pool);
            assertThat(third.adopt(text, 128)).isEqualTo(128);
            assertThat(third.page(1)).isSameAs(first.page(1));
        }
    }

    @Test
    void whatSequencesLeaveStaysUntilItsMemoryIsNeeded() {
        try (KvPool pool = pool(6)) {
            int[] older = text(1, 3 * SLOTS);
            int[] newer = text(2, 3 * SLOTS);
            for (int[] text : List.of(older, newer)) {
                KvCache cache = new KvCache(pool);
                fill(cache, text, 3 * SLOTS);
                cache.release();
            }
            assertThat(pool.available()).isEqualTo(6);
            assertThat(pool.known(older, 3 * SLOTS)).isEqualTo(new KvPool.Known(3 * SLOTS, 0));
            KvCache third = new KvCache(pool);
            fill(third, text(3, 2 * SLOTS), 2 * SLOTS); // takes the end of the older
            assertThat(pool.known(older, 3 * SLOTS).positions()).isEqualTo(SLOTS);
            assertThat(pool.known(newer, 3 * SLOTS).positions()).isEqualTo(3 * SLOTS);
            KvCache again = new KvCache(pool);
            assertThat(again.adopt(newer, 3 * SLOTS)).isEqualTo(3 * SLOTS);
            holds(again, newer, 3 * SLOTS);
            assertThat(pool.available()).isEqualTo(1);
            third.release();
            again.release();
            pool.clear();
            assertThat(pool.known(newer, 3 * SLOTS).positions()).isZero();
            assertThat(pool.available()).isEqualTo(6);
        }
    }

    @Test
    void pagesThatWereNeverReachedAreNotKept() {
        try (KvPool pool = pool(4)) {
            int[] text = text(1, 4 * SLOTS);
            KvCache cache = new KvCache(pool);
            cache.reserve(text, 4 * SLOTS);
            cache.length(10);
            cache.release();
            assertThat(pool.known(text, 4 * SLOTS)).isEqualTo(new KvPool.Known(10, 0));
            assertThat(pool.available()).isEqualTo(4);
        }
    }

    @Test
    void tokensThatAreTakenBackAreForgotten() {
        try (KvPool pool = pool(4)) {
            int[] text = text(1, 3 * SLOTS);
            KvCache cache = new KvCache(pool);
            fill(cache, text, 2 * SLOTS + 5);
            cache.length(SLOTS + 7);
            assertThat(pool.known(text, 3 * SLOTS).positions()).isEqualTo(SLOTS + 7);
            text[SLOTS + 7]++;
            fill(cache, text, 3 * SLOTS);
            holds(cache, text, 3 * SLOTS);
            assertThat(pool.known(text, 3 * SLOTS).positions()).isEqualTo(3 * SLOTS);
        }
    }

    @Test
    void withoutAFreePageThePartIsNotCopied() {
        try (KvPool pool = pool(1)) {
            int[] text = text(1, 20);
            KvCache cache = new KvCache(pool);
            fill(cache, text, 20);
            cache.release();
            KvCache next = new KvCache(pool);
            assertThat(next.adopt(text, 15)).isZero();
            fill(next, text, 15);
            holds(next, text, 15);
        }
    }

    /** Sequences come, grow, shrink and go at random: each finds what it wrote, and pages are never lost or made twice. */
    @Property(tries = 300)
    void everySequenceKeepsItsOwn(@ForAll long seed, @ForAll @IntRange(min = 1, max = 9) int pages) {
        Random random = new Random(seed);
        try (KvPool pool = pool(pages)) {
            List<KvCache> caches = new ArrayList<>();
            List<int[]> texts = new ArrayList<>();
            for (int turn = 0; turn < 60; turn++) {
                if (random.nextInt(3) == 0 || caches.isEmpty()) {
                    int[] text = text(random.nextInt(3), 5 * SLOTS); // few beginnings, so that they meet
                    for (int i = random.nextInt(text.length); i < text.length; i++)
                        text[i] += random.nextInt(2);
                    KvCache cache = new KvCache(pool);
                    int known = pool.known(text, 4 * SLOTS).positions();
                    int adopted = cache.adopt(text, 4 * SLOTS);
                    assertThat(adopted).isLessThanOrEqualTo(known).isGreaterThanOrEqualTo(known / SLOTS * SLOTS);
                    caches.add(cache);
                    texts.add(text);
                }
                int which = random.nextInt(caches.size());
                KvCache cache = caches.get(which);
                int[] text = texts.get(which);
                int wanted = Math.min(text.length, cache.length() + random.nextInt(2 * SLOTS));
                if (cache.reserve(text, wanted))
                    fill(cache, text, wanted);
                for (int i = 0; i < caches.size(); i++)
                    holds(caches.get(i), texts.get(i), caches.get(i).length());
                if (random.nextInt(3) == 0) {
                    caches.remove(which).release();
                    texts.remove(which);
                }
                assertThat(pool.available()).isEqualTo(pages - distinct(caches));
            }
        }
    }

    private static long distinct(List<KvCache> caches) {
        return caches.stream().flatMap(c -> IntStream.range(0, c.pages()).mapToObj(c::page))
                .map(MemorySegment::address).distinct().count();
    }

    @Test
    void aTextIsNotMistakenForAnother() {
        try (KvPool pool = pool(8)) {
            int[] text = text(1, 2 * SLOTS);
            fill(new KvCache(pool), text, 2 * SLOTS);
            int[] shifted = Arrays.copyOfRange(text, SLOTS, 2 * SLOTS); // a second page is none that a text begins with
            assertThat(pool.known(shifted, SLOTS).positions()).isZero();
        }
    }
}
