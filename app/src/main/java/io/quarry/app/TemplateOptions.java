package io.quarry.app;

import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Option;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** What a model's chat template takes beside the conversation. */
final class TemplateOptions {
    /** Strict: a key that is there twice, or text behind the value, is a mistake of whoever wrote the file. */
    static final JsonMapper JSON = JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

    @Option(names = "--set", paramLabel = "NAME=VALUE", description = "A variable of the model's chat template, such as thinking=true; JSON, or else text. May be given several times")
    private Map<String, String> variables = Map.of();

    Map<String, Object> variables() {
        Map<String, Object> values = new LinkedHashMap<>();
        variables.forEach((name, value) -> values.put(name, value(value)));
        return values;
    }

    private static Object value(String text) {
        try {
            Object value = JSON.readValue(text, Object.class);
            return value == null ? text : value;
        } catch (JacksonException e) {
            return text;
        }
    }
}
