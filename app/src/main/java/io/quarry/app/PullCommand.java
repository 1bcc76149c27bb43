package io.quarry.app;

import io.quarry.hub.Hub;
import io.quarry.hub.ModelName;
import io.quarry.hub.Pulled;
import io.quarry.ledger.Progress;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code quarry pull}: brings a model to this machine, or gives a name to one that is there. */
@Command(name = "pull", mixinStandardHelpOptions = true, versionProvider = Version.class, description = {
    "Brings a model to this machine: from the Hugging Face hub, from any address, or from a folder.", ""}, footer = {
        "", "Examples:", "  quarry pull ibm-granite/granite-4.1-3b       safetensors and what belongs to them",
        "  quarry pull org/name-GGUF:Q4_K_M             the GGUF file of that type",
        "  quarry pull org/name-GGUF/model-Q8_0.gguf    one file by its name",
        "  quarry pull org/name --revision v1.0         a branch, tag or commit",
        "  quarry pull https://example.org/model.gguf --sha256 HEX",
        "  quarry pull ~/models/my-model --name mine    linked, not copied",
        "HF_ENDPOINT, HF_TOKEN, HF_HOME, HF_HUB_CACHE and HF_HUB_OFFLINE mean what they mean to Python's tools.",
        "Ctrl-C stops it at any moment; the same command goes on where it stopped."})
final class PullCommand implements Callable<Integer> {
    private static final int FILES_AT_ONCE = 8;
    private static final Duration BETWEEN_LINES = Duration.ofSeconds(5);
    private static final Duration PATIENCE = Duration.ofSeconds(8);

    @Parameters(paramLabel = "WHAT", description = "org/name[@REVISION][:TYPE], org/name/FILE, an http(s) address, a model folder or a GGUF file.")
    private String what;

    @Option(names = "--revision", paramLabel = "REV", description = "Branch, tag or commit on the hub. Default: main")
    private String revision;

    @Option(names = "--name", paramLabel = "NAME", defaultValue = "", description = "What an address, folder or file is called here. Default: its last part")
    private String name;

    @Option(names = "--sha256", paramLabel = "HEX", defaultValue = "", description = "SHA-256 that the file at the address must have.")
    private String sha256;

    @Mixin
    private CommonOptions common;

    /** One of the ways in which a model comes. */
    private interface Way {
        Pulled go(Progress progress) throws IOException, InterruptedException;
    }

    @Override
    public Integer call() throws IOException {
        Hub hub = LocalModels.hub();
        Way way = way(hub);
        PrintStream out = new PrintStream(common.json() ? System.err : System.out, true, StandardCharsets.UTF_8);
        Display display = Terminals.output() && !common.json() ? new Bars(out) : new Lines(out, BETWEEN_LINES);
        CountDownLatch over = new CountDownLatch(1);
        Thread hook = new Thread(stop(Thread.currentThread(), over, out), "stop");
        Runtime.getRuntime().addShutdownHook(hook);
        Meter meter = new Meter(System::nanoTime);
        display.began("pull", what, meter);
        String how = "stopped";
        try {
            Pulled pulled = way.go(meter);
            how = Meter.Numbers.bytes(pulled.fetchedBytes()) + " came, "
                    + Meter.Numbers.bytes(pulled.bytes() - pulled.fetchedBytes()) + " were here";
            display.ended("pull", what, how);
            Runtime.getRuntime().removeShutdownHook(hook);
            print(pulled, out);
            return 0;
        } catch (InterruptedException e) {
            display.ended("pull", what, how);
            return 130; // the process is ending, and the hook says so
        } catch (IOException | RuntimeException e) {
            display.ended("pull", what, "failed");
            Runtime.getRuntime().removeShutdownHook(hook);
            throw e;
        } finally {
            over.countDown();
        }
    }

    private Way way(Hub hub) {
        if (what.matches("(?i)https?://.*")) {
            URI address = URI.create(what);
            return hub.nameOf(address).map(named -> fromHub(hub, named)).orElseGet(() -> {
                onlyFor("a name on a hub", "--revision", revision);
                return progress -> hub.pull(address, name, sha256, progress);
            });
        }
        if (isHere()) {
            onlyFor("a name on a hub", "--revision", revision);
            onlyFor("an address", "--sha256", sha256);
            return progress -> hub.link(Path.of(what), name);
        }
        if (!what.contains("/"))
            throw new IllegalArgumentException("there is no file or folder " + what
                    + ", and a model on a hub is named org/name");
        return fromHub(hub, ModelName.parse(what).orElseThrow(() -> new IllegalArgumentException(what
                + " is neither a file or folder that is there, nor an address, nor a name of a hub (org/name, "
                + "org/name:Q4_K_M, org/name/file.gguf)")));
    }

    private boolean isHere() {
        try {
            return Files.exists(Path.of(what));
        } catch (InvalidPathException e) {
            return false; // Windows has no ':' in paths
        }
    }

    private Way fromHub(Hub hub, ModelName named) {
        onlyFor("an address, folder or file", "--name", name);
        onlyFor("an address; a hub says itself what its files hash to", "--sha256", sha256);
        if (revision != null && !named.revision().equals(ModelName.MAIN) && !named.revision().equals(revision))
            throw new IllegalArgumentException(what + " has a revision of its own; leave --revision out");
        ModelName wanted = revision == null ? named : named.at(revision);
        return progress -> hub.pull(wanted, common.threads(FILES_AT_ONCE), progress);
    }

    private static void onlyFor(String purpose, String option, String value) {
        if (value != null && !value.isEmpty())
            throw new IllegalArgumentException(option + " is only for " + purpose);
    }

    /** At Ctrl-C: lets the files that grow come to rest. */
    private static Runnable stop(Thread pulling, CountDownLatch over, PrintStream out) {
        return () -> {
            pulling.interrupt();
            try {
                over.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            out.println("stopped; what came is kept, and the same command goes on");
            out.flush();
        };
    }

    private void print(Pulled pulled, PrintStream out) {
        if (common.json()) {
            CommonOptions.print(json(pulled));
            return;
        }
        out.println(pulled.name() + (pulled.commit().isEmpty() ? "" : " at " + pulled.commit().substring(0, 7)) + ": "
                + pulled.files().size() + " files, " + Meter.Numbers.bytes(pulled.bytes()));
        out.println("  path     " + pulled.path());
        out.println("  licence  " + pulled.licence().orElse("not said"));
        if (pulled.commit().isEmpty() && isHere())
            out.println("  linked   not copied: it stays where it is, and the name ends if it moves");
        for (Pulled.Item file : pulled.unchecked())
            out.println("  checked  only the length of " + file.name() + ", since nobody said its checksum; it has "
                    + file.checksum());
        out.println("  use it   quarry chat " + pulled.name());
    }

    private static Map<String, Object> json(Pulled pulled) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", pulled.name());
        json.put("path", pulled.path().toString());
        json.put("commit", pulled.commit().isEmpty() ? null : pulled.commit());
        json.put("licence", pulled.licence().orElse(null));
        json.put("bytes", pulled.bytes());
        json.put("fetchedBytes", pulled.fetchedBytes());
        json.put("files", pulled.files());
        return json;
    }
}
