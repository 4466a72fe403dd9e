package io.bactrian.model.graph;

import io.bactrian.model.graph.BatchValue.AtLeast;
import io.bactrian.model.graph.BatchValue.Fixed;
import io.bactrian.model.graph.BatchValue.Mixed;
import io.bactrian.model.graph.BatchValue.RowIds;
import io.bactrian.model.graph.BatchValue.RowPositions;
import io.bactrian.model.graph.BatchValue.Rows;
import io.bactrian.model.graph.BatchValue.Splits;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tensorflow.proto.DataType;

/** Rules for operations on each element, whose operands are broadcast against each other. */
final class ElementwiseRules {

    private static final String[] UNARY = {
        "Abs",
        "Acos",
        "Acosh",
        "Asin",
        "Asinh",
        "Atan",
        "Atanh",
        "BesselI0e",
        "BesselI1e",
        "Bucketize",
        "Ceil",
        "CheckNumerics",
        "ComplexAbs",
        "Conj",
        "Cos",
        "Cosh",
        "DecodeBase64",
        "Digamma",
        "Elu",
        "EncodeBase64",
        "Erf",
        "Erfc",
        "Erfinv",
        "Exp",
        "Expm1",
        "FakeQuantWithMinMaxArgs",
        "Floor",
        "Imag",
        "Inv",
        "Invert",
        "IsFinite",
        "IsInf",
        "IsNan",
        "LeakyRelu",
        "Lgamma",
        "Log",
        "Log1p",
        "LogicalNot",
        "Ndtri",
        "Neg",
        "Real",
        "Reciprocal",
        "Relu",
        "Relu6",
        "Rint",
        "Round",
        "Rsqrt",
        "Selu",
        "Sigmoid",
        "Sign",
        "Sin",
        "Sinh",
        "Softplus",
        "Softsign",
        "Sqrt",
        "Square",
        "StaticRegexFullMatch",
        "StaticRegexReplace",
        "StringLength",
        "StringLower",
        "StringStrip",
        "StringToHashBucket",
        "StringToHashBucketFast",
        "StringToHashBucketStrong",
        "StringToNumber",
        "StringUpper",
        "Tan",
        "Tanh",
        "UnicodeScript",
        "UnicodeTranscode",
        "AsString"
    };

    private static final String[] SEVERAL_OPERANDS = {
        "ApproximateEqual",
        "Atan2",
        "BiasAddV1",
        "BitwiseAnd",
        "BitwiseOr",
        "BitwiseXor",
        "ClipByValue",
        "Complex",
        "Div",
        "DivNoNan",
        "Equal",
        "FakeQuantWithMinMaxVars",
        "FloorMod",
        "Greater",
        "GreaterEqual",
        "Igamma",
        "Igammac",
        "LeftShift",
        "Less",
        "LessEqual",
        "LogicalAnd",
        "LogicalOr",
        "Mod",
        "MulNoNan",
        "NextAfter",
        "NotEqual",
        "Polygamma",
        "Pow",
        "RealDiv",
        "RegexFullMatch",
        "RegexReplace",
        "RightShift",
        "SelectV2",
        "SquaredDifference",
        "StringJoin",
        "Substr",
        "TruncateDiv",
        "TruncateMod",
        "Xdivy",
        "Xlog1py",
        "Xlogy",
        "Zeta"
    };

    /** Passes its inputs through. */
    private static final String[] IDENTITY = {
        "Identity",
        "StopGradient",
        "PreventGradient",
        "Snapshot",
        "EnsureShape",
        "PlaceholderWithDefault",
        "OptimizationBarrier"
    };

    /** An operation on two known integers. */
    private interface Folding {

        /** {@return the result, or null if it is not known} */
        @Nullable SymbolicInt apply(SymbolicInt a, SymbolicInt b);
    }

    private ElementwiseRules() {}

