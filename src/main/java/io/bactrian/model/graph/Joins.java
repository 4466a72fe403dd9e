package io.bactrian.model.graph;

import io.bactrian.model.graph.BatchValue.Fixed;
import io.bactrian.model.graph.BatchValue.Mixed;
import io.bactrian.model.graph.BatchValue.RowIds;
import io.bactrian.model.graph.BatchValue.RowPositions;
import io.bactrian.model.graph.BatchValue.Rows;
import io.bactrian.model.graph.BatchValue.Splits;
import io.bactrian.model.graph.BatchValue.TensorList;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/** The join of two abstract values, as at the end of a branch or of a loop iteration. */
final class Joins {

    private Joins() {}

    /** {@return the value that covers both tensors, of which a node returns one} */
    static BatchValue join(BatchValue a, BatchValue b, NodeContext node) {
        return join(a, b, i -> node.sharedSize("joined" + i), "\0", node.mixed());
    }

    /**
     * Joins the values of a loop variable before and after an iteration.
     *
     * @param variable its number
     * @param loop the loop body's scope, in which sizes may differ from one iteration to the next
     * @param node the loop
     */
    static BatchValue joinIterations(
            BatchValue before, BatchValue after, int variable, String loop, NodeContext node) {
        return join(
                before,
                after,
                i -> SymbolicInt.of(Symbol.shared(loop + "variable" + variable + '/' + i, loop)),
                loop,
                node.mixed());
    }

    /**
     * @param size a new size for a dimension that differs
     * @param loop a scope whose sizes differ even if they have the same name
     */
    private static BatchValue join(
            BatchValue a, BatchValue b, IntFunction<SymbolicInt> size, String loop, Mixed mixed) {
        if (a instanceof Mixed || b instanceof Mixed) {
            return a instanceof Mixed ? a : b;
        }
        if (a instanceof TensorList first && b instanceof TensorList second) {
            if (first.element() == null || second.element() == null) {
                return first.element() == null ? second : first;
            }
            BatchValue element = join(first.element(), second.element(), size, loop, mixed);
            return element instanceof Mixed ? element : new TensorList(element);
        }
        if (a instanceof Fixed first && b instanceof Fixed second) {
            return joinFixed(first, second, size, loop, mixed);
        }
        if (a instanceof Rows first && b instanceof Rows second) {
            boolean sameLayout =
                    first.rank() == second.rank()
                            && first.axis() == second.axis()
                            && first.hasLayoutOf(second)
                            && !second.outer().isIn(loop)
                            && !second.inner().isIn(loop)
                            && !second.group().isIn(loop);
            if (!sameLayout) {
                return mixed;
            }
            List<SymbolicInt> dims = new ArrayList<>();
            for (int i = 0; i < first.rank(); i++) {
                dims.add(
                        i == first.axis()
                                ? first.dims().get(i)
                                : joinSizes(first.dims(), second.dims(), i, size, loop));
            }
            return first.with(dims, first.axis());
        }
        boolean sameRagged =
                a.equals(b)
                        && ((a instanceof RowIds ids && !ids.group().isIn(loop))
                                || (a instanceof RowPositions positions
                                        && !positions.group().isIn(loop))
                                || (a instanceof Splits splits && !splits.group().isIn(loop)));
        return sameRagged ? a : mixed;
    }

    private static BatchValue joinFixed(
            Fixed a, Fixed b, IntFunction<SymbolicInt> size, String loop, Mixed mixed) {
        boolean sameContent =
                a.content() != null
                        && a.content().equals(b.content())
                        && a.content().stream().noneMatch(element -> element.isIn(loop));
        if (!sameContent && !(a.isShared() && b.isShared())) {
            return mixed;
        }
        if (a.dims() == null || b.dims() == null || a.dims().size() != b.dims().size()) {
            return sameContent ? mixed : Fixed.UNKNOWN;
        }
        List<SymbolicInt> dims = new ArrayList<>();
        for (int i = 0; i < a.dims().size(); i++) {
            dims.add(joinSizes(a.dims(), b.dims(), i, size, loop));
        }
        return new Fixed(dims, sameContent ? a.content() : null);
    }

    private static SymbolicInt joinSizes(
            List<SymbolicInt> a,
            List<SymbolicInt> b,
            int axis,
            IntFunction<SymbolicInt> size,
            String loop) {
        SymbolicInt own = size.apply(axis);
        SymbolicInt before = a.get(axis);
        SymbolicInt after = b.get(axis);
        boolean unchanged = before.equals(after) && (!after.isIn(loop) || after.equals(own));
        return unchanged ? before : own;
    }
}
