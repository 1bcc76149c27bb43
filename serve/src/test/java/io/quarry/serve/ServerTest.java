package io.quarry.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarry.chat.CallMarks;
import io.quarry.chat.Conversation;
import io.quarry.infer.Completion;
import io.quarry.infer.Sampling;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** How the server behaves while it answers. */
class ServerTest {
    private static Script endless() {
        return new Script(last -> Stream.generate(() -> "word ").iterator());
    }

    /** Says one token, tells that it did, and goes on when it may. */
    private static Iterator<String> pausing(CountDownLatch begun, CountDownLatch go) {
        return Stream.of("one ", "two").map(token -> {
            if (token.equals("two")) {
                begun.countDown();
                await(go);
            }
            return token;
        }).iterator();
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void streamsWhileTheModelStillSpeaks() throws Exception {
        CountDownLatch begun = new CountDownLatch(1), go = new CountDownLatch(1);
        try (Http http = new Http(new Script(last -> pausing(begun, go)));
                Socket socket = open(http, Http.chat("Hello", "\"stream\": true"))) {
            assertThat(until(socket.getInputStream(), "\"one \"")).contains("text/event-stream")
                    .doesNotContain("two");
            go.countDown();
            assertThat(until(socket.getInputStream(), "[DONE]")).contains("\"two\"").contains("\"stop\"");
        }
    }

    @Test
    void aClientThatGoesEndsItsStream() throws Exception {
        Script script = endless();
        try (Http http = new Http(new Endless(script))) {
            try (Socket socket = open(http, Http.chat("Hello", "\"stream\": true"))) {
                until(socket.getInputStream(), "word");
            }
            await(script.ended);
            assertThat(http.get("health").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void aClientThatGoesEndsAnAnswerItWaitedFor() throws Exception {
        Script script = endless();
        try (Http http = new Http(new Endless(script), Http.settings(4, Duration.ZERO))) {
            try (Socket socket = open(http, Http.chat("Hello", ""))) {
                until(socket.getInputStream(), "200");
            }
            await(script.ended);
        }
    }

    @Test
    void signsOfLifeDoNotSpoilTheJson() throws Exception {
        try (Http http = new Http(Script.saying("a", "", "b"), Http.settings(4, Duration.ZERO))) {
            HttpResponse<String> whole = http.post(Http.chat("Hello", ""));
            assertThat(whole.body()).startsWith(" ");
            assertThat(Http.text(whole)).isEqualTo("ab");
            HttpResponse<String> stream = http.post(Http.chat("Hello", "\"stream\": true"));
            assertThat(stream.body()).contains("\n:\n");
            assertThat(Http.streamed(stream)).isEqualTo("ab");
        }
    }

    @Test
    void refusesWhenFullAndTakesTheNextWhenNot() throws Exception {
        CountDownLatch begun = new CountDownLatch(1), go = new CountDownLatch(1);
        try (Http http = new Http(new Script(last -> pausing(begun, go)), Http.settings(1, Duration.ofHours(1)));
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<HttpResponse<String>> first = threads.submit(() -> http.post(Http.chat("Hello", "")));
            await(begun);
            HttpResponse<String> second = http.post(Http.chat("Hello", ""));
            assertThat(second.statusCode()).isEqualTo(503);
            assertThat(second.headers().firstValue("Retry-After")).contains("1");
            assertThat(http.get("health").statusCode()).isEqualTo(200);
            go.countDown();
            assertThat(Http.text(first.get())).isEqualTo("one two");
            assertThat(Http.text(http.post(Http.chat("Hello", "")))).isEqualTo("one two");
        }
    }

    @Test
    void answersManyAtOnceEachItsOwn() throws Exception {
        CountDownLatch all = new CountDownLatch(8);
        Script echo = new Script(last -> {
            all.countDown();
            await(all); // none answers before all have asked: they are answered side by side
            return last.chars().mapToObj(c -> String.valueOf((char) c)).iterator();
        });
        try (Http http = new Http(echo); ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<HttpResponse<String>>> answers = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                String body = Http.chat("I am client " + i, i % 2 == 0 ? "" : "\"stream\": true");
                answers.add(threads.submit(() -> http.post(body)));
            }
            for (int i = 0; i < 8; i++) {
                HttpResponse<String> answer = answers.get(i).get();
                assertThat(i % 2 == 0 ? Http.text(answer) : Http.streamed(answer)).isEqualTo("I am client " + i);
            }
        }
    }

    @Test
    void aFailureIsSaidWithoutItsInside() throws Exception {
        Script broken = new Script(last -> Stream.of("a", "b").peek(t -> {
            if (t.equals("b"))
                throw new IllegalStateException("secret of the house");
        }).iterator());
        try (Http http = new Http(broken)) {
            HttpResponse<String> whole = http.post(Http.chat("Hello", ""));
            assertThat(whole.statusCode()).isEqualTo(500);
            assertThat(whole.body()).contains("server_error").doesNotContain("secret");
            HttpResponse<String> stream = http.post(Http.chat("Hello", "\"stream\": true"));
            assertThat(stream.body()).contains("\"a\"").contains("server_error").doesNotContain("secret")
                    .doesNotContain("[DONE]");
        }
    }

    @Test
    void aStopCutsWhatDoesNotEnd() throws Exception {
        Script script = endless();
        Http http = new Http(new Endless(script));
        try (http; Socket socket = open(http, Http.chat("Hello", "\"stream\": true"))) {
            until(socket.getInputStream(), "word");
            http.server.close();
            assertThat(script.ended.getCount()).isZero();
            assertThatThrownBy(() -> http.get("health")).isInstanceOf(IOException.class);
        }
    }

    @Test
    void aPortThatIsTakenIsSaid() throws Exception {
        try (Http http = new Http(endless())) {
            int port = http.server.port();
            assertThatThrownBy(() -> Server.start(endless(), "second", Server.HOST, port, Settings.usual()))
                    .isInstanceOf(IOException.class).hasMessageContaining("cannot listen on 127.0.0.1:" + port);
        }
    }

    @Test
    void pageHealthAndModelsAreThere() throws Exception {
        try (Http http = new Http(Script.saying("yes"))) {
            HttpResponse<String> page = http.get("");
            assertThat(page.headers().firstValue("Content-Type")).contains("text/html; charset=utf-8");
            assertThat(page.headers().firstValue("Content-Security-Policy").orElseThrow())
                    .startsWith("default-src 'none'").contains("sha256-").doesNotContain("unsafe");
            assertThat(page.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
            assertThat(page.body()).doesNotContain("innerHTML").doesNotContain("https://");
            assertThat(http.get("health").body()).isEqualTo("{\"status\":\"ok\",\"model\":\"scripted/one\"}");
            assertThat(Http.json(http.get("v1/models")).path("data").path(0).path("id").stringValue())
                    .isEqualTo(Http.MODEL);
            assertThat(page.headers().map()).doesNotContainKey("access-control-allow-origin");
        }
    }

    private static Socket open(Http http, String body) throws IOException {
        Socket socket = new Socket(Server.HOST, http.server.port());
        socket.setSoTimeout(20_000);
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        socket.getOutputStream().write(("POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
                + "application/json\r\nContent-Length: " + bytes.length + "\r\n\r\n")
                .getBytes(StandardCharsets.UTF_8));
        socket.getOutputStream().write(bytes);
        return socket;
    }

    private static String until(InputStream in, String end) throws IOException {
        StringBuilder text = new StringBuilder();
        while (text.indexOf(end) < 0) {
            int next = in.read();
            assertThat(next).as("'%s' in %s", end, text).isNotNegative();
            text.append((char) next);
        }
        return text.toString();
    }

    /** A script whose context has room for an answer that does not end by itself. */
    private record Endless(Script script) implements Assistant {
        @Override
        public int contextLength() {
            return Integer.MAX_VALUE;
        }

        @Override
        public int[] prompt(Conversation conversation) {
            return script.prompt(conversation);
        }

        @Override
        public CallMarks calls() {
            return script.calls();
        }

        @Override
        public Completion answer(int[] prompt, int maxTokens, Sampling sampling,
                TextListener listener) {
            return script.answer(prompt, maxTokens, sampling, listener);
        }
    }
}
