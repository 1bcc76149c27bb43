package io.quarry.train;

import static io.quarry.model.Params.layer;

import io.quarry.kernel.DType;
import io.quarry.kernel.StepKernels;
import io.quarry.model.ModelSpec;
import io.quarry.model.Params;
import io.quarry.torch.Operand;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * The matrices of a model as operands of products, in the type products are computed in. What is multiplied with the
 * same input stands together: queries, keys and values are one matrix, gate and up another.
 */
final class Copies implements AutoCloseable {
    private final Arena arena = Arena.ofShared();
    private final Weights weights;
    private final StepKernels kernels;
    private final List<Joined> all = new ArrayList<>();
    final List<Joined> qkv = new ArrayList<>();
    final List<Joined> output = new ArrayList<>();
    final List<Joined> gateUp = new ArrayList<>();
    final List<Joined> down = new ArrayList<>();
    final Joined head;

    Copies(Weights weights, StepKernels kernels) {
        this.weights = weights;
        this.kernels = kernels;
        ModelSpec spec = weights.spec();
        for (int l = 0; l < spec.layers(); l++) {
            qkv.add(join(spec.dim(), layer(l, "self_attn.q_proj"), layer(l, "self_attn.k_proj"),
                    layer(l, "self_attn.v_proj")));
            output.add(join(spec.qDim(), layer(l, "self_attn.o_proj")));
            gateUp.add(join(spec.dim(), layer(l, "mlp.gate_proj"), layer(l, "mlp.up_proj")));
            down.add(join(spec.ffn(), layer(l, "mlp.down_proj")));
        }
        head = join(spec.dim(), spec.tiedEmbeddings() ? Params.EMBEDDING : Params.LM_HEAD);
        refresh();
    }

    /** Copies the weights anew; they have changed. */
    void refresh() {
        for (Joined joined : all) {
            long at = 0;
            for (String name : joined.names) {
                float[] from = weights.values(name);
                kernels.store(from, 0, 1, joined.memory, at, from.length);
                at += from.length;
            }
        }
    }

    private Joined join(int columns, String... names) {
        long numbers = 0;
        for (String name : names)
            numbers += weights.values(name).length;
        DType type = kernels.type();
        MemorySegment memory = arena.allocate(type.bytes(numbers), 64);
        Operand matrix = Operand.matrix(memory, type, 0, numbers / columns, columns);
        Joined joined = new Joined(List.of(names), memory, matrix, matrix.transposed(), numbers);
        all.add(joined);
        return joined;
    }

    @Override
    public void close() {
        for (Joined joined : all) {
            joined.matrix.close();
            joined.transposed.close();
        }
        arena.close();
    }

    /** Matrices one below the other: [out, in], and the same transposed. */
    record Joined(List<String> names, MemorySegment memory, Operand matrix, Operand transposed, long numbers) {}
}
