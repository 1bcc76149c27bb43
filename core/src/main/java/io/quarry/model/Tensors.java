package io.quarry.model;

import java.io.IOException;
import java.nio.file.Path;
import java.util.SequencedMap;

/** The named tensors of a model, wherever they are stored. Closing ends the life of their memory. */
public interface Tensors extends AutoCloseable {
    /** More than any model has, few enough to keep a list of. */
    int MOST = 1 << 17;

    /** The file or folder, for messages. */
    Path path();

    /** All of them by the names their file gives them, in its order. */
    SequencedMap<String, Tensor> tensors();

    /** One tensor; throws if there is none of that name. */
    default Tensor tensor(String name) throws IOException {
        Tensor tensor = tensors().get(name);
        if (tensor == null)
            throw new IOException(path() + " has no tensor " + name + "; it has " + tensors().size()
                    + ", for instance " + tensors().keySet().stream().limit(4).toList());
        return tensor;
    }

    @Override
    void close();
}
