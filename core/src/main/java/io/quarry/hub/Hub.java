package io.quarry.hub;

import io.quarry.ledger.Progress;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Where models come from: a hub, any address, or a folder; and the way from a name to what was pulled under it.
 *
 * {@snippet :
 * Hub hub = new Hub(Settings.of(System.getenv(), Path.of(System.getProperty("user.home"))));
 * hub.pull(ModelName.parse("ibm-granite/granite-4.1-3b").orElseThrow(), 8, Progress.SILENT);
 * Path folder = hub.resolve("ibm-granite/granite-4.1-3b");
 * }
 */
public final class Hub {
    private final Settings settings;
    private final Patience patience;
    private final Cache cache;
    private final Shelf shelf;

    public Hub(Settings settings) {
        this(settings, Patience.USUAL);
    }

    Hub(Settings settings, Patience patience) {
        this.settings = settings;
        this.patience = patience;
        cache = new Cache(settings.cache());
        shelf = new Shelf(settings.own());
    }

    /** The name that the address of a hub's page or file stands for; empty for other addresses. */
    public Optional<ModelName> nameOf(URI address) {
        return Transport.isWeb(address) ? ModelName.ofAddress(address, settings.endpoint()) : Optional.empty();
    }

    /**
     * Brings a model from the hub into the cache, or finds it there. What was interrupted goes on where it stopped.
     *
     * @param atOnce files that come side by side, at least 1
     * @throws IOException with a sentence, if it cannot be had
     */
    public Pulled pull(ModelName name, int atOnce, Progress progress) throws IOException, InterruptedException {
        if (settings.offline())
            return new Installed(cache, shelf).pulled(name).orElseThrow(() -> new Refused(name
                    + " is not here as a whole, and HF_HUB_OFFLINE says that nothing may be asked of "
                    + settings.endpoint()
                    + "; set it to 0"));
        try (Transport transport = new Transport(settings.endpoint(), settings.token(), patience,
                settings.proxies())) {
            Remote remote = new Remote(settings, transport, patience);
            return new HubPull(cache, remote, transport, patience, progress).run(name, atOnce);
        }
    }

    /**
     * Brings a GGUF file from an address; all its shards, if it is the first of several.
     *
     * @param name   what it will be called here; empty for the name of the file without its ending
     * @param sha256 of the file, in hex; empty if not known
     * @throws IOException with a sentence, if it cannot be had
     */
    public Pulled pull(URI address, String name, String sha256, Progress progress)
            throws IOException, InterruptedException {
        if (settings.offline())
            throw new Refused("HF_HUB_OFFLINE says that nothing may be asked of other machines; set it to 0");
        try (Transport transport = new Transport(settings.endpoint(), settings.token(), patience,
                settings.proxies())) {
            return new AddressPull(shelf, transport, patience, progress).run(address, name, sha256);
        }
    }

    /**
     * Gives a name to a model folder or GGUF file of this machine. It is linked, not copied.
     *
     * @param name what it will be called here; empty for the name of the folder, or of the file without its ending
     * @throws IOException with a sentence, if there is no model
     */
    public Pulled link(Path model, String name) throws IOException {
        return shelf.link(model, name);
    }

    /**
     * Finds a model: a path that exists is taken as it is, else a name under which something was pulled. Nothing is asked
     * of a network.
     *
     * @return a model folder or a GGUF file
     * @throws IllegalArgumentException if there is none, with what there is
     */
    public Path resolve(String model) throws IOException {
        try {
            if (Files.exists(Path.of(model)))
                return Path.of(model);
        } catch (InvalidPathException e) {
            // what no path can be may still be a name: Windows has no ':' in paths
        }
        return new Installed(cache, shelf).resolve(model);
    }

    /** All models that are here, by name. */
    public List<Model> models() throws IOException {
        return new Installed(cache, shelf).models();
    }
}
