package io.bactrian.model.graph;

import io.bactrian.model.graph.BatchValue.Fixed;
import io.bactrian.model.graph.BatchValue.RowIds;
import io.bactrian.model.graph.BatchValue.RowPositions;
import io.bactrian.model.graph.BatchValue.Rows;
import io.bactrian.model.graph.BatchValue.Splits;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Rules for slices and for elements that are gathered by index. */
final class SelectionRules {

    private SelectionRules() {}

    static void addTo(Map<String, BatchRule> rules) {
        rules.put("Slice", BatchRule.of(SelectionRules::slice));
        rules.put("StridedSlice", BatchRule.of(SelectionRules::stridedSlice));
        rules.put("Gather", BatchRule.of(node -> gather(node, 0L)));
        rules.put("GatherV2", BatchRule.of(node -> gather(node, node.constant(2))));
        rules.put("ResourceGather", BatchRule.of(node -> gather(node, 0L)));
        rules.put("GatherNd", BatchRule.of(SelectionRules::gatherNd));
        rules.put("ResourceGatherNd", BatchRule.of(SelectionRules::gatherNd));
    }

    private static BatchValue slice(NodeContext node) {
        List<SymbolicInt> dims = NodeContext.dims(node.input(0));
        List<SymbolicInt> begin = node.content(1);
        List<SymbolicInt> count = node.content(2);
        List<SymbolicInt> vector = node.input(0) instanceof Fixed fixed ? fixed.vector() : null;
        Long first = node.constant(1);
        Long length = node.constant(2);
        if (vector != null && first != null && length != null) {
            int from = (int) (long) first;
            int size = (int) (long) length;
            int to = size < 0 ? vector.size() : from + size;
            return from < 0 || to < from || to > vector.size()
                    ? node.mixed()
                    : Fixed.vector(vector.subList(from, to));
        }
        if (dims == null || (!(node.input(0) instanceof Rows) && !node.isShared(0))) {
            return node.isShared(0) && node.isShared(1) && node.isShared(2)
                    ? Fixed.UNKNOWN
                    : node.mixed();
        }
        List<SymbolicInt> sizes = new ArrayList<>();
        for (int i = 0; i < dims.size(); i++) {
            SymbolicInt from = begin == null ? null : begin.get(i);
            SymbolicInt size = count == null ? null : count.get(i);
            if (node.input(0) instanceof Rows rows && rows.axis() == i) {
                boolean all =
                        from != null
                                && from.is(0)
                                && size != null
                                && (size.is(-1) || size.equals(dims.get(i)));
                if (!all) {
                    return node.mixed();
                }
                sizes.add(dims.get(i));
            } else if (isUnshared(node, from, 1) || isUnshared(node, size, 2)) {
                return node.mixed();
            } else if (from != null && size != null && from.is(0) && size.is(-1)) {
                sizes.add(dims.get(i));
            } else {
                boolean open = size == null || size.is(-1);
                sizes.add(open ? node.sharedSize("size" + i) : size);
            }
        }
        return node.input(0) instanceof Rows rows ? rows.with(sizes, rows.axis()) : Fixed.of(sizes);
    }

    private static boolean isUnshared(NodeContext node, @Nullable SymbolicInt element, int input) {
        return element == null ? !node.isShared(input) : !element.isShared();
    }

    private static BatchValue stridedSlice(NodeContext node) {
        BatchValue input = node.input(0);
        if (input instanceof RowPositions positions) {
            return column(node, positions);
        }
        if (input instanceof Splits splits) {
            return limits(node, splits);
        }
        List<SymbolicInt> dims = NodeContext.dims(input);
        List<SymbolicInt> vector = input instanceof Fixed fixed ? fixed.vector() : null;
        if (vector != null) {
            return sliceContent(node, vector);
        }
        if (dims == null || (!(input instanceof Rows) && !node.isShared(0))) {
            return node.isShared(0) && node.isShared(1) && node.isShared(2) && node.isShared(3)
                    ? Fixed.UNKNOWN
                    : node.mixed();
        }
        long[] strides = node.constants(3);
        return strides == null ? node.mixed() : new StridedSlicing(node, dims, strides).apply();
    }

