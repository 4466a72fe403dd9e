package io.bactrian.format;

import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.NativeMemory;
import io.bactrian.tensor.NestedListShape;
import io.bactrian.tensor.TensorBuffer;
import io.bactrian.tensor.Utf8;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.family.TType;

/**
 * The reader of numpy's .npy files (numpy.lib.format, versions 1 to 3): float16, float32, float64,
 * uint8, uint16, int32, int64, bool, and bytes ({@code S}) and text ({@code U}) as strings, whose
 * trailing NULs are numpy's padding and dropped. Either byte order, C and Fortran order; the tensor
 * is in C order.
 *
 * <p>Rejected are Python objects, which would run code on reading, and dtypes that TensorFlow Java
 * has no tensor for: int8, int16, uint32, uint64, complex and structured dtypes. They are not
 * widened: the caller who knows the model's dtype does that better.
 */
public final class NpyReader {

    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
    private static final int VERSION_END = MAGIC.length + 2;

    private static final Pattern DESCR = Pattern.compile("'descr'\\s*:\\s*(?:'([^']*)'|\\[)");
    private static final Pattern FORTRAN = Pattern.compile("'fortran_order'\\s*:\\s*(True|False)");
    private static final Pattern SHAPE = Pattern.compile("'shape'\\s*:\\s*\\(([\\dL,\\s]*)\\)");
    private static final Pattern DIMENSION = Pattern.compile("\\d+L?");

    /** A string as a tensor's element and as an array, beside its bytes. */
    private static final int STRING_BYTES = 64;

    /** What version 1 can say; numpy itself reads 10,000 bytes. */
    private static final int MAX_HEADER = 0xffff;

    private static final long[] NO_DIMENSIONS = {};

    private final ByteBuffer npy;
    private @Nullable NpyType type;
    private boolean fortran;
    private long[] dimensions = NO_DIMENSIONS;
    private int count;

