package io.bactrian.format;

import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.DType;

/**
 * The element type that a .npy file's {@code descr} names: {@code <f4}, {@code |u1}, {@code >i8}, …
 *
 * @param dtype the tensor's
 * @param kind numpy's letter: f, u, i, b, S for bytes, U for text
 * @param byteSize how many bytes an element takes in the file
 * @param bigEndian whether its bytes are in big-endian order
 */
record NpyType(DType dtype, char kind, int byteSize, boolean bigEndian) {

    private static final int TEXT_UNIT = 4;

    /**
     * @throws BadInputException if TensorFlow Java has no tensor for the elements
     */
    static NpyType of(String descr) {
        if (!descr.matches("[<>|=]?[a-zA-Z][0-9]{0,9}")) {
            throw unsupported(descr);
        }
        boolean hasOrder = !Character.isLetter(descr.charAt(0));
        String type = hasOrder ? descr.substring(1) : descr;
        boolean bigEndian = descr.charAt(0) == '>';
        char kind = type.charAt(0);
        long size = type.length() == 1 ? 0 : Long.parseLong(type.substring(1));
        if (kind == 'S' || kind == 'U') {
            long bytes = kind == 'U' ? TEXT_UNIT * size : size;
            if (bytes == 0 || bytes > Integer.MAX_VALUE) {
                throw unsupported(descr);
            }
            return new NpyType(DType.STRING, kind, (int) bytes, bigEndian);
        }
        DType dtype =
                switch (type) {
                    case "f2" -> DType.FLOAT16;
                    case "f4" -> DType.FLOAT32;
                    case "f8" -> DType.FLOAT64;
                    case "u1" -> DType.UINT8;
                    case "u2" -> DType.UINT16;
                    case "i4" -> DType.INT32;
                    case "i8" -> DType.INT64;
                    case "b1" -> DType.BOOL;
                    default -> throw unsupported(descr);
                };
        return new NpyType(dtype, kind, dtype.byteSize(), bigEndian);
    }

    /**
     * {@return the descr of a numeric or bool dtype, little-endian}
     *
     * @throws IllegalArgumentException for bfloat16, which numpy lacks, and string
     */
    static String descrOf(DType dtype) {
        return switch (dtype) {
            case FLOAT16 -> "<f2";
            case FLOAT32 -> "<f4";
            case FLOAT64 -> "<f8";
            case UINT8 -> "|u1";
            case UINT16 -> "<u2";
            case INT32 -> "<i4";
            case INT64 -> "<i8";
            case BOOL -> "|b1";
            case BFLOAT16, STRING ->
                    throw new IllegalArgumentException("no .npy dtype is a " + dtype);
        };
    }

    private static BadInputException unsupported(String descr) {
        String reason =
                switch (descr.replaceAll("[^a-zA-Z]", "")) {
                    case "O" -> "Python objects are not read";
                    case "i", "u" ->
                            "TensorFlow Java has no such tensor: save it as int32 or int64";
                    default -> "one of f2, f4, f8, u1, u2, i4, i8, b1, S, U";
                };
        return new BadInputException("not a readable .npy: dtype " + descr + ": " + reason);
    }
}
