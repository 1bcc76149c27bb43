package io.quarry.langchain4j;

import io.quarry.chat.ChatFormat;
import io.quarry.infer.Engine;
import io.quarry.infer.Lm;
import io.quarry.kernel.DType;
import io.quarry.kernel.Kernels;
import io.quarry.model.Checkpoint;
import io.quarry.model.ModelSpec;
import io.quarry.model.Param;
import io.quarry.model.Params;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import tools.jackson.databind.json.JsonMapper;

/**
 * A real model, tokenizer and chat template that together give known answers: the template ends a prompt with a mark
 * chosen by the last message, and the weights make each piece of an answer the likeliest after the one before it. All
 * between a request and its answer is what any model goes through.
 */
final class ScriptedModel implements AutoCloseable {
    private static final int DIM = 128;
    static final int CONTEXT = 4096;
    static final String WEATHER = "<tool_call>\n{\"name\": \"getWeather\", \"arguments\": {\"city\": \"Munich\"}}\n</tool_call>";
    private static final String TIME = "<tool_call>\n{\"name\": \"getTime\", \"arguments\": {\"country\": \"France\"}}\n</tool_call>";

    /** Pieces of answers, each of one token; a piece stands in one answer alone. */
    private static final Map<String, List<String>> SCRIPTS = new LinkedHashMap<>();
    static {
        SCRIPTS.put("<|germany|>",
                List.of("The", " capital", " of", " Germany", " is", " Berlin", ", and", " 2 + 2 is 4."));
        SCRIPTS.put("<|love|>", List.of("Ich", " liebe", " dich."));
        SCRIPTS.put("<|colour|>", List.of("Your colour", " is green."));
        SCRIPTS.put("<|hello|>", List.of("Hello", " Wor", "ld!"));
        SCRIPTS.put("<|weather|>", List.of(WEATHER));
        SCRIPTS.put("<|clock|>", List.of("Let me see. ", "<tool_call>\n{\"name\": \"get_current_time\", ",
                "\"arguments\": {}}\n</tool_call>"));
        SCRIPTS.put("<|both|>", List.of(WEATHER + "\n", TIME));
        SCRIPTS.put("<|result|>", List.of("It is", " sunny", ", at 10:14 or 14:35."));
        SCRIPTS.put("<|story|>", List.of(" a cat", " and a dog")); // for ever
    }
    private static final List<String> MARKS = List.of("<|pad|>", "<|end|>", "<|system|>", "<|user|>", "<|assistant|>",
            "<|tool|>", "<|tools|>");
    private static final String TEMPLATE = """
            {%- for tool in tools or [] -%}<|tools|>{{ tool | tojson }}{%- endfor -%}
            {%- for m in messages -%}<|{{ m.role }}|>{{ m.content }}
            {%- for call in m.tool_calls or [] -%}<tool_call>{{ call.function | tojson }}</tool_call>{%- endfor -%}
            <|end|>{%- endfor -%}
            {%- set last = messages[-1] -%}
            {%- if add_generation_prompt -%}<|assistant|>
            {%- if last.role == 'tool' -%}<|result|>
            {%- elif 'weather' in last.content and 'time' in last.content -%}<|both|>
            {%- elif 'weather' in last.content and tools -%}<|weather|>
            {%- elif 'time' in last.content and tools -%}<|clock|>
            {%- elif 'love' in last.content -%}<|love|>
            {%- elif 'color' in last.content -%}<|colour|>
            {%- elif 'Hello' in last.content -%}<|hello|>
            {%- elif 'story' in last.content -%}<|story|>
            {%- else -%}<|germany|>{%- endif -%}{%- endif -%}
            """;
    /** The same without a word about tools. */
    static final String PLAIN = TEMPLATE.lines().skip(1).reduce("", String::concat);

    final Lm lm;
    final ChatFormat format;
    final Path folder;

    private ScriptedModel(Path folder) throws IOException {
        this.folder = folder;
        lm = Lm.open(folder, new Engine(Kernels.best(), 1, 8, 1 << 26));
        format = ChatFormat.open(folder, lm.tokenizer());
    }

    static ScriptedModel make(Path folder) throws IOException {
        return make(folder, TEMPLATE);
    }

    static ScriptedModel make(Path folder, String template) throws IOException {
        List<String> added = new ArrayList<>(MARKS);
        added.addAll(SCRIPTS.keySet());
        int special = added.size();
        SCRIPTS.values().forEach(added::addAll);
        Files.writeString(folder.resolve("tokenizer.json"), tokenizer(added, special));
        Files.writeString(folder.resolve("chat_template.jinja"), template);
        ModelSpec spec = new ModelSpec(256 + added.size(), DIM, 1, 2, 1, 16, 16, CONTEXT, 10_000, 1e-5, 1, 0.25, 1, 1,
                false, 256 + added.indexOf("<|end|>"), 256 + added.indexOf("<|end|>"), 256);
        Random random = new Random(1);
        float[] embedding = new float[spec.vocabulary() * DIM];
        for (int i = 0; i < embedding.length; i++)
            embedding[i] = (float) random.nextGaussian();
        Checkpoint.write(folder, spec, DType.F32, param -> weights(param, spec, added, embedding), null);
        return new ScriptedModel(folder);
    }

    /** A tokenizer of single bytes, with marks and pieces as added tokens; pieces are text like any other. */
    private static String tokenizer(List<String> added, int special) {
        Map<String, Integer> bytes = new LinkedHashMap<>();
        int others = 0;
        for (int b = 0; b < 256; b++) {
            boolean shown = b > 32 && b < 127 || b > 160 && b != 173;
            bytes.put(Character.toString(shown ? b : 256 + others++), b);
        }
        List<Object> tokens = new ArrayList<>();
        for (String text : added)
            tokens.add(Map.of("id", 256 + tokens.size(), "content", text, "single_word", false, "lstrip", false,
                    "rstrip", false, "normalized", false, "special", tokens.size() < special));
        Map<String, Object> byteLevel = Map.of("type", "ByteLevel", "add_prefix_space", false, "trim_offsets", true,
                "use_regex", true);
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("version", "1.0");
        all.put("added_tokens", tokens);
        all.put("normalizer", null);
        all.put("pre_tokenizer", byteLevel);
        all.put("post_processor", null);
        all.put("decoder", byteLevel);
        all.put("model", Map.of("type", "BPE", "vocab", bytes, "merges", List.of()));
        return JsonMapper.shared().writeValueAsString(all);
    }

    /** What attention and the feed-forward part add is nothing, so the next token depends on the last one alone. */
    private static float[] weights(Param param, ModelSpec spec, List<String> added, float[] embedding) {
        float[] values = new float[Math.toIntExact(param.elements())];
        if (param.name().equals(Params.EMBEDDING))
            return embedding;
        if (param.name().equals(Params.LM_HEAD)) {
            SCRIPTS.forEach((mark, pieces) -> {
                String last = mark;
                for (String piece : pieces) {
                    follow(values, added.indexOf(last), added.indexOf(piece), embedding);
                    last = piece;
                }
                follow(values, added.indexOf(last),
                        added.indexOf(mark.equals("<|story|>") ? pieces.getFirst() : "<|end|>"), embedding);
            });
        } else if (param.name().contains("norm")) {
            java.util.Arrays.fill(values, 1);
        }
        return values;
    }

    private static void follow(float[] head, int last, int next, float[] embedding) {
        for (int i = 0; i < DIM; i++)
            head[(256 + next) * DIM + i] += embedding[(256 + last) * DIM + i];
    }

    @Override
    public void close() {
        lm.close();
    }
}
