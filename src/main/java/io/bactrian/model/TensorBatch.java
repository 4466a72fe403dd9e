package io.bactrian.model;

import io.bactrian.tensor.DType;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.NativeMemory;
import io.bactrian.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TString;
import org.tensorflow.types.family.TType;

/**
 * Several requests' tensors as one run's, row after row, and the run's outputs as each request's.
 * NumericElements are copied from native memory to native memory.
 *
 * <p>Whatever is made here belongs to the caller; if a method fails, it has closed what it made.
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
     * @param members each one's inputs by name: the same names, dtypes and ranks, and the same
     *     sizes past axis 0 but where {@code padding} has the name
     * @param rows of the joined tensors; beyond what the members have, the last row is repeated
     * @param padding by input name, the element that makes a shorter row as long as the longest: a
     *     number in native memory's form, or a string
     * @return the joined inputs, to be closed by the caller
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

    private static TType join(List<TType> parts, int rows, byte[] filler) {
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

    private static TType joinNumbers(List<TType> parts, long[] sizes, byte[] filler) {
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

    private static TType joinStrings(List<TType> parts, long[] sizes, byte[] filler) {
        Shape shape = Shape.of(sizes);
        byte[][] target = new byte[Math.toIntExact(shape.size())][];
        if (filler != null) {
            Arrays.fill(target, filler);
        }
        int end = 0;
        for (TType part : parts) {
            byte[][] source = strings(part);
            end =
                    append(
                            part.shape(),
                            sizes,
                            end,
                            (from, to, count) -> System.arraycopy(source, from, target, to, count));
        }
        repeatLastRow(
                sizes, end, (from, to, count) -> System.arraycopy(target, from, target, to, count));
        return TString.tensorOfBytes(shape, DataBuffers.of(target, true, false));
    }

    /**
     * {@return where its last row ends}
     *
     * @param end where in the target the part's first row goes
     */
    private static int append(Shape part, long[] target, int end, Copier copier) {
        long[] source = part.asArray();
        copy(source, 0, target, end, 0, copier);
        return end + (int) (source[0] * volume(target, 1));
    }

    /** Copies what is contiguous in both at once, and goes an axis deeper where it is not. */
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

    private static byte[][] strings(TType tensor) {
        byte[][] strings = new byte[Math.toIntExact(tensor.shape().size())][];
        if (strings.length > 0) {
            ((TString) tensor).asBytes().copyTo(DataBuffers.of(strings, false, false));
        }
        return strings;
    }

    /**
     * {@return what keeps {@code outputs} from being split by rows, or null if nothing does}
     *
     * @param rows the rows that were run
     */
    static String problem(NamedTensors outputs, int rows) {
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
     * @param outputs of a run without {@link #problem}; the caller goes on owning them
     * @param rows each member's; rows beyond their sum were padding and are left out
     * @return each member's outputs, to be closed by the caller
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
            // The bundle closes it, whatever happens from here on.
            members.get(i).put(name, part);
            int length = rows[i] * rowBytes;
            NativeMemory.of(part).put(0, source, from, length);
            from += length;
        }
    }

    private static void splitStrings(
            String name, TType output, int[] rows, List<NamedTensors.Builder> members) {
        byte[][] source = strings(output);
        int rowElements = (int) volume(output.shape().asArray(), 1);
        int from = 0;
        for (int i = 0; i < rows.length; i++) {
            int to = from + rows[i] * rowElements;
            byte[][] part = Arrays.copyOfRange(source, from, to);
            members.get(i)
                    .put(
                            name,
                            TString.tensorOfBytes(
                                    withRows(output.shape(), rows[i]),
                                    DataBuffers.of(part, true, false)));
            from = to;
        }
    }

    /** An array of its own for each: a shape keeps the array it was made of. */
    private static Shape withRows(Shape shape, long rows) {
        long[] sizes = shape.asArray().clone();
        sizes[0] = rows;
        return Shape.of(sizes);
    }
}
