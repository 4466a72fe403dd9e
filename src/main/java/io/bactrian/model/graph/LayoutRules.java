package io.bactrian.model.graph;

import io.bactrian.model.graph.BatchValue.Fixed;
import io.bactrian.model.graph.BatchValue.RowIds;
import io.bactrian.model.graph.BatchValue.Rows;
import io.bactrian.model.graph.BatchValue.Splits;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Rules for operations that rearrange, concatenate, split and select elements. */
final class LayoutRules {

    private LayoutRules() {}

    static void addTo(Map<String, BatchRule> rules) {
        rules.put("Reshape", BatchRule.of(LayoutRules::reshape));
        rules.put("Transpose", BatchRule.of(LayoutRules::transpose));
        rules.put("ExpandDims", BatchRule.of(LayoutRules::expandDims));
        rules.put("Squeeze", BatchRule.of(LayoutRules::squeeze));
        rules.put("Pack", BatchRule.of(LayoutRules::pack));
        rules.put("Unpack", BatchRule.ofAll(LayoutRules::unpack));
        rules.put(
                "ConcatV2",
                BatchRule.of(node -> concat(node, 0, node.inputCount() - 1, last(node))));
        rules.put("Concat", BatchRule.of(node -> concat(node, 1, node.inputCount(), 0)));
        rules.put("Split", BatchRule.ofAll(node -> split(node, 1, 0)));
        rules.put("SplitV", BatchRule.ofAll(node -> split(node, 0, 2)));
        rules.put("OneHot", BatchRule.of(LayoutRules::oneHot));
        for (String pad : List.of("Pad", "PadV2", "MirrorPad")) {
            rules.put(pad, BatchRule.of(LayoutRules::pad));
        }
        rules.put("ReverseV2", BatchRule.of(LayoutRules::reverse));
        rules.put("ReverseSequence", BatchRule.of(LayoutRules::reverseSequence));
        rules.put("Roll", BatchRule.of(LayoutRules::roll));
        rules.put("SpaceToBatchND", BatchRule.of(LayoutRules::spaceToBatch));
        rules.put("BatchToSpaceND", BatchRule.of(LayoutRules::batchToSpace));
    }

    private static int last(NodeContext node) {
        return node.inputCount() - 1;
    }

    // Operations on one tensor that keep the order of elements.

    private static BatchValue reshape(NodeContext node) {
        BatchValue input = node.input(0);
        List<SymbolicInt> target = node.content(1);
        if (input instanceof RowIds && target != null && target.size() == 1) {
            return target.get(0).is(-1) ? input : node.mixed();
        }
        if (input instanceof Fixed fixed && fixed.content() != null) {
            return reshapeContent(node, fixed, target);
        }
        List<SymbolicInt> dims = NodeContext.dims(input);
        if (dims == null || target == null) {
            return node.isShared(0) && node.isShared(1) ? Fixed.UNKNOWN : node.mixed();
        }
        List<SymbolicInt> sizes = resolved(dims, target);
        if (input instanceof Rows rows) {
            Rows reshaped = sizes == null ? null : reshape(rows, sizes);
            return reshaped == null ? node.mixed() : reshaped;
        }
        if (!node.isShared(0) || !node.isShared(1)) {
            return node.mixed();
        }
        return sizes == null ? Fixed.UNKNOWN : Fixed.of(sizes);
    }

    private static BatchValue reshapeContent(
            NodeContext node, Fixed fixed, @Nullable List<SymbolicInt> target) {
        List<SymbolicInt> sizes =
                target == null || fixed.dims() == null ? null : resolved(fixed.dims(), target);
        if (sizes != null && sizes.stream().allMatch(SymbolicInt::isConstant)) {
            return new Fixed(sizes, fixed.content());
        }
        return fixed.isShared() && node.isShared(1) ? Fixed.UNKNOWN : node.mixed();
    }

    /** {@return the sizes with -1 replaced by the inferred size; null if it can't be inferred} */
    private static @Nullable List<SymbolicInt> resolved(
            List<SymbolicInt> dims, List<SymbolicInt> target) {
        int open = -1;
        SymbolicInt rest = SymbolicInt.ONE;
        for (int i = 0; i < target.size(); i++) {
            if (!target.get(i).is(-1)) {
                rest = rest.times(target.get(i));
            } else if (open >= 0) {
                return null;
            } else {
                open = i;
            }
        }
        if (open < 0) {
            return target;
        }
        SymbolicInt size = SymbolicInt.product(dims).dividedBy(rest);
        if (size == null) {
            return null;
        }
        List<SymbolicInt> sizes = new ArrayList<>(target);
        sizes.set(open, size);
        return sizes;
    }

