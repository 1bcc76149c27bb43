package io.quarry.judge;

import io.quarry.chat.Conversation;
import io.quarry.chat.Message;
import io.quarry.chat.ToolCall;
import io.quarry.chat.Tools;
import java.text.Normalizer;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What is checked by rule before a judge is asked: text is normalised; cut, overlong, leaking and schema-breaking samples
 * are rejected, each with its reason.
 *
 * @param heldOut       fingerprints of held-out questions, see {@link #fingerprint}
 * @param maxCharacters longest response
 */
public record RuleFilters(Set<Long> heldOut, int maxCharacters) {
    /** Reason of a sample that passes. */
    public static final String PASSES = "";

    private static final Pattern SPECIAL = Pattern
            .compile("<\\|[^|<>]{1,40}\\|>|</?(tool_call|tool_response|tools|documents"
                    + "|schema|think_on|think_off)>");
    private static final String THINK = "<think>";
    private static final String THOUGHT = "</think>";

    public RuleFilters {
        heldOut = Set.copyOf(heldOut);
        if (maxCharacters < 1)
            throw new IllegalArgumentException("maxCharacters must be at least 1, was " + maxCharacters);
    }

    /** The candidate with its response in Unicode NFC, plain line ends, no control characters and no space at the ends. */
    public static Candidate normalised(Candidate candidate) {
        String text = Normalizer.normalize(candidate.response().content(), Normalizer.Form.NFC).replace("\r\n", "\n")
                .replaceAll("[\\p{Cc}&&[^\n\t]]", "").replaceAll("[ \t]+\n", "\n").strip();
        return candidate.with(
                new Message(Message.Role.ASSISTANT, text, candidate.response().toolCalls()));
    }

    /** Why a normalised candidate is rejected, one of few phrases that can be counted; {@link #PASSES} if it is not. */
    public String fault(Candidate candidate) {
        Message response = candidate.response();
        String text = response.content();
        if (text.isEmpty() && response.toolCalls().isEmpty())
            return "empty";
        if (text.length() > maxCharacters)
            return "too long";
        if (SPECIAL.matcher(text).find() || leaks(text))
            return "markup leaked";
        if (truncated(text))
            return "truncated";
        for (ToolCall call : response.toolCalls())
            if (!Tools.problem(call, candidate.prompt().tools()).isEmpty())
                return "tool call breaks its schema";
        if (heldOut.contains(fingerprint(candidate.prompt())))
            return "held-out question";
        return PASSES;
    }

    /** A thought may stand at the beginning, once; anywhere else its marks are leaked markup. */
    private static boolean leaks(String text) {
        String rest = text.startsWith(THINK) ? text.substring(THINK.length()).replaceFirst(THOUGHT, "") : text;
        return rest.contains(THINK) || rest.contains(THOUGHT);
    }

    /** Whether a text ends before its form does: a thought or a bracket not closed, an answer announced and not given. */
    private static boolean truncated(String text) {
        if (text.startsWith(THINK) && !text.contains(THOUGHT))
            return true;
        if (text.endsWith(":") || text.endsWith(",") || text.endsWith("=") || text.endsWith("-") || text.endsWith("("))
            return true;
        return count(text, '{') != count(text, '}') || count(text, '[') != count(text, ']')
                || count(text, '(') != count(text, ')') || count(text, '"') % 2 != 0;
    }

    private static long count(String text, char c) {
        return text.chars().filter(x -> x == c).count();
    }

    /** The same for the same question: all turns and documents, whatever their case and spaces. */
    public static long fingerprint(Conversation prompt) {
        long hash = 0xCBF29CE484222325L; // FNV-1a, 64 bits
        String all = prompt.messages().stream().map(m -> m.role() + " " + m.content()).toList() + " "
                + prompt.documents();
        for (char c : all.toLowerCase(java.util.Locale.ROOT).replaceAll("\\s+", " ").toCharArray())
            hash = (hash ^ c) * 0x100000001B3L;
        return hash;
    }
}
