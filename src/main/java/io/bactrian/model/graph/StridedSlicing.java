package io.bactrian.model.graph;

import io.bactrian.model.graph.BatchValue.Fixed;
import io.bactrian.model.graph.BatchValue.Rows;
import java.util.ArrayList;
import java.util.List;

/**
 * An evaluation of {@code StridedSlice}: Python's {@code x[a:b:c, ..., None, d]}, with masks for
 * omitted and special parts of the specification.
 */
final class StridedSlicing {

    private final NodeContext node;
    private final List<SymbolicInt> dims;
    private final List<SymbolicInt> begin;
    private final List<SymbolicInt> end;
    private final long[] strides;
    private final List<SymbolicInt> sizes = new ArrayList<>();
    private final int rowsAxis;
    private int rowsAt = -1;
    private int axis;

    StridedSlicing(NodeContext node, List<SymbolicInt> dims) {
        this.node = node;
        this.dims = dims;
        this.begin = node.content(1);
        this.end = node.content(2);
        this.strides = node.constants(3);
        this.rowsAxis = node.input(0) instanceof Rows rows ? rows.axis() : -1;
    }

    BatchValue apply() {
        int length = length();
        if (strides == null || length < 0) {
            return node.mixed();
        }
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

    private int length() {
        return strides == null ? -1 : strides.length;
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
        boolean fromStart = has("begin_mask", i) || (at(begin, i) != null && at(begin, i).is(0));
        boolean toEnd = has("end_mask", i) || size.equals(at(end, i));
        boolean shrink = has("shrink_axis_mask", i);
        if (!shrink && strides[i] == 1 && fromStart && toEnd) {
            keep();
            return true;
        }
        // The begin mask does not apply to an axis that is removed.
        if (axis == rowsAxis
                || ((shrink || !has("begin_mask", i)) && isUnshared(begin, i, 1))
                || (!shrink && !has("end_mask", i) && isUnshared(end, i, 2))) {
            return false;
        }
        if (!shrink) {
            sizes.add(size(i, size));
        }
        axis++;
        return true;
    }

    private SymbolicInt size(int i, SymbolicInt size) {
        long step = strides[i];
        boolean wholeReversed = has("begin_mask", i) && has("end_mask", i) && step == -1;
        if (wholeReversed) {
            return size;
        }
        boolean known =
                size.isConstant()
                        && step != 0
                        && (has("begin_mask", i) || isConstant(begin, i))
                        && (has("end_mask", i) || isConstant(end, i));
        if (!known) {
            return node.sharedSize("size" + sizes.size());
        }
        long total = size.factor();
        long first = has("begin_mask", i) ? 0 : at(begin, i).factor();
        long last = has("end_mask", i) ? 0 : at(end, i).factor();
        long from = SelectionRules.limit(first, total, step, has("begin_mask", i), true);
        long to = SelectionRules.limit(last, total, step, has("end_mask", i), false);
        long count = step > 0 ? (to - from + step - 1) / step : (from - to - step - 1) / -step;
        return SymbolicInt.of(Math.max(0, count));
    }

    private static boolean isConstant(List<SymbolicInt> values, int i) {
        return at(values, i) != null && at(values, i).isConstant();
    }

    private boolean isUnshared(List<SymbolicInt> values, int i, int input) {
        return at(values, i) == null ? !node.isShared(input) : !at(values, i).isShared();
    }

    private static SymbolicInt at(List<SymbolicInt> values, int i) {
        return values == null || i >= values.size() ? null : values.get(i);
    }
}
