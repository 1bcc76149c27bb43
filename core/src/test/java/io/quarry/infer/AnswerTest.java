package io.quarry.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarry.kernel.Kernels;
import io.quarry.model.PicoGranite;
import io.quarry.text.Specials;
import io.quarry.text.TokenStream;
import io.quarry.text.Tokenizer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Text from a tiny model with random weights: noise, with halves of characters in it. */
class AnswerTest {
    @TempDir
    private static Path dir;
    private static Lm lm;
    private static Tokenizer tokenizer;

    @BeforeAll
    static void open() throws IOException {
        try (InputStream in = PicoGranite.class.getResourceAsStream("/golden/tokenizer.json")) {
            Files.copy(in, dir.resolve("tokenizer.json"));
        }
        tokenizer = Tokenizer.open(dir);
        PicoGranite.write(dir, tokenizer.vocabulary(), 5);
        lm = Lm.open(dir, new Engine(Kernels.best(), 2, 1, 1 << 26)); // one slot: who does not leave it blocks all
    }

    @AfterAll
    static void close() {
        lm.close();
    }

    private static Request request(int seed) {
        return lm.request("Once upon a time", 60).withSampling(Sampling.at(1.2, seed)).withStops(Set.of());
    }

    private static List<String> pieces(Request request) {
        List<String> out = new ArrayList<>();
        lm.answer(request, piece -> out.add(piece));
        return out;
    }

    @Test
    void textIsTheSameWholeByPiecesAndAsAStream() {
        boolean halves = false;
        List<Request> all = new ArrayList<>();
        for (int seed = 0; seed < 12; seed++)
            all.add(request(seed));
        List<Answer> answers = lm.answer(all);
        for (int seed = 0; seed < 12; seed++) {
            String text = answers.get(seed).text();
            assertThat(text).isEqualTo(tokenizer.decode(lm.generate(request(seed)).tokens(), true));
            assertThat(String.join("", pieces(request(seed)))).isEqualTo(text);
            assertThat(lm.answer(request(seed), piece -> true).text()).isEqualTo(text);
            try (Stream<String> stream = lm.stream(request(seed))) {
                List<String> found = stream.toList();
                assertThat(found).doesNotContain("");
                assertThat(String.join("", found)).isEqualTo(text);
            }
            halves |= text.contains("\uFFFD");
        }
        assertThat(halves).as("noise has halves of characters, or this test shows nothing").isTrue();
    }

    @Test
    void aStreamThatIsClosedFreesItsPlace() {
        try (Stream<String> stream = lm.stream(request(1).withMaxTokens(200))) {
            Iterator<String> pieces = stream.iterator();
            assertThat(pieces.next() + pieces.next()).isNotEmpty();
        }
        lm.stream(request(1)).close(); // never begun
        assertThat(lm.answer(request(2)).completion().tokens()).hasSize(60);
    }

    @Test
    void aListenerMayEndTheText() {
        List<String> heard = new ArrayList<>();
        Answer cut = lm.answer(request(3), piece -> {
            heard.add(piece);
            return heard.size() < 9;
        });
        assertThat(cut.completion().finish()).isEqualTo(Completion.Finish.CANCELLED);
        assertThat(cut.completion().tokens()).hasSize(9);
        assertThat(cut.text()).isEqualTo(String.join("", heard));
        assertThat(lm.answer(request(3)).text()).startsWith(cut.text());
    }

    @Test
    void aStopStringSpansTokensAndIsNeverPrintedInPart() {
        for (int seed = 0; seed < 20; seed++) {
            Answer free = lm.answer(request(seed));
            int at = free.text().length() / 2;
            String stop = free.text().substring(at, at + 6);
            Request stopped = request(seed).withStopStrings("never said", stop);
            String before = free.text().substring(0, free.text().indexOf(stop));
            Answer answer = lm.answer(stopped);
            assertThat(answer.text()).isEqualTo(before);
            assertThat(answer.completion().finish()).isEqualTo(Completion.Finish.STOP_STRING);
            assertThat(String.join("", pieces(stopped))).isEqualTo(before);
            try (Stream<String> stream = lm.stream(stopped)) {
                assertThat(String.join("", stream.toList())).isEqualTo(before);
            }
            int[] tokens = answer.completion().tokens();
            assertThat(certain(tokens)).contains(stop);
            assertThat(certain(Arrays.copyOf(tokens, tokens.length - 1))).doesNotContain(stop);
            assertThat(free.completion().tokens()).startsWith(tokens);
        }
    }

    private static String certain(int[] tokens) {
        TokenStream stream = tokenizer.stream(true);
        return Arrays.stream(tokens).mapToObj(stream::next).collect(Collectors.joining());
    }

    @Test
    void whatWasHeldBackForAStopStringComesAtTheEnd() {
        String text = lm.answer(request(4)).text();
        String last = text.substring(text.length() - 1);
        Answer answer = lm.answer(request(4).withStopStrings(last + " and more"));
        assertThat(answer.text()).isEqualTo(text);
        assertThat(String.join("", pieces(request(4).withStopStrings(last + " and more")))).isEqualTo(text);
        assertThat(answer.completion().finish()).isEqualTo(Completion.Finish.LENGTH);
    }

    @Test
    void theTextOfASpecialTokenStopsThere() {
        int special = tokenizer.id(Specials.START_OF_ROLE);
        Request request = request(5).withSampling(Sampling.GREEDY.withBias(Map.of(special, 100f)));
        assertThat(lm.generate(request).tokens()).contains(special);
        Completion stopped = lm.generate(request.withStopStrings(Specials.START_OF_ROLE));
        assertThat(stopped.finish()).isEqualTo(Completion.Finish.STOP);
        assertThat(stopped.tokens()).isEmpty();
    }

