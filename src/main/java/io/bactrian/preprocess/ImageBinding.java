package io.bactrian.preprocess;

import io.bactrian.pipeline.ModelTensor;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.preprocess.image.ChannelOrder;
import io.bactrian.preprocess.image.ImageDecoder;
import io.bactrian.preprocess.image.ImageFit;
import io.bactrian.preprocess.image.ImageLayout;
import io.bactrian.preprocess.image.ImageLibrary;
import io.bactrian.preprocess.image.ImagePlan;
import io.bactrian.preprocess.image.ImageScaling;
import io.bactrian.preprocess.image.KerasMode;
import io.bactrian.preprocess.image.Normalization;
import io.bactrian.preprocess.image.PadPosition;
import io.bactrian.preprocess.image.Resampling;
import io.bactrian.preprocess.image.Resizer;
import io.bactrian.preprocess.image.SizeRounding;
import io.bactrian.tensor.DType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.Shape;

/** What a {@link PixelsPreprocessor}'s properties and the models' inputs come to. */
final class ImageBinding {

    private static final int DEFAULT_SIZE = 224;
    private static final int DEFAULT_CHANNELS = 3;
    private static final int RANK = 4;

    private final PixelsPreprocessor properties;
    private final List<ModelTensor> inputs;
    private final ImageFit fit;
    private final boolean planar;

    /**
     * @throws PipelineFaultException if an input takes no images of the layout
     */
    ImageBinding(PixelsPreprocessor properties, List<ModelTensor> inputs) {
        this.properties = properties;
        this.inputs = inputs;
        this.fit = properties.getFit();
        this.planar = properties.getLayout() == ImageLayout.NCHW;
        inputs.forEach(this::checkLayout);
    }

    /** Checks that the input is images, and that the dimensions are not in the other order. */
    private void checkLayout(ModelTensor input) {
        Shape shape = input.shape();
        if (shape.isUnknown()) {
            return;
        }
        if (shape.numDimensions() != RANK) {
            throw new PipelineFaultException(
                    "makes images of 4 dimensions, " + properties.getLayout() + ", but " + input);
        }
        if (!fits(shape, planar) && fits(shape, !planar)) {
            throw new PipelineFaultException(
                    "layout is "
                            + properties.getLayout()
                            + ", but "
                            + input
                            + ": set layout: "
                            + (planar ? "NHWC" : "NCHW"));
        }
    }

    /** {@return whether images of the properties that are set can have a shape} */
    private boolean fits(Shape shape, boolean channelsFirst) {
        long depth = shape.get(channelsFirst ? 1 : 3);
        return (!fit.isFixedSize() || fits(properties.getWidth(), shape.get(channelsFirst ? 3 : 2)))
                && (!fit.isFixedSize()
                        || fits(properties.getHeight(), shape.get(channelsFirst ? 2 : 1)))
                && fits(properties.getChannels(), depth)
                && (depth == Shape.UNKNOWN_SIZE || depth == 1 || depth == 3);
    }

    private static boolean fits(@Nullable Integer property, long size) {
        return property == null || size == Shape.UNKNOWN_SIZE || size == property;
    }

    /**
     * {@return the plan}
     *
     * @throws PipelineFaultException naming the property that is wrong, and its value; or if the
     *     tensor can't be what an input takes
     */
    ImagePlan plan() {
        int columnAxis = planar ? 3 : 2;
        int rowAxis = planar ? 2 : 1;
        int channelAxis = planar ? 1 : 3;
        PropertyValue<Integer> columns =
                size("width", properties.getWidth(), columnAxis, DEFAULT_SIZE);
        PropertyValue<Integer> rows = size("height", properties.getHeight(), rowAxis, DEFAULT_SIZE);
        PropertyValue<Integer> depth =
                size("channels", properties.getChannels(), channelAxis, DEFAULT_CHANNELS);
        for (ModelTensor input : inputs) {
            List<PropertyValue<?>> wrong = new ArrayList<>();
            if (fit.isFixedSize()) {
                compare(columns, input, columnAxis, wrong);
                compare(rows, input, rowAxis, wrong);
            }
            compare(depth, input, channelAxis, wrong);
            if (!wrong.isEmpty()) {
                throw PropertyValue.contradiction(wrong, input);
            }
        }
        DType type =
                Preprocessor.dtype(
                        properties.getDtype(), inputs, ImageBinding::isNumeric, DType.FLOAT32);
        check(columns, rows, depth, type);
        checkPadding();
        KerasMode mode = properties.getNormalization();
        return new ImagePlan(
                scaling(columns.value(), rows.value()),
                resizer(),
                padColor(depth.value()),
                normalization(depth.value(), type),
                mode == null ? properties.getChannelOrder() : mode.order(),
                properties.getLayout(),
                properties.isExifOrientation(),
                properties.isRotateTall());
    }

