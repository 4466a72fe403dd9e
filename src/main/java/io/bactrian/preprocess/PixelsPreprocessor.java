package io.bactrian.preprocess;

import static java.util.Objects.requireNonNull;

import io.bactrian.pipeline.ModelTensor;
import io.bactrian.pipeline.PixelRange;
import io.bactrian.preprocess.image.ChannelOrder;
import io.bactrian.preprocess.image.ImageDecoder;
import io.bactrian.preprocess.image.ImageFit;
import io.bactrian.preprocess.image.ImageLayout;
import io.bactrian.preprocess.image.ImageLibrary;
import io.bactrian.preprocess.image.ImagePlan;
import io.bactrian.preprocess.image.KerasMode;
import io.bactrian.preprocess.image.PadPosition;
import io.bactrian.preprocess.image.Resampling;
import io.bactrian.preprocess.image.SizeRounding;
import io.bactrian.tensor.DType;
import java.util.List;
import org.apache.camel.spi.Metadata;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.Shape;

/**
 * The base class of preprocessors that make tensors of pixels: the properties of how images are
 * decoded, resized and normalized.
 */
abstract class PixelsPreprocessor extends Preprocessor {

    /**
     * The size from which Pillow warns of decompression bombs (it refuses at twice that): a GiB at
     * four bytes a pixel, divided by three.
     */
    public static final long DEFAULT_MAX_PIXELS = 89_478_485;

    @Metadata(
            description =
                    "The tensor's width in pixels. Not set: the model input's, 224 if that is open")
    private @Nullable Integer width;

    @Metadata(
            description =
                    "The tensor's height in pixels. Not set: the model input's, 224 if that is open")
    private @Nullable Integer height;

    @Metadata(
            description =
                    "What becomes of an image of other proportions: STRETCH resizes it to width and"
                            + " height, PAD to fit inside with padColor around it, CROP resizes its"
                            + " middle; INSIDE resizes to fit inside and NONE not at all, for models"
                            + " that take any size")
    private ImageFit fit = ImageFit.STRETCH;

    @Metadata(description = "The Python library whose resizing is computed")
    private ImageLibrary library = ImageLibrary.PILLOW;

    @Metadata(
            description =
                    "The filter that resizes, as the library has it. Not set: that of its function"
                            + " without arguments, bicubic of Pillow, bilinear of TensorFlow and"
                            + " OpenCV")
    private @Nullable Resampling resampling;

    @Metadata(
            description =
                    "Whether TensorFlow's resizing is antialiased, as by tf.image.resize(…,"
                            + " antialias=True); Pillow's always is, OpenCV's never")
    private boolean antialias;

    @Metadata(
            description =
                    "The color around an image that is padded, 0 to 255 before scale, mean and std:"
                            + " one number, or red, green and blue with commas between")
    private String padColor = "0";

    @Metadata(description = "Where an image is that is padded")
    private PadPosition padPosition = PadPosition.CENTER;

    @Metadata(
            description =
                    "How the sides of an image that fits inside become whole numbers: DOWN as"
                            + " Python's int, NEAREST as round")
    private SizeRounding sizeRounding = SizeRounding.DOWN;

    @Metadata(
            description =
                    "With fit CROP: the pixels that the shorter side is resized to, of which width"
                            + " and height are cut out of the middle. Not set: the middle is cut out"
                            + " first, as by Keras' smart_resize")
    private @Nullable Integer shortestSide;

    @Metadata(
            description =
                    "Whether an image taller than wide is turned by 90 degrees clockwise, as crops"
                            + " of lines of text are")
    private boolean rotateTall;

    @Metadata(
            description =
                    "3 for color, 1 for gray as Pillow's convert(\"L\"). Not set: the model input's,"
                            + " 3 if that is open",
            enums = "1,3")
    private @Nullable Integer channels;

    @Metadata(description = "The order of the colors in a pixel")
    private ChannelOrder channelOrder = ChannelOrder.RGB;

