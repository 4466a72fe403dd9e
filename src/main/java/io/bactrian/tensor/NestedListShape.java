package io.bactrian.tensor;

import java.util.Arrays;
import org.tensorflow.ndarray.Shape;

/**
 * Infers the shape of nested lists during their traversal, and rejects ragged lists: all lists of a
 * level must have the same number of elements, and values must be at one level only.
 *
 * <p>The traversal of {@code [[1, 2], [3, 4]]} is: open, open, values, close(2), open, values,
 * close(2), close. The path in an error is that of the current element.
 */
public final class NestedListShape {

    /** The maximum rank of a tensor (TensorShape::MaxDimensions in TensorFlow). */
    public static final int MAX_RANK = 254;

    private static final int UNKNOWN = -1;

    private final ElementErrors errors;

    /** The size of the lists of each level, which is known once the first list is closed. */
    private int[] sizes = new int[4];

    /** The number of completed elements of the open list of each level. */
    private int[] counts = new int[4];

    private int depth;
    private int rank = UNKNOWN;

    /**
     * Creates a shape for the first traversal.
     *
     * @param errors creates the exceptions that are thrown
     */
    public NestedListShape(ElementErrors errors) {
        this.errors = errors;
        reset();
    }

    /** Prepares for the next traversal. */
    public void reset() {
        Arrays.fill(sizes, UNKNOWN);
        depth = 0;
        rank = UNKNOWN;
    }

    /** {@return the number of open lists} */
    public int depth() {
        return depth;
    }

    /**
     * Begins a list.
     *
     * @throws BadInputException if values are expected here, or the depth exceeds {@link #MAX_RANK}
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

    /** {@return whether the open list may have values; false if its level has lists} */
    public boolean takesValues() {
        return rank == UNKNOWN || rank == depth;
    }

    /**
     * Declares that the open list, or the root if none is open, has values, which {@link
     * #takesValues} must allow.
     */
    public void values() {
        rank = depth;
    }

    /**
     * Ends the innermost open list, a list of values.
     *
     * @param size the number of its values
     * @throws BadInputException if the first list of the level has a different size
     */
    public void close(int size) {
        counts[depth - 1] = size;
        close();
    }

    /**
     * Ends the innermost open list, which becomes an element of the enclosing one.
     *
     * @throws BadInputException if the first list of the level has a different size
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
     * {@return the error for a list where a value was expected}
     *
     * @param values the number of values before it in the open list
     */
    public BadInputException unexpectedList(int values) {
        return errors.unexpectedList(path(values));
    }

    /**
     * {@return the error for a value in a list of lists}
     *
     * @param value the value as text
     */
    public BadInputException unexpectedValue(String value) {
        return errors.unexpectedValue(path(0), value, rank);
    }

    /**
     * {@return the error for a value that does not fit the tensor's dtype}
     *
     * @param values the number of values before it in the open list
     * @param value the value as text
     * @param type the value's JSON type
     * @param dtype the tensor's dtype
     */
    public BadInputException wrongType(int values, String value, JsonType type, DType dtype) {
        return errors.wrongType(path(values), value, type, dtype);
    }

    /**
     * {@return the error for a text that is not base64}
     *
     * @param values the number of values before it in the open list
     */
    public BadInputException badBase64(int values) {
        return errors.badBase64(path(values));
    }

    /** {@return the shape, after all lists are closed; a scalar's if there was no list} */
    public Shape shape() {
        long[] dimensions = new long[rank];
        for (int i = 0; i < rank; i++) {
            dimensions[i] = sizes[i];
        }
        return Shape.of(dimensions);
    }

    /**
     * {@return the path of the next element of the open list, after {@code values} values that are
     * not counted yet}
     */
    private int[] path(int values) {
        int[] path = Arrays.copyOf(counts, depth);
        if (depth > 0) {
            path[depth - 1] += values;
        }
        return path;
    }
}
