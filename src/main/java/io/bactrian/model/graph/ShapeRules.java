package io.bactrian.model.graph;

import io.bactrian.model.graph.BatchValue.Fixed;
import io.bactrian.model.graph.BatchValue.RowIds;
import io.bactrian.model.graph.BatchValue.Rows;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.TensorProto;
import org.tensorflow.proto.TensorShapeProto;

/** Rules for constants and variables, for shapes, and for tensors created from a shape. */
final class ShapeRules {

    /** Larger constants are weights, not shapes. */
    private static final int MAX_CONTENT = 256;

    private ShapeRules() {}

    static void addTo(Map<String, BatchRule> rules) {
        rules.put("Const", BatchRule.of(ShapeRules::constant));
        rules.put("VarHandleOp", BatchRule.of(ShapeRules::variable));
        rules.put("VariableV2", BatchRule.of(ShapeRules::variable));
        rules.put("Variable", BatchRule.of(ShapeRules::variable));
        rules.put("ReadVariableOp", BatchRule.of(ShapeRules::read));
        for (String table : List.of("HashTable", "HashTableV2", "MutableHashTableV2")) {
            rules.put(table, BatchRule.of(node -> Fixed.SCALAR));
        }
        rules.put("LookupTableSizeV2", BatchRule.of(ShapeRules::scalar));
        rules.put("VariableShape", BatchRule.of(ShapeRules::shape));
        rules.put("Shape", BatchRule.of(ShapeRules::shape));
        rules.put("ShapeN", ShapeRules::shapes);
        rules.put("Size", BatchRule.of(ShapeRules::size));
        rules.put("Rank", BatchRule.of(ShapeRules::rank));
        rules.put("Fill", BatchRule.of(ShapeRules::fill));
        rules.put("BroadcastTo", BatchRule.of(ShapeRules::broadcastTo));
        rules.put("BroadcastArgs", BatchRule.of(ShapeRules::broadcastArgs));
        rules.put("Tile", BatchRule.of(ShapeRules::tile));
        rules.put("Range", BatchRule.of(ShapeRules::range));
        rules.put("LinSpace", BatchRule.of(ShapeRules::sharedVector));
    }

    private static BatchValue constant(NodeContext node) {
        TensorProto value =
                node.node().getAttrOrDefault("value", AttrValue.getDefaultInstance()).getTensor();
        List<SymbolicInt> dims = new ArrayList<>();
        long count = 1;
        for (TensorShapeProto.Dim dim : value.getTensorShape().getDimList()) {
            dims.add(SymbolicInt.of(dim.getSize()));
            count *= dim.getSize();
        }
        if (count > MAX_CONTENT) {
            return Fixed.of(dims);
        }
        long[] integers = ConstantIntegers.of(value, (int) count);
        if (integers == null) {
            return Fixed.of(dims);
        }
        List<SymbolicInt> content = new ArrayList<>();
        for (long integer : integers) {
            content.add(SymbolicInt.of(integer));
        }
        return new Fixed(dims, content);
    }

    private static BatchValue variable(NodeContext node) {
        AttrValue shape = node.node().getAttrMap().get("shape");
        return shape == null ? Fixed.UNKNOWN : new Fixed(node.shape(shape.getShape(), "dim"), null);
    }

    private static BatchValue read(NodeContext node) {
        return node.isShared(0) ? Fixed.of(NodeContext.dims(node.input(0))) : node.mixed();
    }

    private static BatchValue scalar(NodeContext node) {
        return node.isShared(0) ? Fixed.SCALAR : node.mixed();
    }

    private static BatchValue shape(NodeContext node) {
        List<SymbolicInt> dims = NodeContext.dims(node.input(0));
        if (dims != null) {
            return Fixed.vector(dims);
        }
        return node.isShared(0) ? Fixed.UNKNOWN : node.mixed();
    }