    @Metadata(
            description =
                    "The order of the dimensions: NHWC is [1, height, width, channels], NCHW is [1,"
                            + " channels, height, width]")
    private ImageLayout layout = ImageLayout.NHWC;

    @Metadata(
            description =
                    "The tensor's dtype, any numeric one. Not set: the model"
                            + " input's, float32 if no model is known. An integer dtype takes only a"
                            + " scale, mean and std whose values are whole numbers in its range")
    private @Nullable DType dtype;

    @Metadata(
            description =
                    "The factor that each pixel, 0 to 255, is multiplied by before the mean is"
                            + " subtracted. Not set: 1/255, for an integer dtype 1")
    private @Nullable Double scale;

    @Metadata(
            description =
                    "What is subtracted from the scaled pixel: one number, or one per channel with"
                            + " commas between, always in the order red, green, blue")
    private String mean = "0";

    @Metadata(
            description =
                    "What the difference is divided by: one number, or one per channel with commas"
                            + " between, always in the order red, green, blue")
    private String std = "1";

    @Metadata(
            description =
                    "The mode of keras.applications' preprocess_input: TF for -1 to 1, CAFFE for"
                            + " blue, green, red minus ImageNet's means, TORCH for ImageNet's means"
                            + " and standard deviations. Not set: scale, mean, std and channelOrder"
                            + " apply")
    private @Nullable KerasMode normalization;

    @Metadata(
            description =
                    "For a quantized model, which takes integers: the distance between two numbers"
                            + " that it represents, after scale, mean and std. Not set: it is not"
                            + " quantized")
    private @Nullable Double quantizationScale;

    @Metadata(description = "The integer by which a quantized model represents 0")
    private int zeroPoint;

    @Metadata(
            description =
                    "The largest image that is decoded, in pixels: width × height by the file's"
                            + " header")
    private long maxPixels = DEFAULT_MAX_PIXELS;

    @Metadata(
            description =
                    "Whether an image is turned upright by its EXIF tag, as Pillow's"
                            + " ImageOps.exif_transpose; false ignores the tag, as Pillow's convert"
                            + " and resize")
    private boolean exifOrientation;

    private volatile @Nullable ImagePlan plan;

    /**
     * {@return the number of pixels in a row of the tensor; null for the model input's, or 224 if
     * that is open}
     */
    public @Nullable Integer getWidth() {
        return width;
    }

    /**
     * Sets the number of pixels in a row of the tensor.
     *
     * @param width null for the model input's, as by default, or 224 if that is open
     */
    public void setWidth(@Nullable Integer width) {
        this.width = width;
    }

    /**
     * {@return the number of rows of the tensor; null for the model input's, or 224 if that is
     * open}
     */
    public @Nullable Integer getHeight() {
        return height;
    }

    /**
     * Sets the number of rows of the tensor.
     *
     * @param height null for the model input's, as by default, or 224 if that is open
     */
    public void setHeight(@Nullable Integer height) {
        this.height = height;
    }

    /** {@return what becomes of an image of other proportions} */
    public ImageFit getFit() {
        return fit;
    }

    /**
     * Sets what becomes of an image of other proportions.
     *
     * @param fit {@link ImageFit#STRETCH} by default
     */
    public void setFit(ImageFit fit) {
        this.fit = fit;
    }

    /** {@return the Python library whose resizing is computed} */
    public ImageLibrary getLibrary() {
        return library;
    }

    /**
     * Sets the Python library whose resizing is computed.
     *
     * @param library {@link ImageLibrary#PILLOW} by default
     */
    public void setLibrary(ImageLibrary library) {
        this.library = library;
    }

    /** {@return the filter that resizes; null for the library's default} */
    public @Nullable Resampling getResampling() {
        return resampling;
    }

    /**
     * Sets the filter that resizes, as the library has it.
     *
     * @param resampling null for the library's default, as by default
     */
    public void setResampling(@Nullable Resampling resampling) {
        this.resampling = resampling;
    }

    /** {@return whether TensorFlow's resizing is antialiased} */
    public boolean isAntialias() {
        return antialias;
    }

