package io.bactrian.model;

import io.bactrian.tensor.DType;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.NativeMemory;
import io.bactrian.tensor.StringTensors;
import io.bactrian.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.family.TType;

/**
 * Joins the tensors of several requests into those of one run, row after row, and splits the run's
 * outputs. Numbers are copied from native memory to native memory.
 *
 * <p>The caller owns every tensor that a method returns. A method that fails closes what it
 * allocated.
 */
final class TensorBatch {

    /** Copies elements from one tensor to another; positions and counts are in elements. */
    private interface Copier {
        void copy(int from, int to, int count);
    }

    private TensorBatch() {}

    /**
     * Concatenates along axis 0.
     *
     * @param members the inputs of each request by name: with the same names, dtypes and ranks, and
     *     with the same sizes past axis 0 except for inputs in {@code padding}
     * @param rows the number of rows to return; if the members have fewer, the last is repeated
     * @param padding by input name, the element with which shorter rows are padded to the longest:
     *     a number in native representation, or the bytes of a string
     * @return the joined inputs, owned by the caller
     */
    static NamedTensors join(
            List<Map<String, TType>> members, int rows, Map<String, byte[]> padding) {
        try (NamedTensors.Builder joined = NamedTensors.builder()) {
            List<TType> parts = new ArrayList<>(members.size());
            for (String name : members.get(0).keySet()) {
                parts.clear();
                members.forEach(member -> parts.add(member.get(name)));
                joined.put(name, join(parts, rows, padding.get(name)));
            }
            return joined.build();
        }
    }

    private static TType join(List<TType> parts, int rows, byte @Nullable [] filler) {
        long[] sizes = parts.get(0).shape().asArray().clone();
        boolean ragged = false;
        for (TType part : parts) {
            Shape shape = part.shape();
            for (int axis = 1; axis < sizes.length; axis++) {
                ragged |= shape.get(axis) != sizes[axis];
                sizes[axis] = Math.max(sizes[axis], shape.get(axis));
            }
        }
        sizes[0] = rows;
        return DType.of(parts.get(0)) == DType.STRING
                ? joinStrings(parts, sizes, ragged ? filler : null)
                : joinNumbers(parts, sizes, ragged ? filler : null);
    }

    private static TType joinNumbers(List<TType> parts, long[] sizes, byte @Nullable [] filler) {
        DType dtype = DType.of(parts.get(0));
        int width = dtype.byteSize();
        TType joined = dtype.allocate(Shape.of(sizes));
        try {
            ByteBuffer target = NativeMemory.of(joined);
            if (filler != null) {
                while (target.hasRemaining()) {
                    target.put(filler);
                }
            }
            int end = 0;
            for (TType part : parts) {
                ByteBuffer source = NativeMemory.of(part);
                end =
                        append(
                                part.shape(),
                                sizes,
                                end,
                                (from, to, count) ->
                                        target.put(
                                                to * width, source, from * width, count * width));
            }
            repeatLastRow(
                    sizes,
                    end,
                    (from, to, count) ->
                            target.put(to * width, target, from * width, count * width));
            return joined;
        } catch (Throwable e) {
            joined.close();
            throw e;
        }
    }

    private static TType joinStrings(List<TType> parts, long[] sizes, byte @Nullable [] filler) {
        Shape shape = Shape.of(sizes);
        byte[][] target = new byte[Math.toIntExact(shape.size())][];
        if (filler != null) {
            Arrays.fill(target, filler);
        }
        int end = 0;
        for (TType part : parts) {
            byte[][] source = StringTensors.bytes(part);
            end =
                    append(
                            part.shape(),
                            sizes,
                            end,
                            (from, to, count) -> System.arraycopy(source, from, target, to, count));
        }
        repeatLastRow(
                sizes, end, (from, to, count) -> System.arraycopy(target, from, target, to, count));
        return StringTensors.of(shape, target);
    }

    /**
     * {@return the index of the element after the part's last row}
     *
     * @param end the index of the element where the part's first row goes
     */
    private static int append(Shape part, long[] target, int end, Copier copier) {
        long[] source = part.asArray();
        copy(source, 0, target, end, 0, copier);
        return end + (int) (source[0] * volume(target, 1));
    }

