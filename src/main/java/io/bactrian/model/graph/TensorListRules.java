package io.bactrian.model.graph;

import io.bactrian.model.graph.BatchValue.Fixed;
import io.bactrian.model.graph.BatchValue.Mixed;
import io.bactrian.model.graph.BatchValue.Rows;
import io.bactrian.model.graph.BatchValue.TensorList;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Rules for lists of tensors, as in loops over time steps. An element contains all rows. */
final class TensorListRules {

    private TensorListRules() {}

    static void addTo(Map<String, BatchRule> rules) {
        rules.put("TensorListReserve", BatchRule.of(TensorListRules::empty));
        rules.put("EmptyTensorList", BatchRule.of(TensorListRules::empty));
        rules.put("TensorListFromTensor", BatchRule.of(TensorListRules::fromTensor));
        rules.put("TensorListSetItem", BatchRule.of(node -> add(node, 2, node.isShared(1))));
        rules.put("TensorListPushBack", BatchRule.of(node -> add(node, 1, true)));
        rules.put("TensorListGetItem", BatchRule.of(TensorListRules::get));
        rules.put("TensorListPopBack", BatchRule.ofAll(TensorListRules::pop));
        rules.put("TensorListStack", BatchRule.of(TensorListRules::stack));
        rules.put("TensorListLength", BatchRule.of(TensorListRules::length));
        rules.put("TensorListResize", BatchRule.of(TensorListRules::resize));
    }

    private static BatchValue empty(NodeContext node) {
        return node.isShared(1) ? new TensorList(null) : node.mixed();
    }

    /**
     * Splits along the first axis. If that is the axis of the rows, each element would be a row.
     */
    private static BatchValue fromTensor(NodeContext node) {
        List<SymbolicInt> dims = NodeContext.dims(node.input(0));
        if (dims == null || dims.isEmpty()) {
            return node.mixed();
        }
        List<SymbolicInt> sizes = dims.subList(1, dims.size());
        if (node.input(0) instanceof Rows rows) {
            return rows.axis() == 0
                    ? node.mixed()
                    : new TensorList(rows.with(sizes, rows.axis() - 1));
        }
        return node.isShared(0) ? new TensorList(Fixed.of(List.copyOf(sizes))) : node.mixed();
    }

    private static BatchValue add(NodeContext node, int item, boolean sharedPlace) {
        if (!(node.input(0) instanceof TensorList list) || !sharedPlace) {
            return node.mixed();
        }
        BatchValue element = node.input(item);
        if (list.element() != null) {
            element = Joins.join(list.element(), element, node);
        } else if (element instanceof Fixed fixed) {
            element = fixed.isShared() ? Fixed.of(fixed.dims()) : node.mixed();
        }
        return element instanceof Mixed ? element : new TensorList(element);
    }

    private static BatchValue get(NodeContext node) {
        return node.isShared(1)
                        && node.input(0) instanceof TensorList list
                        && list.element() != null
                ? list.element()
                : node.mixed();
    }

    private static List<BatchValue> pop(NodeContext node) {
        return node.input(0) instanceof TensorList list && list.element() != null
                ? List.of(list, list.element())
                : List.of(node.mixed());
    }

    private static BatchValue stack(NodeContext node) {
        BatchValue element =
                node.input(0) instanceof TensorList list && list.element() != null
                        ? list.element()
                        : node.mixed();
        List<SymbolicInt> dims = NodeContext.dims(element);
        if (dims == null) {
            return element instanceof Fixed ? Fixed.UNKNOWN : node.mixed();
        }
        long count = node.integer("num_elements", -1);
        List<SymbolicInt> sizes = new ArrayList<>(dims);
        sizes.add(0, count >= 0 ? SymbolicInt.of(count) : node.sharedSize("length"));
        if (element instanceof Rows rows) {
            return rows.with(sizes, rows.axis() + 1);
        }
        return element instanceof Fixed ? Fixed.of(sizes) : node.mixed();
    }

    private static BatchValue length(NodeContext node) {
        return node.input(0) instanceof TensorList ? Fixed.SCALAR : node.mixed();
    }

    private static BatchValue resize(NodeContext node) {
        return node.input(0) instanceof TensorList && node.isShared(1)
                ? node.input(0)
                : node.mixed();
    }
}
