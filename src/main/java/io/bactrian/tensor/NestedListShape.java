package io.bactrian.tensor;

import java.util.Arrays;
import org.tensorflow.ndarray.Shape;

/**
 * The shape of nested lists, inferred while they are walked. Lists without a shape are rejected:
 * every list of a level must have as many elements as the first one, and values lie at one level
 * only. Ragged lists are never padded.
 *
 * <p>A walk of {@code [[1, 2], [3, 4]]} is: open, open, values, close(2), open, values, close(2),
 * close. An error's path is that of the current element.
 */
public final class NestedListShape {

    /** TensorFlow's own limit (TensorShape::MaxDimensions). */
    public static final int MAX_RANK = 254;

    private static final int UNKNOWN = -1;

    private final ElementErrors errors;

    /** By level, how many elements a list has: known once the first of the level is closed. */
    private int[] sizes = new int[4];

    /** By level of the open lists, how many elements were completed. */
    private int[] counts = new int[4];

    private int depth;
    private int rank = UNKNOWN;

    public NestedListShape(ElementErrors errors) {
        this.errors = errors;
        reset();
    }

    /** Prepares for the next walk. */
    public void reset() {
        Arrays.fill(sizes, UNKNOWN);
        depth = 0;
        rank = UNKNOWN;
    }

    /** {@return how many lists are open} */
    public int depth() {
        return depth;
    }

    /**
     * A list begins.
     *
     * @throws BadInputException if values are expected here, or the lists are more than
     *     TensorFlow's 254 deep
     */
    public void open() {
        if (depth == rank) {
            throw errors.unexpectedList(path(0));
        }
        if (depth == MAX_RANK) {
            throw new BadInputException("more than " + MAX_RANK + " dimensions");
        }
        if (depth == sizes.length) {
            sizes = Arrays.copyOf(sizes, 2 * depth);
            Arrays.fill(sizes, depth, sizes.length, UNKNOWN);
            counts = Arrays.copyOf(counts, 2 * depth);
        }
        counts[depth++] = 0;
    }

    /** {@return whether the open list may hold values: false if its level holds lists} */
    public boolean takesValues() {
        return rank == UNKNOWN || rank == depth;
    }

    /**
     * The open list, or the whole if none is open, holds values, as {@link #takesValues} allows.
     */
    public void values() {
        rank = depth;
    }

    /** The innermost open list ends, with {@code size} values. */
    public void close(int size) {
        counts[depth - 1] = size;
        close();
    }

    /**
     * The innermost open list ends, and is an element of the one around it.
     *
     * @throws BadInputException if it has not as many elements as the first of its level
     */
    public void close() {
        int level = --depth;
        int size = counts[level];
        if (sizes[level] == UNKNOWN) {
            sizes[level] = size;
            if (size == 0) {
                rank = level + 1;
            }
        } else if (sizes[level] != size) {
            int[] path = Arrays.copyOf(counts, level);
            throw errors.unevenSize(path, size, sizes[level]);
        }
        if (level > 0) {
            counts[level - 1]++;
        }
    }

    /**
     * {@return the error for a list where an element was expected}
     *
     * @param values how many values of the open list come before the one at fault
     */
    public BadInputException unexpectedList(int values) {
        return errors.unexpectedList(path(values));
    }

    /** For a value in a list of lists. */
    public BadInputException unexpectedValue(String value) {
        return errors.unexpectedValue(path(0), value, rank);
    }

    /**
     * {@return the error for an element of another type than the tensor's}
     *
     * @param values how many values of the open list come before the one at fault
     */
    public BadInputException wrongType(int values, String value, JsonType type, DType dtype) {
        return errors.wrongType(path(values), value, type, dtype);
    }

    /**
     * {@return the error for text that is not base64}
     *
     * @param values how many values of the open list come before the one at fault
     */
    public BadInputException badBase64(int values) {
        return errors.badBase64(path(values));
    }

    /** {@return the shape, once every list is closed: scalar if there was none} */
    public Shape shape() {
        long[] dimensions = new long[rank];
        for (int i = 0; i < rank; i++) {
            dimensions[i] = sizes[i];
        }
        return Shape.of(dimensions);
    }

    /**
     * The path of the open list's next element, {@code values} uncounted ones after the counted.
     */
    private int[] path(int values) {
        int[] path = Arrays.copyOf(counts, depth);
        if (depth > 0) {
            path[depth - 1] += values;
        }
        return path;
    }
}
