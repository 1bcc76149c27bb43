package io.quarry.model;

import java.io.IOException;

/** Asks a file for everything it has, as a program would that believes it. */
public final class Walk {
    private static final int MOST_NUMBERS = 1024;

    private Walk() {}

    /** Looks at the begin of every tensor, and at every key as everything it could be. */
    public static void all(Tensors tensors) throws IOException {
        for (String name : tensors.tensors().keySet()) {
            Tensor tensor = tensors.tensor(name);
            int count = (int) Math.min(tensor.elements(), MOST_NUMBERS) / tensor.dtype().block()
                    * tensor.dtype().block();
            tensor.widen(0, new float[count], 0, count);
            if (tensor.rows() > 0)
                tensor.row(tensor.rows() - 1);
        }
        if (tensors instanceof Gguf gguf)
            for (String key : gguf.metadata().values().keySet())
                key(gguf.metadata(), key);
    }

    private interface Question {
        Object ask(String key) throws IOException;
    }

    private static void key(GgufMetadata m, String key) {
        m.values().get(key).toString();
        for (Question question : new Question[] {m::string, m::whole, m::number, m::flag, m::strings, m::wholes,
            m::numbers, m::flags, k -> m.wholes(k, 3)})
            try {
                question.ask(key);
            } catch (IOException e) {
                if (!e.getMessage().contains(key))
                    throw new IllegalStateException("a sentence that does not name its key " + key, e);
            }
    }
}