    private PropertyValue<Integer> size(
            String property, @Nullable Integer set, int axis, int defaultValue) {
        return PropertyValue.of(property, set, inputs, input -> size(input, axis), defaultValue);
    }

    /** {@return the size that an input fixes, or null} */
    private static @Nullable Integer size(ModelTensor input, int axis) {
        Shape shape = input.shape();
        return shape.isUnknown() || shape.get(axis) == Shape.UNKNOWN_SIZE
                ? null
                : (Integer) (int) Math.min(shape.get(axis), Integer.MAX_VALUE);
    }

    private static void compare(
            PropertyValue<Integer> value,
            ModelTensor input,
            int axis,
            List<PropertyValue<?>> wrong) {
        if (!value.fits(size(input, axis))) {
            wrong.add(value);
        }
    }

    private static boolean isNumeric(DType type) {
        return type != DType.STRING && type != DType.BOOL;
    }

    private void check(
            PropertyValue<Integer> columns,
            PropertyValue<Integer> rows,
            PropertyValue<Integer> depth,
            DType type) {
        checkSide(columns);
        checkSide(rows);
        long maxPixels = properties.getMaxPixels();
        if (maxPixels < 1 || maxPixels > ImageDecoder.MAX_PIXELS) {
            throw wrong("maxPixels", "from 1 to " + ImageDecoder.MAX_PIXELS, maxPixels);
        }
        if (depth.value() != 1 && depth.value() != DEFAULT_CHANNELS) {
            throw depth.wrong("1 or 3");
        }
        if (!isNumeric(type)) {
            throw wrong("dtype", "a numeric one", type);
        }
        long elements = (long) columns.value() * rows.value() * depth.value();
        if (elements * type.byteSize() > Integer.MAX_VALUE) {
            throw columns.wrong("such that the tensor has 2 GiB at most");
        }
    }

    /** Checks that properties of padding are not set where nothing is padded. */
    private void checkPadding() {
        if (fit == ImageFit.PAD) {
            return;
        }
        if (!properties.getPadColor().equals("0")) {
            throw withoutEffect("padColor", properties.getPadColor(), "pad");
        }
        if (properties.getPadPosition() != PadPosition.CENTER) {
            throw withoutEffect("padPosition", properties.getPadPosition(), "pad");
        }
        if (properties.getSizeRounding() != SizeRounding.DOWN && fit != ImageFit.INSIDE) {
            throw withoutEffect("sizeRounding", properties.getSizeRounding(), "pad or inside");
        }
    }

    private PipelineFaultException withoutEffect(String property, Object value, String fits) {
        return new PipelineFaultException(
                property + " is " + value + ", but fit is " + fit + ": set it to " + fits);
    }

    private static void checkSide(PropertyValue<Integer> side) {
        if (side.value() < 1 || side.value() > ImageDecoder.MAX_SIDE) {
            throw side.wrong("from 1 to " + ImageDecoder.MAX_SIDE);
        }
    }

    private ImageScaling scaling(int columns, int rows) {
        Integer shortestSide = properties.getShortestSide();
        if (shortestSide != null) {
            if (fit != ImageFit.CROP) {
                throw new PipelineFaultException(
                        "shortestSide is set, but fit is " + fit + ": set it to crop");
            }
            int least = Math.max(columns, rows);
            if (shortestSide < least || shortestSide > ImageDecoder.MAX_SIDE) {
                throw wrong(
                        "shortestSide",
                        "from "
                                + least
                                + ", the longer of width and height, to "
                                + ImageDecoder.MAX_SIDE,
                        shortestSide);
            }
        }
        return new ImageScaling(
                columns,
                rows,
                fit,
                shortestSide,
                properties.getSizeRounding(),
                properties.getPadPosition(),
                properties.getLibrary());
    }

