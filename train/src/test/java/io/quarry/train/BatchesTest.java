package io.quarry.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarry.text.TokenFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BatchesTest {
    private static final Batches.Plan PLAN = new Batches.Plan(3, 10_000, true, 2);

    @TempDir
    Path dir;

    /** Documents whose every token is known: document d is d*100, d*100+1, ... and ends with token 0. */
    private Path documents(String name, boolean masked, int... lengths) throws IOException {
        Path file = dir.resolve(name);
        try (TokenFile.Writer out = new TokenFile.Writer(file, masked)) {
            for (int d = 0; d < lengths.length; d++) {
                int[] tokens = new int[lengths[d]];
                byte[] mask = new byte[lengths[d]];
                for (int i = 0; i < tokens.length; i++) {
                    tokens[i] = i == tokens.length - 1 ? 0 : d * 100 + i + 1;
                    mask[i] = (byte) (!masked || i % 3 == 2 ? 1 : 0);
                }
                out.add(tokens, mask);
            }
        }
        return file;
    }

    @Test
    void everyTokenIsLearnedOncePerPass() throws Exception {
        Path file = documents("a", false, 20, 7, 31, 6);
        try (Batches batches = Batches.open(Tiny.phase(3 * 64, 8, 16, Map.of("a", 1.0)), Map.of("a", file), PLAN)) {
            assertThat(batches.steps()).isEqualTo(12);
            Map<Integer, Integer> seen = new HashMap<>();
            for (int step = 0; step < 12; step++)
                for (int token : batches.at(step).inputs())
                    seen.merge(token, 1, Integer::sum);
            assertThat(seen.remove(0)).isEqualTo(3 * 4);
            assertThat(seen).hasSize(60).allSatisfy((token, times) -> assertThat(times).isEqualTo(3));
            assertThat(batches.facts().get("passes")).isEqualTo(Map.of("a", 3.0));
        }
    }

    @Test
    void targetsFollowInputsAndDocumentsAreApart() throws Exception {
        Path file = documents("a", false, 20, 7, 31, 6);
        try (Batches batches = Batches.open(Tiny.phase(640, 16, 32, Map.of("a", 1.0)), Map.of("a", file), PLAN)) {
            Rows rows = batches.at(5);
            for (int i = 0; i < 32; i++) {
                int input = rows.inputs()[i];
                if (i % 16 != 15)
                    assertThat(rows.targets()[i]).isEqualTo(rows.inputs()[i + 1]);
                if (i % 16 > 0)
                    assertThat(rows.first()[i]).isEqualTo(
                            rows.inputs()[i - 1] == 0 ? i % 16 : rows.first()[i - 1]);
                assertThat(input).isBetween(0, 400);
            }
        }
    }

    @Test
    void sharesAreExactAtAnyTimeAndStepsArePure() throws Exception {
        Map<String, Path> files = Map.of("a", documents("a", false, 90, 80), "b", documents("b", false, 70), "c",
                documents("c", false, 60, 9));
        var phase = Tiny.phase(100 * 32, 8, 32, Map.of("a", 0.53, "b", 0.3, "c", 0.17));
        try (Batches batches = Batches.open(phase, files, PLAN); Batches other = Batches.open(phase, files, PLAN)) {
            Map<String, Integer> rows = new HashMap<>();
            List<Rows> all = new ArrayList<>();
            for (int step = 0; step < 100; step++) {
                all.add(batches.at(step));
                for (String row : all.getLast().source().split(", "))
                    rows.merge(row.substring(0, 1), 1, Integer::sum);
                for (String name : files.keySet())
                    assertThat(rows.getOrDefault(name, 0).doubleValue()).as(name + " after step " + step)
                            .isBetween(phase.mix().get(name) * (step + 1) * 4 - 1.5,
                                    phase.mix().get(name) * (step + 1) * 4 + 1.5);
            }
            for (int step : new int[] {60, 3, 99, 0})
                assertThat(other.at(step).inputs()).isEqualTo(all.get(step).inputs());
        }
    }

    @Test
    void samplesStayWholeAndOnlyTheirMaskIsLearned() throws Exception {
        Path file = documents("s", true, 9, 4, 12, 5, 7, 30, 6, 1);
        try (Batches batches = Batches.open(Tiny.phase(10_000, 16, 32, Map.of("s", 1.0)), Map.of("s", file), PLAN)) {
            assertThat(batches.facts()).containsEntry("samples", 6L).containsEntry("samplesLeftOut", 2L);
            Map<Integer, Integer> learned = new HashMap<>();
            for (int step = 0; step < batches.steps(); step++) {
                Rows rows = batches.at(step);
                for (int i = 0; i < rows.inputs().length; i++)
                    if (rows.targets()[i] != Rows.NOT_LEARNED)
                        learned.merge(rows.targets()[i], 1, Integer::sum);
                assertThat(Arrays.stream(rows.inputs()).filter(t -> t != 0 && t % 100 == 1).count())
                        .as("samples begin where first says").isEqualTo(begins(rows));
            }
            assertThat(learned.remove(0)).as("three samples end on a learned token, twice").isEqualTo(3 * 2);
            assertThat(learned.keySet()).containsExactlyInAnyOrder(3, 6, 103, 203, 206, 209, 303, 403, 406, 603)
                    .hasSize(10);
            assertThat(learned.values()).containsOnly(2);
        }
    }

    @Test
    void aFileWithMasksAmongTextGivesWholeDocumentsByItsShare() throws Exception {
        Path text = documents("a", false, 40, 50);
        Path samples = documents("s", true, 7, 9, 5);
        var phase = Tiny.phase(16 * 64, 16, 32, Map.of("a", 0.75, "s", 0.25));
        try (Batches batches = Batches.open(phase, Map.of("a", text, "s", samples), PLAN)) {
            long packedRows = 0;
            for (long step = 0; step < batches.steps(); step++) {
                Rows rows = batches.at(step);
                for (int r = 0; r < rows.rows(); r++) {
                    Rows row = rows.part(r, r + 1);
                    if (row.learned() == row.length())
                        continue; // text: every token is learned
                    packedRows++;
                    assertThat(row.first()[0]).as("a document begins with its row").isZero();
                    assertThat(row.learned()).as("only what the masks mark").isPositive().isLessThan(row.length() / 2);
                }
            }
            assertThat(packedRows).isEqualTo(batches.steps() * phase.rows() / 4);
            Rows again = batches.at(1);
            assertThat(again.inputs()).isEqualTo(batches.at(1).inputs());
        }
    }

    private static long begins(Rows rows) {
        long count = 0;
        for (int i = 0; i < rows.inputs().length; i++)
            if (rows.first()[i] == i % rows.length() && rows.inputs()[i] != 0)
                count++;
        return count;
    }

    @Test
    void saysWhatIsMissing() throws Exception {
        Path text = documents("a", false, 20);
        Path samples = documents("s", true, 20);
        var phase = Tiny.phase(640, 16, 32, Map.of("a", 0.5, "s", 0.5));
        assertThatThrownBy(() -> Batches.open(phase, Map.of("a", text), PLAN)).hasMessageContaining("mixes s")
                .hasMessageContaining("[a]");
        assertThatThrownBy(() -> Batches.open(phase, Map.of("a", text, "s", samples), PLAN))
                .hasMessageContaining("none of 1 samples fits a row of 16");
        var short16 = Tiny.phase(640, 16, 32, Map.of("s", 1.0));
        assertThatThrownBy(() -> Batches.open(short16, Map.of("s", samples), PLAN))
                .hasMessageContaining("none of 1 samples fits a row of 16");
    }
}