    static void addTo(Map<String, BatchRule> rules) {
        for (String operation : UNARY) {
            rules.put(operation, elementwise(ElementwiseRules::all));
        }
        for (String operation : SEVERAL_OPERANDS) {
            rules.put(operation, elementwise(ElementwiseRules::all));
        }
        for (String operation : IDENTITY) {
            rules.put(operation, BatchRule.of(node -> node.input(0)));
        }
        rules.put("IdentityN", NodeContext::inputs);
        rules.put("Cast", elementwise(ElementwiseRules::cast));
        rules.put("Bitcast", BatchRule.of(ElementwiseRules::bitcast));
        rules.put("Add", elementwise(node -> arithmetic(node, ElementwiseRules::sum)));
        rules.put("AddV2", elementwise(node -> arithmetic(node, ElementwiseRules::sum)));
        rules.put("AddN", elementwise(ElementwiseRules::all));
        rules.put("Sub", elementwise(ElementwiseRules::difference));
        rules.put("Mul", elementwise(node -> arithmetic(node, SymbolicInt::times)));
        rules.put("FloorDiv", elementwise(node -> arithmetic(node, SymbolicInt::dividedBy)));
        rules.put("Maximum", node -> List.of(maximum(node)));
        rules.put("Minimum", node -> List.of(minimum(node)));
        rules.put("Select", BatchRule.of(ElementwiseRules::select));
        rules.put("ZerosLike", BatchRule.of(ElementwiseRules::filled));
        rules.put("OnesLike", BatchRule.of(ElementwiseRules::filled));
        rules.put("BiasAdd", BatchRule.of(ElementwiseRules::biasAdd));
        rules.put("LookupTableFindV2", BatchRule.of(ElementwiseRules::lookup));
        rules.put("LookupTableFind", BatchRule.of(ElementwiseRules::lookup));
    }

    /** A rule that keeps lower bounds of scalars. */
    private static BatchRule elementwise(BatchRule.Single rule) {
        return node -> {
            Mixed mixed = node.mixedInput();
            BatchValue result = mixed != null ? mixed : rule.apply(node);
            return List.of(
                    result instanceof Mixed unknown
                            ? unknown.asScalar(
                                    node.inputs().stream().allMatch(ElementwiseRules::isScalar))
                            : result);
        };
    }

    private static boolean isScalar(BatchValue value) {
        if (value instanceof Mixed mixed) {
            return mixed.isScalar();
        }
        List<SymbolicInt> dims = NodeContext.dims(value);
        return dims != null && dims.isEmpty();
    }

    private static BatchValue all(NodeContext node) {
        return broadcast(node, node.inputs());
    }

    /** The result of an operation on each element of operands that are broadcast. */
    static BatchValue broadcast(NodeContext node, List<BatchValue> operands) {
        Rows rows = null;
        int fromEnd = 0;
        int rank = 0;
        List<List<SymbolicInt>> known = new ArrayList<>();
        for (BatchValue operand : operands) {
            if (!(operand instanceof Fixed) && !(operand instanceof Rows)) {
                return node.mixed();
            }
            if (operand instanceof Fixed fixed && !fixed.isShared()) {
                return node.mixed();
            }
            List<SymbolicInt> dims = NodeContext.dims(operand);
            if (dims != null) {
                known.add(dims);
                rank = Math.max(rank, dims.size());
            }
            if (operand instanceof Rows other) {
                int otherFromEnd = other.rank() - other.axis();
                if (rows != null && (fromEnd != otherFromEnd || !rows.hasLayoutOf(other))) {
                    return node.mixed();
                }
                rows = other;
                fromEnd = otherFromEnd;
            }
        }
        if (known.size() < operands.size()) {
            return rows == null ? Fixed.UNKNOWN : node.mixed();
        }
        List<SymbolicInt> result = new ArrayList<>();
        for (int position = rank; position > 0; position--) {
            SymbolicInt size = SymbolicInt.ONE;
            for (int i = 0; i < known.size(); i++) {
                List<SymbolicInt> dims = known.get(i);
                if (dims.size() < position) {
                    continue;
                }
                SymbolicInt its = dims.get(dims.size() - position);
                if (rows != null && position == fromEnd && operands.get(i) instanceof Fixed) {
                    if (!its.is(1)) {
                        // Its elements would be matched with rows by their index.
                        return node.mixed();
                    }
                } else if (size.is(1) || size.equals(its)) {
                    size = its;
                } else if (!its.is(1)) {
                    boolean wide = size.isConstant() || its.isConstant();
                    SymbolicInt constant = size.isConstant() ? size : its;
                    size = wide ? constant : node.sharedSize("broadcast" + position);
                }
            }
            result.add(size);
        }
        return rows == null ? Fixed.of(result) : rows.with(result, rank - fromEnd);
    }

