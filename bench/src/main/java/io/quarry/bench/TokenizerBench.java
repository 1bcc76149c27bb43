package io.quarry.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.quarry.text.Tokenizer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.zip.CRC32;

/**
 * Measures encoding and decoding against Hugging Face {@code tokenizers} in one run: both on one thread, on the same
 * documents, taking turns, after both have warmed up; medians. Both must give the same ids. Appends one JSON line for
 * each text to {@code results/tokenizer.jsonl}.
 *
 * <p>Arguments: a Python that has {@code tokenizers}, a {@code tokenizer.json}, texts. Run from the repository's root.
 */
public final class TokenizerBench {
    private static final Path PEER = Path.of("tools/bench/tokenizer_peer.py");
    private static final Path RESULTS = Path.of("results/tokenizer.jsonl");
    /** Least bytes of a document; it ends with the line. */
    private static final int DOCUMENT = 4096;
    private static final int PAIRS = 7;
    private static final double WARM_UP_SECONDS = 6;

    private final Tokenizer tokenizer;
    private final List<String> documents;
    private final List<byte[]> utf8;
    private final List<int[]> ids = new ArrayList<>();
    private final long bytes;
    private long sink;

    private TokenizerBench(Tokenizer tokenizer, String text) {
        this.tokenizer = tokenizer;
        documents = documents(text);
        utf8 = documents.stream().map(document -> document.getBytes(UTF_8)).toList();
        utf8.forEach(document -> ids.add(tokenizer.encode(document)));
        bytes = utf8.stream().mapToLong(document -> document.length).sum();
    }

    public static void main(String[] args) throws IOException {
        Path file = Path.of(args[1]);
        Tokenizer tokenizer = Tokenizer.open(file);
        for (String text : List.of(args).subList(2, args.length))
            new TokenizerBench(tokenizer, Files.readString(Path.of(text))).run(args[0], file, Path.of(text));
    }

    private static List<String> documents(String text) {
        List<String> documents = new ArrayList<>();
        StringBuilder document = new StringBuilder();
        for (String line : text.replace("\0", "").split("(?<=\n)")) {
            document.append(line);
            if (document.length() >= DOCUMENT) {
                documents.add(document.toString());
                document.setLength(0);
            }
        }
        if (!document.isEmpty())
            documents.add(document.toString());
        return documents;
    }

    private void run(String python, Path file, Path text) throws IOException {
        Path shared = Files.createTempFile("documents", ".txt");
        Files.writeString(shared, String.join("\0", documents) + "\0");
        Process process = new ProcessBuilder(python, PEER.toString(), file.toString(), shared.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT).start();
        try (PrintStream ask = new PrintStream(process.getOutputStream(), true, UTF_8);
                BufferedReader answer = process.inputReader(UTF_8)) {
            String[] peer = answer.readLine().split(" ");
            boolean identical = Long.parseLong(peer[1]) == tokens() && Long.parseLong(peer[2]) == checksum();
            warmUp();
            double[][] rates = new double[5][PAIRS];
            for (int pair = 0; pair < PAIRS; pair++) {
                rates[0][pair] = rate(seconds(this::encodeUtf8));
                rates[1][pair] = rate(ask(ask, answer, "encode"));
                rates[2][pair] = rate(seconds(this::encodeStrings));
                rates[3][pair] = rate(seconds(this::decode));
                rates[4][pair] = rate(ask(ask, answer, "decode"));
            }
            write(file, text, peer, identical, rates);
        } finally {
            process.destroy();
            Files.delete(shared);
        }
    }

    private long tokens() {
        return ids.stream().mapToLong(each -> each.length).sum();
    }

    private long checksum() {
        CRC32 crc = new CRC32();
        for (int[] each : ids) {
            ByteBuffer buffer = ByteBuffer.allocate(each.length * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            buffer.asIntBuffer().put(each);
            crc.update(buffer.array());
        }
        return crc.getValue();
    }

    private void warmUp() {
        for (long end = System.nanoTime() + (long) (WARM_UP_SECONDS * 1e9); System.nanoTime() < end;) {
            encodeUtf8();
            encodeStrings();
            decode();
        }
    }

    private void encodeUtf8() {
        for (byte[] document : utf8)
            sink += tokenizer.encode(document).length;
    }

    private void encodeStrings() {
        for (String document : documents)
            sink += tokenizer.encode(document).length;
    }

    private void decode() {
        for (int[] each : ids)
            sink += tokenizer.decode(each).length();
    }

    private static double seconds(Runnable work) {
        long start = System.nanoTime();
        work.run();
        return (System.nanoTime() - start) / 1e9;
    }

    private static double ask(PrintStream ask, BufferedReader answer, String what) throws IOException {
        ask.println(what);
        return Double.parseDouble(answer.readLine());
    }

    private double rate(double seconds) {
        return bytes / 1e6 / seconds;
    }

    private void write(Path file, Path text, String[] peer, boolean identical, double[][] rates) throws IOException {
        double[] median = new double[rates.length];
        for (int i = 0; i < rates.length; i++) {
            Arrays.sort(rates[i]);
            median[i] = rates[i][PAIRS / 2];
        }
        String line = String.format(Locale.ROOT,
                "{\"bench\": \"tokenizer\", \"date\": \"%s\", \"cpu\": \"%s\", \"threads\": 1, \"java\": \"%s\", "
                        + "\"peer\": \"tokenizers %s, %s and %s\", \"tokenizer\": \"%s\", \"text\": \"%s\", "
                        + "\"bytes\": %d, \"tokens\": %d, \"sameIds\": %b, \"pairs\": %d, "
                        + "\"encodeMBps\": {\"utf8\": %.1f, \"strings\": %.1f, \"peer\": %.2f, \"times\": %.1f}, "
                        + "\"decodeMBps\": {\"strings\": %.1f, \"peer\": %.2f, \"times\": %.1f}, \"check\": %d}%n",
                LocalDate.now(), cpu(), Runtime.version(), peer[0], peer[3], peer[4], name(file), name(text), bytes,
                tokens(), identical, PAIRS, median[0], median[2], median[1], median[0] / median[1], median[3],
                median[4], median[3] / median[4], Math.floorMod(sink, 1000));
        System.out.print(line);
        Files.writeString(RESULTS, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private static String name(Path file) {
        return file.getFileName().toString().replaceAll("\\..*", "");
    }

    private static String cpu() throws IOException {
        Path info = Path.of("/proc/cpuinfo");
        if (!Files.exists(info))
            return System.getProperty("os.arch");
        return Files.readAllLines(info).stream().filter(line -> line.startsWith("model name")).findFirst()
                .map(line -> line.substring(line.indexOf(':') + 1).strip()).orElse(System.getProperty("os.arch"));
    }
}
