package io.quarry.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

class AddedTokensTest {
    private static final Predicate<String> EVERY = token -> true;

    private static AddedTokens tokens(boolean longestFirst, String... contents) {
        List<AddedTokens.Token> tokens = new ArrayList<>();
        for (String content : contents)
            tokens.add(new AddedTokens.Token(tokens.size(), content, false));
        return new AddedTokens(tokens, longestFirst);
    }

    /** What is found, as "content@start". */
    private static List<String> found(AddedTokens tokens, String text, Predicate<String> live) {
        Text utf8 = Utf8.text(text);
        AddedTokens.Scope scope = new AddedTokens.Scope(utf8.bytes(), 0, utf8.length());
        return tokens.find(scope, 0, utf8.length(), 0, live).stream()
                .map(match -> match.token().content() + "@" + match.start()).toList();
    }

    @Test
    void theLeftmostComesFirstAndOfThoseTheLongest() {
        AddedTokens tokens = tokens(false, "ab", "abc", "bcde", "x");
        assertThat(found(tokens, "abcdex", EVERY)).containsExactly("abc@0", "x@5");
        assertThat(found(tokens, "abd bcde", EVERY)).containsExactly("ab@0", "bcde@4");
        assertThat(found(tokens, "abcd", token -> !token.equals("abc"))).containsExactly("ab@0");
        assertThat(found(tokens, "", EVERY)).isEmpty();
    }

    @Test
    void orTheLongestOfAll() {
        AddedTokens tokens = tokens(true, "ab", "abc", "bcde", "x");
        assertThat(found(tokens, "abcdex", EVERY)).containsExactly("bcde@1", "x@5");
        assertThat(found(tokens, "abcabcde", EVERY)).containsExactly("abc@0", "bcde@4");
    }

    /** As llama.cpp does it: for each token, the longest first, all its places in what is still text. */
    private static List<String> slow(String[] contents, String text) {
        List<String> byLength = new ArrayList<>(List.of(contents));
        byLength.sort((a, b) -> b.length() - a.length());
        boolean[] taken = new boolean[text.length()];
        List<int[]> places = new ArrayList<>();
        for (String content : byLength)
            for (int at = 0; at + content.length() <= text.length(); at++) {
                boolean free = text.startsWith(content, at);
                for (int i = at; free && i < at + content.length(); i++)
                    free = !taken[i];
                if (!free)
                    continue;
                for (int i = at; i < at + content.length(); i++)
                    taken[i] = true;
                places.add(new int[] {at, content.length()});
            }
        return places.stream().sorted((a, b) -> a[0] - b[0])
                .map(place -> text.substring(place[0], place[0] + place[1]) + "@" + place[0]).toList();
    }

    @Test
    void theLongestFirstIsFoundAsByTrying() {
        String[] contents = {"aa", "aaa", "ab", "bba", "abab", "b", "cabba"};
        AddedTokens tokens = tokens(true, contents);
        Random random = new Random(2);
        for (int round = 0; round < 20_000; round++) {
            StringBuilder text = new StringBuilder();
            for (int n = random.nextInt(14); n > 0; n--)
                text.append("abcd".charAt(random.nextInt(random.nextBoolean() ? 2 : 4)));
            assertThat(found(tokens, text.toString(), EVERY)).as("%s", text).isEqualTo(slow(contents, text.toString()));
        }
    }

    @Test
    void tokensTakeWhiteSpaceAndMindWords() {
        AddedTokens tokens = new AddedTokens(List.of(new AddedTokens.Token(0, "<m>", true, false, false, true, false),
                new AddedTokens.Token(1, "<u>", true, false, false, false, true),
                new AddedTokens.Token(2, "tok", false, false, true, false, false)), false);
        Text text = Utf8.text("a \u3000<m> x <u> \n\u00a0y <u> <m>");
        List<AddedTokens.Match> found = tokens.find(new AddedTokens.Scope(text.bytes(), 0, text.length()), 0,
                text.length(), 0, EVERY);
        assertThat(found).hasSize(4);
        assertThat(new String(text.bytes(), found.get(0).start(), found.get(0).end() - found.get(0).start(),
                StandardCharsets.UTF_8)).isEqualTo(" \u3000<m>");
        assertThat(new String(text.bytes(), found.get(1).start(), found.get(1).end() - found.get(1).start(),
                StandardCharsets.UTF_8)).isEqualTo("<u> \n\u00a0");
        assertThat(found.get(3).start()).isEqualTo(found.get(2).end()); // the space is taken once
        assertThat(found(tokens, "tok atok toké tok-tok étok tok\u0301 tok", EVERY)).hasSize(4);
    }

    @Test
    void runsOfOneTokenTakeTimeInProportion() {
        String[] runs = new String[31];
        for (int n = 0; n < runs.length; n++)
            runs[n] = "\n".repeat(n + 1);
        assertThat(found(tokens(true, runs), "\n".repeat(1 << 20), EVERY)).hasSize((1 << 20) / 31 + 1);
    }
}
