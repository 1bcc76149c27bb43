package io.quarry.serve;

import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * What models there are: {@code GET /v1/models} and {@code GET /v1/models/NAME}.
 *
 * <pre>curl localhost:8080/v1/models</pre>
 */
final class Models implements HttpService {
    private final String name;
    private final int contextLength;
    private final long created;

    Models(String name, int contextLength, long created) {
        this.name = name;
        this.contextLength = contextLength;
        this.created = created;
    }

    @Override
    public void routing(HttpRules rules) {
        rules.get("/", (request, response) -> {
            ObjectNode list = JsonNodeFactory.instance.objectNode().put("object", "list");
            list.putArray("data").add(json());
            Json.send(response, 200, list);
        });
        // A name may have slashes: publisher/model.
        rules.get("/{+name}", (request, response) -> {
            String asked = request.path().pathParameters().get("name");
            if (!asked.equals(name))
                throw unknown(asked, name);
            Json.send(response, 200, json());
        });
    }

    private ObjectNode json() {
        return JsonNodeFactory.instance.objectNode().put("id", name).put("object", "model").put("created", created)
                .put("owned_by", "quarry").put("context_length", contextLength);
    }

    /** The error for a model that is not here. */
    static ApiError unknown(String asked, String there) {
        return new ApiError(404, "model", "model_not_found",
                "there is no model '" + asked + "' here; this server has '" + there + "'");
    }
}
