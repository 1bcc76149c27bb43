package io.quarry.text;

import static java.util.stream.Collectors.joining;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The added tokens of Granite 4, in Granite's order: they stand behind the base vocabulary, so a token's id is the size
 * of the base vocabulary plus its place here. Source: tokenizer.json of Granite 4.0-H, ids re-confirmed in 4.1.
 */
public final class Specials {
    public static final String PAD = "<|pad|>";
    /** Ends every turn and every document; also stands for the beginning, as in Granite. */
    public static final String END_OF_TEXT = "<|end_of_text|>";
    public static final String FIM_PREFIX = "<|fim_prefix|>";
    public static final String FIM_MIDDLE = "<|fim_middle|>";
    public static final String FIM_SUFFIX = "<|fim_suffix|>";
    public static final String FIM_PAD = "<|fim_pad|>";
    public static final String FILENAME = "<|filename|>";
    public static final String REPONAME = "<|reponame|>";
    public static final String START_OF_ROLE = "<|start_of_role|>";
    public static final String END_OF_ROLE = "<|end_of_role|>";
    public static final String UNUSED_1 = "<|unused_1|>";
    public static final String START_OF_PLUGIN = "<|start_of_plugin|>";
    public static final String END_OF_PLUGIN = "<|end_of_plugin|>";
    public static final String UNK = "<|unk|>";
    public static final String TOOL_CALL = "<tool_call>";
    public static final String END_TOOL_CALL = "</tool_call>";
    public static final String TOOL_RESPONSE = "<tool_response>";
    public static final String END_TOOL_RESPONSE = "</tool_response>";
    public static final String THINK = "<think>";
    public static final String END_THINK = "</think>";
    public static final String THINK_ON = "<think_on>";
    public static final String THINK_OFF = "<think_off>";
    public static final String SCHEMA = "<schema>";
    public static final String END_SCHEMA = "</schema>";
    public static final String TOOLS = "<tools>";
    public static final String END_TOOLS = "</tools>";
    public static final String DOCUMENTS = "<documents>";
    public static final String END_DOCUMENTS = "</documents>";

    /** All of them by id; {@code special} is what decoding may skip. Tool and think marks are text the reader must see. */
    static final List<AddedTokens.Token> GRANITE = List.of(special(PAD), special(END_OF_TEXT), mark(FIM_PREFIX),
            mark(FIM_MIDDLE), mark(FIM_SUFFIX), mark(FIM_PAD), mark(FILENAME), mark(REPONAME), special(START_OF_ROLE),
            special(END_OF_ROLE), special(UNUSED_1), special(START_OF_PLUGIN), special(END_OF_PLUGIN), special(UNK),
            mark(TOOL_CALL), mark(END_TOOL_CALL), mark(TOOL_RESPONSE), mark(END_TOOL_RESPONSE), mark(THINK),
            mark(END_THINK), special(THINK_ON), special(THINK_OFF), special(SCHEMA), special(END_SCHEMA),
            special(TOOLS), special(END_TOOLS), special(DOCUMENTS), special(END_DOCUMENTS));

    /** How many there are. */
    public static final int COUNT = GRANITE.size();

    private static final Pattern ANY = Pattern
            .compile(GRANITE.stream().map(AddedTokens.Token::content).map(Pattern::quote).collect(joining("|")));

    private Specials() {}

    /** The text between the tokens of a markup in which they are parsed, in order; nothing of the tokens themselves. */
    public static Stream<String> between(String markup) {
        return ANY.splitAsStream(markup).filter(text -> !text.isEmpty());
    }

    private static AddedTokens.Token special(String content) {
        return new AddedTokens.Token(-1, content, true);
    }

    private static AddedTokens.Token mark(String content) {
        return new AddedTokens.Token(-1, content, false);
    }
}