    private Resizer resizer() {
        ImageLibrary library = properties.getLibrary();
        Resampling set = properties.getResampling();
        Resampling filter = set == null ? library.defaultResampling() : set;
        if (!library.has(filter)) {
            throw wrong("resampling", "one that " + library + " has", filter);
        }
        if (properties.isAntialias() && library != ImageLibrary.TENSORFLOW) {
            throw new PipelineFaultException(
                    "antialias is true, but library is " + library + ": it is for tensorflow only");
        }
        return Resizer.of(library, filter, properties.isAntialias());
    }

    private int[] padColor(int channels) {
        String list = properties.getPadColor();
        double[] numbers = numbers("padColor", list, channels);
        int[] color = new int[numbers.length];
        for (int c = 0; c < color.length; c++) {
            color[c] = (int) numbers[c];
            if (color[c] != numbers[c] || color[c] < 0 || color[c] > 255) {
                throw wrong("padColor", "whole numbers from 0 to 255", list);
            }
        }
        return color;
    }

    private Normalization normalization(int channels, DType type) {
        Normalization.Quantization quantization = quantization(type);
        KerasMode mode = properties.getNormalization();
        Double scale = properties.getScale();
        String mean = properties.getMean();
        String std = properties.getStd();
        if (mode != null) {
            if (scale != null
                    || !mean.equals("0")
                    || !std.equals("1")
                    || properties.getChannelOrder() != ChannelOrder.RGB) {
                throw new PipelineFaultException(
                        "normalization is "
                                + mode
                                + ", but scale, mean, std or channelOrder is set too");
            }
            if (channels != DEFAULT_CHANNELS) {
                throw new PipelineFaultException(
                        "normalization is "
                                + mode
                                + ", for 3 channels, but channels is "
                                + channels);
            }
            return mode.normalization(type, quantization);
        }
        boolean whole = type.isInteger() && quantization == null;
        double factor = scale != null ? scale : whole ? 1 : 1 / 255.0;
        if (!Double.isFinite(factor)) {
            throw wrong("scale", "a finite number", factor);
        }
        double[] deviations = numbers("std", std, channels);
        for (double deviation : deviations) {
            if (deviation == 0) {
                throw wrong("std", "other than 0, which it divides by", std);
            }
        }
        return new Normalization(
                type, factor, numbers("mean", mean, channels), deviations, quantization);
    }

    private Normalization.@Nullable Quantization quantization(DType type) {
        Double scale = properties.getQuantizationScale();
        int zeroPoint = properties.getZeroPoint();
        if (scale == null) {
            if (zeroPoint != 0) {
                throw new PipelineFaultException(
                        "zeroPoint is " + zeroPoint + ", but quantizationScale is not set");
            }
            return null;
        }
        if (!(scale > 0) || !Double.isFinite(scale)) {
            throw wrong("quantizationScale", "greater than 0", scale);
        }
        if (!type.isInteger()) {
            throw new PipelineFaultException(
                    "quantizationScale is set, but dtype is " + type + ": set an integer one");
        }
        return new Normalization.Quantization(scale, zeroPoint);
    }

    private static double[] numbers(String property, String list, int channels) {
        String[] numbers = list == null ? new String[0] : list.strip().split("\\s*,\\s*");
        if (numbers.length != 1 && numbers.length != channels) {
            throw wrong(
                    property,
                    "one number or " + channels + " with commas between, one per channel",
                    list);
        }
        double[] channelwise = new double[channels];
        for (int c = 0; c < channels; c++) {
            String number = numbers[numbers.length == 1 ? 0 : c];
            try {
                channelwise[c] = Double.parseDouble(number);
            } catch (NumberFormatException e) {
                throw wrong(property, "numbers", "\"" + number + "\"");
            }
            if (!Double.isFinite(channelwise[c])) {
                throw wrong(property, "finite", number);
            }
        }
        return channelwise;
    }

    private static PipelineFaultException wrong(String property, String expected, Object value) {
        return PipelineFaultException.property(property, expected, value);
    }
}
