package io.quarry.torch;

import org.bytedeco.javacpp.PointerScope;

/**
 * Owns the native memory of every tensor made by this thread between {@link #open()} and {@link #close()}. The collector
 * does not know how large a tensor is, so a step of training is a scope: tensors die with it, numbers leave.
 */
public final class Scope implements AutoCloseable {
    private final PointerScope pointers;

    private Scope(PointerScope pointers) {
        this.pointers = pointers;
    }

    /** Begins a scope; scopes nest. */
    public static Scope open() {
        Torch.ready();
        return new Scope(new PointerScope());
    }

    @Override
    public void close() {
        pointers.close();
    }
}
