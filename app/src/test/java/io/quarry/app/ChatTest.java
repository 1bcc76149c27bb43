package io.quarry.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarry.chat.ChatFormat;
import io.quarry.chat.Template;
import io.quarry.infer.Completion.Finish;
import io.quarry.infer.Lm;
import io.quarry.infer.Sampling;
import io.quarry.ledger.Progress;
import io.quarry.model.PicoGranite;
import io.quarry.recipe.Recipe;
import io.quarry.text.BpeTrainer;
import io.quarry.text.Tokenizer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChatTest {
    @TempDir
    private static Path work;
    private static Path model;
    private static Lm lm;

    @BeforeAll
    static void makeModel() throws IOException {
        model = work.resolve("artifacts/rl.math-1");
        Files.createDirectories(model);
        Stream<String> words = IntStream.range(0, 2_000).mapToObj(i -> "stone " + Integer.toString(i * 7919, 36));
        Tokenizer tokenizer = BpeTrainer.train(words.iterator(), new Recipe.TokenizerPlan(512, 100_000, 1, false),
                Progress.SILENT);
        tokenizer.save(model, 256, Template.jinja());
        PicoGranite.write(model, tokenizer.vocabulary(), 7);
        lm = Lm.open(model, 1);
    }

    @AfterAll
    static void closeModel() {
        if (lm != null)
            lm.close();
    }

    @Test
    void streamsTheAnswerAndRemembersIt() throws IOException {
        Dialogue dialogue = dialogue(8);
        StringBuilder first = new StringBuilder();
        Dialogue.Turn turn = dialogue.ask("the stones", first::append, () -> true);
        assertThat(turn.finish()).isEqualTo(Finish.LENGTH);
        assertThat(turn.tokens()).isEqualTo(8);
        int alone = turn.prompt();
        Dialogue.Turn second = dialogue.ask("the stones", _ -> {}, () -> true);
        assertThat(second.prompt()).as("two questions, the answer between them").isGreaterThan(2 * alone + 5);
        dialogue.reset();
        StringBuilder again = new StringBuilder();
        assertThat(dialogue.ask("the stones", again::append, () -> true).prompt()).isEqualTo(alone);
        assertThat(again).as("as in the beginning").hasToString(first.toString());
        dialogue.system("the mason");
        assertThat(dialogue.ask("the stones", _ -> {}, () -> true).prompt()).isGreaterThan(alone + 3);
    }

    @Test
    void stopsAnAnswer() throws IOException {
        List<String> pieces = new ArrayList<>();
        Dialogue.Turn turn = dialogue(50).ask("the stones", pieces::add, () -> pieces.size() < 3);
        assertThat(turn.finish()).isEqualTo(Finish.CANCELLED);
        assertThat(turn.tokens()).isEqualTo(3);
    }

    @Test
    void forgetsWhatNoLongerFitsAndSaysSo() throws IOException {
        Dialogue dialogue = dialogue(20);
        int forgotten = 0;
        for (int i = 0; i < 12; i++)
            forgotten += dialogue.ask("the stones of the house", _ -> {}, () -> true).forgotten();
        assertThat(forgotten).isPositive().isEven();
        assertThatThrownBy(() -> dialogue.ask("9 ".repeat(400), _ -> {}, () -> true))
                .hasMessageContaining("too long for the model").hasMessageContaining("the model takes 255");
    }

    @Test
    void goesOnBehindATurnThatTheTemplateRefuses(@TempDir Path other) throws IOException {
        Files.writeString(other.resolve("chat_template.jinja"),
                "{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('No system here.') }}{% endif %}"
                        + "{{ m.content }}{% endfor %}");
        Dialogue dialogue = new Dialogue(lm, ChatFormat.open(other, lm.tokenizer()), Sampling.GREEDY, 4);
        int alone = dialogue.ask("the stones", _ -> {}, () -> true).prompt();
        dialogue.system("Be kind.");
        StringWriter out = new StringWriter();
        Chat.piped(dialogue, new BufferedReader(new StringReader("the stones\n")), new PrintWriter(out));
        assertThat(out.toString()).contains("the template refuses this conversation: No system here.");
        dialogue.system("");
        assertThat(dialogue.ask("the stones", _ -> {}, () -> true).prompt()).isEqualTo(alone);
    }

    @Test
    void readsLinesFromAPipe() throws IOException {
        StringWriter out = new StringWriter();
        Chat.piped(dialogue(5), new BufferedReader(new StringReader("the stones\n\n/reset\nthe stones\n/exit\nno\n")),
                new PrintWriter(out));
        List<String> lines = out.toString().lines().toList();
        String answer = ask(dialogue(5), "the stones");
        assertThat(out.toString()).isEqualTo((answer + "\n").repeat(2));
        assertThat(lines).isNotEmpty();
    }

    @Test
    void findsTheModelAPersonMeans() throws IOException {
        assertThat(LastModel.find(model)).isEqualTo(new LastModel(model, "rl.math-1"));
        LastModel.remember(work, model, "pico");
        assertThat(LastModel.find(work)).isEqualTo(new LastModel(model, "pico"));
        Path empty = Files.createDirectories(work.resolve("empty"));
        assertThatThrownBy(() -> LastModel.find(empty)).hasMessageContaining("is no model folder");
        LastModel.remember(empty, empty.resolve("gone"), "x");
        assertThatThrownBy(() -> LastModel.find(empty)).hasMessageContaining("which has no config.json");
    }

    private static Dialogue dialogue(int maxTokens) throws IOException {
        return new Dialogue(lm, ChatFormat.open(model, lm.tokenizer()), Sampling.at(6, 3), maxTokens);
    }

    private static String ask(Dialogue dialogue, String text) {
        StringBuilder answer = new StringBuilder();
        dialogue.ask(text, answer::append, () -> true);
        return answer.toString();
    }
}
