package io.quarry.infer;

import io.quarry.kernel.Matrix;
import io.quarry.kernel.Panels;
import io.quarry.model.ModelSpec;
import io.quarry.model.Param;
import io.quarry.model.Params;
import java.util.Arrays;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Weights that somebody has in memory and may change: how RL follows its training step by step. */
final class LiveWeights implements Weights.Source {
    private final Function<String, float[]> weights;
    private final int panel;
    private final Set<String> names;

    /**
     * Weights by name.
     *
     * @param weights gives the numbers of a tensor of {@link Params}, row-major
     * @param panel   width of the kernels' panels
     */
    LiveWeights(ModelSpec spec, Function<String, float[]> weights, int panel) {
        this.weights = weights;
        this.panel = panel;
        this.names = Params.of(spec).stream().map(Param::name).collect(Collectors.toSet());
    }

    @Override
    public boolean has(String name) {
        return names.contains(name);
    }

    @Override
    public float[] f32(String name) {
        return weights.apply(name);
    }

    @Override
    public Matrix matrix(String name, int inputs, Matrix old) {
        float[] numbers = f32(name);
        if (numbers.length % inputs != 0)
            throw new IllegalArgumentException(name + " has " + numbers.length + " numbers, expected a multiple of "
                    + inputs + ", its inputs");
        Panels panels = old instanceof Panels same ? same : new Panels(numbers.length / inputs, inputs, panel);
        panels.fill(0, numbers);
        return panels;
    }

    @Override
    public Matrix[] matrices(String name, int count, int inputs) {
        float[] numbers = f32(name);
        int size = numbers.length / count;
        Matrix[] all = new Matrix[count];
        for (int i = 0; i < count; i++) {
            Panels panels = new Panels(size / inputs, inputs, panel);
            panels.fill(0, Arrays.copyOfRange(numbers, i * size, (i + 1) * size));
            all[i] = panels;
        }
        return all;
    }
}
