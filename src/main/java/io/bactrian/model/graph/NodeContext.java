package io.bactrian.model.graph;

import io.bactrian.model.graph.BatchValue.Fixed;
import io.bactrian.model.graph.BatchValue.Mixed;
import io.bactrian.model.graph.BatchValue.Rows;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.TensorShapeProto;

/**
 * An evaluation of a node: its attributes and the values of its inputs.
 *
 * @param node the node
 * @param inputs the values of its data inputs, in order
 * @param path the chain of calls, which identifies the evaluation together with the node's name
 * @param scope the loop bodies around it
 */
record NodeContext(NodeDef node, List<BatchValue> inputs, String path, String scope) {

    String operation() {
        return node.getOp();
    }

    int inputCount() {
        return inputs.size();
    }

    BatchValue input(int index) {
        return index < inputs.size() ? inputs.get(index) : mixed();
    }

    List<BatchValue> inputs(int from, int to) {
        return inputs.subList(from, to);
    }

    /** {@return a value of which nothing is known because of this node} */
    Mixed mixed() {
        return new Mixed(node.getOp(), node.getName(), false);
    }

    /** {@return the first input of which nothing is known, or null} */
    @Nullable Mixed mixedInput() {
        for (BatchValue input : inputs) {
            if (input instanceof Mixed mixed) {
                return mixed;
            }
        }
        return null;
    }

    /** {@return an unknown size that is the same for a request alone and in a batch} */
    SymbolicInt sharedSize(String what) {
        return SymbolicInt.of(Symbol.shared(path + node.getName() + '/' + what, scope));
    }

    /** {@return a new group of elements} */
    Symbol group(String what) {
        return new Symbol(path + node.getName() + '/' + what, Symbol.Kind.ROWS, scope);
    }

    /** {@return a size that depends on the content of the rows} */
    SymbolicInt dataSize(String what) {
        return SymbolicInt.of(
                new Symbol(path + node.getName() + '/' + what, Symbol.Kind.DATA, scope));
    }

    // Values of inputs.

    /** {@return the elements of an input, or null if they are not known} */
    @Nullable List<SymbolicInt> content(int index) {
        return input(index) instanceof Fixed fixed ? fixed.content() : null;
    }

    /** {@return the elements of an input if they are known constants, else null} */
    long @Nullable [] constants(int index) {
        List<SymbolicInt> content = content(index);
        if (content == null || !content.stream().allMatch(SymbolicInt::isConstant)) {
            return null;
        }
        return content.stream().mapToLong(SymbolicInt::factor).toArray();
    }

    /** {@return an input's only element if it is a known constant, else null} */
    @Nullable Long constant(int index) {
        long[] constants = constants(index);
        return constants == null || constants.length != 1 ? null : constants[0];
    }

    boolean isShared(int index) {
        return input(index) instanceof Fixed fixed && fixed.isShared();
    }

    /** {@return the axis that an input names of a tensor of {@code rank} axes; -1 if not known} */
    int axis(int index, int rank) {
        Long axis = constant(index);
        return axis == null ? -1 : normalized(axis, rank);
    }

    /** {@return an axis counted from the front; -1 if the tensor has no such axis} */
    static int normalized(long axis, int rank) {
        long positive = axis < 0 ? axis + rank : axis;
        return positive >= 0 && positive < rank ? (int) positive : -1;
    }

    /** {@return an input's sizes, or null if its rank is not known} */
    static @Nullable List<SymbolicInt> dims(BatchValue value) {
        if (value instanceof Fixed fixed) {
            return fixed.dims();
        }
        if (value instanceof Rows rows) {
            return rows.dims();
        }
        if (value instanceof BatchValue.RowIds ids) {
            return List.of(SymbolicInt.of(ids.group()));
        }
        if (value instanceof BatchValue.RowPositions positions) {
            return List.of(SymbolicInt.of(positions.group()), SymbolicInt.of(2));
        }
        if (value instanceof BatchValue.Splits splits) {
            return List.of(
                    splits.part() == BatchValue.Splits.Part.ALL
                            ? SymbolicInt.of(Symbol.BATCH_PLUS_ONE)
                            : SymbolicInt.BATCH);
        }
        if (value instanceof BatchValue.AtLeast) {
            return List.of();
        }
        return null;
    }

    // Attributes.

    private @Nullable AttrValue attribute(String name) {
        return node.getAttrMap().get(name);
    }

    long integer(String name, long otherwise) {
        AttrValue value = attribute(name);
        return value == null ? otherwise : value.getI();
    }

    boolean flag(String name) {
        AttrValue value = attribute(name);
        return value != null && value.getB();
    }

    String text(String name, String otherwise) {
        AttrValue value = attribute(name);
        return value == null ? otherwise : value.getS().toStringUtf8();
    }

    List<String> texts(String name) {
        AttrValue value = attribute(name);
        List<String> texts = new ArrayList<>();
        if (value != null) {
            value.getList().getSList().forEach(each -> texts.add(each.toStringUtf8()));
        }
        return texts;
    }

    List<Long> integers(String name) {
        AttrValue value = attribute(name);
        return value == null ? List.of() : value.getList().getIList();
    }

    DataType type(String name) {
        AttrValue value = attribute(name);
        return value == null ? DataType.DT_INVALID : value.getType();
    }

    /**
     * {@return the sizes in an attribute, with symbols for unknown ones; null if the rank is
     * unknown}
     */
    @Nullable List<SymbolicInt> shape(TensorShapeProto shape, String what) {
        if (shape.getUnknownRank()) {
            return null;
        }
        List<SymbolicInt> dims = new ArrayList<>();
        for (TensorShapeProto.Dim dim : shape.getDimList()) {
            dims.add(
                    dim.getSize() >= 0
                            ? SymbolicInt.of(dim.getSize())
                            : sharedSize(what + dims.size()));
        }
        return dims;
    }
}
