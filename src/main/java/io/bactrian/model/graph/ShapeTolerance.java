package io.bactrian.model.graph;

import java.util.Set;
import org.tensorflow.proto.NodeDef;

/**
 * Says of operations whether they take tensors of any shape.
 *
 * <p>Others are written for certain ranks. Most refuse what does not fit, but not all: a
 * convolution that TensorFlow has fused ends the process when its input is a scalar. Only
 * operations that are known not to care are tolerant.
 */
final class ShapeTolerance {

    private static final Set<String> TOLERANT =
            Set.of(
                    // Values as they are.
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
                    // Each element by itself, broadcast against the other operand's.
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
                    // Serialized examples, whose features are declared in the operation.
                    "ParseExample",
                    "ParseExampleV2");

    private ShapeTolerance() {}

    static boolean isTolerant(NodeDef node) {
        return TOLERANT.contains(node.getOp());
    }
}