    private static BatchValue arithmetic(NodeContext node, Folding operator) {
        BatchValue folded = folded(node, operator);
        return folded != null ? folded : broadcast(node, node.inputs());
    }

    /** {@return the result if it is known, else null} */
    private static @Nullable Fixed folded(NodeContext node, Folding operator) {
        List<SymbolicInt> a = node.content(0);
        List<SymbolicInt> b = node.content(1);
        if (a == null || b == null || (a.size() != b.size() && a.size() != 1 && b.size() != 1)) {
            return null;
        }
        List<SymbolicInt> dimsOfA = NodeContext.dims(node.input(0));
        List<SymbolicInt> dimsOfB = NodeContext.dims(node.input(1));
        if (dimsOfA == null || dimsOfB == null || dimsOfA.size() > 1 || dimsOfB.size() > 1) {
            return null;
        }
        List<SymbolicInt> results = new ArrayList<>();
        for (int i = 0; i < Math.max(a.size(), b.size()); i++) {
            SymbolicInt result;
            try {
                result = operator.apply(a.get(a.size() == 1 ? 0 : i), b.get(b.size() == 1 ? 0 : i));
            } catch (ArithmeticException overflow) {
                return null;
            }
            if (result == null) {
                return null;
            }
            results.add(result);
        }
        return dimsOfA.isEmpty() && dimsOfB.isEmpty()
                ? Fixed.scalar(results.get(0))
                : Fixed.vector(results);
    }

    private static @Nullable SymbolicInt sum(SymbolicInt a, SymbolicInt b) {
        if (a.is(0)) {
            return b;
        }
        if (b.is(0)) {
            return a;
        }
        if (a.symbols().equals(b.symbols())) {
            long factor = Math.addExact(a.factor(), b.factor());
            return factor == 0 ? SymbolicInt.of(0) : new SymbolicInt(factor, a.symbols());
        }
        boolean batchAndOne =
                (a.equals(SymbolicInt.BATCH) && b.is(1))
                        || (a.is(1) && b.equals(SymbolicInt.BATCH));
        return batchAndOne ? SymbolicInt.of(Symbol.BATCH_PLUS_ONE) : null;
    }

    private static BatchValue difference(NodeContext node) {
        if (node.input(0) instanceof Splits ends
                && ends.part() == Splits.Part.ENDS
                && node.input(1) instanceof Splits starts
                && starts.part() == Splits.Part.STARTS
                && starts.group().equals(ends.group())) {
            return lengths(ends.group());
        }
        return arithmetic(
                node,
                (a, b) -> {
                    if (a.equals(SymbolicInt.of(Symbol.BATCH_PLUS_ONE)) && b.is(1)) {
                        return SymbolicInt.BATCH;
                    }
                    if (b.is(0)) {
                        return a;
                    }
                    if (!a.symbols().equals(b.symbols())) {
                        return null;
                    }
                    long factor = Math.subtractExact(a.factor(), b.factor());
                    return factor == 0 ? SymbolicInt.of(0) : new SymbolicInt(factor, a.symbols());
                });
    }

    /** {@return the number of elements per row of a ragged group} */
    static Rows lengths(Symbol group) {
        return new Rows(
                List.of(SymbolicInt.BATCH),
                0,
                Symbol.BATCH,
                SymbolicInt.ONE,
                SymbolicInt.ONE,
                group);
    }

    /** Ragged tensors are made with {@code min(rows, max(rows, highest row id + 1))}. */
    private static BatchValue maximum(NodeContext node) {
        Fixed folded = folded(node, ElementwiseRules::larger);
        if (folded != null) {
            return folded;
        }
        for (int i = 0; i < 2; i++) {
            SymbolicInt bound = scalar(node.input(i));
            BatchValue other = node.input(1 - i);
            boolean known = other instanceof Fixed fixed && fixed.isShared();
            if (bound != null && !known && isScalar(other)) {
                return new AtLeast(bound);
            }
        }
        return elementwise(ElementwiseRules::all).apply(node).get(0);
    }

