package io.quarry.data;

import io.quarry.ledger.Licence;
import io.quarry.ledger.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.eclipse.aether.RepositorySystem;
import org.eclipse.aether.artifact.Artifact;
import org.eclipse.aether.artifact.DefaultArtifact;
import org.eclipse.aether.repository.RemoteRepository;
import org.eclipse.aether.resolution.ArtifactDescriptorException;
import org.eclipse.aether.resolution.ArtifactDescriptorRequest;
import org.eclipse.aether.resolution.ArtifactRequest;
import org.eclipse.aether.resolution.ArtifactResolutionException;
import org.eclipse.aether.supplier.RepositorySystemSupplier;
import org.eclipse.aether.transfer.AbstractTransferListener;
import org.eclipse.aether.transfer.ChecksumFailureException;
import org.eclipse.aether.transfer.TransferCancelledException;
import org.eclipse.aether.transfer.TransferEvent;

/**
 * Maven artifacts as sources of text: first what their POM says of the licence, then, if that may enter, the jar. What
 * is in the local repository already is taken from there, so a second run needs no network.
 */
final class Artifacts implements AutoCloseable {
    private final RepositorySystem system = new RepositorySystemSupplier().get();
    private final UserMaven.Opened maven;

    Artifacts(UserMaven user, Progress progress) throws IOException {
        maven = user.open(system);
        maven.session().setTransferListener(new AbstractTransferListener() {
            @Override
            public void transferProgressed(TransferEvent event) {
                progress.at(event.getTransferredBytes(), Math.max(0, event.getResource().getContentLength()), "bytes",
                        file(event.getResource().getResourceName()));
            }

            /** A mirror may have no checksum; one that is there and differs means that the file is not the one. */
            @Override
            public void transferCorrupted(TransferEvent event) throws TransferCancelledException {
                if (event.getException() instanceof ChecksumFailureException wrong && wrong.getExpected() != null
                        && !wrong.getExpected().isEmpty())
                    throw new TransferCancelledException(
                            "its checksum is " + wrong.getActual() + ", the repository says "
                                    + wrong.getExpected(),
                            wrong);
            }
        });
    }

    private static String file(String resource) {
        return resource.substring(resource.lastIndexOf('/') + 1);
    }

    /** Reads {@code group:artifact:version[:classifier]}. */
    static Artifact coordinates(String source, String maven) throws IOException {
        String[] parts = maven.split(":", -1);
        boolean plain = parts.length == 3 || parts.length == 4;
        for (String part : parts)
            plain &= part.matches("[A-Za-z0-9._-]+");
        if (!plain)
            throw new IOException("source " + source + " has maven: " + maven
                    + ", expected group:artifact:version or group:artifact:version:classifier");
        if (parts[2].endsWith("SNAPSHOT") || parts[2].matches("LATEST|RELEASE"))
            throw new IOException("source " + source + " has the version " + parts[2]
                    + ", which changes over time; name a released version so that a run can be repeated");
        return new DefaultArtifact(parts[0], parts[1], parts.length == 4 ? parts[3] : "", "jar", parts[2]);
    }

    /** Licences as the POM declares them, or its parents if it declares none: names, or URLs where a name says too little. */
    List<String> licences(String source, Artifact artifact) throws IOException {
        Artifact pom = new DefaultArtifact(artifact.getGroupId(), artifact.getArtifactId(), "", "jar",
                artifact.getVersion());
        try {
            Map<String, Object> facts = system.readArtifactDescriptor(maven.session(),
                    new ArtifactDescriptorRequest(pom, maven.repositories(), null)).getProperties();
            List<String> declared = new ArrayList<>();
            int count = facts.get("license.count") instanceof Integer n ? n : 0;
            for (int i = 0; i < count; i++)
                declared.add(spelling((String) facts.get("license." + i + ".name"),
                        (String) facts.get("license." + i + ".url")));
            return declared;
        } catch (ArtifactDescriptorException e) {
            throw unavailable(source, pom, "POM", e);
        }
    }

    private static String spelling(String name, String url) {
        if (name == null)
            return url == null ? "" : url;
        boolean known = Licence.normalise(name).isPresent();
        return known || url == null || Licence.normalise(url).isEmpty() ? name : url;
    }

    /** The jar, from the local repository or else downloaded. */
    Path jar(String source, Artifact artifact) throws IOException {
        try {
            return system.resolveArtifact(maven.session(), new ArtifactRequest(artifact, maven.repositories(), null))
                    .getArtifact().getFile().toPath();
        } catch (ArtifactResolutionException e) {
            throw unavailable(source, artifact, "jar", e);
        }
    }

    private IOException unavailable(String source, Artifact artifact, String what, Exception e) {
        String tried = maven.repositories().stream().map(Artifacts::name).collect(Collectors.joining(", "));
        Set<String> reasons = new LinkedHashSet<>();
        for (Throwable t = e; t != null; t = t.getCause())
            if (t.getMessage() != null)
                reasons.add(t.getMessage());
        String last = new ArrayList<>(reasons).getLast();
        return new IOException(
                "source " + source + " cannot be had: the " + what + " of " + artifact + " is neither in "
                        + maven.session().getLocalRepository().getBasedir() + " nor in " + tried
                        + (maven.session().isOffline() ? " (your Maven settings say offline)" : "") + "; " + last,
                e);
    }

    private static String name(RemoteRepository repository) {
        return repository.getId() + " (" + repository.getUrl() + ")";
    }

    @Override
    public void close() {
        system.shutdown();
    }
}
