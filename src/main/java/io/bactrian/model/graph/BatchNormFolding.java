package io.bactrian.model.graph;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.TensorProto;
import org.tensorflow.proto.TensorShapeProto;

/**
 * Folds per-channel scaling and shifting by constants, such as a trained batch normalization, into
 * the filter and bias of the preceding convolution:
 *
 * <pre>
 *   conv(x, f) · m + b  =  conv(x, f · m) + b
 *   (conv(x, f) + c) · m + b  =  conv(x, f · m) + (c · m + b)
 *   normalized(y; γ, β, μ, σ²)  =  y · m + (β − μ · m),   m = γ / √(σ² + ε)
 * </pre>
 *
 * TensorFlow's own optimizer applies the first rule to an ordinary convolution but not to a
 * depthwise one, and fuses a bias with the activation that follows only if it is a {@code BiasAdd}.
 * The folded filters and biases are operations on constants, which TensorFlow evaluates once.
 *
 * <p>Applies to float32 in NHWC layout where no other node uses the intermediate tensors.
 */
final class BatchNormFolding {

    private static final String CONVOLUTION = "Conv2D";
    private static final String DEPTHWISE = "DepthwiseConv2dNative";
    private static final String BIAS = "BiasAdd";
    private static final Set<String> NORMALIZATIONS =
            Set.of("FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3");
    private static final Set<String> SUMS = Set.of("Add", "AddV2");
    private static final Set<String> ELEMENTWISE = Set.of("Add", "AddV2", "Mul", "Sub");
    private static final Set<String> UNARY = Set.of("Rsqrt", "Identity");

    private static final AttrValue FLOAT = type(DataType.DT_FLOAT);
    private static final AttrValue INT = type(DataType.DT_INT32);
    private static final AttrValue CHANNELS_LAST =
            AttrValue.newBuilder()
                    .setS(com.google.protobuf.ByteString.copyFromUtf8("NHWC"))
                    .build();

    private final MutableGraph body;

    /**
     * A convolution and the bias that follows it.
     *
     * @param node the convolution
     * @param bias the {@code BiasAdd} that follows it, or null
     * @param filter the filter's shape
     */
    private record Convolution(
            NodeDef.Builder node, NodeDef.@Nullable Builder bias, long[] filter) {

        /**
         * {@return the number of output channels} A depthwise filter is [height, width, in,
         * multiplier].
         */
        long channels() {
            return node.getOp().equals(DEPTHWISE) ? filter[2] * filter[3] : filter[3];
        }

        /** {@return the shape by which per-channel values broadcast against the filter} */
        long[] scaleShape() {
            return node.getOp().equals(DEPTHWISE)
                    ? new long[] {filter[2], filter[3]}
                    : new long[] {filter[3]};
        }
    }

    private BatchNormFolding(MutableGraph body) {
        this.body = body;
    }

    /** Folds everything that can be folded in a body whose variables have been frozen. */
    static void apply(MutableGraph body) {
        BatchNormFolding folding = new BatchNormFolding(body);
        boolean changed = true;
        while (changed) {
            changed = false;
            for (NodeDef.Builder node : List.copyOf(body.nodes())) {
                changed |= folding.fold(node);
            }
        }
    }

    private boolean fold(NodeDef.Builder node) {
        if (body.producer(node.getName()) != node || !isFloat(node)) {
            return false;
        }
        if (NORMALIZATIONS.contains(node.getOp())) {
            return foldNormalization(node);
        }
        boolean product = node.getOp().equals("Mul");
        if ((!product && !SUMS.contains(node.getOp())) || node.getInputCount() != 2) {
            return false;
        }
        for (int i = 0; i < 2; i++) {
            Convolution convolution = convolution(node.getInput(i));
            String other = node.getInput(1 - i);
            if (convolution != null && isPerChannel(shape(other), convolution.channels())) {
                fold(node, "z", convolution, product ? other : null, product ? null : other);
                return true;
            }
        }
        return false;
    }