    private static List<BatchValue> shapes(NodeContext node) {
        List<BatchValue> shapes = new ArrayList<>();
        for (BatchValue input : node.inputs()) {
            List<SymbolicInt> dims = NodeContext.dims(input);
            shapes.add(dims == null ? node.mixed() : Fixed.vector(dims));
        }
        return shapes;
    }

    private static BatchValue size(NodeContext node) {
        List<SymbolicInt> dims = NodeContext.dims(node.input(0));
        if (dims != null) {
            return Fixed.scalar(SymbolicInt.product(dims));
        }
        return node.isShared(0) ? Fixed.SCALAR : node.mixed();
    }

    private static BatchValue rank(NodeContext node) {
        List<SymbolicInt> dims = NodeContext.dims(node.input(0));
        if (dims != null) {
            return Fixed.scalar(SymbolicInt.of(dims.size()));
        }
        return node.isShared(0) ? Fixed.SCALAR : node.mixed();
    }

    private static BatchValue fill(NodeContext node) {
        return node.isShared(1) ? filled(node, node.input(0)) : node.mixed();
    }

    /** A tensor created from a shape, with elements that do not depend on their row. */
    private static BatchValue filled(NodeContext node, BatchValue shape) {
        if (!(shape instanceof Fixed fixed)) {
            return node.mixed();
        }
        List<SymbolicInt> dims = fixed.content();
        if (dims == null) {
            return Fixed.UNKNOWN;
        }
        int axis = -1;
        Symbol group = null;
        for (int i = 0; i < dims.size(); i++) {
            if (dims.get(i).isShared()) {
                continue;
            }
            Symbol rows = onlyRows(dims.get(i));
            if (axis >= 0 || rows == null) {
                return node.mixed();
            }
            axis = i;
            group = rows;
        }
        if (group == null) {
            return Fixed.of(dims);
        }
        SymbolicInt inner = perRow(dims.get(axis), group);
        return new Rows(dims, axis, group, SymbolicInt.ONE, inner, null);
    }

    /** {@return the group of rows of which a size is a multiple, or null if there is none} */
    @SuppressWarnings("ReferenceEquality") // A symbol is itself only.
    static @Nullable Symbol onlyRows(SymbolicInt size) {
        Symbol found = null;
        for (Symbol symbol : size.symbols()) {
            boolean rows = symbol.kind() == Symbol.Kind.ROWS && symbol != Symbol.BATCH_PLUS_ONE;
            if (rows && found == null) {
                found = symbol;
            } else if (symbol.kind() != Symbol.Kind.SHARED) {
                return null;
            }
        }
        return found;
    }

    /** {@return how many elements each row has along an axis, by the size and its only group} */
    private static SymbolicInt perRow(SymbolicInt size, Symbol group) {
        return Objects.requireNonNull(
                size.dividedBy(SymbolicInt.of(group)), "multiple of the group");
    }

    private static BatchValue broadcastTo(NodeContext node) {
        List<SymbolicInt> target = node.content(1);
        List<SymbolicInt> dims = NodeContext.dims(node.input(0));
        if (target == null || dims == null) {
            return node.isShared(0) && node.isShared(1) ? Fixed.UNKNOWN : node.mixed();
        }
        int added = target.size() - dims.size();
        if (added < 0) {
            return node.mixed();
        }
        if (node.input(0) instanceof Rows rows) {
            int axis = rows.axis() + added;
            boolean keepsRows = target.get(axis).equals(dims.get(rows.axis()));
            for (int i = 0; i < target.size(); i++) {
                keepsRows &= i == axis || target.get(i).isShared();
            }
            return keepsRows ? rows.with(target, axis) : node.mixed();
        }
        BatchValue result = node.isShared(0) ? filled(node, node.input(1)) : node.mixed();
        return result instanceof Rows rows
                        && rows.axis() >= added
                        && !dims.get(rows.axis() - added).is(1)
                ? node.mixed()
                : result;
    }

