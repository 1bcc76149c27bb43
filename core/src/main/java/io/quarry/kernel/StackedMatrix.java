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
    int pieces() {
        int pieces = 0;
        for (Matrix part : parts)
            pieces += part.pieces();
        return pieces;
    }

    @Override
    int firstOutput(int piece) {
        int first = 0;
        int left = piece;
        for (Matrix part : parts) {
            if (left < part.pieces())
                return first + part.firstOutput(left);
            left -= part.pieces();
            first += part.outputs();
        }
        throw new IndexOutOfBoundsException("piece " + piece + " of " + pieces());
    }

    @Override
    int width(int piece) {
        int left = piece;
        for (Matrix part : parts) {
            if (left < part.pieces())
                return part.width(left);
            left -= part.pieces();
        }
        throw new IndexOutOfBoundsException("piece " + piece + " of " + pieces());
    }

    @Override
    void bf16(int piece, int from, int n, Kernels kernels, Scratch scratch, long to) {
        int left = piece;
        for (Matrix part : parts) {
            if (left < part.pieces()) {
                part.bf16(left, from, n, kernels, scratch, to);
                return;
            }
            left -= part.pieces();
        }
    }

    @Override
    int forms(int decoded, int prefilled) {
        int forms = 0;
        for (Matrix part : parts)
            forms |= part.forms(decoded, prefilled);
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
