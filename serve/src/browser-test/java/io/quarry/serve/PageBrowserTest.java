package io.quarry.serve;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.ColorScheme;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The chat page in a real Chromium: the one of CHROMIUM, by default that of the system. */
@Tag("browser")
class PageBrowserTest {
    private static final String CODE = """
            Granite is an **igneous** rock: quartz, feldspar and mica, cooled slowly far below the ground.

            In code, `hard()` is true:

            ```java
            boolean hard() {
                return mohs >= 6; // <b>not bold</b>
            }
            ```
            Ask me more \uD83E\uDEA8.""";
    private static Playwright playwright;
    private static Browser chromium;
    private final Script script = new Script(PageBrowserTest::lines);
    private final List<String> problems = new ArrayList<>();
    private final List<String> requests = new ArrayList<>();
    private Http http;
    private BrowserContext context;
    private Page page;

    /** What the scripted model says to a message. */
    private static Iterator<String> lines(String last) {
        return switch (last) {
            case "endless" -> Stream.generate(() -> {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
                return "on and ";
            }).iterator();
            case "html" -> List.of("<img src=x onerror=\"document.title='broken'\">", "<scr", "ipt>document.title=",
                    "'broken'</script>").iterator();
            case "fail" -> {
                throw new IllegalStateException("a scripted failure");
            }
            default -> Stream.of(CODE.split("(?<= )")).iterator();
        };
    }

    @BeforeAll
    static void launch() {
        playwright = Playwright.create();
        chromium = playwright.chromium().launch(new BrowserType.LaunchOptions()
                .setExecutablePath(Path.of(System.getenv().getOrDefault("CHROMIUM", "/usr/bin/chromium")))
                .setArgs(List.of("--no-sandbox", "--disable-gpu", "--disable-background-networking",
                        "--disable-component-update", "--disable-sync", "--no-first-run")));
    }

    @AfterAll
    static void quit() {
        playwright.close();
    }

    @BeforeEach
    void open() throws IOException {
        http = new Http(script);
        view(1100, 800, ColorScheme.LIGHT);
    }

    private void view(int width, int height, ColorScheme scheme) {
        context = chromium.newContext(
                new Browser.NewContextOptions().setViewportSize(width, height).setColorScheme(scheme));
        page = context.newPage();
        page.onConsoleMessage(message -> {
            if (message.type().equals("error"))
                problems.add(message.text());
        });
        page.onPageError(problems::add);
        page.onRequest(request -> requests.add(request.url()));
        page.navigate(http.server.url());
        assertThat(page.locator("#model")).hasText(Http.MODEL);
    }

    @AfterEach
    void close() {
        context.close();
        http.close();
    }

    private void say(String text) {
        page.locator("#input").fill(text);
        page.locator("#input").press("Enter");
    }

    private void screenshot(String name) {
        page.screenshot(new Page.ScreenshotOptions().setPath(Path.of("target", name + ".png")));
    }

    @Test
    void streamsAnAnswerAndKeepsTheConversation() {
        screenshot("chat-empty");
        say("What is granite?");
        assertThat(page.locator(".assistant .note")).containsText("tokens/s");
        assertThat(page.locator(".assistant strong")).hasText("igneous");
        assertThat(page.locator(".assistant pre")).containsText("// <b>not bold</b>");
        assertThat(page.locator(".assistant .text")).containsText("\uD83E\uDEA8");
        say("And then?");
        assertThat(page.locator(".assistant .note")).hasCount(2);
        assertThat(page.locator("#send")).isVisible();
        screenshot("chat-light");

        assertThat(script.read.remove().messages()).hasSize(1);
        var second = script.read.remove().messages();
        assertThat(second).hasSize(3);
        assertThat(second.get(1).content()).isEqualTo(CODE);
        page.locator("#new").click();
        assertThat(page.locator(".turn")).hasCount(0);
        say("Anew");
        assertThat(page.locator(".assistant .note")).containsText("tokens/s");
        assertThat(script.read.remove().messages()).hasSize(1);
        assertThat(problems).isEmpty();
        assertThat(requests).allMatch(url -> url.startsWith(http.server.url()) || url.startsWith("data:"));
    }

    @Test
    void stopsAnAnswerAndTheModel() throws InterruptedException {
        say("endless");
        assertThat(page.locator(".assistant .text")).containsText("on and on and");
        page.locator("#stop").click();
        assertThat(page.locator(".assistant .note")).hasText("stopped");
        assertThat(page.locator("#send")).isVisible();
        assertThat(script.ended.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(problems).isEmpty();
    }

    @Test
    void showsMarkupOfAnAnswerAsText() {
        say("html");
        assertThat(page.locator(".assistant .text")).containsText("<script>document.title='broken'</script>");
        assertThat(page.locator(".assistant img")).hasCount(0);
        assertThat(page).hasTitle(Http.MODEL + " · Quarry");
        assertThat(problems).isEmpty();
    }

    @Test
    void saysWhatWentWrongAndGoesOn() {
        say("fail");
        assertThat(page.locator(".note.alarm")).containsText("No answer: the server has failed to answer");
        say("What is granite?");
        assertThat(page.locator(".assistant").last().locator(".note")).containsText("tokens/s");
        assertThat(script.read.stream().reduce((a, b) -> b).orElseThrow().messages()).hasSize(1);
    }

    @Test
    void shiftEnterBeginsANewLine() {
        page.locator("#input").fill("one");
        page.locator("#input").press("Shift+Enter");
        page.locator("#input").pressSequentially("two");
        page.locator("#input").press("Enter");
        assertThat(page.locator(".assistant .note")).containsText("tokens/s");
        assertThat(script.read.remove().messages().getLast().content()).isEqualTo("one\ntwo");
    }

    @Test
    void fitsAPhoneInTheDark() {
        context.close();
        view(390, 760, ColorScheme.DARK);
        say("What is granite?");
        assertThat(page.locator(".assistant .note")).containsText("tokens/s");
        assertThat((Integer) page.evaluate("document.documentElement.scrollWidth")).isLessThanOrEqualTo(390);
        screenshot("chat-phone-dark");
    }
}