    /**
     * Finds the axis of the rows in the new sizes. In row-major order, regardless of the sizes, the
     * elements are {@code pre} repetitions of the rows with {@code post} elements each.
     *
     * @return the new layout; null if the rows are no longer along one axis
     */
    private static @Nullable Rows reshape(Rows rows, List<SymbolicInt> sizes) {
        SymbolicInt pre =
                SymbolicInt.product(rows.dims().subList(0, rows.axis())).times(rows.outer());
        SymbolicInt post =
                SymbolicInt.product(rows.dims().subList(rows.axis() + 1, rows.rank()))
                        .times(rows.inner());
        SymbolicInt group = SymbolicInt.of(rows.group());
        int axis = -1;
        for (int i = 0; i < sizes.size(); i++) {
            if (!sizes.get(i).isShared()) {
                if (axis >= 0 || !rows.group().equals(ShapeRules.onlyRows(sizes.get(i)))) {
                    return null;
                }
                axis = i;
            }
        }
        if (axis < 0) {
            return null;
        }
        SymbolicInt outer = pre.dividedBy(SymbolicInt.product(sizes.subList(0, axis)));
        SymbolicInt inner = outer == null ? null : sizes.get(axis).dividedBy(group.times(outer));
        if (outer == null || inner == null) {
            return null;
        }
        SymbolicInt after = inner.times(SymbolicInt.product(sizes.subList(axis + 1, sizes.size())));
        return after.equals(post)
                ? new Rows(List.copyOf(sizes), axis, rows.group(), outer, inner, null)
                : null;
    }

    private static BatchValue transpose(NodeContext node) {
        List<SymbolicInt> dims = NodeContext.dims(node.input(0));
        long[] order = node.constants(1);
        if (dims == null || order == null || order.length != dims.size()) {
            return node.isShared(0) && node.isShared(1) ? Fixed.UNKNOWN : node.mixed();
        }
        List<SymbolicInt> sizes = new ArrayList<>();
        int rowsAt = -1;
        for (int i = 0; i < order.length; i++) {
            int from = NodeContext.normalized(order[i], dims.size());
            if (from < 0) {
                return node.mixed();
            }
            sizes.add(dims.get(from));
            if (node.input(0) instanceof Rows rows && rows.axis() == from) {
                rowsAt = i;
            }
        }
        if (node.input(0) instanceof Rows rows) {
            return rows.with(sizes, rowsAt);
        }
        return node.isShared(0) ? Fixed.of(sizes) : node.mixed();
    }

    private static BatchValue expandDims(NodeContext node) {
        List<SymbolicInt> dims = NodeContext.dims(node.input(0));
        int at = dims == null ? -1 : node.axis(1, dims.size() + 1);
        if (at < 0) {
            return node.isShared(0) && node.isShared(1) ? Fixed.UNKNOWN : node.mixed();
        }
        List<SymbolicInt> sizes = new ArrayList<>(dims);
        sizes.add(at, SymbolicInt.ONE);
        if (node.input(0) instanceof Rows rows) {
            return rows.with(sizes, at <= rows.axis() ? rows.axis() + 1 : rows.axis());
        }
        return node.input(0) instanceof Fixed fixed
                ? new Fixed(sizes, fixed.content())
                : node.mixed();
    }

    /** Without explicit axes, the axis of a single row would be removed too. */
    private static BatchValue squeeze(NodeContext node) {
        List<SymbolicInt> dims = NodeContext.dims(node.input(0));
        List<Long> axes = node.integers("squeeze_dims");
        if (dims == null) {
            return node.isShared(0) ? Fixed.UNKNOWN : node.mixed();
        }
        List<SymbolicInt> sizes = new ArrayList<>();
        int rowsAt = -1;
        boolean known = true;
        for (int i = 0; i < dims.size(); i++) {
            int axis = i;
            boolean named =
                    axes.stream()
                            .anyMatch(each -> NodeContext.normalized(each, dims.size()) == axis);
            boolean removed = axes.isEmpty() ? dims.get(i).is(1) : named;
            known &= !axes.isEmpty() || dims.get(i).isConstant();
            if (node.input(0) instanceof Rows rows && rows.axis() == i) {
                if (removed) {
                    return node.mixed();
                }
                rowsAt = sizes.size();
            }
            if (!removed) {
                sizes.add(dims.get(i));
            }
        }
        if (node.input(0) instanceof Rows rows) {
            return known ? rows.with(sizes, rowsAt) : node.mixed();
        }
        if (!(node.input(0) instanceof Fixed fixed)) {
            return node.mixed();
        }
        if (!known) {
            return fixed.isShared() ? Fixed.UNKNOWN : node.mixed();
        }
        return new Fixed(sizes, fixed.content());
    }