    @Test
    void theAnswerBeginsWithThePrefixWhichIsScoredLikeTheRest() {
        int[] prefix = tokenizer.encode("there was a queen");
        Request plain = request(6).withAlternatives(3);
        for (int round = 0; round < 2; round++) {
            Completion said = lm.generate(plain.withPrefix(prefix));
            assertThat(said.tokens()).hasSize(60).startsWith(prefix);
            int[] whole = Arrays.copyOf(plain.prompt(), plain.prompt().length + 60);
            System.arraycopy(said.tokens(), 0, whole, plain.prompt().length, 60);
            float[] scores = lm.score(whole);
            assertThat(said.logProbs())
                    .containsExactly(Arrays.copyOfRange(scores, plain.prompt().length - 1, scores.length));
            assertThat(said.alternatives()).hasSize(60).allMatch(a -> a.size() == 3);
            Completion rest = lm.generate(plain.continuing(prefix).withMaxTokens(60 - prefix.length));
            assertThat(said.tokens()).endsWith(rest.tokens());
        }
        assertThat(lm.answer(plain.withPrefix(prefix)).text()).startsWith("there was a queen");
        Completion only = lm.generate(plain.withPrefix(prefix).withMaxTokens(prefix.length));
        assertThat(only.tokens()).containsExactly(prefix);
        assertThat(only.logProbs()).hasSize(prefix.length);
        assertThat(only.finish()).isEqualTo(Completion.Finish.LENGTH);
        assertThatThrownBy(() -> lm.generate(plain.withPrefix(prefix).withMaxTokens(1))).hasMessageContaining("prefix");
    }

    @Test
    void thePrefixHasNoStopStrings() {
        Request request = request(7).withPrefix(tokenizer.encode("```json\n")).withStopStrings("```");
        Answer answer = lm.answer(request);
        assertThat(answer.text()).startsWith("```json\n");
        assertThat(answer.completion().tokens()).hasSize(60);
    }

    @Test
    void aCharacterBegunBeforeIsCompleted() {
        int[] tokens = tokenizer.encode("\uD83E\uDEA8");
        assertThat(tokens.length).as("an emoji that is one token shows nothing").isGreaterThan(2);
        int[] begin = Arrays.copyOf(tokens, 2);
        int[] rest = Arrays.copyOfRange(tokens, 2, tokens.length);
        Request request = request(8).continuing(begin).withPrefix(rest).withMaxTokens(rest.length);
        assertThat(lm.answer(request).text()).isEqualTo("\uD83E\uDEA8");
    }

    @Test
    void penaltiesCountTheAnswerThatWasBegun() {
        int[] begin = lm.generate(request(9).withSampling(Sampling.GREEDY)).tokens();
        Request never = request(9).withSampling(Sampling.GREEDY.withPenalties(Penalties.of(0, 1000)))
                .withMaxTokens(40);
        assertThat(lm.generate(never).tokens()).doesNotHaveDuplicates();
        assertThat(lm.generate(never.continuing(begin)).tokens()).doesNotHaveDuplicates()
                .doesNotContain(begin);
    }

    @Test
    void alternativesAreToldWithEachToken() {
        Request request = request(10).withAlternatives(2);
        List<List<Completion.Alternative>> heard = new ArrayList<>();
        Completion said = lm.generate(request, token -> heard.add(token.alternatives()));
        assertThat(heard).isEqualTo(said.alternatives()).hasSize(60);
        assertThat(lm.generate(request.withSampling(Sampling.GREEDY)).alternatives().getFirst().getFirst().token())
                .isEqualTo(lm.generate(request.withSampling(Sampling.GREEDY)).tokens()[0]);
        assertThat(lm.generate(request.withAlternatives(0)).alternatives()).isEmpty();
    }

    @Test
    void badRequestsAreSaid() {
        assertThatThrownBy(() -> request(1).withStopStrings("")).hasMessageContaining("stop string");
        assertThatThrownBy(() -> request(1).withAlternatives(101)).hasMessageContaining("0 to 100, was 101");
        assertThatThrownBy(() -> request(1).withPrefix(new int[61])).hasMessageContaining("61");
        assertThatThrownBy(() -> lm.generate(request(1).withPrefix(-1))).hasMessageContaining("token -1");
        assertThatThrownBy(
                () -> lm.generate(request(1).withSampling(Sampling.GREEDY.withBias(Map.of(1_000_000, 1f)))))
                .hasMessageContaining("token 1000000");
        int[] most = new int[lm.spec().contextLength() - 3];
        assertThatThrownBy(() -> lm.generate(
                new Request(most, 10, Sampling.GREEDY, Set.of()).withPrefix(1, 2, 3, 4)))
                .hasMessageContainingAll("prefix of 4", "context of 256");
        try (Lm bare = Lm.of(PicoGranite.spec(40), PicoGranite.weights(PicoGranite.spec(40), 1), Engine.of(1))) {
            Request text = new Request(new int[] {1}, 3, Sampling.GREEDY, Set.of());
            assertThatThrownBy(() -> bare.answer(text)).hasMessageContaining("no tokenizer");
            assertThatThrownBy(() -> bare.generate(text.withStopStrings("x"))).hasMessageContaining("no tokenizer");
        }
    }
}