    /**
     * {@code [:, 0]} are the row numbers of the elements, {@code [:, 1]} their positions in the
     * row.
     */
    private static BatchValue column(NodeContext node, RowPositions positions) {
        long[] begin = node.constants(1);
        boolean isColumn =
                (node.integer("begin_mask", 0) & 1) != 0
                        && (node.integer("end_mask", 0) & 1) != 0
                        && node.integer("shrink_axis_mask", 0) == 2
                        && node.integer("ellipsis_mask", 0) == 0
                        && node.integer("new_axis_mask", 0) == 0;
        long[] step = node.constants(3);
        if (!isColumn || begin == null || begin.length != 2 || step == null || step[0] != 1) {
            return node.mixed();
        }
        return switch (NodeContext.normalized(begin[1], 2)) {
            case 0 -> new RowIds(positions.group());
            case 1 -> Rows.plain(List.of(SymbolicInt.of(positions.group())), 0, positions.group());
            default -> node.mixed();
        };
    }

    /** {@code [1:]} are the ends of the rows, {@code [:-1]} their starts. */
    private static BatchValue limits(NodeContext node, Splits splits) {
        Long begin = node.constant(1);
        Long end = node.constant(2);
        Long step = node.constant(3);
        boolean plain =
                splits.part() == Splits.Part.ALL
                        && step != null
                        && step == 1
                        && node.integer("shrink_axis_mask", 0) == 0
                        && node.integer("ellipsis_mask", 0) == 0
                        && node.integer("new_axis_mask", 0) == 0;
        boolean fromStart = node.integer("begin_mask", 0) == 1 || (begin != null && begin == 0);
        boolean toEnd = node.integer("end_mask", 0) == 1;
        if (plain && !fromStart && begin != null && begin == 1 && toEnd) {
            return new Splits(splits.group(), Splits.Part.ENDS);
        }
        if (plain && fromStart && !toEnd && end != null && end == -1) {
            return new Splits(splits.group(), Splits.Part.STARTS);
        }
        return node.mixed();
    }

    private static BatchValue sliceContent(NodeContext node, List<SymbolicInt> vector) {
        int size = vector.size();
        Long begin = node.constant(1);
        Long end = node.constant(2);
        Long step = node.constant(3);
        boolean special =
                node.integer("ellipsis_mask", 0) != 0 || node.integer("new_axis_mask", 0) != 0;
        if (special || begin == null || end == null || step == null || step == 0) {
            return node.isShared(0) && node.isShared(1) && node.isShared(2) && node.isShared(3)
                    ? Fixed.UNKNOWN
                    : node.mixed();
        }
        if (node.integer("shrink_axis_mask", 0) == 1) {
            int at = NodeContext.normalized(begin, size);
            return at < 0 ? node.mixed() : Fixed.scalar(vector.get(at));
        }
        long from = limit(begin, size, step, node.integer("begin_mask", 0) == 1, true);
        long to = limit(end, size, step, node.integer("end_mask", 0) == 1, false);
        List<SymbolicInt> chosen = new ArrayList<>();
        for (long i = from; step > 0 ? i < to : i > to; i += step) {
            chosen.add(vector.get((int) i));
        }
        return Fixed.vector(chosen);
    }

    /** {@return the begin or end of a slice, with Python's rules for negative indices} */
    static long limit(long given, long size, long step, boolean open, boolean begin) {
        long lowest = step > 0 ? 0 : -1;
        long highest = step > 0 ? size : size - 1;
        if (open) {
            return begin == step > 0 ? lowest : highest;
        }
        long positive = given < 0 ? given + size : given;
        return Math.max(lowest, Math.min(highest, positive));
    }

