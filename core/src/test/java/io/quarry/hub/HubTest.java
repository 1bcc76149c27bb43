package io.quarry.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarry.chat.ChatFormat;
import io.quarry.chat.ChatTemplate;
import io.quarry.ledger.Progress;
import io.quarry.model.TemplateSources;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Pulls from a small hub on this machine, with whatever can go wrong between. */
class HubTest {
    private static final String REPO = "some-org/tiny-3.0";
    private static final byte[] WEIGHTS = FakeHub.gguf(300_000, 1);

    @TempDir
    private Path folder;
    private FakeHub fake;
    private Hub hub;

    private final CountDownLatch over = new CountDownLatch(1);

    @BeforeEach
    void start() throws IOException {
        fake = new FakeHub(REPO);
        fake.file("README.md", "---\nlicense: apache-2.0\nlanguage:\n- en\n---\n# Tiny\n");
        fake.file("config.json", "{\"model_type\": \"granite\"}");
        fake.file("tokenizer.json", "{}");
        fake.file("training_args.bin", "not for us");
        fake.file("original/model.safetensors", "not for us either");
        fake.files.put("model.safetensors", WEIGHTS);
        hub = fake.client(folder);
    }

    @AfterEach
    void stop() {
        over.countDown();
        fake.close();
    }

    private static ModelName name(String text) {
        return ModelName.parse(text).orElseThrow();
    }

    private Pulled pull(String text) throws IOException, InterruptedException {
        return hub.pull(name(text), 4, Progress.SILENT);
    }

    private Path blobs() {
        return folder.resolve("hub/models--some-org--tiny-3.0/blobs");
    }

    private Path incomplete(byte[] content) {
        return blobs().resolve(FakeHub.sha256(content) + ".quarry.incomplete");
    }

