package io.quarry.kernel;

import java.util.Arrays;

/** Matrices of the same inputs, one below the other: queries, keys and values, or gate and up, in one product. */
final class StackedMatrix extends Matrix {
    private final Matrix[] parts;

    StackedMatrix(Matrix[] parts) {
        super(Arrays.stream(parts).mapToInt(Matrix::outputs).reduce(0, Math::addExact), parts[0].inputs());
        for (Matrix part : parts)
            if (part.inputs() != inputs())
                throw new IllegalArgumentException("matrices of " + inputs() + " and of " + part.inputs()
                        + " inputs cannot be stacked");
        this.parts = parts.clone();
    }

    @Override
    public long bytes() {
        return Arrays.stream(parts).mapToLong(Matrix::bytes).sum();
    }

    @Override
    public void row(int row, float scale, float[] to, int at) {
        int first = 0;
        for (Matrix part : parts) {
            if (row < first + part.outputs()) {
                part.row(row - first, scale, to, at);
                return;
            }
            first += part.outputs();
        }
        throw new IndexOutOfBoundsException("row " + row + " of " + outputs());
    }

    @Override
    int panels() {
        int panels = 0;
        for (Matrix part : parts)
            panels += part.panels();
        return panels;
    }

    @Override
    int forms(int rows) {
        int forms = 0;
        for (Matrix part : parts)
            forms |= part.forms(rows);
        return forms;
    }

    @Override
    void panel(int panel, Rows x, Kernels kernels, Scratch scratch, float[] y, int yAt, int yStride) {
        int first = 0;
        int left = panel;
        for (Matrix part : parts) {
            if (left < part.panels()) {
                part.panel(left, x, kernels, scratch, y, yAt + first, yStride);
                return;
            }
            left -= part.panels();
            first += part.outputs();
        }
    }
}
