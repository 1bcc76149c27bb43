package io.quarry.train;

import java.io.IOException;
import java.io.InputStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Values made by the reference implementations; see tools/golden. */
public final class Golden {
    private Golden() {}

    public static JsonNode read(String name) throws IOException {
        try (InputStream in = Golden.class.getResourceAsStream("/golden/" + name)) {
            return JsonMapper.builder().build().readTree(in);
        }
    }

    /** The numbers the golden scripts fill tensors with. */
    static void numbers(int p, float[] to, double scale, double plus) {
        for (int i = 0; i < to.length; i++)
            to[i] = (float) (plus + (float) (scale * Math.sin(1.7 * p + 0.37 * i + 0.001 * i * i)));
    }

    public static float[] floats(JsonNode array) {
        float[] out = new float[array.size()];
        for (int i = 0; i < out.length; i++)
            out[i] = (float) array.get(i).asDouble();
        return out;
    }
}