    /**
     * Sets whether TensorFlow's resizing is antialiased.
     *
     * @param antialias false by default
     */
    public void setAntialias(boolean antialias) {
        this.antialias = antialias;
    }

    /** {@return the color around an image that is padded: one number, or red, green, blue} */
    public String getPadColor() {
        return padColor;
    }

    /**
     * Sets the color around an image that is padded: one number from 0 to 255, or red, green and
     * blue with commas between.
     *
     * @param padColor 0 by default
     */
    public void setPadColor(String padColor) {
        this.padColor = padColor;
    }

    /** {@return where an image is that is padded} */
    public PadPosition getPadPosition() {
        return padPosition;
    }

    /**
     * Sets where an image is that is padded.
     *
     * @param padPosition {@link PadPosition#CENTER} by default
     */
    public void setPadPosition(PadPosition padPosition) {
        this.padPosition = padPosition;
    }

    /** {@return how the sides of an image that fits inside become whole numbers} */
    public SizeRounding getSizeRounding() {
        return sizeRounding;
    }

    /**
     * Sets how the sides of an image that fits inside become whole numbers.
     *
     * @param sizeRounding {@link SizeRounding#DOWN} by default
     */
    public void setSizeRounding(SizeRounding sizeRounding) {
        this.sizeRounding = sizeRounding;
    }

    /** {@return the pixels of the shorter side before the middle is cut out; null to cut first} */
    public @Nullable Integer getShortestSide() {
        return shortestSide;
    }

    /**
     * Sets the pixels that the shorter side is resized to before the middle is cut out.
     *
     * @param shortestSide null to cut the middle out first, as by default
     */
    public void setShortestSide(@Nullable Integer shortestSide) {
        this.shortestSide = shortestSide;
    }

    /** {@return whether an image taller than wide is turned by 90 degrees clockwise} */
    public boolean isRotateTall() {
        return rotateTall;
    }

    /**
     * Sets whether an image taller than wide is turned by 90 degrees clockwise.
     *
     * @param rotateTall false by default
     */
    public void setRotateTall(boolean rotateTall) {
        this.rotateTall = rotateTall;
    }

    /**
     * {@return the number of channels: 3, or 1 for gray as Pillow's {@code convert("L")}; null for
     * the model input's, or 3 if that is open}
     */
    public @Nullable Integer getChannels() {
        return channels;
    }

    /**
     * Sets the number of channels: 3, or 1 for gray as Pillow's {@code convert("L")}.
     *
     * @param channels null for the model input's, as by default, or 3 if that is open
     */
    public void setChannels(@Nullable Integer channels) {
        this.channels = channels;
    }

    /** {@return the order of the colors in a pixel} */
    public ChannelOrder getChannelOrder() {
        return channelOrder;
    }

    /**
     * Sets the order of the colors in a pixel.
     *
     * @param channelOrder {@link ChannelOrder#RGB} by default
     */
    public void setChannelOrder(ChannelOrder channelOrder) {
        this.channelOrder = channelOrder;
    }

    /** {@return the order of the dimensions} */
    public ImageLayout getLayout() {
        return layout;
    }

    /**
     * Sets the order of the dimensions.
     *
     * @param layout {@link ImageLayout#NHWC} by default
     */
    public void setLayout(ImageLayout layout) {
        this.layout = layout;
    }

    /**
     * {@return the tensor's dtype, any numeric one; null for the model input's, or float32 if no
     * model is known}
     */
    public @Nullable DType getDtype() {
        return dtype;
    }

    /**
     * Sets the tensor's dtype, any numeric one. An integer dtype takes only a scale, mean and std
     * whose values are whole numbers in its range.
     *
     * @param dtype null for the model input's, as by default, or float32 if no model is known
     */
    public void setDtype(@Nullable DType dtype) {
        this.dtype = dtype;
    }

    /**
     * {@return the factor that a pixel of 0 to 255 is multiplied by before the mean is subtracted;
     * null for 1/255, or 1 for an integer dtype}
     */
    public @Nullable Double getScale() {
        return scale;
    }

