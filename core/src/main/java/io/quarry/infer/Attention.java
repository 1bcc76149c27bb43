package io.quarry.infer;

import io.quarry.infer.AttentionRoom.Own;
import io.quarry.infer.AttentionRoom.State;
import io.quarry.kernel.AttentionKernels;
import io.quarry.kernel.Kernels;
import io.quarry.kernel.KvLayout;
import io.quarry.kernel.Workers;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/**
 * Causal attention of one layer, within each sequence, over the pages of its cache. Keys are met in segments of
 * {@value #SEGMENT} positions, counted from the begin of the text: each gives its weights relative to its own largest
 * score and what they gather, and segments are joined in order. So the result of a query depends on its sequence
 * alone, bit for bit, whatever else is in the step, however the prompt was cut into steps, and however many threads
 * share the keys.
 *
 * <p>Letters: T rows of this step, H query heads, K key heads, d head size. A tile is some tokens of one sequence with
 * all query heads that share one key head: its rows are the heads of the first token, then those of the next.
 */
final class Attention {
    /** Positions whose scores are held at once. */
    static final int SEGMENT = 512;
    private static final int SLOTS = KvLayout.SLOTS;
    /** Segments that a thread takes together where few tokens meet many keys. */
    private static final int SEGMENTS_PER_TASK = 4;
    /** Rows that a tile should have, so that keys and values are widened once for many. */
    private static final int TILE_ROWS = 64;
    /** Tokens whose keys and values a thread stores together. */
    private static final int STORE_ROWS = 8;

    private final Kernels kernels;
    private final AttentionKernels paged;
    private final AttentionShape shape;
    private final int layer;
    /** Numbers of one row of {@code qkv}. */
    private final int stride;

    /** Attention of the layer with the given number, whose keys and values are those of that number in a cache. */
    Attention(Kernels kernels, AttentionShape shape, int layer) {
        this.kernels = kernels;
        this.paged = AttentionKernels.of(kernels);
        this.shape = shape;
        this.layer = layer;
        this.stride = shape.qDim() + 2 * shape.kvDim();
    }

    AttentionShape shape() {
        return shape;
    }

    /** Tokens of a tile. */
    private static int tokens(AttentionShape shape) {
        return Math.max(8, TILE_ROWS / shape.group());
    }

    /** Rows of a tile. */
    static int rows(AttentionShape shape) {
        return tokens(shape) * shape.group();
    }

    /**
     * Turns queries and keys, stores keys and values, gathers values. Pages for all positions must be there.
     *
     * @param qkv   [T, (H + 2K) d]; queries and keys are turned in place
     * @param mixed [T, H d]
     */
    void attend(AttentionRoom room, float[] qkv, float[] mixed, List<Span> spans, Workers by) {
        room.attention = this;
        room.qkv = qkv;
        room.mixed = mixed;
        room.spans = spans;
        room.reach(spans.size());
        long work = 0;
        boolean split = false;
        for (int i = 0; i < spans.size(); i++) {
            Span span = spans.get(i);
            int blocks = Math.ceilDiv(span.count, tokens(shape));
            int parts = parts(span);
            split |= parts > 1;
            room.rowAt[i + 1] = room.rowAt[i] + span.count;
            room.taskAt[i + 1] = room.taskAt[i] + shape.kvHeads() * blocks * parts;
            room.partialAt[i + 1] = room.partialAt[i]
                    + (parts == 1 ? 0 : Math.multiplyExact(segments(span), span.count * shape.heads()));
            work += (long) span.count * (span.from + span.count) * shape.qDim();
        }
        Workers sharing = work < Kernels.WORTH_SHARING ? Workers.NONE : by;
        int count = spans.size();
        room.reachPartials(room.partialAt[count], KvLayout.width(shape.headDim()));
        by.run(Math.ceilDiv(room.rowAt[count], STORE_ROWS), room.store);
        sharing.run(room.taskAt[count], room.attend);
        if (split)
            sharing.run(count * shape.kvHeads(), room.join);
    }

    /** First segment that any query of a span sees. */
    private int firstSegment(Span span) {
        return shape.first(span.from) / SEGMENT;
    }

    private int segments(Span span) {
        return Math.ceilDiv(span.from + span.count, SEGMENT) - firstSegment(span);
    }

    /** Into how many tasks the keys of a span are parted: 1 where its tokens make tasks enough. */
    private int parts(Span span) {
        return span.count > tokens(shape) ? 1 : Math.ceilDiv(segments(span), SEGMENTS_PER_TASK);
    }