    // Operations that combine or split tensors.

    private static BatchValue pack(NodeContext node) {
        List<SymbolicInt> content = new ArrayList<>();
        for (BatchValue input : node.inputs()) {
            if (content != null
                    && input instanceof Fixed fixed
                    && fixed.isScalar()
                    && fixed.content() != null) {
                content.add(fixed.content().get(0));
            } else {
                content = null;
            }
        }
        if (content != null) {
            return Fixed.vector(content);
        }
        BatchValue one = same(node, node.inputs());
        List<SymbolicInt> dims = NodeContext.dims(one);
        if (dims == null) {
            return one;
        }
        int at = NodeContext.normalized(node.integer("axis", 0), dims.size() + 1);
        if (at < 0) {
            return node.mixed();
        }
        List<SymbolicInt> sizes = new ArrayList<>(dims);
        sizes.add(at, SymbolicInt.of(node.inputCount()));
        return one instanceof Rows rows
                ? rows.with(sizes, at <= rows.axis() ? rows.axis() + 1 : rows.axis())
                : Fixed.of(sizes);
    }

    /** {@return the values of tensors whose layouts must be the same} */
    private static BatchValue same(NodeContext node, List<BatchValue> values) {
        BatchValue first = values.get(0);
        for (BatchValue value : values) {
            if (first instanceof Rows rows) {
                if (!(value instanceof Rows other)
                        || other.rank() != rows.rank()
                        || other.axis() != rows.axis()
                        || !other.hasLayoutOf(rows)) {
                    return node.mixed();
                }
            } else if (!(value instanceof Fixed fixed) || !fixed.isShared()) {
                return node.mixed();
            } else if (NodeContext.dims(first) == null) {
                first = value;
            }
        }
        return first instanceof Rows ? first : Fixed.of(NodeContext.dims(first));
    }

    private static List<BatchValue> unpack(NodeContext node) {
        int count = (int) node.integer("num", 0);
        List<SymbolicInt> vector = node.input(0) instanceof Fixed fixed ? fixed.vector() : null;
        if (vector != null) {
            List<BatchValue> scalars = new ArrayList<>();
            vector.forEach(value -> scalars.add(Fixed.scalar(value)));
            return scalars;
        }
        List<SymbolicInt> dims = NodeContext.dims(node.input(0));
        if (dims == null) {
            return Collections.nCopies(count, node.isShared(0) ? Fixed.UNKNOWN : node.mixed());
        }
        int axis = NodeContext.normalized(node.integer("axis", 0), dims.size());
        if (axis < 0) {
            return List.of(node.mixed());
        }
        List<SymbolicInt> sizes = new ArrayList<>(dims);
        sizes.remove(axis);
        BatchValue part;
        if (node.input(0) instanceof Rows rows) {
            part =
                    axis == rows.axis()
                            ? node.mixed()
                            : rows.with(sizes, axis < rows.axis() ? rows.axis() - 1 : rows.axis());
        } else {
            part = node.isShared(0) ? Fixed.of(sizes) : node.mixed();
        }
        return Collections.nCopies(count, part);
    }

