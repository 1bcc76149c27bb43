package io.quarry.chat;

import io.quarry.text.Encoded;
import io.quarry.text.Markup;
import io.quarry.text.Specials;
import io.quarry.text.Tokenizer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The chat format of Granite 4.1: a conversation as the model reads it. The text is what the Jinja template of a
 * checkpoint renders; the tokens differ from it in one thing: what users, tools and documents say is plain text, so it
 * cannot open a role, close a turn or pass for a tool's answer.
 */
public final class Template {
    private static final String TOOLS_BEFORE = """
            You are a helpful assistant with access to the following tools. \
            You may call one or more tools to assist with the user query.

            You are provided with function signatures within <tools></tools> XML tags:
            <tools>""";
    private static final String TOOLS_AFTER = """

            </tools>

            For each tool call, return a json object with function name and arguments \
            within <tool_call></tool_call> XML tags:
            <tool_call>
            {"name": <function-name>, "arguments": <args-json-object>}
            </tool_call>. If a tool does not exist in the provided list of tools, notify the user that \
            you do not have the ability to fulfill the request.""";
    private static final String DOCUMENTS_BEFORE = """
            You are a helpful assistant with access to the following documents. \
            You may use one or more documents to assist with the user query.

            You are given a list of documents within <documents></documents> XML tags:
            <documents>""";
    private static final String DOCUMENTS_AFTER = """

            </documents>

            Write the response to the user's input by strictly aligning with the facts in the provided documents. \
            If the information needed to answer the question is not available in the documents, \
            inform the user that the question cannot be answered based on the available data.""";

    /** What the assistant itself may say as one token, so that what it generated encodes as it was generated. */
    static final Set<String> ASSISTANT = Set.of(Specials.TOOL_CALL, Specials.END_TOOL_CALL, Specials.THINK,
            Specials.END_THINK);
    /** The convention for structured output stands in the system turn. */
    static final Set<String> SYSTEM = Set.of(Specials.SCHEMA, Specials.END_SCHEMA);

    private Template() {}

    /** The same format as a Jinja template, for {@code chat_template.jinja} of a checkpoint. */
    public static String jinja() {
        try (InputStream in = Template.class.getResourceAsStream("chat_template.jinja")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * The conversation as text.
     *
     * @param addGenerationPrompt whether the assistant's turn is opened at the end
     */
    public static String render(Conversation conversation, boolean addGenerationPrompt) {
        return markup(conversation, addGenerationPrompt).toString();
    }

    /** The conversation as tokens; see {@link #render}. */
    public static Encoded encode(Tokenizer tokenizer, Conversation conversation, boolean addGenerationPrompt) {
        return tokenizer.encode(markup(conversation, addGenerationPrompt));
    }

    /** The conversation as tokens to learn: the mask is 1 on what the assistant says and on the end of its turn. */
    public static Encoded learned(Tokenizer tokenizer, Conversation conversation) {
        return encode(tokenizer, conversation, false);
    }

    private static Markup markup(Conversation conversation, boolean addGenerationPrompt) {
        Markup out = new Markup();
        system(conversation, out);
        List<Message> messages = conversation.messages();
        for (int i = 0; i < messages.size(); i++) {
            Message message = messages.get(i);
            switch (message.role()) {
                case SYSTEM -> {
                    if (i > 0)
                        role(out, "system").text(message.content(), SYSTEM).markup(END_OF_TURN);
                }
                case USER -> role(out, "user").text(message.content()).markup(END_OF_TURN);
                case ASSISTANT -> assistant(message, out);
                case TOOL -> tool(messages, i, out);
            }
        }
        return addGenerationPrompt ? role(out, "assistant") : out;
    }

    private static final String END_OF_TURN = Specials.END_OF_TEXT + "\n";

    private static Markup role(Markup out, String role) {
        return out.markup(Specials.START_OF_ROLE + role + Specials.END_OF_ROLE);
    }

    /** The first turn: the system's own text, the tools, the documents, as far as there are any. */
    private static void system(Conversation conversation, Markup out) {
        List<Message> messages = conversation.messages();
        boolean own = !messages.isEmpty() && messages.getFirst().role() == Message.Role.SYSTEM;
        boolean tools = !conversation.tools().isEmpty();
        boolean documents = !conversation.documents().isEmpty();
        if (!tools && !documents && (!own || messages.getFirst().content().isEmpty()))
            return;
        role(out, "system");
        if (own)
            out.text(messages.getFirst().content(), SYSTEM);
        if (tools) {
            out.markup((own ? "\n\n" : "") + TOOLS_BEFORE);
            for (Tool tool : conversation.tools())
                out.text("\n" + Tools.json(tool));
            out.markup(TOOLS_AFTER);
        }
        if (documents) {
            out.markup((own || tools ? "\n\n" : "") + DOCUMENTS_BEFORE);
            for (Map<String, Object> document : conversation.documents())
                out.text("\n" + Json.write(document));
            out.markup(DOCUMENTS_AFTER);
        }
        out.markup(END_OF_TURN);
    }

    private static void assistant(Message message, Markup out) {
        Markup said = new Markup().text(message.content(), ASSISTANT);
        boolean first = message.content().isEmpty();
        for (ToolCall call : message.toolCalls()) {
            said.markup((first ? "" : "\n") + Specials.TOOL_CALL + "\n").text(Tools.json(call))
                    .markup("\n" + Specials.END_TOOL_CALL);
            first = false;
        }
        role(out, "assistant").learned(said.markup(Specials.END_OF_TEXT)).markup("\n");
    }

    /** Results of one round of calls share a turn of the user. */
    private static void tool(List<Message> messages, int i, Markup out) {
        if (i == 0 || messages.get(i - 1).role() != Message.Role.TOOL)
            role(out, "user");
        out.markup("\n" + Specials.TOOL_RESPONSE + "\n").text(messages.get(i).content())
                .markup("\n" + Specials.END_TOOL_RESPONSE);
        if (i + 1 == messages.size() || messages.get(i + 1).role() != Message.Role.TOOL)
            out.markup(END_OF_TURN);
    }
}