    /** One task: some rows of the step turn and go to the caches. */
    void store(AttentionRoom room, int index) {
        int row = index * STORE_ROWS;
        int end = Math.min(row + STORE_ROWS, room.rowAt[room.spans.size()]);
        int s = room.span(room.rowAt, row);
        for (; row < end; row++) {
            if (row == room.rowAt[s + 1])
                s++;
            Span span = room.spans.get(s);
            store(room.qkv, row * stride, span, span.from + row - room.rowAt[s]);
        }
    }

    private void store(float[] qkv, int at, Span span, int position) {
        int size = shape.headDim();
        if (shape.rope() != null)
            for (int h = 0; h < shape.heads() + shape.kvHeads(); h++)
                shape.rope().turn(kernels, qkv, at + h * size, span.tokens.length, position);
        KvCache cache = span.cache;
        KvPool pool = cache.pool();
        MemorySegment page = cache.page(position / SLOTS);
        for (int h = 0; h < shape.kvHeads(); h++) {
            int key = at + shape.qDim() + h * size;
            paged.store(pool.layout(layer), page, pool.at(layer, h), position % SLOTS, qkv, key, key + shape.kvDim());
        }
    }

    /** One task: a tile meets all its keys, or a few tokens some of theirs. */
    void attend(AttentionRoom room, int index, int worker) {
        int s = room.span(room.taskAt, index);
        Span span = room.spans.get(s);
        int perHead = (room.taskAt[s + 1] - room.taskAt[s]) / shape.kvHeads();
        int head = (index - room.taskAt[s]) / perHead;
        int part = (index - room.taskAt[s]) % perHead;
        Own own = room.own(worker);
        if (parts(span) > 1) {
            own.tile(span, head, 0, span.count);
            attendSome(room, own, s, part * SEGMENTS_PER_TASK);
        } else {
            int from = part * tokens(shape);
            own.tile(span, head, from, Math.min(tokens(shape), span.count - from));
            attendAll(room, own, s);
        }
    }

    private void attendAll(AttentionRoom room, Own own, int s) {
        query(room, own, s);
        int rows = own.count * shape.group();
        int width = KvLayout.width(shape.headDim());
        Arrays.fill(own.all.most, 0, rows, Float.NEGATIVE_INFINITY);
        int last = (own.position() + own.count - 1) / SEGMENT;
        for (int g = shape.first(own.position()) / SEGMENT; g <= last; g++) {
            segment(own, g);
            for (int r = 0; r < rows; r++)
                add(own.sums, r * width, own.all, r, own.gathered, r * width, own.segment, r);
        }
        for (int r = 0; r < rows; r++)
            finish(own.sums, r * width, own.all.weight[r], room.mixed, out(room, s, own.head, own.from, r));
    }

    private void attendSome(AttentionRoom room, Own own, int s, int from) {
        query(room, own, s);
        int rows = own.count * shape.group();
        int width = KvLayout.width(shape.headDim());
        int first = firstSegment(own.span);
        int end = Math.min(segments(own.span), from + SEGMENTS_PER_TASK);
        for (int g = from; g < end; g++) {
            segment(own, first + g);
            int to = partial(room, s, own.head, g);
            System.arraycopy(own.gathered, 0, room.partials, to * width, rows * width);
            System.arraycopy(own.segment.most, 0, room.partialStates.most, to, rows);
            System.arraycopy(own.segment.weight, 0, room.partialStates.weight, to, rows);
        }
    }

    /** Where the result of a row of a tile goes. */
    private int out(AttentionRoom room, int s, int head, int from, int row) {
        int group = shape.group();
        return (room.rowAt[s] + from + row / group) * shape.qDim() + (head * group + row % group) * shape.headDim();
    }

    /** Copies the queries of the tile. */
    private void query(AttentionRoom room, Own own, int s) {
        int group = shape.group();
        int size = shape.headDim();
        KvLayout layout = own.span.cache.pool().layout(layer);
        for (int r = 0; r < own.count * group; r++)
            paged.query(layout, room.qkv,
                    (room.rowAt[s] + own.from + r / group) * stride + (own.head * group + r % group) * size,
                    own.queries, r * size);
    }

