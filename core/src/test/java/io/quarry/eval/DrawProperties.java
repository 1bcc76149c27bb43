package io.quarry.eval;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.constraints.IntRange;

class DrawProperties {
    @Provide
    Arbitrary<String> tasks() {
        return Arbitraries.of(Tasks.names());
    }

    /** Any item of one split differs from any of the other in what is asked: here for pairs of arbitrary seeds. */
    @Property(tries = 3000)
    void splitsDifferForAnySeeds(@ForAll @From("tasks") String name, @ForAll long seed, @ForAll long index) {
        Task task = Tasks.of(name);
        Sample train = task.sample(Split.TRAIN, seed, index);
        Sample heldOut = task.sample(Split.HELD_OUT, index, seed);
        assertThat(train.prompt()).isNotEqualTo(heldOut.prompt());
        assertThat(task.sample(Split.TRAIN, seed, index)).isEqualTo(train);
    }

    @Property(tries = 500)
    void numbersStayInRangeAndSeveralAreDifferent(@ForAll long seed, @ForAll @IntRange(min = 1, max = 50) int n) {
        Draw draw = new Draw("t", Split.TRAIN, seed, 0);
        List<Integer> all = IntStream.range(0, n).boxed().toList();
        assertThat(draw.below(n)).isBetween(0, n - 1);
        assertThat(draw.between(-n, n)).isBetween(-n, n);
        assertThat(new HashSet<>(draw.shuffled(all))).hasSize(n);
    }
}
