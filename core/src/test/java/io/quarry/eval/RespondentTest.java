package io.quarry.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarry.chat.Conversation;
import io.quarry.chat.Message;
import io.quarry.chat.Template;
import io.quarry.infer.Engine;
import io.quarry.infer.Lm;
import io.quarry.judge.Judge;
import io.quarry.judge.Judges;
import io.quarry.judge.LocalModel;
import io.quarry.ledger.Progress;
import io.quarry.model.ModelSpec;
import io.quarry.model.PicoGranite;
import io.quarry.recipe.Recipe;
import io.quarry.text.BpeTrainer;
import io.quarry.text.Specials;
import io.quarry.text.Tokenizer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Real tokens and a real, untrained model. */
class RespondentTest {
    private static Tokenizer tokenizer;
    private static Lm lm;

    @BeforeAll
    static void start() {
        List<String> texts = new ArrayList<>();
        for (String name : Tasks.names())
            for (int i = 0; i < 100; i++)
                texts.add(Template.render(Tasks.of(name).sample(Split.TRAIN, 1, i).solved(), false));
        tokenizer = BpeTrainer.train(texts.iterator(), new Recipe.TokenizerPlan(1000, 1 << 20, 1, false),
                Progress.SILENT);
        ModelSpec pico = PicoGranite.spec(tokenizer.vocabulary());
        int end = tokenizer.id(Specials.END_OF_TEXT);
        ModelSpec spec = new ModelSpec(pico.vocabulary(), pico.dim(), pico.layers(), pico.heads(), pico.kvHeads(),
                pico.headDim(), pico.ffn(), 640, pico.ropeTheta(), pico.normEps(), pico.embeddingMultiplier(),
                pico.attentionMultiplier(), pico.residualMultiplier(), pico.logitsScaling(), false, end, end,
                tokenizer.id(Specials.PAD));
        lm = Lm.of(spec, PicoGranite.weights(spec, 7), Engine.of(1));
    }

    @AfterAll
    static void stop() {
        lm.close();
    }

    @Test
    void anUntrainedModelAnswersEveryTaskAndScoresNothing() {
        Evaluate evaluate = new Evaluate(new LocalModel(lm, tokenizer, 12)::answers);
        for (String name : Tasks.names()) {
            Scored scored = evaluate.run(Tasks.of(name), Split.HELD_OUT, 1, 6);
            assertThat(scored.score()).as(name).isEqualTo(new Score(0, 6));
            assertThat(scored.answers()).as(name).anyMatch(answer -> !answer.answer().isBlank());
        }
    }

    @Test
    void theSameAnswersAloneAndTogether() throws IOException {
        LocalModel model = new LocalModel(lm, tokenizer, 8);
        List<Conversation> prompts = new ArrayList<>();
        for (int i = 0; i < 5; i++)
            prompts.add(Tasks.of("word-problems").sample(Split.HELD_OUT, 2, i).prompt());
        List<String> together = model.answers(prompts);
        for (int i = 0; i < prompts.size(); i++)
            assertThat(model.answer(prompts.get(i))).isEqualTo(together.get(i));
    }

    @Test
    void aPromptThatFillsTheContextIsAnsweredWithNothing() {
        LocalModel model = new LocalModel(lm, tokenizer, 8);
        Conversation full = Conversation.of(Message.user("word ".repeat(700)));
        Conversation fits = Conversation.of(Message.user("word"));
        List<String> answers = model.answers(List.of(full, fits));
        assertThat(answers.getFirst()).isEmpty();
        assertThat(answers.getLast()).isNotEmpty();
        assertThatThrownBy(() -> model.answer(full)).isInstanceOf(IOException.class).hasMessageContaining("640");
    }

    @Test
    void aModelThatCannotJudgeIsNotTakenForAJudge() {
        Recipe.JudgePlan plan = new Recipe.JudgePlan("local", null, "model", Map.of("correctness", 1.0), 4, 3);
        Judge judge = Judges.local(plan, new LocalModel(lm, tokenizer, 30));
        assertThatThrownBy(() -> judge.judge(Candidates.of(Tasks.of("arithmetic").sample(Split.TRAIN, 1, 1))))
                .isInstanceOf(IOException.class);
    }

    @Test
    void retrievalFillsItsLengthAndNeverExceedsIt() {
        for (int tokens : new int[] {Retrieval.SHORTEST, 256, 1024, 4096})
            for (Split split : Split.values()) {
                Task at = Retrieval.at(tokens, text -> tokenizer.encode(text).length);
                Task training = Retrieval.training(tokens, text -> tokenizer.encode(text).length);
                for (int i = 0; i < 5; i++) {
                    int length = Template.encode(tokenizer, at.sample(split, 1, i).solved(), false).ids().length;
                    assertThat(length).isLessThanOrEqualTo(tokens).isGreaterThan(tokens - 40);
                    Sample many = training.sample(split, 1, i);
                    assertThat(Template.encode(tokenizer, many.solved(), false).ids().length)
                            .isLessThanOrEqualTo(tokens);
                    assertThat(training.grade(many, many.solution().content())).isEqualTo(Grade.RIGHT);
                }
            }
    }

    @Test
    void retrievalSharesNoPlacesBetweenSplits() {
        Task task = Retrieval.at(512, Tasks::aboutTokens);
        for (int i = 0; i < 300; i++)
            for (Split split : Split.values()) {
                Sample sample = task.sample(split, i % 3, i);
                assertThat(Places.half((String) sample.truth().get("place"))).isEqualTo(split);
            }
    }
}