    private static BatchValue concat(NodeContext node, int from, int to, int axisInput) {
        List<BatchValue> values = node.inputs(from, to);
        if (values.size() == 2
                && values.get(1) instanceof Splits ends
                && ends.part() == Splits.Part.ENDS
                && values.get(0) instanceof Fixed zero
                && zero.content() != null
                && zero.content().equals(List.of(SymbolicInt.of(0)))) {
            return new Splits(ends.group(), Splits.Part.ALL);
        }
        List<SymbolicInt> content = vectors(values);
        if (content != null) {
            return Fixed.vector(content);
        }
        BatchValue one = same(node, values);
        List<SymbolicInt> dims = NodeContext.dims(one);
        if (dims == null) {
            return one instanceof Fixed && !node.isShared(axisInput) ? node.mixed() : one;
        }
        int axis = node.axis(axisInput, dims.size());
        if (axis < 0) {
            return one instanceof Fixed && node.isShared(axisInput) ? Fixed.UNKNOWN : node.mixed();
        }
        long constant = 0;
        boolean known = true;
        for (BatchValue value : values) {
            List<SymbolicInt> its = NodeContext.dims(value);
            if (its != null && its.size() == dims.size() && its.get(axis).isConstant()) {
                constant += its.get(axis).factor();
            } else {
                known = false;
            }
        }
        List<SymbolicInt> sizes = new ArrayList<>(dims);
        sizes.set(axis, known ? SymbolicInt.of(constant) : node.sharedSize("size"));
        if (one instanceof Rows rows) {
            return axis == rows.axis() ? node.mixed() : rows.with(sizes, rows.axis());
        }
        return Fixed.of(sizes);
    }

    /** {@return the concatenated elements of known vectors, or null} */
    private static @Nullable List<SymbolicInt> vectors(List<BatchValue> values) {
        List<SymbolicInt> content = new ArrayList<>();
        for (BatchValue value : values) {
            List<SymbolicInt> vector = value instanceof Fixed fixed ? fixed.vector() : null;
            if (vector == null) {
                return null;
            }
            content.addAll(vector);
        }
        return content;
    }