    /** Meets one segment: leaves weights in {@code own.segment} and what they gather in {@code own.gathered}. */
    private void segment(Own own, int g) {
        KvCache cache = own.span.cache;
        KvLayout layout = cache.pool().layout(layer);
        long at = cache.pool().at(layer, own.head);
        int group = shape.group();
        int rows = own.count * group;
        int begin = g * SEGMENT;
        int seen = Math.min(begin + SEGMENT, own.position() + own.count); // by the last token
        int first = Math.max(begin, shape.first(own.position())) / SLOTS; // page
        int end = Math.ceilDiv(seen, SLOTS);
        for (int p = first; p < end; p++)
            paged.scores(layout, cache.page(p), at, own.queries, rows, own.scores, p * SLOTS - begin, SEGMENT,
                    own.spare);
        for (int r = 0; r < rows; r++)
            weigh(own, r, own.position() + r / group, begin, first * SLOTS, end * SLOTS);
        Arrays.fill(own.gathered, 0, rows * layout.width(), 0);
        for (int p = first; p < end; p++)
            paged.gather(layout, cache.page(p), at, Math.min(SLOTS, seen - p * SLOTS), own.scores, p * SLOTS - begin,
                    SEGMENT, rows, own.gathered, own.spare);
    }

    /**
     * Turns the scores of a query at {@code position} for the keys {@code [from, to)} to weights, 0 for those that it
     * must not see.
     *
     * @param begin first position of the segment
     */
    private void weigh(Own own, int row, int position, int begin, int from, int to) {
        float[] scores = own.scores;
        int at = row * SEGMENT + from - begin;
        int n = to - from;
        int low = Math.clamp(shape.first(position) - from, 0, n);
        int high = Math.clamp(position + 1 - from, 0, n);
        if (low >= high) {
            Arrays.fill(scores, at, at + n, 0);
            own.segment.most[row] = Float.NEGATIVE_INFINITY;
            own.segment.weight[row] = 0;
            return;
        }
        float scale = shape.scale();
        if (shape.softCap() > 0) {
            paged.softCap(scores, at + low, high - low, scale, shape.softCap(), own.spare);
            scale = 1;
        }
        Arrays.fill(scores, at, at + low, Float.NEGATIVE_INFINITY);
        Arrays.fill(scores, at + high, at + n, Float.NEGATIVE_INFINITY);
        float most = kernels.max(scores, at, n);
        own.segment.weight[row] = paged.weigh(scores, at, n, most, scale, own.spare);
        own.segment.most[row] = most * scale;
    }

    /** Adds what a row gathered in one segment to what it gathered before. */
    private void add(float[] sums, int sumsAt, State all, int row, float[] gathered, int at, State segment,
            int next) {
        int width = KvLayout.width(shape.headDim());
        float most = segment.most[next];
        double weight = segment.weight[next];
        if (all.most[row] == Float.NEGATIVE_INFINITY) { // it is the first that the row saw anything of
            System.arraycopy(gathered, at, sums, sumsAt, width);
            all.most[row] = most;
            all.weight[row] = weight;
        } else if (weight != 0) {
            float both = Math.max(all.most[row], most);
            float before = (float) Math.exp(all.most[row] - both);
            float now = (float) Math.exp(most - both);
            kernels.scale(sums, sumsAt, before, width);
            kernels.addScaled(sums, sumsAt, gathered, at, now, width);
            all.weight[row] = all.weight[row] * before + weight * now;
            all.most[row] = both;
        }
    }

    private void finish(float[] sums, int at, double weight, float[] mixed, int to) {
        System.arraycopy(sums, at, mixed, to, shape.headDim());
        kernels.scale(mixed, to, (float) (1 / weight), shape.headDim());
    }

    /** Number of the first partial result of a span's key head and segment; one for each row. */
    private int partial(AttentionRoom room, int s, int head, int segment) {
        Span span = room.spans.get(s);
        return room.partialAt[s] + (head * segments(span) + segment) * span.count * shape.group();
    }

    /** One task: joins the partial results of a key head of a span, all into those of its first segment. */
    void join(AttentionRoom room, int index) {
        int s = index / shape.kvHeads();
        int head = index % shape.kvHeads();
        Span span = room.spans.get(s);
        if (parts(span) == 1)
            return;
        int rows = span.count * shape.group();
        int width = KvLayout.width(shape.headDim());
        int first = partial(room, s, head, 0);
        for (int g = 1; g < segments(span); g++)
            for (int r = 0; r < rows; r++) {
                int next = first + g * rows + r;
                add(room.partials, (first + r) * width, room.partialStates, first + r, room.partials, next * width,
                        room.partialStates, next);
            }
        for (int r = 0; r < rows; r++)
            finish(room.partials, (first + r) * width, room.partialStates.weight[first + r], room.mixed,
                    out(room, s, head, 0, r));
    }
}
