package io.quarry.serve;

import io.quarry.chat.Tool;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;

/** Reads the tools of a request, and whether the model may call them. */
final class ChatTools {
    private static final TypeReference<LinkedHashMap<String, Object>> OBJECT = new TypeReference<>() {
    };
    private static final Set<String> KNOWN = Set.of("name", "description", "parameters", "strict");
    private static final Map<String, Object> NO_PARAMETERS = Map.of("type", "object", "properties", Map.of());
    private static final int MOST = 128;

    private ChatTools() {}

    /** The tools; none if the request forbids to call any. */
    static List<Tool> read(Fields request) {
        String choice = request.find("tool_choice").map(c -> c.isString() ? c.stringValue() : "function")
                .orElse("auto");
        if (!Set.of("auto", "none").contains(choice))
            throw new ApiError(400, "tool_choice", "unsupported_parameter",
                    "'tool_choice' must be auto or none: this server cannot make a model call a tool");
        JsonNode given = request.find("tools").orElse(null);
        if (given == null)
            return List.of();
        if (!given.isArray())
            throw Fields.wrong(given, "tools", "an array");
        if (given.size() > MOST)
            throw ApiError.invalid("tools", "'tools' may have " + MOST + " tools at most, has " + given.size());
        List<Tool> tools = new ArrayList<>();
        for (JsonNode each : given)
            tools.add(tool(Fields.of(each, "tools[" + tools.size() + "]")));
        return choice.equals("none") ? List.of() : tools;
    }

    private static Tool tool(Fields fields) {
        String type = Fields.text(fields.need("type"), fields.path("type"));
        if (!type.equals("function"))
            throw ApiError.invalid(fields.path("type"),
                    "'" + fields.path("type") + "' must be function, is '" + type + "'");
        Fields function = Fields.of(fields.need("function"), fields.path("function"));
        for (String name : function.node().propertyNames())
            if (!KNOWN.contains(name))
                throw new ApiError(400, function.path(name), "unknown_parameter",
                        "'" + function.path(name) + "' is not known here; it would be ignored, so leave it out");
        if (function.truth("strict"))
            throw new ApiError(400, function.path("strict"), "unsupported_parameter",
                    "'" + function.path("strict") + "' must be false: this server cannot hold a model to a schema");
        String name = Fields.text(function.need("name"), function.path("name"));
        if (name.isEmpty())
            throw ApiError.invalid(function.path("name"), "'" + function.path("name") + "' is empty");
        return new Tool(name, function.text("description").orElse(""), parameters(function));
    }

    private static Map<String, Object> parameters(Fields function) {
        JsonNode given = function.find("parameters").orElse(null);
        if (given == null)
            return NO_PARAMETERS;
        if (!given.isObject())
            throw Fields.wrong(given, function.path("parameters"), "a JSON Schema");
        return Json.MAPPER.convertValue(given, OBJECT);
    }
}