    private boolean foldNormalization(NodeDef.Builder node) {
        if (node.getAttrOrDefault("is_training", AttrValue.newBuilder().setB(true).build()).getB()
                || !isChannelsLast(node)
                || !body.isOnlyUsedFor(node, "y")) {
            return false;
        }
        Convolution convolution = convolution(node.getInput(0));
        if (convolution == null) {
            return false;
        }
        for (int i = 1; i <= 4; i++) {
            long[] shape = shape(node.getInput(i));
            if (shape == null || !Arrays.equals(shape, new long[] {convolution.channels()})) {
                return false;
            }
        }
        String gamma = node.getInput(1);
        String beta = node.getInput(2);
        String mean = node.getInput(3);
        String variance = node.getInput(4);
        float epsilon =
                node.getAttrOrDefault("epsilon", AttrValue.newBuilder().setF(1e-4f).build()).getF();
        String stable =
                binary(node, "variance", "AddV2", variance, constant(node, "epsilon", epsilon));
        NodeDef.Builder root = added(node, "deviation", "Rsqrt").putAttr("T", FLOAT);
        root.addInput(stable);
        String scale = binary(node, "factor", "Mul", gamma, body.output(root, "y"));
        String middle = binary(node, "mean", "Mul", mean, scale);
        String shift = binary(node, "offset", "Sub", beta, middle);
        fold(node, "y", convolution, scale, shift);
        return true;
    }

    /**
     * Replaces {@code node} with a convolution whose filter and bias include the scale and shift.
     *
     * @param output name of {@code node}'s output argument
     * @param scale reference to a constant, or null
     * @param shift reference to a constant, or null
     */
    private void fold(
            NodeDef.Builder node,
            String output,
            Convolution convolution,
            @Nullable String scale,
            @Nullable String shift) {
        long[] perChannel = {convolution.channels()};
        NodeDef.Builder old = convolution.node();
        String filter = old.getInput(1);
        String bias = convolution.bias() == null ? null : convolution.bias().getInput(1);
        if (scale != null) {
            String beside = reshaped(node, "scale", scale, convolution.scaleShape());
            filter = binary(node, "filter", "Mul", filter, beside);
            if (bias != null) {
                String factor = reshaped(node, "bias_scale", scale, perChannel);
                bias = binary(node, "scaled_bias", "Mul", bias, factor);
            }
        }
        if (shift != null) {
            String further = reshaped(node, "shift", shift, perChannel);
            bias = bias == null ? further : binary(node, "shifted_bias", "AddV2", bias, further);
        }
        body.remove(old);
        NodeDef.Builder made = node;
        if (bias != null) {
            if (convolution.bias() != null) {
                body.remove(convolution.bias());
            }
            made = added(node, "convolution", old.getOp());
            node.setOp(BIAS).clearInput().clearAttr();
            node.addInput(body.output(made, "output")).addInput(bias);
            node.putAttr("T", FLOAT).putAttr("data_format", CHANNELS_LAST);
        }
        made.setOp(old.getOp()).clearInput().clearAttr().putAllAttr(old.getAttrMap());
        made.addInput(old.getInput(0)).addInput(filter);
        body.renameOutput(node, output, "output");
    }

    /**
     * {@return the convolution, with a constant bias if it has one, that produces the tensor; null
     * if there is none or if it has other uses}
     */
    private @Nullable Convolution convolution(String reference) {
        NodeDef.Builder node = body.producer(reference);
        NodeDef.@Nullable Builder bias = null;
        if (node != null && node.getOp().equals(BIAS)) {
            if (!body.isUsedOnce(node)
                    || !isChannelsLast(node)
                    || shape(node.getInput(1)) == null) {
                return null;
            }
            bias = node;
            node = body.producer(node.getInput(0));
        }
        if (node == null
                || (!node.getOp().equals(CONVOLUTION) && !node.getOp().equals(DEPTHWISE))
                || node.getInputCount() != 2
                || !body.isUsedOnce(node)
                || !isFloat(node)
                || !isChannelsLast(node)) {
            return null;
        }
        long[] filter = shape(node.getInput(1));
        return filter == null || filter.length != 4 ? null : new Convolution(node, bias, filter);
    }

    private static boolean isFloat(NodeDef.Builder node) {
        return FLOAT.equals(node.getAttrMap().get("T"));
    }

    private static boolean isChannelsLast(NodeDef.Builder node) {
        return node.getAttrOrDefault("data_format", CHANNELS_LAST).equals(CHANNELS_LAST);
    }

    /** {@return whether a shape is [channels], or has leading ones as in [1, 1, 1, channels]} */
    private static boolean isPerChannel(long @Nullable [] shape, long channels) {
        if (shape == null || shape.length < 1 || shape.length > 4) {
            return false;
        }
        int last = shape.length - 1;
        return shape[last] == channels && Arrays.stream(shape, 0, last).allMatch(size -> size == 1);
    }

