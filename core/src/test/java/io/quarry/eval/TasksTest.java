package io.quarry.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarry.chat.Message;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every task must hold. */
class TasksTest {
    private static final int ITEMS = 5_000;

    static List<String> names() {
        return Tasks.names();
    }

    /** The answer as a model would write it. */
    static String written(Message solution) {
        return Candidates.written(solution);
    }

    /** What is asked, with all that stands beside it except which tools are offered in which order. */
    private static String question(Sample sample) {
        return sample.prompt().messages() + " " + sample.prompt().documents();
    }

    @ParameterizedTest
    @MethodSource("names")
    void gradesItsOwnSolutionsRight(String name) {
        Task task = Tasks.of(name);
        for (Split split : Split.values())
            for (int i = 0; i < ITEMS; i++) {
                Sample sample = task.sample(split, 7, i);
                Grade grade = task.grade(sample, written(sample.solution()));
                assertThat(grade).as(() -> question(sample) + " -> " + sample.solution()).isEqualTo(Grade.RIGHT);
            }
    }

    @ParameterizedTest
    @MethodSource("names")
    void splitsShareNoQuestionWhateverTheSeed(String name) {
        Task task = Tasks.of(name);
        Set<String> train = new HashSet<>();
        for (int i = 0; i < ITEMS; i++)
            train.add(question(task.sample(Split.TRAIN, i % 3, i)));
        for (int i = 0; i < ITEMS; i++)
            assertThat(train.contains(question(task.sample(Split.HELD_OUT, 100 + i % 5, i)))).isFalse();
    }

    @ParameterizedTest
    @MethodSource("names")
    void isAPureFunctionOfSplitSeedAndIndex(String name) {
        Task task = Tasks.of(name);
        for (Split split : Split.values()) {
            Sample later = task.sample(split, 3, 41);
            task.sample(split, 3, 40);
            assertThat(task.sample(split, 3, 41)).isEqualTo(later);
            Set<String> others = new HashSet<>();
            for (int i = 0; i < 50; i++)
                others.add(question(task.sample(split, 3, i)) + question(task.sample(split, 4, i)));
            assertThat(others).hasSizeGreaterThan(25);
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void gradesTheAnswerOfAnotherQuestionWrong(String name) {
        Task task = Tasks.of(name);
        int wrong = 0;
        int tried = 0;
        for (int i = 0; i < 500; i++) {
            Sample one = task.sample(Split.HELD_OUT, 1, 2 * i);
            Sample other = task.sample(Split.HELD_OUT, 1, 2 * i + 1);
            if (one.solution().equals(other.solution()) || one.truth().equals(other.truth()))
                continue;
            tried++;
            Grade grade = task.grade(one, written(other.solution()));
            wrong += grade.correct() ? 0 : 1;
            if (!grade.correct())
                assertThat(grade.reason()).isNotBlank();
        }
        assertThat(tried).isGreaterThan(150);
        assertThat(wrong).isGreaterThan(tried * 96 / 100);
    }

    @ParameterizedTest
    @MethodSource("names")
    void neverThrowsOnAnAnswer(String name) {
        Task task = Tasks.of(name);
        Sample sample = task.sample(Split.TRAIN, 1, 1);
        for (String answer : List.of("", " ", "Answer:", "Answer: 99999999999999999999", "<tool_call>", "{}", "[[[[",
                "null",
                "<tool_call>\n{\"name\": 3, \"arguments\": []}\n</tool_call>", "\uD800", "((((", "-\n-\n-", ".",
                "x".repeat(100_000)))
            assertThat(task.grade(sample, answer).correct()).as(answer).isFalse();
    }

    @Test
    void namesTheKnownTasksForAnUnknownOne() {
        assertThatThrownBy(() -> Tasks.of("poems")).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("poems").hasMessageContaining("word-problems");
    }

    @Test
    void knowsRetrievalAtAnyLength() {
        for (String name : List.of("retrieval-512", "retrieval-training-512")) {
            Task task = Tasks.of(name);
            assertThat(task.name()).isEqualTo(name);
            Sample sample = task.sample(Split.TRAIN, 1, 1);
            assertThat(task.grade(sample, written(sample.solution()))).isEqualTo(Grade.RIGHT);
        }
        assertThatThrownBy(() -> Tasks.of("retrieval-9")).hasMessageContaining("at least 192");
    }
}
