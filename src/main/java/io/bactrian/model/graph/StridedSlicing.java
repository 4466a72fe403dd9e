package io.bactrian.model.graph;

import io.bactrian.model.graph.BatchValue.Fixed;
import io.bactrian.model.graph.BatchValue.Rows;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An evaluation of {@code StridedSlice}: Python's {@code x[a:b:c, ..., None, d]}, with masks for
 * omitted and special parts of the specification.
 */
final class StridedSlicing {

    private final NodeContext node;
    private final List<SymbolicInt> dims;
    private final @Nullable List<SymbolicInt> begin;
    private final @Nullable List<SymbolicInt> end;
    private final long[] strides;
    private final List<SymbolicInt> sizes = new ArrayList<>();
    private final int rowsAxis;
    private int rowsAt = -1;
    private int axis;

    StridedSlicing(NodeContext node, List<SymbolicInt> dims, long[] strides) {
        this.node = node;
        this.dims = dims;
        this.begin = node.content(1);
        this.end = node.content(2);
        this.strides = strides;
        this.rowsAxis = node.input(0) instanceof Rows rows ? rows.axis() : -1;
    }

    BatchValue apply() {
        int length = strides.length;
        for (int i = 0; i < length; i++) {
            if (has("ellipsis_mask", i)) {
                int left = 0;
                for (int j = i + 1; j < length; j++) {
                    left += has("new_axis_mask", j) ? 0 : 1;
                }
                while (axis < dims.size() - left) {
                    keep();
                }
            } else if (has("new_axis_mask", i)) {
                sizes.add(SymbolicInt.ONE);
            } else if (axis >= dims.size() || !slice(i)) {
                return node.mixed();
            }
        }
        while (axis < dims.size()) {
            keep();
        }
        return node.input(0) instanceof Rows rows ? rows.with(sizes, rowsAt) : Fixed.of(sizes);
    }

    private boolean has(String mask, int position) {
        return (node.integer(mask, 0) >> position & 1) != 0;
    }

    private void keep() {
        if (axis == rowsAxis) {
            rowsAt = sizes.size();
        }
        sizes.add(dims.get(axis++));
    }

    /** {@return whether rows remain independent} */
    private boolean slice(int i) {
        SymbolicInt size = dims.get(axis);
        SymbolicInt from = at(begin, i);
        SymbolicInt to = at(end, i);
        boolean fromStart = has("begin_mask", i) || (from != null && from.is(0));
        boolean toEnd = has("end_mask", i) || size.equals(to);
        boolean shrink = has("shrink_axis_mask", i);
        if (!shrink && strides[i] == 1 && fromStart && toEnd) {
            keep();
            return true;
        }
        // The begin mask does not apply to an axis that is removed.
        if (axis == rowsAxis
                || ((shrink || !has("begin_mask", i)) && isUnshared(from, 1))
                || (!shrink && !has("end_mask", i) && isUnshared(to, 2))) {
            return false;
        }
        if (!shrink) {
            sizes.add(size(i, size, from, to));
        }
        axis++;
        return true;
    }

    private SymbolicInt size(
            int i, SymbolicInt size, @Nullable SymbolicInt from, @Nullable SymbolicInt to) {
        long step = strides[i];
        boolean wholeReversed = has("begin_mask", i) && has("end_mask", i) && step == -1;
        if (wholeReversed) {
            return size;
        }
        Long first = has("begin_mask", i) ? Long.valueOf(0) : constant(from);
        Long last = has("end_mask", i) ? Long.valueOf(0) : constant(to);
        if (!size.isConstant() || step == 0 || first == null || last == null) {
            return node.sharedSize("size" + sizes.size());
        }
        long total = size.factor();
        long begins = SelectionRules.limit(first, total, step, has("begin_mask", i), true);
        long ends = SelectionRules.limit(last, total, step, has("end_mask", i), false);
        long count =
                step > 0 ? (ends - begins + step - 1) / step : (begins - ends - step - 1) / -step;
        return SymbolicInt.of(Math.max(0, count));
    }

    private static @Nullable Long constant(@Nullable SymbolicInt value) {
        return value != null && value.isConstant() ? Long.valueOf(value.factor()) : null;
    }

    private boolean isUnshared(@Nullable SymbolicInt value, int input) {
        return value == null ? !node.isShared(input) : !value.isShared();
    }

    private static @Nullable SymbolicInt at(@Nullable List<SymbolicInt> values, int i) {
        return values == null || i >= values.size() ? null : values.get(i);
    }
}