    /**
     * {@return the shape of a tensor that depends on constants only; null for any other tensor and
     * where the shape is unknown}
     */
    private long @Nullable [] shape(String reference) {
        NodeDef.Builder node = body.producer(reference);
        if (node == null || node.getInputList().stream().anyMatch(MutableGraph::isControl)) {
            return null;
        }
        if (node.getOp().equals("Const")) {
            TensorProto value = node.getAttrOrThrow("value").getTensor();
            return value.getTensorShape().getDimList().stream()
                    .mapToLong(TensorShapeProto.Dim::getSize)
                    .toArray();
        }
        if (UNARY.contains(node.getOp())) {
            return shape(node.getInput(0));
        }
        if (ELEMENTWISE.contains(node.getOp())) {
            return broadcast(shape(node.getInput(0)), shape(node.getInput(1)));
        }
        return node.getOp().equals("Reshape") && shape(node.getInput(0)) != null
                ? numbers(node.getInput(1))
                : null;
    }

    private static long @Nullable [] broadcast(long @Nullable [] a, long @Nullable [] b) {
        if (a == null || b == null) {
            return null;
        }
        long[] wide = a.length >= b.length ? a.clone() : b.clone();
        long[] narrow = a.length >= b.length ? b : a;
        for (int i = 1; i <= narrow.length; i++) {
            int at = wide.length - i;
            wide[at] = Math.max(wide[at], narrow[narrow.length - i]);
        }
        return wide;
    }

    /** {@return an int32 constant's values; null if it is no constant or holds a negative size} */
    private long @Nullable [] numbers(String reference) {
        NodeDef.Builder node = body.producer(reference);
        if (node == null
                || !node.getOp().equals("Const")
                || !INT.equals(node.getAttrOrThrow("dtype"))) {
            return null;
        }
        TensorProto value = node.getAttrOrThrow("value").getTensor();
        long[] numbers;
        if (value.getTensorContent().isEmpty()) {
            numbers = value.getIntValList().stream().mapToLong(Integer::longValue).toArray();
        } else {
            var ints =
                    value.getTensorContent()
                            .asReadOnlyByteBuffer()
                            .order(java.nio.ByteOrder.LITTLE_ENDIAN)
                            .asIntBuffer();
            numbers = new long[ints.remaining()];
            Arrays.setAll(numbers, i -> ints.get(i));
        }
        long[] shape = shape(reference);
        boolean valid =
                shape != null
                        && shape.length == 1
                        && shape[0] == numbers.length
                        && Arrays.stream(numbers).allMatch(size -> size >= 0);
        return valid ? numbers : null;
    }

    // Added nodes are named after their owner.

    private NodeDef.Builder added(NodeDef.Builder owner, String suffix, String operation) {
        String name = owner.getName() + "/" + suffix;
        while (body.has(name)) {
            name += "_";
        }
        NodeDef.Builder node =
                NodeDef.newBuilder().setName(name).setOp(operation).setDevice(owner.getDevice());
        body.add(node);
        return node;
    }

    private String binary(
            NodeDef.Builder owner, String suffix, String operation, String a, String b) {
        NodeDef.Builder node = added(owner, suffix, operation).putAttr("T", FLOAT);
        return body.output(node.addInput(a).addInput(b), "z");
    }

    private String reshaped(NodeDef.Builder owner, String suffix, String tensor, long[] sizes) {
        TensorProto.Builder value =
                TensorProto.newBuilder()
                        .setDtype(DataType.DT_INT32)
                        .setTensorShape(vector(sizes.length));
        Arrays.stream(sizes).forEach(size -> value.addIntVal(Math.toIntExact(size)));
        NodeDef.Builder shape = added(owner, suffix + "_shape", "Const").putAttr("dtype", INT);
        shape.putAttr("value", AttrValue.newBuilder().setTensor(value).build());
        NodeDef.Builder node = added(owner, suffix, "Reshape").putAttr("T", FLOAT);
        node.putAttr("Tshape", INT).addInput(tensor).addInput(body.output(shape, "output"));
        return body.output(node, "output");
    }

    private String constant(NodeDef.Builder owner, String suffix, float number) {
        TensorProto.Builder value =
                TensorProto.newBuilder()
                        .setDtype(DataType.DT_FLOAT)
                        .setTensorShape(TensorShapeProto.getDefaultInstance())
                        .addFloatVal(number);
        NodeDef.Builder node = added(owner, suffix, "Const").putAttr("dtype", FLOAT);
        node.putAttr("value", AttrValue.newBuilder().setTensor(value).build());
        return body.output(node, "output");
    }

    private static TensorShapeProto vector(long size) {
        return TensorShapeProto.newBuilder()
                .addDim(TensorShapeProto.Dim.newBuilder().setSize(size))
                .build();
    }

    private static AttrValue type(DataType type) {
        return AttrValue.newBuilder().setType(type).build();
    }
}
