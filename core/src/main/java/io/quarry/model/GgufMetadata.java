package io.quarry.model;

import io.quarry.model.GgufValue.Type;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SequencedMap;

/** The keys and values of a GGUF file. What is asked for is there and of its kind, or a sentence says what was found. */
public final class GgufMetadata {
    /** A bound for what a hostile file may ask for. */
    private static final int MOST_LAYERS = 10_000;

    private final Path file;
    private final SequencedMap<String, GgufValue> values;

    GgufMetadata(Path file, SequencedMap<String, GgufValue> values) {
        this.file = file;
        this.values = Collections.unmodifiableSequencedMap(values);
    }

    /** All values in the order of the file. */
    public SequencedMap<String, GgufValue> values() {
        return values;
    }

    public boolean has(String key) {
        return values.containsKey(key);
    }

    public String string(String key) throws IOException {
        return text(key, single(key, "a string", of(key).type() == Type.STRING).strings()[0]);
    }

    /** A whole number from 0 to 2^31 - 1, stored as any kind of whole number. */
    public int whole(String key) throws IOException {
        return whole(key, single(key, "a whole number", of(key).type().whole()), 0);
    }

    /** A finite number, stored as fraction or whole. */
    public double number(String key) throws IOException {
        GgufValue value = of(key);
        return number(key, single(key, "a number", value.type().whole() || value.type().fraction()), 0);
    }

    public boolean flag(String key) throws IOException {
        return single(key, "true or false", of(key).type() == Type.BOOL).whole(0) != 0;
    }

    /** An array of strings, for instance the tokens of a vocabulary. */
    public List<String> strings(String key) throws IOException {
        MemorySegment[] all = array(key, "strings", of(key).content() == Type.STRING).strings();
        String[] texts = new String[all.length];
        for (int i = 0; i < all.length; i++)
            texts[i] = text(key, all[i]);
        return List.of(texts);
    }

    /** An array of whole numbers from 0 to 2^31 - 1. */
    public int[] wholes(String key) throws IOException {
        GgufValue array = array(key, "whole numbers", of(key).content().whole());
        int[] all = new int[Math.toIntExact(array.count())];
        for (int i = 0; i < all.length; i++)
            all[i] = whole(key, array, i);
        return all;
    }

    /** One whole number for each layer: an array of that many, or a single one that holds for all. */
    public int[] wholes(String key, int layers) throws IOException {
        if (layers > MOST_LAYERS)
            throw new IOException(file + ", key " + key + ": it is asked for " + layers + " layers, more than "
                    + MOST_LAYERS + ", which no model has");
        int[] all = of(key).type() == Type.ARRAY ? wholes(key) : new int[layers];
        if (all.length != layers)
            throw wrong(key, "an array of " + layers + " numbers, one for each layer, or a single number");
        if (of(key).type() != Type.ARRAY)
            Arrays.fill(all, whole(key));
        return all;
    }

    /** An array of finite numbers, stored as fractions or whole. */
    public float[] numbers(String key) throws IOException {
        Type content = of(key).content();
        GgufValue array = array(key, "numbers", content.whole() || content.fraction());
        float[] all = new float[Math.toIntExact(array.count())];
        for (int i = 0; i < all.length; i++)
            all[i] = (float) number(key, array, i);
        return all;
    }

    /** Every flag of an array of them. */
    public boolean[] flags(String key) throws IOException {
        GgufValue array = array(key, "flags", of(key).content() == Type.BOOL);
        boolean[] all = new boolean[Math.toIntExact(array.count())];
        for (int i = 0; i < all.length; i++)
            all[i] = array.whole(i) != 0;
        return all;
    }

    private GgufValue of(String key) throws IOException {
        GgufValue value = values.get(key);
        if (value == null)
            throw new IOException(file + " has no key " + key);
        return value;
    }

    private GgufValue single(String key, String expected, boolean right) throws IOException {
        if (!right)
            throw wrong(key, expected);
        return of(key);
    }

    private GgufValue array(String key, String expected, boolean right) throws IOException {
        if (!right || of(key).type() != Type.ARRAY)
            throw wrong(key, "an array of " + expected);
        return of(key);
    }

    private int whole(String key, GgufValue value, long index) throws IOException {
        long n = value.whole(index);
        if (n < 0 || n > Integer.MAX_VALUE)
            throw new IOException(file + ", key " + key + ": found " + (value.content() == Type.U64
                    ? Long.toUnsignedString(n)
                    : n) + (value.type() == Type.ARRAY ? " at index " + index : "")
                    + ", expected a whole number from 0 to 2^31 - 1");
        return (int) n;
    }

    private double number(String key, GgufValue value, long index) throws IOException {
        double n = value.number(index);
        if (!Double.isFinite(n))
            throw new IOException(file + ", key " + key + ": found " + n
                    + (value.type() == Type.ARRAY ? " at index " + index : "") + ", expected a finite number");
        return n;
    }

    private String text(String key, MemorySegment utf8) throws IOException {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8.toArray(ValueLayout.JAVA_BYTE)))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new IOException(file + ", key " + key + ": found bytes that are no UTF-8, "
                    + GgufValue.shown(utf8) + ", expected a string", e);
        }
    }

    private IOException wrong(String key, String expected) {
        GgufValue value = values.get(key);
        return new IOException(file + ", key " + key + ": found " + (value.type() == Type.ARRAY ? "an array, " : "")
                + value + (value.type() == Type.ARRAY ? "" : " (" + value.type() + ")") + ", expected " + expected);
    }
}
