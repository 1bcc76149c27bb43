package io.quarry.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarry.kernel.KvLayout;
import io.quarry.kernel.KvType;
import io.quarry.model.ModelSpec;
import io.quarry.model.PicoGranite;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Limits of containers in folders that look like those of Linux, and what is made of them. */
class MachineTest {
    private static final Machine BARE = new Machine(64_000, 16);

    @TempDir
    private Path root;

    private void file(String path, String text) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    @Test
    void withoutControlGroupsItIsTheWholeMachine() {
        assertThat(BARE.within(root)).isEqualTo(BARE);
        assertThat(Machine.here().processors()).isBetween(1, Runtime.getRuntime().availableProcessors());
    }

    @Test
    void theLeastLimitOfVersion2Holds() throws IOException {
        file("proc/self/cgroup", "0::/a/b\n");
        file("sys/fs/cgroup/a/b/memory.max", "max\n");
        file("sys/fs/cgroup/a/b/cpu.max", "max 100000\n");
        assertThat(BARE.within(root)).isEqualTo(BARE);
        file("sys/fs/cgroup/a/memory.max", "9000\n");
        file("sys/fs/cgroup/a/b/cpu.max", "150000 100000\n");
        assertThat(BARE.within(root)).isEqualTo(new Machine(9000, 2));
        file("sys/fs/cgroup/a/b/memory.high", "8000\n");
        file("sys/fs/cgroup/a/cpu.max", "20000 100000\n");
        assertThat(BARE.within(root)).isEqualTo(new Machine(8000, 1));
    }

    @Test
    void aContainerSeesItsOwnGroupAtTheMount() throws IOException {
        file("proc/self/cgroup", "0::/../../host/docker-17\n");
        file("sys/fs/cgroup/memory.max", "5000\n");
        assertThat(BARE.within(root)).isEqualTo(BARE); // above the mount is nothing that could be read
        file("proc/self/cgroup", "0::/docker-17\n");
        assertThat(BARE.within(root)).isEqualTo(new Machine(5000, 16));
    }

    @Test
    void version1IsRead() throws IOException {
        file("proc/self/cgroup", "12:memory:/box\n4:cpu,cpuacct:/box\n0::/\n");
        file("sys/fs/cgroup/memory/box/memory.limit_in_bytes", "9223372036854771712\n");
        file("sys/fs/cgroup/memory/memory.limit_in_bytes", "7000\n");
        file("sys/fs/cgroup/cpu,cpuacct/box/cpu.cfs_quota_us", "300000\n");
        file("sys/fs/cgroup/cpu,cpuacct/box/cpu.cfs_period_us", "100000\n");
        assertThat(BARE.within(root)).isEqualTo(new Machine(7000, 3));
        file("sys/fs/cgroup/cpu,cpuacct/box/cpu.cfs_quota_us", "-1\n");
        assertThat(BARE.within(root)).isEqualTo(new Machine(7000, 16));
    }

    @Test
    void whatIsNoNumberIsNoLimit() throws IOException {
        file("proc/self/cgroup", "0::/\nrubbish\n3:memory\n");
        file("sys/fs/cgroup/memory.max", "\u0000");
        file("sys/fs/cgroup/cpu.max", "100000 0\n");
        assertThat(BARE.within(root)).isEqualTo(BARE);
    }

    @Test
    void theCacheTakesWhatTheWeightsLeave() {
        Machine machine = new Machine(1000, 1);
        assertThat(new Budget(machine, 300).left()).isEqualTo(500);
        assertThat(new Budget(machine, 300).cache(10)).isEqualTo(250);
        assertThat(new Budget(machine, 300).cache(400)).isEqualTo(400);
        assertThat(new Budget(machine, 300).cache(501)).isEqualTo(500);
        assertThat(new Budget(machine, 900).cache(1)).isZero();
    }

    /** The context is as long as fits beside the weights, and who asks for more is told why. */
    @Test
    void theDefaultContextIsBounded() throws IOException {
        ModelSpec spec = PicoGranite.write(root, 40, 1);
        Engine engine = Engine.of(1).with(KvType.F32);
        long weights = 4 * spec.parameters();
        long page = spec.layers() * spec.kvHeads() * new KvLayout(KvType.F32, spec.headDim()).bytes();
        Machine roomy = new Machine(1L << 32, 1);
        try (Lm lm = Lm.open(root, engine, 0, roomy)) {
            assertThat(lm.contextLength()).isEqualTo(spec.contextLength());
        }
        Machine small = new Machine((weights + 3 * page) * 5 / 4 + 10, 1);
        try (Lm lm = Lm.open(root, engine, 0, small)) {
            assertThat(lm.contextLength()).isEqualTo(3 * KvLayout.SLOTS);
            int[] fits = new int[3 * KvLayout.SLOTS];
            assertThat(lm.score(fits)).hasSize(fits.length - 1);
            int[] more = Arrays.copyOf(fits, fits.length + 1);
            assertThatThrownBy(() -> lm.score(more)).hasMessageContainingAll("a text of " + more.length + " tokens",
                    "room for " + fits.length, "80 % of the 0 MB that this machine or container allows");
            Completion said = lm.generate(new Request(new int[] {1, 2}, 10_000, Sampling.GREEDY, Set.of()));
            assertThat(said.tokens().length + 2).isBetween(fits.length, fits.length + 1);
            assertThat(said.finish()).isEqualTo(Completion.Finish.LENGTH);
        }
        Machine tiny = new Machine(weights * 5 / 4, 1);
        assertThatThrownBy(() -> Lm.open(root, engine, 0, tiny)).isInstanceOf(IOException.class)
                .hasMessageContainingAll(root.toString(), "no room for its keys and values", "quarry quantize");
        try (Lm said = Lm.open(root, engine.withCacheBytes(page), 0, tiny)) {
            assertThat(said.contextLength()).isEqualTo(KvLayout.SLOTS);
        }
    }
}