    /**
     * Copies what is contiguous in both tensors at once, and recurses into the next axis if not.
     */
    private static void copy(
            long[] source, int from, long[] target, int to, int axis, Copier copier) {
        if (Arrays.equals(source, axis + 1, source.length, target, axis + 1, target.length)) {
            copier.copy(from, to, (int) volume(source, axis));
            return;
        }
        int sourceStride = (int) volume(source, axis + 1);
        int targetStride = (int) volume(target, axis + 1);
        for (int i = 0; i < source[axis]; i++) {
            copy(source, from + i * sourceStride, target, to + i * targetStride, axis + 1, copier);
        }
    }

    private static void repeatLastRow(long[] sizes, int end, Copier copier) {
        int row = (int) volume(sizes, 1);
        int total = (int) (sizes[0] * row);
        for (int to = end; to < total; to += row) {
            copier.copy(end - row, to, row);
        }
    }

    private static long volume(long[] sizes, int firstAxis) {
        long volume = 1;
        for (int axis = firstAxis; axis < sizes.length; axis++) {
            volume *= sizes[axis];
        }
        return volume;
    }

    /**
     * {@return why {@code outputs} can't be split by rows, or null if they can}
     *
     * @param rows the number of rows in the run
     */
    static @Nullable String problem(NamedTensors outputs, int rows) {
        for (Map.Entry<String, TType> output : outputs.asMap().entrySet()) {
            Shape shape = output.getValue().shape();
            if (shape.numDimensions() < 1 || shape.get(0) != rows) {
                return "output \""
                        + output.getKey()
                        + "\" has shape "
                        + TensorSpec.format(shape)
                        + " for "
                        + rows
                        + " rows";
            }
        }
        return null;
    }

    /**
     * Splits along axis 0.
     *
     * @param outputs outputs without a {@link #problem}, still owned by the caller
     * @param rows the number of rows of each member; further rows are padding and are dropped
     * @return the outputs of each member, owned by the caller
     */
    static List<NamedTensors> split(NamedTensors outputs, int[] rows) {
        List<NamedTensors.Builder> members = new ArrayList<>(rows.length);
        try {
            for (int i = 0; i < rows.length; i++) {
                members.add(NamedTensors.builder());
            }
            outputs.asMap()
                    .forEach(
                            (name, output) -> {
                                if (DType.of(output) == DType.STRING) {
                                    splitStrings(name, output, rows, members);
                                } else {
                                    splitNumbers(name, output, rows, members);
                                }
                            });
            return members.stream().map(NamedTensors.Builder::build).toList();
        } finally {
            members.forEach(NamedTensors.Builder::close);
        }
    }

    private static void splitNumbers(
            String name, TType output, int[] rows, List<NamedTensors.Builder> members) {
        DType dtype = DType.of(output);
        ByteBuffer source = NativeMemory.of(output);
        int rowBytes = (int) volume(output.shape().asArray(), 1) * dtype.byteSize();
        int from = 0;
        for (int i = 0; i < rows.length; i++) {
            TType part = dtype.allocate(withRows(output.shape(), rows[i]));
            // From here on the builder closes it on failure.
            members.get(i).put(name, part);
            int length = rows[i] * rowBytes;
            NativeMemory.of(part).put(0, source, from, length);
            from += length;
        }
    }

    private static void splitStrings(
            String name, TType output, int[] rows, List<NamedTensors.Builder> members) {
        byte[][] source = StringTensors.bytes(output);
        int rowElements = (int) volume(output.shape().asArray(), 1);
        int from = 0;
        for (int i = 0; i < rows.length; i++) {
            int to = from + rows[i] * rowElements;
            byte[][] part = Arrays.copyOfRange(source, from, to);
            members.get(i).put(name, StringTensors.of(withRows(output.shape(), rows[i]), part));
            from = to;
        }
    }

    /** Copies the sizes, since a shape retains the array that it is created from. */
    private static Shape withRows(Shape shape, long rows) {
        long[] sizes = shape.asArray().clone();
        sizes[0] = rows;
        return Shape.of(sizes);
    }
}
