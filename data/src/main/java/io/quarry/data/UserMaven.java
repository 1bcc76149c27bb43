package io.quarry.data;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;
import org.apache.maven.model.building.DefaultModelProcessor;
import org.apache.maven.model.io.DefaultModelReader;
import org.apache.maven.model.locator.DefaultModelLocator;
import org.apache.maven.model.superpom.DefaultSuperPomProvider;
import org.apache.maven.repository.internal.MavenRepositorySystemUtils;
import org.apache.maven.settings.Mirror;
import org.apache.maven.settings.Profile;
import org.apache.maven.settings.Proxy;
import org.apache.maven.settings.Repository;
import org.apache.maven.settings.Server;
import org.apache.maven.settings.Settings;
import org.apache.maven.settings.building.DefaultSettingsBuilderFactory;
import org.apache.maven.settings.building.DefaultSettingsBuildingRequest;
import org.apache.maven.settings.building.SettingsBuildingException;
import org.apache.maven.settings.crypto.DefaultSettingsDecrypter;
import org.apache.maven.settings.crypto.DefaultSettingsDecryptionRequest;
import org.eclipse.aether.DefaultRepositorySystemSession;
import org.eclipse.aether.RepositorySystem;
import org.eclipse.aether.repository.LocalRepository;
import org.eclipse.aether.repository.RemoteRepository;
import org.eclipse.aether.repository.RepositoryPolicy;
import org.eclipse.aether.util.repository.AuthenticationBuilder;
import org.eclipse.aether.util.repository.DefaultAuthenticationSelector;
import org.eclipse.aether.util.repository.DefaultMirrorSelector;
import org.eclipse.aether.util.repository.DefaultProxySelector;
import org.eclipse.aether.util.repository.SimpleArtifactDescriptorPolicy;
import org.sonatype.plexus.components.cipher.DefaultPlexusCipher;
import org.sonatype.plexus.components.sec.dispatcher.DefaultSecDispatcher;

/**
 * Maven as the user has set it up: local repository, mirrors, proxies, passwords and further repositories come from
 * their own settings files, so that where {@code mvn} works, sources come too.
 *
 * @param userSettings   usually {@code ~/.m2/settings.xml}; need not exist
 * @param globalSettings {@code conf/settings.xml} of the Maven installation; may be null
 * @param security       usually {@code ~/.m2/settings-security.xml}; need not exist
 * @param local          local repository if no settings name one
 */
record UserMaven(Path userSettings, Path globalSettings, Path security, Path local) {

    /** Where Maven itself looks on this machine. */
    static UserMaven found() {
        Path home = Path.of(System.getProperty("user.home"), ".m2");
        return new UserMaven(home.resolve("settings.xml"), installed(), home.resolve("settings-security.xml"),
                home.resolve("repository"));
    }

    private static Path installed() {
        Stream<Path> homes = Stream.of("MAVEN_HOME", "M2_HOME").map(System::getenv)
                .filter(h -> h != null && !h.isBlank())
                .map(Path::of);
        String path = System.getenv("PATH");
        Stream<Path> onPath = path == null
                ? Stream.of()
                : Stream.of(path.split(File.pathSeparator)).filter(folder -> !folder.isBlank())
                        .map(folder -> Path.of(folder, "mvn")).filter(Files::isExecutable).map(UserMaven::homeOf);
        return Stream.concat(homes, onPath).map(home -> home.resolve("conf").resolve("settings.xml"))
                .filter(Files::isRegularFile).findFirst().orElse(null);
    }

    /** {@code mvn} on the path is mostly a link into the installation's {@code bin}. */
    private static Path homeOf(Path mvn) {
        try {
            return mvn.toRealPath().getParent().getParent();
        } catch (IOException e) {
            return mvn.toAbsolutePath().getParent();
        }
    }

    /** A session and the repositories to ask, in order. */
    record Opened(DefaultRepositorySystemSession session, List<RemoteRepository> repositories) {}