    private NpyReader(byte[] npy) {
        this.npy = ByteBuffer.wrap(npy).order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * {@return a tensor that the caller must close}
     *
     * @param npy a whole file
     * @throws BadInputException if it is no .npy, of a dtype that is rejected, or too short or long
     */
    public static TType read(byte[] npy) {
        NpyReader reader = new NpyReader(npy);
        reader.readHeader();
        return reader.type().dtype() == DType.STRING ? reader.readStrings() : reader.readNumbers();
    }

    /**
     * {@return the most bytes that reading a file allocates, its tensor included}
     *
     * @param npy a whole file
     * @throws BadInputException if its header is rejected
     */
    static long readingBytes(byte[] npy) {
        NpyReader reader = new NpyReader(npy);
        reader.readHeader();
        long perElement =
                reader.type().dtype() == DType.STRING
                        ? STRING_BYTES + 2L * reader.type().byteSize()
                        : reader.type().byteSize();
        return reader.count * perElement;
    }

    private void readHeader() {
        byte[] file = npy.array();
        if (file.length < VERSION_END
                || !Arrays.equals(file, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
            throw fault("it does not begin as one");
        }
        int version = file[MAGIC.length];
        if (version < 1 || version > 3) {
            throw fault("version " + version + ", expected 1 to 3");
        }
        int lengthBytes = version == 1 ? Short.BYTES : Integer.BYTES;
        if (file.length < VERSION_END + lengthBytes) {
            throw fault("its header is cut short");
        }
        long length =
                version == 1
                        ? Short.toUnsignedLong(npy.getShort(VERSION_END))
                        : Integer.toUnsignedLong(npy.getInt(VERSION_END));
        int start = VERSION_END + lengthBytes;
        if (length > MAX_HEADER) {
            throw fault("a header of " + length + " bytes");
        }
        if (length > file.length - start) {
            throw fault("its header is cut short");
        }
        String header = new String(file, start, (int) length, StandardCharsets.UTF_8);
        npy.position(start + (int) length);
        String descr = find(DESCR, header, "descr");
        if (descr == null) {
            throw fault("structured dtypes are not read");
        }
        type = NpyType.of(descr);
        fortran = find(FORTRAN, header, "fortran_order").equals("True");
        readShape(find(SHAPE, header, "shape"));
    }

    private NpyType type() {
        return Objects.requireNonNull(type, "the header is not read");
    }

    private static String find(Pattern entry, String header, String name) {
        Matcher found = entry.matcher(header);
        if (!found.find()) {
            throw fault("its header has no proper " + name);
        }
        return found.group(1);
    }

    private void readShape(String shape) {
        List<Long> sizes = new ArrayList<>();
        // Sizes of 0 count as 1, so that the other sizes are checked too.
        long most = 1;
        long elements = 1;
        for (String size : split(shape)) {
            long dimension = dimension(size);
            if (dimension > Integer.MAX_VALUE / most) {
                throw fault("more than 2^31 elements");
            }
            most *= Math.max(dimension, 1);
            elements *= dimension;
            sizes.add(dimension);
        }
        if (sizes.size() > NestedListShape.MAX_RANK) {
            throw fault("more than " + NestedListShape.MAX_RANK + " dimensions");
        }
        long expected = elements * type().byteSize();
        if (npy.remaining() != expected) {
            throw fault(
                    npy.remaining() + " bytes of data, expected " + expected + " by its header");
        }
        dimensions = sizes.stream().mapToLong(Long::longValue).toArray();
        count = (int) elements;
    }

    /** The elements of a tuple, which may end with a comma. */
    private static String[] split(String tuple) {
        if (tuple.isBlank()) {
            return new String[0];
        }
        String trimmed = tuple.strip();
        boolean trailing = trimmed.endsWith(",");
        return (trailing ? trimmed.substring(0, trimmed.length() - 1) : trimmed).split(",", -1);
    }

    /** {@return a size as Python writes it, with an L in old files} */
    private static long dimension(String size) {
        String trimmed = size.strip();
        if (!DIMENSION.matcher(trimmed).matches()) {
            throw fault("its header has no proper shape");
        }
        String digits = trimmed.replace("L", "");
        return digits.length() > 10 ? Long.MAX_VALUE : Long.parseLong(digits);
    }

    private TType readNumbers() {
        TType tensor = type().dtype().allocate(Shape.of(dimensions));
        try {
            ByteBuffer memory = NativeMemory.of(tensor);
            npy.order(type().bigEndian() ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
            if (inOrder() && npy.order() == memory.order() && type().kind() != 'b') {
                memory.put(npy);
            } else {
                forEach((place, i) -> copy(place, i, memory));
            }
            return tensor;
        } catch (RuntimeException | Error e) {
            tensor.close();
            throw e;
        }
    }

    private void copy(int from, int to, ByteBuffer memory) {
        int size = type().byteSize();
        int at = npy.position() + from * size;
        switch (size) {
            case 1 -> {
                byte value = npy.get(at);
                // TensorFlow knows 0 and 1 only; numpy takes any other byte for True.
                memory.put(to, type().kind() == 'b' && value != 0 ? 1 : value);
            }
            case Short.BYTES -> memory.putShort(to * size, npy.getShort(at));
            case Integer.BYTES -> memory.putInt(to * size, npy.getInt(at));
            default -> memory.putLong(to * size, npy.getLong(at));
        }
    }

    private TType readStrings() {
        TensorBuffer strings = new TensorBuffer(DType.STRING);
        npy.order(type().bigEndian() ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
        forEach(
                (place, i) -> {
                    int at = npy.position() + place * type().byteSize();
                    strings.addString(type().kind() == 'S' ? bytesAt(at) : textAt(at));
                });
        return strings.build(Shape.of(dimensions));
    }

    private byte[] bytesAt(int at) {
        int end = at + type().byteSize();
        while (end > at && npy.get(end - 1) == 0) {
            end--;
        }
        return Arrays.copyOfRange(npy.array(), at, end);
    }

    private byte[] textAt(int at) {
        int units = type().byteSize() / Integer.BYTES;
        while (units > 0 && npy.getInt(at + (units - 1) * Integer.BYTES) == 0) {
            units--;
        }
        StringBuilder text = new StringBuilder(units);
        for (int i = 0; i < units; i++) {
            int character = npy.getInt(at + i * Integer.BYTES);
            if (!Character.isValidCodePoint(character)) {
                throw fault("a text has a character that Unicode has not");
            }
            text.appendCodePoint(character);
        }
        byte[] bytes = Utf8.encode(text);
        if (bytes == null) {
            throw fault("a text has a character that Unicode has not");
        }
        return bytes;
    }

    private boolean inOrder() {
        return !fortran || dimensions.length < 2;
    }

    /** An action on an element, by its position in the file and in the tensor. */
    private interface Element {
        void at(int place, int index);
    }

    /** Calls for each element in C order, whose last index runs fastest; in Fortran's the first. */
    private void forEach(Element action) {
        if (inOrder()) {
            for (int i = 0; i < count; i++) {
                action.at(i, i);
            }
            return;
        }
        int rank = dimensions.length;
        int[] strides = new int[rank];
        int stride = 1;
        for (int i = 0; i < rank; i++) {
            strides[i] = stride;
            stride *= (int) dimensions[i];
        }
        int[] index = new int[rank];
        int place = 0;
        for (int i = 0; i < count; i++) {
            action.at(place, i);
            for (int axis = rank - 1; axis >= 0; axis--) {
                place += strides[axis];
                if (++index[axis] < dimensions[axis]) {
                    break;
                }
                place -= index[axis] * strides[axis];
                index[axis] = 0;
            }
        }
    }

    private static BadInputException fault(String reason) {
        return new BadInputException("not a readable .npy: " + reason);
    }
}