    private static BatchValue broadcastArgs(NodeContext node) {
        List<SymbolicInt> a = node.content(0);
        List<SymbolicInt> b = node.content(1);
        if (a == null || b == null) {
            return node.isShared(0) && node.isShared(1) ? Fixed.UNKNOWN : node.mixed();
        }
        List<SymbolicInt> result = new ArrayList<>();
        for (int position = Math.max(a.size(), b.size()); position > 0; position--) {
            SymbolicInt first = position > a.size() ? SymbolicInt.ONE : a.get(a.size() - position);
            SymbolicInt second = position > b.size() ? SymbolicInt.ONE : b.get(b.size() - position);
            if (first.is(1) || first.equals(second)) {
                result.add(second);
            } else if (second.is(1)) {
                result.add(first);
            } else if (first.isShared() && second.isShared()) {
                result.add(node.sharedSize("size" + position));
            } else {
                return node.mixed();
            }
        }
        return Fixed.vector(result);
    }

    private static BatchValue tile(NodeContext node) {
        List<SymbolicInt> dims = NodeContext.dims(node.input(0));
        List<SymbolicInt> multiples = node.content(1);
        if (dims == null || multiples == null || multiples.size() != dims.size()) {
            return node.isShared(0) && node.isShared(1)
                    ? new Fixed(unknownSizes(node, dims), null)
                    : node.mixed();
        }
        List<SymbolicInt> sizes = new ArrayList<>();
        int repeatedByRows = -1;
        for (int i = 0; i < dims.size(); i++) {
            sizes.add(dims.get(i).times(multiples.get(i)));
            if (!multiples.get(i).isShared()) {
                if (repeatedByRows >= 0) {
                    return node.mixed();
                }
                repeatedByRows = i;
            }
        }
        if (node.input(0) instanceof Rows rows) {
            if (repeatedByRows >= 0) {
                return node.mixed();
            }
            SymbolicInt outer = rows.outer().times(multiples.get(rows.axis()));
            return new Rows(sizes, rows.axis(), rows.group(), outer, rows.inner(), null);
        }
        if (!node.isShared(0)) {
            return node.mixed();
        }
        if (repeatedByRows < 0) {
            return Fixed.of(sizes);
        }
        Symbol group = onlyRows(sizes.get(repeatedByRows));
        if (group == null) {
            return node.mixed();
        }
        SymbolicInt inner = perRow(sizes.get(repeatedByRows), group);
        return new Rows(sizes, repeatedByRows, group, SymbolicInt.ONE, inner, null);
    }

    private static @Nullable List<SymbolicInt> unknownSizes(
            NodeContext node, @Nullable List<SymbolicInt> dims) {
        if (dims == null) {
            return null;
        }
        List<SymbolicInt> sizes = new ArrayList<>();
        for (int i = 0; i < dims.size(); i++) {
            sizes.add(node.sharedSize("size" + i));
        }
        return sizes;
    }

    private static BatchValue range(NodeContext node) {
        List<SymbolicInt> limit = node.content(1);
        Long start = node.constant(0);
        Long step = node.constant(2);
        boolean fromZero = start != null && start == 0 && step != null && step == 1;
        if (fromZero && limit != null && limit.get(0).equals(SymbolicInt.BATCH)) {
            return new RowIds(Symbol.BATCH);
        }
        if (fromZero && limit != null && limit.get(0).isShared()) {
            return sequence(limit.get(0));
        }
        return sharedVector(node);
    }

    private static BatchValue sequence(SymbolicInt size) {
        if (!size.isConstant() || size.factor() < 0 || size.factor() > MAX_CONTENT) {
            return Fixed.of(List.of(size));
        }
        List<SymbolicInt> numbers = new ArrayList<>();
        for (long i = 0; i < size.factor(); i++) {
            numbers.add(SymbolicInt.of(i));
        }
        return Fixed.vector(numbers);
    }

    private static BatchValue sharedVector(NodeContext node) {
        return node.isShared(0) && node.isShared(1) && node.isShared(2)
                ? Fixed.of(List.of(node.sharedSize("size")))
                : node.mixed();
    }
}
