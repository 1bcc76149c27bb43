package io.quarry.serve;

import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import tools.jackson.databind.node.JsonNodeFactory;

/** Whether requests are taken: {@code GET /health} is 200, and 503 once the server stops. */
final class Health implements HttpService {
    private final String modelName;
    private final Gate gate;

    Health(String modelName, Gate gate) {
        this.modelName = modelName;
        this.gate = gate;
    }

    @Override
    public void routing(HttpRules rules) {
        rules.get("/", (request, response) -> Json.send(response, gate.closing() ? 503 : 200,
                JsonNodeFactory.instance.objectNode().put("status", gate.closing() ? "stopping" : "ok").put("model",
                        modelName)));
    }
}