    private static BatchValue minimum(NodeContext node) {
        Fixed folded = folded(node, ElementwiseRules::smaller);
        if (folded != null) {
            return folded;
        }
        for (int i = 0; i < 2; i++) {
            if (node.input(1 - i) instanceof AtLeast atLeast
                    && atLeast.bound().equals(scalar(node.input(i)))) {
                return node.input(i);
            }
        }
        return elementwise(ElementwiseRules::all).apply(node).get(0);
    }

    /** {@return the value of a scalar, or null if it is not known} */
    private static @Nullable SymbolicInt scalar(BatchValue value) {
        return value instanceof Fixed fixed && fixed.isScalar() && fixed.content() != null
                ? fixed.content().get(0)
                : null;
    }

    private static @Nullable SymbolicInt larger(SymbolicInt a, SymbolicInt b) {
        if (a.equals(b)) {
            return a;
        }
        return a.isConstant() && b.isConstant()
                ? SymbolicInt.of(Math.max(a.factor(), b.factor()))
                : null;
    }

    private static @Nullable SymbolicInt smaller(SymbolicInt a, SymbolicInt b) {
        if (a.equals(b)) {
            return a;
        }
        return a.isConstant() && b.isConstant()
                ? SymbolicInt.of(Math.min(a.factor(), b.factor()))
                : null;
    }

    /** Row numbers are preserved by a cast to another integer dtype, but not to a float dtype. */
    private static BatchValue cast(NodeContext node) {
        BatchValue value = node.input(0);
        boolean exact = isIndex(node.type("SrcT")) && isIndex(node.type("DstT"));
        if (exact && !(value instanceof AtLeast)) {
            return value instanceof Rows
                            || value instanceof Fixed
                            || value instanceof RowIds
                            || value instanceof Splits
                            || value instanceof RowPositions
                    ? value
                    : node.mixed();
        }
        return broadcast(node, node.inputs());
    }

    private static boolean isIndex(DataType type) {
        return type == DataType.DT_INT32 || type == DataType.DT_INT64;
    }

    /** Only between dtypes of the same size: otherwise the last axis would be split or merged. */
    private static BatchValue bitcast(NodeContext node) {
        int from = TypeSizes.of(node.type("T"));
        return from > 0 && from == TypeSizes.of(node.type("type"))
                ? broadcast(node, node.inputs())
                : node.mixed();
    }

    /** The condition may be a vector that selects along the first axis of the operands. */
    private static BatchValue select(NodeContext node) {
        List<SymbolicInt> condition = NodeContext.dims(node.input(0));
        List<SymbolicInt> then = NodeContext.dims(node.input(1));
        if (condition == null || then == null) {
            return broadcast(node, node.inputs());
        }
        if (condition.size() == 1 && then.size() > 1) {
            if (node.input(0) instanceof Rows rows && rows.isPlain()) {
                BatchValue chosen = broadcast(node, node.inputs(1, 3));
                return chosen instanceof Rows result
                                && result.axis() == 0
                                && result.hasLayoutOf(rows)
                        ? chosen
                        : node.mixed();
            }
            return node.isShared(0)
                            && node.input(1) instanceof Fixed
                            && node.input(2) instanceof Fixed
                    ? broadcast(node, node.inputs(1, 3))
                    : node.mixed();
        }
        return broadcast(node, node.inputs());
    }

    private static BatchValue filled(NodeContext node) {
        List<SymbolicInt> dims = NodeContext.dims(node.input(0));
        if (node.input(0) instanceof Rows rows) {
            return rows.with(rows.dims(), rows.axis());
        }
        return node.input(0) instanceof Fixed ? Fixed.of(dims) : node.mixed();
    }

    private static BatchValue biasAdd(NodeContext node) {
        if (!(node.input(0) instanceof Rows rows)) {
            return node.isShared(0) && node.isShared(1)
                    ? Fixed.of(NodeContext.dims(node.input(0)))
                    : node.mixed();
        }
        int channels = node.text("data_format", "NHWC").startsWith("NC") ? 1 : rows.rank() - 1;
        return node.isShared(1) && rows.axis() != channels
                ? rows.with(rows.dims(), rows.axis())
                : node.mixed();
    }

    /** Tables of scalars: each key has one value. */
    private static BatchValue lookup(NodeContext node) {
        return node.isShared(0) && node.isShared(2)
                ? broadcast(node, node.inputs(1, 2))
                : node.mixed();
    }
}