    /**
     * Sets the factor that a pixel of 0 to 255 is multiplied by before the mean is subtracted.
     *
     * @param scale null for 1/255, as by default, or 1 for an integer dtype
     */
    public void setScale(@Nullable Double scale) {
        this.scale = scale;
    }

    /**
     * {@return what is subtracted from the scaled pixel: one number, or one per channel with commas
     * between, always red, green, blue, such as {@code 0.485, 0.456, 0.406}}
     */
    public String getMean() {
        return mean;
    }

    /**
     * Sets what is subtracted from the scaled pixel: one number, or one per channel with commas
     * between, always red, green, blue, such as {@code 0.485, 0.456, 0.406}.
     *
     * @param mean 0 by default
     */
    public void setMean(String mean) {
        this.mean = mean;
    }

    /**
     * {@return what the difference is divided by, one number or one per channel, always in the
     * order red, green, blue}
     */
    public String getStd() {
        return std;
    }

    /**
     * Sets what the difference is divided by, one number or one per channel, always in the order
     * red, green, blue.
     *
     * @param std 1 by default
     */
    public void setStd(String std) {
        this.std = std;
    }

    /** {@return the mode of {@code preprocess_input}; null for scale, mean and std} */
    public @Nullable KerasMode getNormalization() {
        return normalization;
    }

    /**
     * Sets the mode of {@code keras.applications}' {@code preprocess_input}, in place of scale,
     * mean, std and channelOrder.
     *
     * @param normalization null, as by default, for those
     */
    public void setNormalization(@Nullable KerasMode normalization) {
        this.normalization = normalization;
    }

    /**
     * {@return the distance between two numbers that a quantized model represents; null for none}
     */
    public @Nullable Double getQuantizationScale() {
        return quantizationScale;
    }

    /**
     * Sets the distance between two numbers that a quantized model represents.
     *
     * @param quantizationScale null, as by default, for a model that is not quantized
     */
    public void setQuantizationScale(@Nullable Double quantizationScale) {
        this.quantizationScale = quantizationScale;
    }

    /** {@return the integer by which a quantized model represents 0} */
    public int getZeroPoint() {
        return zeroPoint;
    }

    /**
     * Sets the integer by which a quantized model represents 0.
     *
     * @param zeroPoint 0 by default
     */
    public void setZeroPoint(int zeroPoint) {
        this.zeroPoint = zeroPoint;
    }

    /**
     * {@return the largest image that is decoded, in pixels (width × height by the file's header)}
     */
    public long getMaxPixels() {
        return maxPixels;
    }

    /**
     * Sets the largest image that is decoded, in pixels (width × height by the file's header).
     *
     * @param maxPixels {@value #DEFAULT_MAX_PIXELS} by default
     */
    public void setMaxPixels(long maxPixels) {
        this.maxPixels = maxPixels;
    }

    /**
     * {@return whether an image is turned upright by its EXIF tag, as Pillow's {@code
     * ImageOps.exif_transpose}; false by default, as {@code convert} and {@code resize} ignore it}
     */
    public boolean isExifOrientation() {
        return exifOrientation;
    }

    /**
     * Sets whether an image is turned upright by its EXIF tag, as Pillow's {@code
     * ImageOps.exif_transpose}.
     *
     * @param exifOrientation false by default, as {@code convert} and {@code resize} ignore it
     */
    public void setExifOrientation(boolean exifOrientation) {
        this.exifOrientation = exifOrientation;
    }

    @Override
    protected void doInit() throws Exception {
        super.doInit();
        ImageDecoder.loadLibraries();
    }

    @Override
    protected void configure(List<ModelTensor> inputs) {
        plan = new ImageBinding(this, inputs).plan();
    }

    /** {@return how images become the rows of a tensor, by the properties and the models} */
    final ImagePlan plan() {
        return requireNonNull(plan);
    }

    @Override
    public Shape fixedShape() {
        return plan().fixedShape();
    }

    @Override
    public @Nullable PixelRange pixelRange() {
        return plan().pixelRange();
    }
}
