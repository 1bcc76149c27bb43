package io.quarry.chat;

import io.quarry.jinja.TemplateException;
import io.quarry.model.EndTokens;
import io.quarry.model.TemplateSources;
import io.quarry.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * How a model reads a conversation and where its answers end: its own chat template with its own tokenizer. Safe for many
 * threads.
 *
 * {@snippet :
 * ChatFormat format = ChatFormat.open(folder, tokenizer);
 * int[] prompt = format.prompt(Conversation.of(Message.user("What is 12 + 30?")));
 * Completion said = lm.generate(new Request(prompt, 100, Sampling.GREEDY, format.ends()));
 * }
 */
public final class ChatFormat {
    /** Words of the probe that finds out what the template writes behind a turn; plain, so that no template cuts them. */
    private static final String SAID = "thelastwordofaturn";
    private static final String NEXT = "thefirstwordofanother";

    private final ChatTemplate template;
    private final Tokenizer tokenizer;
    private final Map<String, Object> variables;
    private final Set<Integer> ends;
    private final CallMarks calls;
    /** Tokens that are special and yet part of what is said: marks of calls. */
    private final Set<Integer> marks = new TreeSet<>();
    private final boolean knowsTools;

    private ChatFormat(ChatTemplate template, Tokenizer tokenizer, Map<String, Object> variables, Set<Integer> ends) {
        this.template = template;
        this.tokenizer = tokenizer;
        this.variables = variables;
        this.ends = ends;
        calls = CallMarks.of(template);
        for (String mark : calls.all())
            tokenizer.find(mark).ifPresent(marks::add);
        knowsTools = knowsTools(template);
    }

    /**
     * Reads the template and the end tokens of a model.
     *
     * @param model     a model folder or a GGUF file
     * @param tokenizer of that model
     * @throws IOException if the model has no chat template, or one that cannot be read
     */
    public static ChatFormat open(Path model, Tokenizer tokenizer) throws IOException {
        return open(model, tokenizer, Map.of());
    }

    /**
     * The same with variables of that template alone.
     *
     * @param variables such as {@code enable_thinking}
     */
    public static ChatFormat open(Path model, Tokenizer tokenizer, Map<String, Object> variables) throws IOException {
        ChatTemplate template = template(model).orElseThrow(() -> new IOException(model + " has no chat template: "
                + "neither chat_template.jinja nor the key chat_template in tokenizer_config.json, nor "
                + "tokenizer.chat_template in a GGUF file. It continues texts: quarry generate with --raw"));
        Set<Integer> ends = new TreeSet<>(EndTokens.of(model));
        template.token("eos_token").map(tokenizer::find).ifPresent(id -> id.ifPresent(ends::add));
        ends.addAll(written(template, tokenizer));
        return new ChatFormat(template, tokenizer, Map.copyOf(variables), Set.copyOf(ends));
    }

    /**
     * The chat template of a model folder or a GGUF file; empty if it has none.
     *
     * @throws IOException with a sentence, if a file or the template cannot be read
     */
    public static Optional<ChatTemplate> template(Path model) throws IOException {
        TemplateFiles files = TemplateFiles.read(model);
        if (files.sources().isEmpty())
            return Optional.empty();
        try {
            return Optional.of(files.sources().keySet().equals(Set.of(TemplateSources.DEFAULT))
                    ? ChatTemplate.of(files.name(), files.sources().get(TemplateSources.DEFAULT), files.tokens())
                    : ChatTemplate.of(files.name(), files.sources(), files.tokens()));
        } catch (TemplateException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /**
     * What the template itself writes behind an assistant's turn: the special token that ends it, and the one that begins
     * the next, for a model that opens the next turn has forgotten to close its own.
     */
    private static Set<Integer> written(ChatTemplate template, Tokenizer tokenizer) {
        List<Map<String, Object>> turns = new ArrayList<>(List.of(Map.of("role", "user", "content", NEXT),
                Map.of("role", "assistant", "content", SAID)));
        Set<Integer> written = new TreeSet<>(special(template, turns, SAID, "\0", tokenizer, 1));
        turns.add(Map.of("role", "user", "content", NEXT));
        written.addAll(special(template, turns, SAID, NEXT, tokenizer, 2));
        return written;
    }

    /** The first special tokens between two words of a rendering, if there is nothing but white space before them. */
    private static List<Integer> special(ChatTemplate template, List<Map<String, Object>> turns, String from,
            String to, Tokenizer tokenizer, int most) {
        String all;
        try {
            all = template.render(ChatTemplate.Context.of(turns, ChatTemplate.End.CLOSED, LocalDateTime.now()))
                    .toString();
        } catch (TemplateException | IllegalArgumentException e) {
            return List.of(); // a template that does not take these turns tells nothing about them
        }
        int begin = all.lastIndexOf(from);
        if (begin < 0)
            return List.of();
        begin += from.length();
        int end = all.indexOf(to, begin);
        List<Integer> found = new ArrayList<>();
        for (int id : tokenizer.encodeWithSpecials(all.substring(begin, end < 0 ? all.length() : end))) {
            if (found.size() < most && tokenizer.special(id))
                found.add(id);
            else if (found.isEmpty() && !tokenizer.decode(new int[] {id}).isBlank())
                break;
        }
        return found;
    }

    /** A conversation as tokens, with the assistant's turn opened. */
    public int[] prompt(Conversation conversation) {
        return prompt(ChatTemplate.Context.of(conversation, ChatTemplate.End.PROMPT, LocalDateTime.now())
                .withVariables(variables));
    }

    /**
     * A conversation as tokens.
     *
     * @throws TemplateException        if the template refuses it
     * @throws IllegalArgumentException if there is no message
     */
    public int[] prompt(ChatTemplate.Context context) {
        return tokenizer.encode(template.render(context).markup()).ids();
    }

    /** Ids that end an answer. */
    public Set<Integer> ends() {
        return ends;
    }

    /** How this model's calls of tools stand in its answers. */
    public CallMarks calls() {
        return calls;
    }

    /** Whether a token of an answer is part of what is said: all but special ones, and of these the marks of calls. */
    public boolean shown(int token) {
        return !tokenizer.special(token) || marks.contains(token);
    }

    /** Whether the template shows the model its tools; where it does not, they would be ignored. */
    public boolean knowsTools() {
        return knowsTools;
    }

    private static boolean knowsTools(ChatTemplate template) {
        Conversation asked = new Conversation(List.of(Message.user(NEXT)),
                List.of(new Tool(SAID, "", Map.of("type", "object", "properties", Map.of()))), List.of());
        try {
            return template.render(ChatTemplate.Context.of(asked, ChatTemplate.End.PROMPT, LocalDateTime.now()))
                    .toString().contains(SAID);
        } catch (TemplateException | IllegalArgumentException e) {
            return false;
        }
    }
}
