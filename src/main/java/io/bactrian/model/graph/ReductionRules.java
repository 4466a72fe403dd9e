package io.bactrian.model.graph;

import io.bactrian.model.graph.BatchValue.Fixed;
import io.bactrian.model.graph.BatchValue.Rows;
import io.bactrian.model.graph.BatchValue.Splits;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Rules for operations along axes, which must not include the axis of the rows. */
final class ReductionRules {

    private static final String[] REDUCTIONS = {
        "All", "Any", "EuclideanNorm", "Max", "Mean", "Min", "Prod", "ReduceJoin", "Sum"
    };

    /** Operations on the last axes that keep the shape, by the number of those axes. */
    private static final Map<String, Integer> LAST_AXES =
            Map.ofEntries(
                    Map.entry("Softmax", 1),
                    Map.entry("LogSoftmax", 1),
                    Map.entry("LRN", 1),
                    Map.entry("RGBToHSV", 1),
                    Map.entry("HSVToRGB", 1),
                    Map.entry("FFT", 1),
                    Map.entry("IFFT", 1),
                    Map.entry("MatrixBandPart", 2),
                    Map.entry("MatrixInverse", 2),
                    Map.entry("Cholesky", 2),
                    Map.entry("AdjustContrastv2", 3),
                    Map.entry("AdjustHue", 3),
                    Map.entry("AdjustSaturation", 3));

    private static final Set<String> SCANS = Set.of("Cumsum", "Cumprod", "CumulativeLogsumexp");

    private ReductionRules() {}

    static void addTo(Map<String, BatchRule> rules) {
        for (String operation : REDUCTIONS) {
            rules.put(operation, BatchRule.of(ReductionRules::reduce));
        }
        LAST_AXES.forEach(
                (operation, axes) ->
                        rules.put(operation, BatchRule.of(node -> onLastAxes(node, axes))));
        for (String operation : SCANS) {
            rules.put(operation, BatchRule.of(ReductionRules::scan));
        }
        rules.put("ArgMax", BatchRule.of(ReductionRules::argMax));
        rules.put("ArgMin", BatchRule.of(ReductionRules::argMax));
        rules.put("TopKV2", BatchRule.ofAll(ReductionRules::topK));
    }

    private static BatchValue reduce(NodeContext node) {
        BatchValue input = node.input(0);
        boolean keep = node.flag("keep_dims");
        long[] axes = node.constants(1);
        List<SymbolicInt> dims = NodeContext.dims(input);
        if (input instanceof Fixed fixed) {
            return reduce(node, fixed, axes, keep);
        }
        Set<Integer> reduced = dims == null ? null : normalized(axes, dims.size());
        if (dims == null || reduced == null) {
            return node.mixed();
        }
        if (!(input instanceof Rows rows) || reduced.contains(rows.axis())) {
            return node.mixed().asScalar(!keep && reduced.size() == dims.size());
        }
        int axis = rows.axis();
        if (!keep) {
            axis -= (int) reduced.stream().filter(each -> each < rows.axis()).count();
        }
        return rows.with(without(dims, reduced, keep), axis);
    }

    private static BatchValue reduce(
            NodeContext node, Fixed fixed, long @Nullable [] axes, boolean keep) {
        boolean product = node.operation().equals("Prod");
        List<SymbolicInt> vector = fixed.vector();
        if (product && vector != null && !keep && Set.of(0).equals(normalized(axes, 1))) {
            return Fixed.scalar(SymbolicInt.product(vector));
        }
        if (!fixed.isShared() || !node.isShared(1)) {
            return node.mixed();
        }
        List<SymbolicInt> dims = fixed.dims();
        Set<Integer> reduced = dims == null ? null : normalized(axes, dims.size());
        return dims == null || reduced == null
                ? Fixed.UNKNOWN
                : Fixed.of(without(dims, reduced, keep));
    }

    /** {@return the axes counted from the front; null if they are not known} */
    private static @Nullable Set<Integer> normalized(long @Nullable [] axes, int rank) {
        if (axes == null) {
            return null;
        }
        Set<Integer> set = new TreeSet<>();
        for (long axis : axes) {
            int positive = NodeContext.normalized(axis, rank);
            if (positive < 0) {
                return null;
            }
            set.add(positive);
        }
        return set;
    }

    private static List<SymbolicInt> without(
            List<SymbolicInt> dims, Set<Integer> reduced, boolean keep) {
        List<SymbolicInt> left = new ArrayList<>();
        for (int i = 0; i < dims.size(); i++) {
            if (!reduced.contains(i)) {
                left.add(dims.get(i));
            } else if (keep) {
                left.add(SymbolicInt.ONE);
            }
        }
        return left;
    }

    private static BatchValue onLastAxes(NodeContext node, int axes) {
        for (int i = 1; i < node.inputCount(); i++) {
            if (!node.isShared(i)) {
                return node.mixed();
            }
        }
        if (node.input(0) instanceof Rows rows) {
            return rows.axis() < rows.rank() - axes
                    ? rows.with(rows.dims(), rows.axis())
                    : node.mixed();
        }
        return node.isShared(0) ? Fixed.of(NodeContext.dims(node.input(0))) : node.mixed();
    }

    /** The cumulative sum of a ragged tensor's row lengths gives the ends of its rows. */
    private static BatchValue scan(NodeContext node) {
        if (!(node.input(0) instanceof Rows rows)) {
            return node.isShared(0) && node.isShared(1)
                    ? Fixed.of(NodeContext.dims(node.input(0)))
                    : node.mixed();
        }
        int axis = node.axis(1, rows.rank());
        if (axis >= 0 && axis != rows.axis()) {
            return rows.with(rows.dims(), rows.axis());
        }
        boolean plainSum =
                node.operation().equals("Cumsum")
                        && !node.flag("exclusive")
                        && !node.flag("reverse");
        return axis == 0 && plainSum && rows.lengthsOf() != null
                ? new Splits(rows.lengthsOf(), Splits.Part.ENDS)
                : node.mixed();
    }

    private static BatchValue argMax(NodeContext node) {
        if (node.input(0) instanceof Fixed fixed) {
            return reduce(node, fixed, node.constants(1), false);
        }
        if (!(node.input(0) instanceof Rows rows)) {
            return node.mixed();
        }
        int axis = node.axis(1, rows.rank());
        if (axis < 0 || axis == rows.axis()) {
            return node.mixed();
        }
        return rows.with(
                without(rows.dims(), Set.of(axis), false),
                axis < rows.axis() ? rows.axis() - 1 : rows.axis());
    }

    private static List<BatchValue> topK(NodeContext node) {
        Long k = node.constant(1);
        if (!node.isShared(1)) {
            return List.of(node.mixed());
        }
        SymbolicInt size = k == null ? node.sharedSize("k") : SymbolicInt.of(k);
        BatchValue result;
        if (node.input(0) instanceof Rows rows && rows.axis() < rows.rank() - 1) {
            result = rows.withTrailing(rows.rank() - 1, List.of(size));
        } else if (node.isShared(0) && NodeContext.dims(node.input(0)) != null) {
            List<SymbolicInt> dims = new ArrayList<>(NodeContext.dims(node.input(0)));
            dims.set(dims.size() - 1, size);
            result = Fixed.of(dims);
        } else {
            result = node.mixed();
        }
        return List.of(result, result);
    }
}
