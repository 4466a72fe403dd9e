package io.bactrian.model.graph;

import java.util.Set;
import org.tensorflow.proto.NodeDef;

/**
 * The operations that accept tensors of any shape.
 *
 * <p>Other operations require certain ranks. Most of them reject other tensors, but not all: a
 * fused convolution terminates the process if its input is a scalar. Operations are tolerant only
 * if they are known to be.
 */
final class ShapeTolerance {

    private static final Set<String> TOLERANT =
            Set.of(
                    // Pass values through.
                    "Const",
                    "Identity",
                    "IdentityN",
                    "NoOp",
                    "PartitionedCall",
                    "Placeholder",
                    "PlaceholderWithDefault",
                    "ReadVariableOp",
                    "StatefulPartitionedCall",
                    "StopGradient",
                    "VarHandleOp",
                    "Variable",
                    "VariableV2",
                    // Elementwise, with broadcasting.
                    "Abs",
                    "Add",
                    "AddV2",
                    "AsString",
                    "Cast",
                    "Ceil",
                    "DecodeBase64",
                    "Div",
                    "DivNoNan",
                    "EncodeBase64",
                    "Equal",
                    "Exp",
                    "Floor",
                    "FloorDiv",
                    "Greater",
                    "GreaterEqual",
                    "Less",
                    "LessEqual",
                    "Log",
                    "LogicalAnd",
                    "LogicalNot",
                    "LogicalOr",
                    "Maximum",
                    "Minimum",
                    "Mul",
                    "Neg",
                    "NotEqual",
                    "Pow",
                    "RealDiv",
                    "Relu",
                    "Round",
                    "Rsqrt",
                    "Sigmoid",
                    "Sign",
                    "Sqrt",
                    "Square",
                    "SquaredDifference",
                    "StringLength",
                    "StringLower",
                    "StringStrip",
                    "StringUpper",
                    "Sub",
                    "Tanh",
                    // Parse serialized examples, whose features the operation declares.
                    "ParseExample",
                    "ParseExampleV2");

    private ShapeTolerance() {}

    static boolean isTolerant(NodeDef node) {
        return TOLERANT.contains(node.getOp());
    }
}
