package io.bactrian.model.graph;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The abstract value of a tensor: how it depends on the rows of a batch. */
sealed interface BatchValue {

    /**
     * A tensor that does not depend on the content of the rows.
     *
     * @param dims its sizes, which do not depend on the number of rows; null if the rank is unknown
     * @param content its elements in row-major order, if they are known integers, which may contain
     *     the number of rows, as those of a shape do; else null, and the tensor is the same for a
     *     request alone and in a batch
     */
    record Fixed(@Nullable List<SymbolicInt> dims, @Nullable List<SymbolicInt> content)
            implements BatchValue {

        static final Fixed SCALAR = new Fixed(List.of(), null);
        static final Fixed UNKNOWN = new Fixed(null, null);

        static Fixed of(@Nullable List<SymbolicInt> dims) {
            return new Fixed(dims, null);
        }

        static Fixed scalar(SymbolicInt value) {
            return new Fixed(List.of(), List.of(value));
        }

        static Fixed vector(List<SymbolicInt> values) {
            return new Fixed(List.of(SymbolicInt.of(values.size())), List.copyOf(values));
        }

        boolean isShared() {
            return content == null || content.stream().allMatch(SymbolicInt::isShared);
        }

        boolean isScalar() {
            return dims != null && dims.isEmpty();
        }

        /** {@return its elements if it is a vector of known integers, else null} */
        @Nullable List<SymbolicInt> vector() {
            return dims != null && dims.size() == 1 ? content : null;
        }
    }

    /**
     * A tensor with the rows of a group along an axis: element {@code (p·rows + i)·inner + q} along
     * it depends on row {@code i} only, and the sizes of all axes on no row.
     *
     * @param dims its sizes
     * @param axis the axis
     * @param group {@link Symbol#BATCH} for the batch's rows, or the symbol for the elements that
     *     the rows of a ragged tensor have together
     * @param outer how many times all rows are repeated along the axis
     * @param inner how many elements along the axis each row has
     * @param lengthsOf the ragged group whose rows' lengths these are, or null
     */
    record Rows(
            List<SymbolicInt> dims,
            int axis,
            Symbol group,
            SymbolicInt outer,
            SymbolicInt inner,
            @Nullable Symbol lengthsOf)
            implements BatchValue {

        /** {@return a tensor whose rows have one element each along {@code axis}} */
        static Rows plain(List<SymbolicInt> dims, int axis, Symbol group) {
            return new Rows(List.copyOf(dims), axis, group, SymbolicInt.ONE, SymbolicInt.ONE, null);
        }

        int rank() {
            return dims.size();
        }

        /** {@return the same layout along another axis of a tensor of other sizes} */
        Rows with(List<SymbolicInt> newDims, int newAxis) {
            return new Rows(List.copyOf(newDims), newAxis, group, outer, inner, null);
        }

        /** {@return the same layout with the axes after the first {@code from} replaced} */
        Rows withTrailing(int from, List<SymbolicInt> trailing) {
            List<SymbolicInt> sizes = new ArrayList<>(dims.subList(0, from));
            sizes.addAll(trailing);
            return with(sizes, axis);
        }

        boolean hasLayoutOf(Rows other) {
            return group.equals(other.group)
                    && outer.equals(other.outer)
                    && inner.equals(other.inner);
        }

        /** {@return whether the rows lie along the first axis, one element each} */
        boolean isPlain() {
            return axis == 0 && outer.is(1) && inner.is(1);
        }
    }

    /**
     * The row number of each element of a group: {@code [0, 0, 1, 2, 2]}.
     *
     * @param group the group
     */
    record RowIds(Symbol group) implements BatchValue {}

    /**
     * The matrix {@code [elements, 2]} of a ragged group's rows and positions, as sparse tensors
     * have it.
     *
     * @param group the group
     */
    record RowPositions(Symbol group) implements BatchValue {}

    /**
     * The limits of the rows of a group, as in ragged tensors.
     *
     * @param group the group
     * @param part which of the limits: for rows of 2, 0 and 3 elements {@code [0, 2, 2, 5]}, or the
     *     first or last three
     */
    record Splits(Symbol group, Part part) implements BatchValue {
        enum Part {
            ALL,
            STARTS,
            ENDS
        }
    }

    /**
     * A scalar of which only a lower bound is known, as in {@code max(batch, x)}.
     *
     * @param bound the lower bound
     */
    record AtLeast(SymbolicInt bound) implements BatchValue {}

    /**
     * A list of tensors.
     *
     * @param element the value of each of its elements; null while it has none
     */
    record TensorList(@Nullable BatchValue element) implements BatchValue {}

    /**
     * A tensor whose rows are not known to be independent.
     *
     * @param operation the operation that prevents a proof
     * @param node its node
     * @param isScalar whether it is known to be a scalar
     */
    record Mixed(String operation, String node, boolean isScalar) implements BatchValue {

        Mixed asScalar(boolean scalar) {
            return new Mixed(operation, node, scalar);
        }
    }
}
