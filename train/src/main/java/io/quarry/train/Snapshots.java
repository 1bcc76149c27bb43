package io.quarry.train;

import io.quarry.model.ModelSpec;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * Where a run stands, on disk: two files written in turn, each by an atomic rename and with its SHA-256 at the end, so a
 * kill at any moment leaves at least one that is whole.
 *
 * <p>Layout: length and text of a JSON header, the numbers of each set of weights (f32, little endian), 32 bytes of
 * SHA-256 over all before.
 */
public final class Snapshots {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int HASH = 32;
    private static final int LONGEST_HEADER = 1 << 28;

    private final Path folder;
    private final String job;
    private int turn;

    /** Snapshots of one job in one folder; those of another job (another {@code job} key) are not taken up. */
    public Snapshots(Path folder, String job) throws IOException {
        this.folder = Files.createDirectories(folder);
        this.job = job;
    }

    /**
     * Where a run stands.
     *
     * @param step  steps finished
     * @param facts what else must survive: JSON values
     * @param sets  weights and what belongs to them, in an order the caller knows
     */
    public record State(long step, Map<String, Object> facts, List<Weights> sets) {}

    private record Header(String job, long step, int sets, Map<String, Object> facts) {}

    private Path slot(int number) {
        return folder.resolve("state-" + number + ".bin");
    }

    /** Writes a state; when this returns it survives a kill. */
    public void save(State state) throws IOException {
        Path partial = folder.resolve("state.partial");
        byte[] header = JSON.writeValueAsString(new Header(job, state.step, state.sets.size(), state.facts))
                .getBytes(StandardCharsets.UTF_8);
        MessageDigest digest = digest();
        try (FileOutputStream file = new FileOutputStream(partial.toFile())) {
            DataOutputStream out = new DataOutputStream(new DigestOutputStream(file, digest));
            out.writeInt(header.length);
            out.write(header);
            for (Weights set : state.sets)
                for (int p = 0; p < set.params().size(); p++)
                    write(set.values(p), out);
            file.write(digest.digest());
            file.getFD().sync();
        }
        Files.move(partial, slot(turn), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        turn = 1 - turn;
    }

    /**
     * The last whole state of this job, or null. What is not whole is said in {@code complaints} and passed over.
     */
    public State latest(ModelSpec spec, List<String> complaints) throws IOException {
        List<State> whole = new ArrayList<>();
        for (int number = 0; number < 2; number++) {
            Path file = slot(number);
            if (!Files.exists(file))
                continue;
            try {
                State state = read(file, spec);
                if (state == null)
                    continue;
                if (whole.isEmpty() || state.step > whole.getFirst().step)
                    turn = 1 - number;
                whole.add(state);
                whole.sort(Comparator.comparingLong(State::step).reversed());
            } catch (IOException | JacksonException e) {
                complaints.add(file + " is damaged (" + e.getMessage() + "); going on from an earlier state");
                turn = number;
            }
        }
        return whole.isEmpty() ? null : whole.getFirst();
    }

    /** Removes all states: the run is over. */
    public void clear() throws IOException {
        for (int number = 0; number < 2; number++)
            Files.deleteIfExists(slot(number));
        Files.deleteIfExists(folder.resolve("state.partial"));
    }

    /** Null if the state belongs to another job. */
    private State read(Path file, ModelSpec spec) throws IOException {
        MessageDigest digest = digest();
        try (DataInputStream in = new DataInputStream(
                new DigestInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 20), digest))) {
            int length = in.readInt();
            if (length < 0 || length > LONGEST_HEADER || length > Files.size(file))
                throw new IOException("its header would have " + length + " bytes");
            byte[] text = in.readNBytes(length);
            Header header = JSON.readValue(text, new TypeReference<Header>() {
            });
            if (!job.equals(header.job))
                return null;
            List<Weights> sets = new ArrayList<>();
            for (int s = 0; s < header.sets; s++) {
                Weights set = Weights.zeros(spec);
                for (int p = 0; p < set.params().size(); p++)
                    read(in, set.values(p));
                sets.add(set);
            }
            byte[] found = digest.digest();
            byte[] expected = in.readNBytes(HASH);
            if (!Arrays.equals(found, expected))
                throw new IOException("its hash is not the one written at its end");
            return new State(header.step, header.facts, sets);
        }
    }

    private static void write(float[] values, OutputStream out) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(Math.min(values.length, 1 << 18) * 4).order(ByteOrder.LITTLE_ENDIAN);
        for (int at = 0; at < values.length; at += 1 << 18) {
            int n = Math.min(values.length - at, 1 << 18);
            buffer.asFloatBuffer().put(values, at, n);
            out.write(buffer.array(), 0, n * 4);
        }
    }

    private static void read(DataInputStream in, float[] values) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(Math.min(values.length, 1 << 18) * 4).order(ByteOrder.LITTLE_ENDIAN);
        for (int at = 0; at < values.length; at += 1 << 18) {
            int n = Math.min(values.length - at, 1 << 18);
            in.readFully(buffer.array(), 0, n * 4);
            buffer.asFloatBuffer().get(values, at, n);
        }
    }

    private static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