    private static BatchValue gather(NodeContext node, @Nullable Long axisConstant) {
        BatchValue params = node.input(0);
        BatchValue indices = node.input(1);
        List<SymbolicInt> paramDims = NodeContext.dims(params);
        List<SymbolicInt> indexDims = NodeContext.dims(indices);
        int batchDims = (int) node.integer("batch_dims", 0);
        if (params instanceof Fixed fixed && fixed.content() != null) {
            return gatherContent(node, fixed, axisConstant);
        }
        if (paramDims == null || indexDims == null || axisConstant == null || batchDims < 0) {
            boolean axisShared = node.inputCount() < 3 || node.isShared(2);
            return node.isShared(0) && node.isShared(1) && axisShared
                    ? Fixed.UNKNOWN
                    : node.mixed();
        }
        int axis = NodeContext.normalized(axisConstant, paramDims.size());
        if (axis < 0 || indexDims.size() < batchDims) {
            return node.mixed();
        }
        List<SymbolicInt> sizes = new ArrayList<>(paramDims.subList(0, axis));
        sizes.addAll(indexDims.subList(batchDims, indexDims.size()));
        sizes.addAll(paramDims.subList(axis + 1, paramDims.size()));
        if (params instanceof Fixed) {
            if (!node.isShared(0)) {
                return node.mixed();
            }
            if (indices instanceof Rows rows) {
                return batchDims == 0 ? rows.with(sizes, axis + rows.axis()) : node.mixed();
            }
            return node.isShared(1) ? Fixed.of(sizes) : node.mixed();
        }
        if (!(params instanceof Rows rows)) {
            return node.mixed();
        }
        if (indices instanceof RowIds ids && axis == 0 && batchDims == 0) {
            return rows.isPlain() && rows.group().equals(Symbol.BATCH)
                    ? Rows.plain(sizes, 0, ids.group())
                    : node.mixed();
        }
        if (indices instanceof Rows chosen) {
            boolean inBatch =
                    rows.axis() < batchDims
                            && rows.axis() == chosen.axis()
                            && rows.hasLayoutOf(chosen);
            return inBatch ? rows.with(sizes, rows.axis()) : node.mixed();
        }
        if (!node.isShared(1) || batchDims != 0 || axis == rows.axis()) {
            return node.mixed();
        }
        int moved = axis < rows.axis() ? indexDims.size() - 1 : 0;
        return rows.with(sizes, rows.axis() + moved);
    }

    private static BatchValue gatherContent(NodeContext node, Fixed params, @Nullable Long axis) {
        long[] indices = node.constants(1);
        List<SymbolicInt> indexDims = NodeContext.dims(node.input(1));
        List<SymbolicInt> vector = axis != null && axis == 0 ? params.vector() : null;
        if (vector == null || indices == null || indexDims == null || indexDims.size() > 1) {
            if (!params.isShared()) {
                return node.mixed();
            }
            Fixed withoutContent = Fixed.of(params.dims());
            List<BatchValue> inputs = new ArrayList<>(node.inputs());
            inputs.set(0, withoutContent);
            return gather(new NodeContext(node.node(), inputs, node.path(), node.scope()), axis);
        }
        List<SymbolicInt> chosen = new ArrayList<>();
        for (long index : indices) {
            if (index < 0 || index >= vector.size()) {
                return node.mixed();
            }
            chosen.add(vector.get((int) index));
        }
        return indexDims.isEmpty() ? Fixed.scalar(chosen.get(0)) : Fixed.vector(chosen);
    }

    private static BatchValue gatherNd(NodeContext node) {
        List<SymbolicInt> paramDims = NodeContext.dims(node.input(0));
        List<SymbolicInt> indexDims = NodeContext.dims(node.input(1));
        if (!node.isShared(0) || paramDims == null || indexDims == null || indexDims.isEmpty()) {
            return node.isShared(0) && node.isShared(1) ? Fixed.UNKNOWN : node.mixed();
        }
        SymbolicInt depth = indexDims.get(indexDims.size() - 1);
        if (!depth.isConstant() || depth.factor() > paramDims.size()) {
            return node.mixed();
        }
        List<SymbolicInt> sizes = new ArrayList<>(indexDims.subList(0, indexDims.size() - 1));
        sizes.addAll(paramDims.subList((int) depth.factor(), paramDims.size()));
        if (node.input(1) instanceof Rows rows) {
            return rows.axis() < indexDims.size() - 1
                    ? rows.with(sizes, rows.axis())
                    : node.mixed();
        }
        return node.isShared(1) ? Fixed.of(sizes) : node.mixed();
    }
}
