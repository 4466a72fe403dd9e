package io.bactrian.model.graph;

import java.util.Collection;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.TensorShapeProto;

/** Sizes of variables in bytes, computed from the dtype and shape that their nodes declare. */
public final class VariableSize {

    private VariableSize() {}

    /**
     * {@return the total size in bytes of the variables whose shape is fully defined}
     *
     * @param handles the variables' nodes
     */
    public static long of(Collection<NodeDef> handles) {
        return handles.stream().mapToLong(VariableSize::of).sum();
    }

    /**
     * {@return the variable's size in bytes; 0 if its shape is not fully defined}
     *
     * @param handle the variable's node
     */
    public static long of(NodeDef handle) {
        TensorShapeProto shape = attribute(handle, "shape").getShape();
        if (shape.getUnknownRank()) {
            return 0;
        }
        long bytes = TypeSizes.of(attribute(handle, "dtype").getType());
        for (TensorShapeProto.Dim dimension : shape.getDimList()) {
            bytes *= Math.max(0, dimension.getSize());
        }
        return bytes;
    }

    private static AttrValue attribute(NodeDef node, String name) {
        return node.getAttrOrDefault(name, AttrValue.getDefaultInstance());
    }
}
