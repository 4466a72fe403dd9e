package io.bactrian.format;

import io.bactrian.tensor.DType;
import io.bactrian.tensor.HalfFloats;
import io.bactrian.tensor.NativeMemory;
import io.bactrian.tensor.StringTensors;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.tensorflow.types.family.TType;

/**
 * The writer of numpy's .npy files: version 1, little-endian, in C order. Strings become bytes
 * ({@code S}) of the longest one's length. bfloat16, which numpy lacks, becomes float32, which has
 * all of its values.
 */
@SuppressWarnings("ByteBufferBackingArray") // It is allocated here.
public final class NpyWriter {

    /** numpy.lib.format: data starts at a multiple of 64, so that it can be mapped into memory. */
    private static final int ALIGNMENT = 64;

    /** Magic, version and the header's length. */
    private static final int PREFIX = 10;

    private NpyWriter() {}

    /**
     * {@return the whole file}
     *
     * @param tensor stays the caller's to close
     * @throws IllegalArgumentException for a tensor that the file can't hold, as its message says:
     *     a string that ends with NUL, which numpy would drop, and more than 2 GiB
     */
    public static byte[] write(TType tensor) {
        DType dtype = DType.of(tensor);
        if (dtype == DType.STRING) {
            return writeStrings(tensor);
        }
        ByteBuffer memory = NativeMemory.of(tensor);
        if (dtype == DType.BFLOAT16) {
            return writeBfloat16(tensor, memory);
        }
        String descr = NpyType.descrOf(dtype);
        ByteBuffer file = start(tensor, descr, memory.remaining());
        if (memory.order() == ByteOrder.LITTLE_ENDIAN || dtype.byteSize() == 1) {
            file.put(memory);
            return file.array();
        }
        while (memory.hasRemaining()) {
            switch (dtype.byteSize()) {
                case Short.BYTES -> file.putShort(memory.getShort());
                case Integer.BYTES -> file.putInt(memory.getInt());
                default -> file.putLong(memory.getLong());
            }
        }
        return file.array();
    }

    private static byte[] writeBfloat16(TType tensor, ByteBuffer memory) {
        String descr = NpyType.descrOf(DType.FLOAT32);
        ByteBuffer file = start(tensor, descr, 2L * memory.remaining());
        while (memory.hasRemaining()) {
            file.putFloat(HalfFloats.fromBfloat16(memory.getShort()));
        }
        return file.array();
    }

    private static byte[] writeStrings(TType tensor) {
        byte[][] strings = StringTensors.bytes(tensor);
        // numpy has no strings of length 0.
        int size = 1;
        for (byte[] string : strings) {
            if (string.length > 0 && string[string.length - 1] == 0) {
                throw new IllegalArgumentException("a string that ends with NUL");
            }
            size = Math.max(size, string.length);
        }
        ByteBuffer file = start(tensor, "|S" + size, (long) size * strings.length);
        for (byte[] string : strings) {
            int next = file.position() + size;
            file.put(string).position(next);
        }
        return file.array();
    }

    /** A file with its header, and room for {@code size} bytes of data at its position. */
    private static ByteBuffer start(TType tensor, String descr, long size) {
        String shape =
                Arrays.stream(tensor.shape().asArray())
                        .mapToObj(dimension -> dimension + ",")
                        .collect(Collectors.joining(" "));
        if (tensor.shape().numDimensions() > 1) {
            shape = shape.substring(0, shape.length() - 1);
        }
        String header =
                "{'descr': '" + descr + "', 'fortran_order': False, 'shape': (" + shape + "), }";
        int end = PREFIX + header.length() + 1;
        int padding = (ALIGNMENT - end % ALIGNMENT) % ALIGNMENT;
        if (size > Integer.MAX_VALUE - ALIGNMENT - end) {
            throw new IllegalArgumentException("more than 2 GiB");
        }
        ByteBuffer file =
                ByteBuffer.allocate(end + padding + (int) size).order(ByteOrder.LITTLE_ENDIAN);
        file.put((byte) 0x93).put("NUMPY".getBytes(StandardCharsets.US_ASCII));
        file.put((byte) 1).put((byte) 0).putShort((short) (end + padding - PREFIX));
        file.put((header + " ".repeat(padding) + "\n").getBytes(StandardCharsets.US_ASCII));
        return file;
    }
}
