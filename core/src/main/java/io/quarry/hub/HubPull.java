package io.quarry.hub;

import io.quarry.ledger.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Brings a model from a hub into the cache: asks what there is, chooses, fetches what is missing, links. */
final class HubPull {
    private final Cache cache;
    private final Remote remote;
    private final Transport transport;
    private final Patience patience;
    private final Progress progress;

    HubPull(Cache cache, Remote remote, Transport transport, Patience patience, Progress progress) {
        this.cache = cache;
        this.remote = remote;
        this.transport = transport;
        this.patience = patience;
        this.progress = progress;
    }

    /**
     * Pulls.
     *
     * @param atOnce files that come side by side
     */
    Pulled run(ModelName name, int atOnce) throws IOException, InterruptedException {
        try (PullLock _ = PullLock.take(cache.lock(name.repo()), () -> note(
                "another process pulls " + name.repo() + " and is waited for"))) {
            note("asking what there is");
            Remote.Listing listing = remote.list(name, this::note);
            Choice choice = choice(name, listing);
            ExecutorService threads = Executors.newFixedThreadPool(atOnce, Thread.ofPlatform().daemon().factory());
            try {
                return run(name, listing.commit(), choice,
                        sources(name, listing, choice, threads), threads);
            } finally {
                threads.shutdownNow();
                threads.awaitTermination(5, TimeUnit.SECONDS); // nobody writes any more when the lock is free
            }
        }
    }

    private static Choice choice(ModelName name, Remote.Listing listing) throws Refused {
        try {
            Choice choice = Choice.of(name, listing.names());
            if (!choice.variant().lacks().isEmpty())
                throw new Refused(name.repo() + " is not whole on the hub: it lacks "
                        + Choice.some(choice.variant().lacks()));
            return choice;
        } catch (IllegalArgumentException e) {
            throw new Refused(e.getMessage(), e);
        }
    }

    private List<Remote.Source> sources(ModelName name, Remote.Listing listing, Choice choice, ExecutorService threads)
            throws IOException, InterruptedException {
        List<Callable<Remote.Source>> asked = new ArrayList<>();
        for (String file : choice.files())
            asked.add(() -> remote.source(name, listing.commit(), listing.entry(file), this::note));
        return all(asked, threads);
    }

    private Pulled run(ModelName name, String commit, Choice choice, List<Remote.Source> sources,
            ExecutorService threads) throws IOException, InterruptedException {
        List<Pulled.Item> items = new ArrayList<>();
        Map<String, List<Remote.Source>> missing = new LinkedHashMap<>(); // by tag: equal contents come once
        for (Remote.Source source : sources)
            if (cache.has(name.repo(), commit, source.name(), source.bytes()))
                items.add(item(source, 0, source.checksum().map(Checksum::toString).orElse("")));
            else
                missing.computeIfAbsent(source.tag(), _ -> new ArrayList<>()).add(source);
        long bytes = 0;
        long present = 0;
        for (List<Remote.Source> equal : missing.values()) {
            Remote.Source source = equal.getFirst();
            bytes += source.bytes();
            present += isHere(name, source) ? source.bytes() : target(name, source).present();
        }
        Space.check(cache.folder(name.repo()), bytes - present, name.toString());
        Counter counter = new Counter(progress, bytes, missing.size());
        counter.came(present);
        List<Callable<List<Pulled.Item>>> work = new ArrayList<>();
        for (List<Remote.Source> equal : missing.values())
            work.add(() -> fetch(name, commit, equal, counter));
        all(work, threads).forEach(items::addAll);
        items.sort(Comparator.comparing(item -> choice.files().indexOf(item.name())));
        cache.ref(name.repo(), name.revision(), commit);
        Path snapshot = cache.snapshot(name.repo(), commit);
        Path path = choice.variant().isFile() ? snapshot.resolve(choice.variant().first()) : snapshot;
        return new Pulled(name.toString(), commit, path, items, Shelf.licence(snapshot, path));
    }

    private List<Pulled.Item> fetch(ModelName name, String commit, List<Remote.Source> equal, Counter counter)
            throws IOException, InterruptedException {
        Remote.Source source = equal.getFirst();
        String found = source.checksum().map(Checksum::toString).orElse("");
        long received = 0;
        if (!isHere(name, source)) {
            Download.Outcome outcome = Download.run(transport, patience, target(name, source), counter::came,
                    counter::note);
            found = outcome.checksum().toString();
            received = outcome.received();
        }
        List<Pulled.Item> items = new ArrayList<>();
        for (Remote.Source file : equal) {
            cache.link(name.repo(), commit, file.name(), file.tag());
            items.add(item(file, items.isEmpty() ? received : 0, found));
        }
        counter.fileDone();
        return items;
    }

    private boolean isHere(ModelName name, Remote.Source source) throws IOException {
        return cache.hasBlob(name.repo(), source.tag(), source.bytes());
    }

    private static Pulled.Item item(Remote.Source source, long fetched, String checksum) {
        return new Pulled.Item(source.name(), source.bytes(), checksum, source.checksum().isPresent(), fetched);
    }

    private Download.Target target(ModelName name, Remote.Source source) {
        return new Download.Target(source.name() + " of " + name.repo(), source.from(), source.bytes(),
                source.checksum(), cache.incomplete(name.repo(), source.tag()), cache.blob(name.repo(), source.tag()));
    }

    private void note(String text) {
        progress.at(0, 0, "bytes", text);
    }

    /** Does all side by side; the first failure ends the others. */
    private static <T> List<T> all(List<Callable<T>> tasks, ExecutorService threads)
            throws IOException, InterruptedException {
        ExecutorCompletionService<T> running = new ExecutorCompletionService<>(threads);
        List<Future<T>> futures = tasks.stream().map(running::submit).toList();
        try {
            for (int i = 0; i < futures.size(); i++)
                running.take().get();
            List<T> results = new ArrayList<>();
            for (Future<T> future : futures)
                results.add(future.get());
            return results;
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException io -> throw io;
                case InterruptedException interrupted -> throw interrupted;
                case RuntimeException fault -> throw fault;
                case Error error -> throw error;
                default -> throw new IllegalStateException(e.getCause());
            }
        } finally {
            futures.forEach(future -> future.cancel(true));
        }
    }
}
