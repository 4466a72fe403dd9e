package io.bactrian.model.graph;

import io.bactrian.model.graph.BatchValue.Fixed;
import io.bactrian.model.graph.BatchValue.Rows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Rules for convolutions, pooling and the like, whose first axis is the batch. */
final class ImageRules {

    private static final String[] CONVOLUTIONS = {
        "Conv2D", "Conv3D", "DepthwiseConv2dNative", "Dilation2D"
    };

    private static final String[] POOLS = {"AvgPool", "AvgPool3D", "MaxPool", "MaxPool3D"};

    private static final String[] RESIZES = {
        "ResizeArea",
        "ResizeBicubic",
        "ResizeBilinear",
        "ResizeNearestNeighbor",
        "ScaleAndTranslate"
    };

    private ImageRules() {}

    static void addTo(Map<String, BatchRule> rules) {
        for (String operation : CONVOLUTIONS) {
            rules.put(operation, BatchRule.of(ImageRules::convolve));
        }
        for (String operation : POOLS) {
            rules.put(operation, BatchRule.of(ImageRules::pool));
        }
        for (String operation : List.of("Conv2DBackpropInput", "Conv3DBackpropInputV2")) {
            rules.put(operation, BatchRule.of(ImageRules::transposedConvolve));
        }
        for (String operation : RESIZES) {
            rules.put(operation, BatchRule.of(ImageRules::resize));
        }
        for (String operation : List.of("SpaceToDepth", "DepthToSpace")) {
            rules.put(operation, BatchRule.of(ImageRules::blocks));
        }
        for (String operation : List.of("FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3")) {
            rules.put(operation, BatchRule.ofAll(ImageRules::normalize));
        }
        rules.put("CombinedNonMaxSuppression", BatchRule.ofAll(ImageRules::suppress));
    }

    /** {@return the first input if its rows are along the first axis, else null} */
    private static @Nullable Rows batch(NodeContext node) {
        return node.input(0) instanceof Rows rows && rows.axis() == 0 && rows.rank() >= 3
                ? rows
                : null;
    }

    private static BatchValue shared(NodeContext node) {
        for (int i = 0; i < node.inputCount(); i++) {
            if (!node.isShared(i)) {
                return node.mixed();
            }
        }
        return Fixed.UNKNOWN;
    }

    private static BatchValue convolve(NodeContext node) {
        Rows rows = batch(node);
        List<SymbolicInt> filter = NodeContext.dims(node.input(1));
        if (rows == null || !node.isShared(1)) {
            return shared(node);
        }
        boolean depthwise = node.operation().equals("DepthwiseConv2dNative");
        int spatial = rows.rank() - 2;
        SymbolicInt channels = null;
        if (filter != null && filter.size() == rows.rank()) {
            channels =
                    depthwise
                            ? filter.get(spatial).times(filter.get(spatial + 1))
                            : filter.get(spatial + 1);
        }
        if (node.operation().equals("Dilation2D") || channels == null) {
            channels = node.sharedSize("channels");
        }
        List<SymbolicInt> kernel =
                filter != null && filter.size() == rows.rank() ? filter.subList(0, spatial) : null;
        return windows(node, rows, kernel, channels);
    }

    private static BatchValue pool(NodeContext node) {
        Rows rows = batch(node);
        List<Long> sizes = node.integers("ksize");
        if (rows == null || sizes.size() != rows.rank() || sizes.get(0) != 1) {
            return shared(node);
        }
        boolean channelsFirst = isChannelsFirst(node);
        if (sizes.get(channelsFirst ? 1 : rows.rank() - 1) != 1) {
            return node.mixed();
        }
        List<SymbolicInt> kernel = new ArrayList<>();
        for (int i = 0; i < rows.rank() - 2; i++) {
            kernel.add(SymbolicInt.of(sizes.get(channelsFirst ? i + 2 : i + 1)));
        }
        return windows(node, rows, kernel, rows.dims().get(channelsFirst ? 1 : rows.rank() - 1));
    }

    private static boolean isChannelsFirst(NodeContext node) {
        return node.text("data_format", "NHWC").startsWith("NC");
    }

    /** {@return the sizes after a sliding window over the spatial axes} */
    private static BatchValue windows(
            NodeContext node, Rows rows, @Nullable List<SymbolicInt> kernel, SymbolicInt channels) {
        boolean channelsFirst = isChannelsFirst(node);
        List<Long> strides = node.integers("strides");
        List<Long> dilations = node.integers("dilations");
        if (!strides.isEmpty() && strides.get(0) != 1) {
            return node.mixed();
        }
        String padding = node.text("padding", "");
        List<SymbolicInt> sizes = new ArrayList<>();
        for (int i = 0; i < rows.rank() - 2; i++) {
            int axis = channelsFirst ? i + 2 : i + 1;
            SymbolicInt size = rows.dims().get(axis);
            long stride = axis < strides.size() ? strides.get(axis) : 1;
            long dilation = axis < dilations.size() ? dilations.get(axis) : 1;
            sizes.add(
                    window(
                            node,
                            i,
                            size,
                            kernel == null ? null : kernel.get(i),
                            stride,
                            dilation,
                            padding,
                            axis));
        }
        sizes.add(channelsFirst ? 0 : sizes.size(), channels);
        return rows.withTrailing(1, sizes);
    }

