package io.quarry.app;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A matrix of floats as NumPy reads it: version 1.0 of its format, little endian, rows first. */
final class Npy {
    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};

    private Npy() {}

    static void write(Path file, float[] numbers, int rows, int columns) throws IOException {
        String head = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + rows + ", " + columns + "), }";
        int padded = Math.ceilDiv(MAGIC.length + 2 + head.length() + 1, 64) * 64 - MAGIC.length - 2;
        head += " ".repeat(padded - head.length() - 1) + "\n"; // the data begins aligned, as the format asks
        ByteBuffer row = ByteBuffer.allocate(columns * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
            out.write(MAGIC);
            out.write(padded & 0xFF);
            out.write(padded >>> 8);
            out.write(head.getBytes(StandardCharsets.US_ASCII));
            for (int r = 0; r < rows; r++) {
                row.clear().asFloatBuffer().put(numbers, r * columns, columns);
                out.write(row.array());
            }
        }
    }
}