    private static List<BatchValue> split(NodeContext node, int valueInput, int axisInput) {
        int count = (int) node.integer("num_split", 1);
        BatchValue value = node.input(valueInput);
        List<SymbolicInt> dims = NodeContext.dims(value);
        int axis = dims == null ? -1 : node.axis(axisInput, dims.size());
        if (dims == null || axis < 0) {
            boolean shared = node.isShared(valueInput) && node.isShared(axisInput);
            return Collections.nCopies(count, shared ? Fixed.UNKNOWN : node.mixed());
        }
        boolean cutsRows = value instanceof Rows rows && rows.axis() == axis;
        boolean evenly = node.operation().equals("Split");
        if (cutsRows || (!(value instanceof Rows) && !node.isShared(valueInput))) {
            return List.of(node.mixed());
        }
        if (!evenly && !node.isShared(1)) {
            return List.of(node.mixed());
        }
        long[] given = evenly ? null : node.constants(1);
        SymbolicInt even = evenly ? dims.get(axis).dividedBy(SymbolicInt.of(count)) : null;
        List<BatchValue> parts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            SymbolicInt size =
                    even != null
                            ? even
                            : given != null && given.length == count && given[i] >= 0
                                    ? SymbolicInt.of(given[i])
                                    : node.sharedSize("part" + i);
            List<SymbolicInt> sizes = new ArrayList<>(dims);
            sizes.set(axis, size);
            parts.add(value instanceof Rows rows ? rows.with(sizes, rows.axis()) : Fixed.of(sizes));
        }
        return parts;
    }

    private static BatchValue oneHot(NodeContext node) {
        List<SymbolicInt> dims = NodeContext.dims(node.input(0));
        if (dims == null || !node.isShared(1) || !node.isShared(2) || !node.isShared(3)) {
            return node.mixed();
        }
        Long depth = node.constant(1);
        long axis = node.integer("axis", -1);
        int at = axis == -1 ? dims.size() : (int) axis;
        List<SymbolicInt> sizes = new ArrayList<>(dims);
        sizes.add(at, depth == null ? node.sharedSize("depth") : SymbolicInt.of(depth));
        if (node.input(0) instanceof Rows rows) {
            return rows.with(sizes, at <= rows.axis() ? rows.axis() + 1 : rows.axis());
        }
        return node.isShared(0) ? Fixed.of(sizes) : node.mixed();
    }

    // Operations along one axis.

    private static BatchValue pad(NodeContext node) {
        List<SymbolicInt> dims = NodeContext.dims(node.input(0));
        boolean value = node.inputCount() < 3 || node.isShared(2);
        if (!value || !node.isShared(1)) {
            return node.mixed();
        }
        long[] paddings = node.constants(1);
        if (dims == null || paddings == null || paddings.length != 2 * dims.size()) {
            return node.isShared(0) ? Fixed.UNKNOWN : node.mixed();
        }
        List<SymbolicInt> sizes = new ArrayList<>();
        for (int i = 0; i < dims.size(); i++) {
            long added = paddings[2 * i] + paddings[2 * i + 1];
            boolean isRows = node.input(0) instanceof Rows rows && rows.axis() == i;
            if (isRows && (paddings[2 * i] != 0 || paddings[2 * i + 1] != 0)) {
                return node.mixed();
            }
            SymbolicInt size = dims.get(i);
            sizes.add(
                    added == 0
                            ? size
                            : size.isConstant()
                                    ? SymbolicInt.of(size.factor() + added)
                                    : node.sharedSize("size" + i));
        }
        if (node.input(0) instanceof Rows rows) {
            return rows.with(sizes, rows.axis());
        }
        return node.isShared(0) ? Fixed.of(sizes) : node.mixed();
    }

    private static BatchValue reverse(NodeContext node) {
        if (!(node.input(0) instanceof Rows rows)) {
            return sharedLike(node);
        }
        long[] axes = node.constants(1);
        if (axes == null) {
            return node.mixed();
        }
        for (long axis : axes) {
            int at = NodeContext.normalized(axis, rows.rank());
            if (at < 0 || at == rows.axis()) {
                return node.mixed();
            }
        }
        return rows.with(rows.dims(), rows.axis());
    }

    /** {@return a tensor of the first input's shape, if all inputs are shared} */
    private static BatchValue sharedLike(NodeContext node) {
        for (int i = 0; i < node.inputCount(); i++) {
            if (!node.isShared(i)) {
                return node.mixed();
            }
        }
        return Fixed.of(NodeContext.dims(node.input(0)));
    }

    private static BatchValue reverseSequence(NodeContext node) {
        if (!(node.input(0) instanceof Rows rows)) {
            return sharedLike(node);
        }
        int reversed = (int) node.integer("seq_dim", 0);
        int batch = (int) node.integer("batch_dim", 0);
        boolean lengthsOfRows =
                node.input(1) instanceof Rows lengths
                        && lengths.hasLayoutOf(rows)
                        && batch == rows.axis();
        boolean sharedLengths = node.isShared(1) && batch != rows.axis();
        return reversed != rows.axis() && (lengthsOfRows || sharedLengths)
                ? rows.with(rows.dims(), rows.axis())
                : node.mixed();
    }

    private static BatchValue roll(NodeContext node) {
        if (!(node.input(0) instanceof Rows rows)) {
            return sharedLike(node);
        }
        long[] axes = node.constants(2);
        if (axes == null || !node.isShared(1)) {
            return node.mixed();
        }
        for (long axis : axes) {
            int at = NodeContext.normalized(axis, rows.rank());
            if (at < 0 || at == rows.axis()) {
                return node.mixed();
            }
        }
        return rows.with(rows.dims(), rows.axis());
    }

    /** Puts the positions in a block before the rows: {@code (position·rows + row)}. */
    private static BatchValue spaceToBatch(NodeContext node) {
        return blocks(node, true);
    }

    private static BatchValue batchToSpace(NodeContext node) {
        return blocks(node, false);
    }

    private static BatchValue blocks(NodeContext node, boolean toBatch) {
        if (!(node.input(0) instanceof Rows rows)) {
            return node.isShared(0) && node.isShared(1) && node.isShared(2)
                    ? Fixed.UNKNOWN
                    : node.mixed();
        }
        List<SymbolicInt> block = node.content(1);
        if (rows.axis() != 0 || block == null || !node.isShared(1) || !node.isShared(2)) {
            return node.mixed();
        }
        SymbolicInt positions = SymbolicInt.product(block);
        SymbolicInt outer =
                toBatch ? rows.outer().times(positions) : rows.outer().dividedBy(positions);
        if (outer == null) {
            return node.mixed();
        }
        List<SymbolicInt> sizes = new ArrayList<>(rows.dims());
        sizes.set(0, outer.times(SymbolicInt.of(rows.group())).times(rows.inner()));
        for (int i = 1; i <= block.size() && i < sizes.size(); i++) {
            sizes.set(i, node.sharedSize("size" + i));
        }
        return new Rows(sizes, 0, rows.group(), outer, rows.inner(), null);
    }
}