    private static SymbolicInt window(
            NodeContext node,
            int number,
            SymbolicInt size,
            @Nullable SymbolicInt kernel,
            long stride,
            long dilation,
            String padding,
            int axis) {
        boolean same = padding.equals("SAME");
        if (same && stride == 1) {
            return size;
        }
        if (!size.isConstant() || stride < 1) {
            return node.sharedSize("size" + number);
        }
        if (same) {
            return SymbolicInt.of((size.factor() + stride - 1) / stride);
        }
        if (kernel == null || !kernel.isConstant()) {
            return node.sharedSize("size" + number);
        }
        long padded = size.factor();
        if (padding.equals("EXPLICIT")) {
            List<Long> paddings = node.integers("explicit_paddings");
            if (paddings.size() <= 2 * axis + 1) {
                return node.sharedSize("size" + number);
            }
            padded += paddings.get(2 * axis) + paddings.get(2 * axis + 1);
        }
        long reach = (kernel.factor() - 1) * dilation + 1;
        return SymbolicInt.of(Math.max(0, (padded - reach + stride) / stride));
    }

    private static BatchValue transposedConvolve(NodeContext node) {
        if (!(node.input(2) instanceof Rows rows) || rows.axis() != 0 || !node.isShared(1)) {
            return shared(node);
        }
        List<SymbolicInt> sizes = node.content(0);
        if (sizes == null
                || sizes.size() != rows.rank()
                || !sizes.get(0).equals(rows.dims().get(0))) {
            return node.mixed();
        }
        for (int i = 1; i < sizes.size(); i++) {
            if (!sizes.get(i).isShared()) {
                return node.mixed();
            }
        }
        return rows.with(sizes, 0);
    }

    private static BatchValue resize(NodeContext node) {
        Rows rows = batch(node);
        boolean sharedOptions = true;
        for (int i = 1; i < node.inputCount(); i++) {
            sharedOptions &= node.isShared(i);
        }
        if (rows == null || rows.rank() != 4 || !sharedOptions) {
            return shared(node);
        }
        List<SymbolicInt> target = node.content(1);
        List<SymbolicInt> sizes =
                target != null && target.size() == 2
                        ? target
                        : List.of(node.sharedSize("height"), node.sharedSize("width"));
        return rows.withTrailing(1, List.of(sizes.get(0), sizes.get(1), rows.dims().get(3)));
    }

    private static BatchValue blocks(NodeContext node) {
        Rows rows = batch(node);
        if (rows == null) {
            return shared(node);
        }
        List<SymbolicInt> sizes = new ArrayList<>();
        for (int i = 1; i < rows.rank(); i++) {
            sizes.add(node.sharedSize("size" + i));
        }
        return rows.withTrailing(1, sizes);
    }

    /** In training mode the statistics are computed over the batch. */
    private static List<BatchValue> normalize(NodeContext node) {
        boolean training = !node.node().containsAttr("is_training") || node.flag("is_training");
        Rows rows = batch(node);
        boolean sharedParameters =
                node.isShared(1) && node.isShared(2) && node.isShared(3) && node.isShared(4);
        if (rows == null || training || !sharedParameters) {
            return List.of(node.mixed());
        }
        return Arrays.asList(
                rows.with(rows.dims(), 0), Fixed.UNKNOWN, Fixed.UNKNOWN, Fixed.UNKNOWN);
    }

    private static List<BatchValue> suppress(NodeContext node) {
        boolean apart =
                node.input(0) instanceof Rows boxes
                        && boxes.isPlain()
                        && node.input(1) instanceof Rows scores
                        && scores.isPlain()
                        && scores.hasLayoutOf(boxes);
        for (int i = 2; i < node.inputCount(); i++) {
            apart &= node.isShared(i);
        }
        if (!apart) {
            return List.of(node.mixed());
        }
        Rows boxes = (Rows) node.input(0);
        SymbolicInt count = node.sharedSize("detections");
        return List.of(
                boxes.withTrailing(1, List.of(count, SymbolicInt.of(4))),
                boxes.withTrailing(1, List.of(count)),
                boxes.withTrailing(1, List.of(count)),
                boxes.withTrailing(1, List.of()));
    }
}