    private static List<String> names(Path dir) throws IOException {
        if (!Files.exists(dir))
            return List.of();
        try (Stream<Path> list = Files.list(dir)) {
            return list.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    private long requests(String method, String end) {
        return fake.asked.stream().filter(asked -> asked.method().equals(method) && asked.path().endsWith(end)).count();
    }

    @Test
    void pullsWhatTheEngineNeedsIntoTheStandardLayout() throws Exception {
        List<Long> seen = new ArrayList<>();
        Pulled pulled = hub.pull(name(REPO), 4, (done, total, unit, note) -> seen.add(total == 0 ? -1 : done));
        Path model = folder.resolve("hub/models--some-org--tiny-3.0");
        Path snapshot = model.resolve("snapshots").resolve(fake.commit);
        assertThat(pulled.path()).isEqualTo(snapshot).isEqualTo(hub.resolve(REPO));
        assertThat(names(snapshot)).containsExactly("README.md", "config.json", "model.safetensors", "tokenizer.json");
        assertThat(snapshot.resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
        assertThat(Files.readSymbolicLink(snapshot.resolve("model.safetensors")))
                .hasToString("../../blobs/" + FakeHub.sha256(WEIGHTS));
        assertThat(names(blobs())).containsExactlyInAnyOrder(FakeHub.tag(WEIGHTS),
                FakeHub.tag(fake.files.get("README.md")), FakeHub.tag(fake.files.get("config.json")),
                FakeHub.tag(fake.files.get("tokenizer.json")));
        assertThat(model.resolve("refs/main")).hasContent(fake.commit);
        assertThat(pulled.licence()).contains("Apache-2.0");
        assertThat(pulled.fetchedBytes()).isEqualTo(pulled.bytes()).isEqualTo(seen.getLast());
        assertThat(pulled.unchecked()).isEmpty();
    }

    @Test
    void allTemplatesComeAndAreFound() throws Exception {
        fake.file("chat_template.jinja", "usual");
        fake.file("additional_chat_templates/tool_use.jinja", "tools");
        fake.file("additional_chat_templates/rag.jinja", "documents");
        Path path = pull(REPO).path();
        assertThat(TemplateSources.ofFolder(path).byName())
                .isEqualTo(Map.of("default", "usual", "tool_use", "tools", "rag", "documents"));
        ChatTemplate.Context context = ChatTemplate.Context.of(List.of(Map.of("role", "user", "content", "Hi")),
                ChatTemplate.End.PROMPT, LocalDateTime.of(2026, 3, 5, 14, 7));
        ChatTemplate template = ChatFormat.template(path).orElseThrow();
        assertThat(template.render(context)).hasToString("usual");
        assertThat(template.render(context.withTools(List.of()))).hasToString("tools");
    }

    @Test
    void fetchesNothingTwice() throws Exception {
        pull(REPO);
        fake.asked.clear();
        Pulled again = pull(REPO);
        assertThat(again.fetchedBytes()).isZero();
        assertThat(again.files()).hasSize(4);
        assertThat(requests("GET", "")).isEqualTo(1); // the list
    }

    @Test
    void knowsAContentThatANewCommitHasToo() throws Exception {
        pull(REPO);
        String before = fake.commit;
        fake.commit = "f".repeat(40);
        fake.file("config.json", "{\"model_type\": \"granite\", \"new\": 1}");
        Pulled pulled = pull(REPO);
        assertThat(pulled.files().stream().filter(file -> file.fetched() > 0).map(Pulled.Item::name))
                .containsExactly("config.json");
        assertThat(pulled.commit()).isEqualTo("f".repeat(40));
        assertThat(hub.resolve(REPO)).isEqualTo(pulled.path());
        assertThat(hub.resolve(REPO + "@" + before)).hasFileName(before);
    }

    @Test
    void fetchesEqualContentsOnce() throws Exception {
        fake.file("vocab.json", "{}");
        Pulled pulled = pull(REPO);
        assertThat(pulled.path().resolve("vocab.json")).hasContent("{}");
        assertThat(requests("GET", "vocab.json") + requests("GET", "tokenizer.json")).isEqualTo(1);
    }

    @Test
    void goesOnBehindACutInTheSamePull() throws Exception {
        fake.once(FakeHub.get(FakeHub.tag(WEIGHTS)), fake.cut(WEIGHTS, 100_000));
        fake.once(FakeHub.get(FakeHub.tag(WEIGHTS)), fake.cut(WEIGHTS, 50_000));
        assertThat(pull(REPO).path().resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
        assertThat(fake.asked.stream().map(FakeHub.Asked::range).filter(range -> range.startsWith("bytes"))
                .distinct()).containsExactly("bytes=100000-", "bytes=150000-");
    }

    @Test
    void goesOnInTheNextPull() throws Exception {
        fake.once(FakeHub.get(FakeHub.tag(WEIGHTS)), fake.cut(WEIGHTS, 123_456));
        fake.always(FakeHub.get(FakeHub.tag(WEIGHTS)), FakeHub.status(503));
        assertThatThrownBy(() -> pull(REPO)).isInstanceOf(IOException.class).hasMessageContaining("503")
                .hasMessageContaining("The same command goes on");
        assertThat(incomplete(WEIGHTS)).hasSize(123_456);
        assertThatThrownBy(() -> hub.resolve(REPO)).hasMessageContaining("quarry pull " + REPO);
        fake.faults.clear();
        fake.asked.clear();
        Pulled pulled = pull(REPO);
        assertThat(pulled.path().resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
        assertThat(pulled.files().getFirst().fetched()).isEqualTo(300_000 - 123_456);
        assertThat(fake.asked.stream().map(FakeHub.Asked::range)).contains("bytes=123456-");
        assertThat(names(blobs())).noneMatch(name -> name.endsWith("incomplete"));
    }

    @Test
    void beginsAnewWhereAServerKnowsNoRanges() throws Exception {
        Files.createDirectories(blobs());
        Files.write(incomplete(WEIGHTS), Arrays.copyOf(WEIGHTS, 1000));
        fake.always(FakeHub.get(FakeHub.tag(WEIGHTS)), exchange -> {
            exchange.sendResponseHeaders(200, WEIGHTS.length);
            exchange.getResponseBody().write(WEIGHTS);
            return true;
        });
        assertThat(pull(REPO).path().resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 299_999, 300_000, 300_001})
    void takesABeginningOfAnyLength(int length) throws Exception {
        Files.createDirectories(blobs());
        Files.write(incomplete(WEIGHTS), Arrays.copyOf(WEIGHTS, length));
        assertThat(pull(REPO).path().resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"model.safetensors", "config.json"})
    void deletesAndSaysWhatHasAWrongChecksum(String file) {
        byte[] right = fake.files.get(file);
        byte[] wrong = right.clone();
        wrong[right.length / 2] ^= 1;
        fake.always(exchange -> FakeHub.get(FakeHub.tag(right)).or(FakeHub.get(file)).test(exchange)
                && (right.length < FakeHub.LARGE || exchange.getRequestURI().getPath().length() == 65), exchange -> {
                    exchange.sendResponseHeaders(200, wrong.length);
                    exchange.getResponseBody().write(wrong);
                    return true;
                });
        assertThatThrownBy(() -> pull(REPO)).isInstanceOf(IOException.class).hasMessageContaining(file + " of " + REPO)
                .hasMessageContaining(FakeHub.tag(right)).hasMessageContaining("deleted");
        assertThat(blobs().resolve(FakeHub.tag(right))).doesNotExist();
        assertThat(blobs().resolve(FakeHub.tag(right) + ".quarry.incomplete")).doesNotExist();
    }

    @Test
    void noticesABeginningOfAnotherContent() throws Exception {
        Files.createDirectories(blobs());
        Files.write(incomplete(WEIGHTS), new byte[5000]);
        assertThatThrownBy(() -> pull(REPO)).hasMessageContaining("not what it should be");
        assertThat(pull(REPO).path().resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"401 | RepoNotFound | '' | there is no model | set HF_TOKEN",
        "401 | RepoNotFound | tok | there is no model | the token of HF_TOKEN has no access",
        "401 | GatedRepo | '' | is gated | Accept them at",
        "403 | GatedRepo | tok | is gated | which has no access yet",
        "401 | '' | tok | does not know the token of HF_TOKEN | it may have expired",
        "403 | '' | tok | forbids access | the right to read",
        "404 | RevisionNotFound | '' | no revision | commits/main",
        "418 | '' | '' | answered 418 | some-org/tiny-3.0"})
    void saysWhatARefusalMeans(int status, String code, String token, String what, String advice) {
        fake.always(exchange -> exchange.getRequestURI().getPath().startsWith("/api/"),
                FakeHub.status(status, "X-Error-Code", code));
        Hub client = new Hub(fake.settings(folder, token), FakeHub.IMPATIENT);
        assertThatThrownBy(() -> client.pull(name(REPO), 4, Progress.SILENT)).isInstanceOf(IOException.class)
                .hasMessageContaining(what).hasMessageContaining(advice).hasMessageNotContaining("tok ");
        assertThat(fake.asked).hasSize(1);
    }

    @Test
    void saysThatAModelIsGatedWhenOnlyItsFilesAre() {
        fake.always(exchange -> exchange.getRequestMethod().equals("HEAD"),
                FakeHub.status(401, "X-Error-Code", "GatedRepo"));
        assertThatThrownBy(() -> pull(REPO)).hasMessageContaining("is gated")
                .hasMessageContaining(fake.endpoint() + "/" + REPO).hasMessageContaining("HF_TOKEN");
    }

    @Test
    void sendsTheTokenToTheHubOnly() throws Exception {
        new Hub(fake.settings(folder, "secret"), FakeHub.IMPATIENT).pull(name(REPO), 4, Progress.SILENT);
        assertThat(fake.asked.stream().filter(asked -> asked.path().contains("/" + REPO)).map(FakeHub.Asked::token))
                .isNotEmpty().containsOnly("Bearer secret");
        assertThat(fake.asked.stream().filter(asked -> !asked.path().contains("/" + REPO)).map(FakeHub.Asked::token))
                .isNotEmpty().containsOnly("null");
        assertThat(fake.settings(folder, "secret").toString()).doesNotContain("secret");
    }

    @Test
    void comesAgainAfterErrorsOfTheServerAndWaitsAsLongAsItAsks() throws Exception {
        fake.once(FakeHub.get("/revision/main"), FakeHub.status(500));
        fake.once(FakeHub.get("/revision/main"), FakeHub.status(429, "Retry-After", "1"));
        fake.once(FakeHub.get(FakeHub.tag(WEIGHTS)), FakeHub.status(429, "Retry-After", "0"));
        List<String> notes = new ArrayList<>();
        hub.pull(name(REPO), 1, (done, total, unit, note) -> notes.add(note));
        assertThat(notes).anyMatch(note -> note.contains("answered 429 (too many requests)")
                && note.contains("attempt 3 of 4 in 1.0 s"));
        assertThat(hub.resolve(REPO)).exists();
    }

    @Test
    void doesNotWaitForHours() {
        fake.always(FakeHub.get("/revision/main"), FakeHub.status(429, "Retry-After", "7200"));
        assertThatThrownBy(() -> pull(REPO)).hasMessageContaining("asks to come again in 120 minutes");
        assertThat(fake.asked).hasSize(1);
    }

    @Test
    void givesUpOnWhatSaysNothing() {
        fake.always(FakeHub.get(FakeHub.tag(WEIGHTS)), exchange -> {
            fake.cut(WEIGHTS, 10).answers(exchange);
            fallSilent();
            return true;
        });
        Patience shortSilence = new Patience(Duration.ofSeconds(20), Duration.ofSeconds(1), Duration.ofSeconds(60), 2,
                Duration.ZERO, Duration.ZERO);
        assertThatThrownBy(() -> new Hub(fake.settings(folder, ""), shortSilence).pull(name(REPO), 1, Progress.SILENT))
                .isInstanceOf(IOException.class).hasMessageContaining("nothing came for")
                .hasMessageContaining("tried 2 times");
        assertThat(incomplete(WEIGHTS)).exists();
    }

    /** Sends nothing more, as long as the test runs. */
    private void fallSilent() throws IOException {
        try {
            over.await();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    @Test
    void givesUpOnAHubThatDoesNotAnswer() {
        fake.always(exchange -> true, exchange -> {
            fallSilent();
            return true;
        });
        Patience shortAnswer = new Patience(Duration.ofSeconds(1), Duration.ofMillis(100), Duration.ofSeconds(60), 2,
                Duration.ZERO, Duration.ZERO);
        assertThatThrownBy(() -> new Hub(fake.settings(folder, ""), shortAnswer).pull(name(REPO), 1, Progress.SILENT))
                .hasMessageContaining("did not answer").hasMessageContaining("tried 2 times");
    }

    @Test
    void endsABodyThatDoesNotEnd() {
        fake.always(FakeHub.get("config.json"), exchange -> {
            exchange.sendResponseHeaders(200, 0); // chunked, of unknown length
            byte[] chunk = new byte[1 << 16];
            for (int i = 0; i < 10_000; i++)
                exchange.getResponseBody().write(chunk);
            return true;
        });
        assertThatThrownBy(() -> pull(REPO)).hasMessageContaining("sends more than the 25 bytes of config.json");
    }

    @Test
    void endsAListThatDoesNotEnd() {
        fake.always(FakeHub.get("/revision/main"), exchange -> {
            exchange.sendResponseHeaders(200, 0);
            byte[] chunk = new byte[1 << 20];
            for (int i = 0; i < 1000; i++)
                exchange.getResponseBody().write(chunk);
            return true;
        });
        assertThatThrownBy(() -> pull(REPO)).hasMessageContaining("does not end after");
    }

    @Test
    void saysWhenALengthIsWrong() {
        fake.always(FakeHub.get("config.json"), FakeHub.body("application/json", "{}"));
        assertThatThrownBy(() -> pull(REPO)).hasMessageContaining("would send 2 bytes of config.json")
                .hasMessageContaining("expected 25");
    }

    @Test
    void saysWhenAPageComesInsteadOfAFileOrAList() {
        fake.always(FakeHub.get(FakeHub.tag(WEIGHTS)), FakeHub.body("text/html; charset=utf-8", "<html>sign in"));
        assertThatThrownBy(() -> pull(REPO)).hasMessageContaining("web page instead of model.safetensors");
        fake.faults.clear();
        fake.always(exchange -> true, FakeHub.body("text/html", "<html>sign in"));
        assertThatThrownBy(() -> pull(REPO)).hasMessageContaining("web page instead of a list");
        fake.faults.clear();
        fake.always(exchange -> true, FakeHub.body("text/plain", "hello"));
        assertThatThrownBy(() -> pull(REPO)).hasMessageContaining("no JSON").hasMessageContaining("HF_ENDPOINT");
    }

    @Test
    void checksTheHeadersOfAPart() throws Exception {
        Files.createDirectories(blobs());
        Files.write(incomplete(WEIGHTS), Arrays.copyOf(WEIGHTS, 1000));
        fake.always(FakeHub.get(FakeHub.tag(WEIGHTS)), exchange -> {
            exchange.getResponseHeaders().set("Content-Range", "bytes 0-299999/300000");
            exchange.sendResponseHeaders(206, 299_000);
            exchange.getResponseBody().write(WEIGHTS, 0, 299_000);
            return true;
        });
        assertThatThrownBy(() -> pull(REPO)).hasMessageContaining("asked for bytes 1000 and on");
    }

    @ParameterizedTest
    @ValueSource(strings = {"../../evil.json", "/etc/passwd", "a/../../b", "a//b", "C:\\x", "..\\x", "a\nb", ".", "a/.",
        "nul\0", "~/x"})
    void writesNothingUnderNamesThatLeaveTheFolder(String evil) throws Exception {
        fake.file(evil, "evil");
        assertThatThrownBy(() -> pull(REPO)).isInstanceOf(IOException.class)
                .hasMessageContaining("nothing is written under such a name").hasMessageNotContaining("\n");
        assertThat(folder.resolve("hub/models--some-org--tiny-3.0")).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"../../x", "", "a/b", ".."})
    void takesNoTagThatCannotNameAFile(String tag) {
        fake.always(exchange -> exchange.getRequestMethod().equals("HEAD"),
                FakeHub.status(200, "ETag", "\"" + tag + "\"", "Content-Length", "1"));
        assertThatThrownBy(() -> pull(REPO)).hasMessageContaining("cannot be the name of a file");
    }

    @Test
    void followsNoRedirectToOtherSchemesAndNoCircle() {
        fake.once(FakeHub.get("/revision/main"), FakeHub.status(302, "Location", "file:///etc/passwd"));
        assertThatThrownBy(() -> pull(REPO)).hasMessageContaining("file:///etc/passwd");
        fake.always(FakeHub.get("/revision/main"), FakeHub.status(302, "Location", "/api/models/x/revision/main"));
        assertThatThrownBy(() -> pull(REPO)).hasMessageContaining("more than 10 redirects");
    }

    @Test
    void followsTheRedirectOfAModelThatMoved() throws Exception {
        fake.always(exchange -> exchange.getRequestURI().getPath().contains("old/name"), exchange -> {
            String moved = exchange.getRequestURI().toString().replace("old/name", REPO);
            return FakeHub.status(307, "Location", moved).answers(exchange);
        });
        new Hub(fake.settings(folder, "secret"), FakeHub.IMPATIENT).pull(name("old/name"), 4, Progress.SILENT);
        assertThat(hub.resolve("old/name").resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
        assertThat(fake.asked.stream().filter(asked -> asked.path().contains(REPO)).map(FakeHub.Asked::token))
                .containsOnly("Bearer secret");
    }

    @Test
    void knowsBranchesTagsAndCommits() throws Exception {
        fake.refs.addAll(List.of("v1.0", "refs/pr/1"));
        assertThat(pull(REPO + "@v1.0").path()).isEqualTo(hub.resolve(REPO + "@v1.0"));
        assertThat(pull(REPO + "@refs/pr/1").path()).isEqualTo(hub.resolve(REPO + "@refs/pr/1"));
        assertThat(pull(REPO + "@" + fake.commit).path()).isEqualTo(hub.resolve(REPO + "@" + fake.commit));
        assertThat(folder.resolve("hub/models--some-org--tiny-3.0/refs/v1.0")).hasContent(fake.commit);
        assertThat(folder.resolve("hub/models--some-org--tiny-3.0/refs").resolve(fake.commit)).doesNotExist();
        assertThatThrownBy(() -> pull(REPO + "@v2.0")).hasMessageContaining("no revision \"v2.0\"");
        assertThatThrownBy(() -> hub.resolve(REPO + "@v2.0")).hasMessageContaining("no revision v2.0 was pulled");
    }

    @Test
    void checksOnlyTheLengthWhereNoChecksumIsKnown() throws Exception {
        fake.always(FakeHub.get("/revision/main"), FakeHub.body("application/json", "{\"sha\": \"" + fake.commit
                + "\", \"siblings\": [{\"rfilename\": \"model.safetensors\"}]}"));
        fake.always(exchange -> exchange.getRequestMethod().equals("HEAD"),
                FakeHub.status(200, "ETag", "W/\"v7-3\"", "Content-Length", "300000"));
        Pulled pulled = pull(REPO);
        assertThat(pulled.unchecked()).extracting(Pulled.Item::name).containsExactly("model.safetensors");
        assertThat(pulled.files().getFirst().checksum()).isEqualTo("SHA-256 " + FakeHub.sha256(WEIGHTS));
        assertThat(names(blobs())).containsExactly("v7-3");
    }

    @Test
    void saysWhenAHubContradictsItself() {
        fake.always(exchange -> exchange.getRequestMethod().equals("HEAD"), FakeHub.status(200, "X-Linked-Etag",
                "\"" + "0".repeat(64) + "\"", "X-Linked-Size", "300000"));
        assertThatThrownBy(() -> pull(REPO)).hasMessageContaining("contradicts itself");
    }

    @Test
    void asksNothingWhenOffline() throws Exception {
        Settings s = fake.settings(folder, "");
        Hub offline = new Hub(new Settings(s.endpoint(), s.cache(), s.own(), s.token(), true, s.proxies()),
                FakeHub.IMPATIENT);
        assertThatThrownBy(() -> offline.pull(name(REPO), 4, Progress.SILENT)).hasMessageContaining("HF_HUB_OFFLINE");
        assertThatThrownBy(() -> offline.pull(fake.store().resolve("/x.gguf"), "", "", Progress.SILENT))
                .hasMessageContaining("HF_HUB_OFFLINE");
        assertThat(fake.asked).isEmpty();
        Pulled before = pull(REPO);
        fake.asked.clear();
        Pulled pulled = offline.pull(name(REPO), 4, Progress.SILENT);
        assertThat(pulled.path()).isEqualTo(before.path());
        assertThat(pulled.fetchedBytes()).isZero();
        assertThat(fake.asked).isEmpty();
    }

    @Test
    void stopsWhenInterruptedAndGoesOnLater() throws Exception {
        fake.always(FakeHub.get(FakeHub.tag(WEIGHTS)), exchange -> {
            exchange.sendResponseHeaders(200, WEIGHTS.length);
            exchange.getResponseBody().write(WEIGHTS, 0, 70_000);
            exchange.getResponseBody().flush();
            fallSilent();
            return true;
        });
        List<Throwable> thrown = new ArrayList<>();
        Settings settings = fake.settings(folder, "");
        Thread pulling = new Thread(() -> {
            try {
                new Hub(settings).pull(name(REPO), 4, Progress.SILENT);
            } catch (IOException | InterruptedException e) {
                thrown.add(e);
            }
        });
        pulling.start();
        while (pulling.isAlive() && (!Files.exists(incomplete(WEIGHTS)) || Files.size(incomplete(WEIGHTS)) < 70_000))
            pulling.join(5);
        pulling.interrupt();
        pulling.join();
        assertThat(thrown).hasSize(1).first().isInstanceOf(InterruptedException.class);
        assertThat(incomplete(WEIGHTS)).hasSize(70_000);
        fake.faults.clear();
        pull(REPO);
        assertThat(fake.asked.stream().map(FakeHub.Asked::range)).contains("bytes=70000-");
    }

    @Test
    void twoProcessesFetchEachFileOnce() throws Exception {
        CountDownLatch both = new CountDownLatch(2);
        fake.always(FakeHub.get("/revision/main"), exchange -> {
            both.countDown();
            try {
                if (!both.await(1, TimeUnit.MINUTES))
                    throw new IOException("the other process has not come");
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            return false;
        });
        List<Process> processes = new ArrayList<>();
        for (int i = 0; i < 2; i++)
            processes.add(new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
                    System.getProperty("java.class.path"), PullOnce.class.getName(), fake.endpoint().toString(),
                    folder.toString(), REPO).redirectErrorStream(true).start());
        for (Process process : processes) {
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as(said).isZero();
            assertThat(said.strip()).endsWith(fake.commit);
        }
        assertThat(requests("GET", FakeHub.tag(WEIGHTS))).isEqualTo(1);
        assertThat(hub.resolve(REPO).resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
    }

    /** A pull in a process of its own. */
    static final class PullOnce {
        private PullOnce() {}

        public static void main(String[] args) throws Exception {
            Settings settings = new Settings(java.net.URI.create(args[0]), Path.of(args[1], "hub"),
                    Path.of(args[1], "own"), java.util.Optional.empty(), false, java.net.ProxySelector.of(null));
            System.out.println(new Hub(settings).pull(name(args[2]), 4, Progress.SILENT).path());
        }
    }

    @Test
    void checksTheRoomBefore() {
        assertThatThrownBy(() -> Space.check(folder, 5_000_000_000L, REPO, 4_000_000_000L))
                .hasMessageContaining("needs 5,000,000,000 bytes more").hasMessageContaining("4,000,000,000 are free");
    }

    @Test
    void readsWhatIsThereByLinksAndRefusesLoops() throws Exception {
        Path snapshot = pull(REPO).path();
        Files.createSymbolicLink(snapshot.resolve("loop"), snapshot);
        Files.createSymbolicLink(snapshot.resolve("gone.gguf"), Path.of("nowhere"));
        assertThat(hub.models()).extracting(Model::name).containsExactly(REPO);
        assertThat(Files.exists(snapshot.resolve("loop"), LinkOption.NOFOLLOW_LINKS)).isTrue();
    }
}