    /** @throws IOException if a settings file is there and cannot be read */
    Opened open(RepositorySystem system) throws IOException {
        Settings settings = settings();
        DefaultRepositorySystemSession session = MavenRepositorySystemUtils.newSession();
        Properties all = new Properties();
        all.putAll(System.getProperties());
        session.setSystemProperties(all);
        session.setArtifactDescriptorPolicy(new SimpleArtifactDescriptorPolicy(false, false));
        session.setChecksumPolicy(RepositoryPolicy.CHECKSUM_POLICY_WARN);
        session.setOffline(settings.isOffline());
        session.setConfigProperty("aether.connector.connectTimeout", 15_000);
        session.setConfigProperty("aether.connector.requestTimeout", 60_000);
        session.setMirrorSelector(mirrors(settings));
        session.setProxySelector(proxies(settings));
        session.setAuthenticationSelector(servers(settings));
        session.setLocalRepositoryManager(
                system.newLocalRepositoryManager(session, new LocalRepository(local(settings).toFile())));
        return new Opened(session, system.newResolutionRepositories(session, repositories(settings)));
    }

    private Settings settings() throws IOException {
        var request = new DefaultSettingsBuildingRequest();
        request.setUserSettingsFile(userSettings.toFile());
        if (globalSettings != null)
            request.setGlobalSettingsFile(globalSettings.toFile());
        Properties all = new Properties();
        all.putAll(System.getProperties());
        System.getenv().forEach((name, value) -> all.put("env." + name, value));
        request.setSystemProperties(all);
        try {
            Settings settings = new DefaultSettingsBuilderFactory().newInstance().build(request).getEffectiveSettings();
            var decrypter = new DefaultSettingsDecrypter(
                    new DefaultSecDispatcher(new DefaultPlexusCipher(), Map.of(), security.toString()));
            var clear = decrypter.decrypt(new DefaultSettingsDecryptionRequest(settings));
            settings.setServers(clear.getServers());
            settings.setProxies(clear.getProxies());
            return settings;
        } catch (SettingsBuildingException e) {
            throw new IOException("your Maven settings cannot be read (" + userSettings
                    + (globalSettings == null ? "" : " and " + globalSettings) + "): " + e.getMessage(), e);
        }
    }

    private Path local(Settings settings) {
        String told = System.getProperty("maven.repo.local", settings.getLocalRepository());
        return told == null || told.isBlank() ? local : Path.of(told);
    }

    /** Those of active profiles, then what Maven's own super POM names. */
    private static List<RemoteRepository> repositories(Settings settings) throws IOException {
        Map<String, RemoteRepository> all = new LinkedHashMap<>();
        for (Profile profile : settings.getProfiles())
            if (settings.getActiveProfiles().contains(profile.getId())
                    || profile.getActivation() != null && profile.getActivation().isActiveByDefault())
                for (Repository r : profile.getRepositories())
                    all.putIfAbsent(r.getId(), new RemoteRepository.Builder(r.getId(), "default", r.getUrl()).build());
        var model = new DefaultModelProcessor().setModelLocator(new DefaultModelLocator())
                .setModelReader(new DefaultModelReader());
        for (var r : new DefaultSuperPomProvider().setModelProcessor(model).getSuperModel("4.0.0").getRepositories())
            all.putIfAbsent(r.getId(), new RemoteRepository.Builder(r.getId(), "default", r.getUrl()).build());
        return new ArrayList<>(all.values());
    }

    private static DefaultMirrorSelector mirrors(Settings settings) {
        var selector = new DefaultMirrorSelector();
        for (Mirror m : settings.getMirrors())
            selector.add(m.getId(), m.getUrl(), m.getLayout(), false, m.isBlocked(), m.getMirrorOf(),
                    m.getMirrorOfLayouts());
        return selector;
    }

    private static DefaultProxySelector proxies(Settings settings) {
        var selector = new DefaultProxySelector();
        for (Proxy p : settings.getProxies())
            if (p.isActive())
                selector.add(new org.eclipse.aether.repository.Proxy(p.getProtocol(), p.getHost(), p.getPort(),
                        new AuthenticationBuilder().addUsername(p.getUsername()).addPassword(p.getPassword()).build()),
                        p.getNonProxyHosts());
        return selector;
    }

    private static DefaultAuthenticationSelector servers(Settings settings) {
        var selector = new DefaultAuthenticationSelector();
        for (Server s : settings.getServers())
            selector.add(s.getId(), new AuthenticationBuilder().addUsername(s.getUsername())
                    .addPassword(s.getPassword()).addPrivateKey(s.getPrivateKey(), s.getPassphrase()).build());
        return selector;
    }
}
