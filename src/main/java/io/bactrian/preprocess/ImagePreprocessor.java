package io.bactrian.preprocess;

import static java.util.Objects.requireNonNull;

import io.bactrian.limit.Deadline;
import io.bactrian.limit.DeadlineExceededException;
import io.bactrian.limit.InsufficientMemoryException;
import io.bactrian.limit.OverloadedException;
import io.bactrian.pipeline.BodyText;
import io.bactrian.pipeline.ExchangeDeadline;
import io.bactrian.pipeline.ImageGeometry;
import io.bactrian.pipeline.ModelTensor;
import io.bactrian.pipeline.PipelineConstants;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.preprocess.image.ChannelOrder;
import io.bactrian.preprocess.image.DecodedImage;
import io.bactrian.preprocess.image.EncodedImage;
import io.bactrian.preprocess.image.GrayscaleImage;
import io.bactrian.preprocess.image.ImageDecoder;
import io.bactrian.preprocess.image.ImageLayout;
import io.bactrian.preprocess.image.ImageResizer;
import io.bactrian.preprocess.image.NormalizationTable;
import io.bactrian.preprocess.image.PixelLayout;
import io.bactrian.preprocess.image.Resampling;
import io.bactrian.preprocess.image.TensorPixelWriter;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.DType;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.spi.Metadata;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.family.TType;

/**
 * The preprocessor of an encoded image: it makes the tensor that Python makes with {@code
 * Image.open(f).convert("RGB").resize((width, height))} of Pillow and {@code (pixel * scale - mean)
 * / std} of numpy, pixel for pixel.
 *
 * <p>Body in: the bytes of a JPEG, PNG, GIF (first frame), BMP, TIFF (first page) or WebP file, as
 * {@code byte[]}, {@link java.nio.ByteBuffer}, {@code InputStream} or anything else that Camel
 * converts to bytes. Body out: one tensor [1, height, width, channels]. The exchange property
 * {@link PipelineConstants#IMAGES} keeps the image's own size for later steps.
 */
@Metadata(
        label = "bean",
        description =
                "Decodes a JPEG, PNG, GIF, BMP, TIFF or WebP image, resizes it and makes a tensor of"
                        + " its pixels, as Pillow and numpy do.",
        annotations = {"interfaceName=org.apache.camel.Processor"})
public final class ImagePreprocessor extends Preprocessor {

    /**
     * The size from which Pillow warns of decompression bombs (it refuses at twice that): a GiB at
     * four bytes a pixel, divided by three.
     */
    public static final long DEFAULT_MAX_PIXELS = 89_478_485;

    private static final int DEFAULT_SIZE = 224;
    private static final int DEFAULT_CHANNELS = 3;
    private static final int RANK = 4;

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
                    "Whether images are resized to width and height; false keeps the size of each,"
                            + " for models that take any")
    private boolean resize = true;

    @Metadata(description = "The filter that resizes, antialiased as Pillow's")
    private Resampling resampling = Resampling.BICUBIC;

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
                    "The largest image that is decoded, in pixels: width × height by the file's"
                            + " header")
    private long maxPixels = DEFAULT_MAX_PIXELS;

    @Metadata(
            description =
                    "Whether an image is turned upright by its EXIF tag, as Pillow's"
                            + " ImageOps.exif_transpose; false ignores the tag, as Pillow's convert"
                            + " and resize")
    private boolean exifOrientation;

    private volatile @Nullable Plan plan;

    /** The tensor to make, by the properties and the model's input. */
    private record Plan(
            int width,
            int height,
            int channels,
            Resampling filter,
            NormalizationTable table,
            ChannelOrder order,
            ImageLayout layout) {

        Shape shape(int columns, int rows) {
            return layout == ImageLayout.NCHW
                    ? Shape.of(1, channels, rows, columns)
                    : Shape.of(1, rows, columns, channels);
        }
    }

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

    /**
     * {@return whether images are resized; false keeps each image's own size, for models that take
     * any}
     */
    public boolean isResize() {
        return resize;
    }

    /**
     * Sets whether images are resized.
     *
     * @param resize true by default; false keeps each image's own size, for models that take any
     */
    public void setResize(boolean resize) {
        this.resize = resize;
    }

    /** {@return the filter, antialiased as Pillow's} */
    public Resampling getResampling() {
        return resampling;
    }

    /**
     * Sets the filter, antialiased as Pillow's.
     *
     * @param resampling {@link Resampling#BICUBIC} by default
     */
    public void setResampling(Resampling resampling) {
        this.resampling = resampling;
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
        boolean planar = layout == ImageLayout.NCHW;
        for (ModelTensor input : inputs) {
            checkLayout(input, planar);
        }
        PropertyValue<Integer> columns = size("width", width, inputs, planar ? 3 : 2, DEFAULT_SIZE);
        PropertyValue<Integer> rows = size("height", height, inputs, planar ? 2 : 1, DEFAULT_SIZE);
        PropertyValue<Integer> depth =
                size("channels", channels, inputs, planar ? 1 : 3, DEFAULT_CHANNELS);
        for (ModelTensor input : inputs) {
            List<PropertyValue<?>> wrong = new ArrayList<>();
            if (resize) {
                compare(columns, input, planar ? 3 : 2, wrong);
                compare(rows, input, planar ? 2 : 1, wrong);
            }
            compare(depth, input, planar ? 1 : 3, wrong);
            if (!wrong.isEmpty()) {
                throw PropertyValue.contradiction(wrong, input);
            }
        }
        DType type = dtype(dtype, inputs, ImagePreprocessor::isNumeric, DType.FLOAT32);
        plan = check(columns, rows, depth, type);
    }

    private static boolean isNumeric(DType type) {
        return type != DType.STRING && type != DType.BOOL;
    }

    /** Checks that the input is images, and that the dimensions are not in the other order. */
    private void checkLayout(ModelTensor input, boolean planar) {
        Shape shape = input.shape();
        if (shape.isUnknown()) {
            return;
        }
        if (shape.numDimensions() != RANK) {
            throw new PipelineFaultException(
                    "makes images of 4 dimensions, " + layout + ", but " + input);
        }
        if (!fits(shape, planar) && fits(shape, !planar)) {
            throw new PipelineFaultException(
                    "layout is "
                            + layout
                            + ", but "
                            + input
                            + ": set layout: "
                            + (planar ? "NHWC" : "NCHW"));
        }
    }

    /** {@return whether images of the properties that are set can have a shape} */
    private boolean fits(Shape shape, boolean planar) {
        long depth = shape.get(planar ? 1 : 3);
        return (!resize || fits(width, shape.get(planar ? 3 : 2)))
                && (!resize || fits(height, shape.get(planar ? 2 : 1)))
                && fits(channels, depth)
                && (depth == Shape.UNKNOWN_SIZE || depth == 1 || depth == 3);
    }

    private static boolean fits(@Nullable Integer property, long size) {
        return property == null || size == Shape.UNKNOWN_SIZE || size == property;
    }

    private static PropertyValue<Integer> size(
            String property,
            @Nullable Integer set,
            List<ModelTensor> inputs,
            int axis,
            int defaultValue) {
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

    @Override
    public Shape fixedShape() {
        Plan current = requireNonNull(plan);
        return resize ? current.shape(current.width(), current.height()) : Shape.unknown();
    }

    /**
     * {@inheritDoc} What decoding takes by the file's header is reserved first.
     *
     * @throws BadInputException if the body is no image that can be decoded
     * @throws DeadlineExceededException if the exchange's {@link PipelineConstants#DEADLINE} passed
     * @throws OverloadedException if other requests hold too much of the memory now
     * @throws InsufficientMemoryException if the image takes more memory than there is
     */
    @Override
    protected TType tensor(Exchange exchange) {
        Deadline deadline = ExchangeDeadline.of(exchange);
        Plan current = requireNonNull(plan);
        byte[] body = BodyText.bytes(exchange, exchange.getMessage().getBody());
        EncodedImage file = ImageDecoder.open(body, maxPixels);
        return reserving(
                exchange,
                "decoding " + file,
                workBytes(file, current) + tensorBytes(file, current),
                () -> tensor(exchange, file, current, deadline));
    }

    /** {@return the tensor's bytes: as large as the image if that is not resized} */
    private long tensorBytes(EncodedImage file, Plan current) {
        long rows = resize ? current.height() : file.height();
        long columns = resize ? current.width() : file.width();
        long bytes = rows * columns * current.channels() * current.table().dtype().byteSize();
        if (bytes > Integer.MAX_VALUE) {
            throw new BadInputException(
                    file + " makes a tensor of " + bytes + " bytes: 2 GiB is the limit");
        }
        return bytes;
    }

    private long workBytes(EncodedImage file, Plan current) {
        long decoding = file.decodingBytes(exifOrientation);
        return resize
                ? decoding
                        + ImageResizer.workBytes(
                                file.width(),
                                file.height(),
                                3,
                                current.width(),
                                current.height(),
                                current.filter())
                : decoding;
    }

    private TType tensor(Exchange exchange, EncodedImage file, Plan current, Deadline deadline) {
        try (DecodedImage decoded = ImageDecoder.decode(file, exifOrientation, deadline)) {
            DecodedImage image = current.channels() == 1 ? GrayscaleImage.of(decoded) : decoded;
            int rows = resize ? current.height() : image.height();
            int columns = resize ? current.width() : image.width();
            ImageGeometry.keep(
                    exchange,
                    List.of(ImageGeometry.stretched(image.width(), image.height(), columns, rows)));
            TType tensor = current.table().dtype().allocate(current.shape(columns, rows));
            try {
                TensorPixelWriter writer =
                        TensorPixelWriter.of(
                                tensor,
                                current.table(),
                                new PixelLayout(columns, rows, current.order(), current.layout()),
                                image.channels());
                ImageResizer.resize(
                        image,
                        columns,
                        rows,
                        current.filter(),
                        (y, samples) -> {
                            if (deadline.isPassed()) {
                                throw new DeadlineExceededException(
                                        "deadline exceeded while resizing " + file);
                            }
                            writer.row(y, samples);
                        });
                return tensor;
            } catch (RuntimeException | Error e) {
                tensor.close();
                throw e;
            }
        }
    }

    private Plan check(
            PropertyValue<Integer> columns,
            PropertyValue<Integer> rows,
            PropertyValue<Integer> depth,
            DType type) {
        size(columns);
        size(rows);
        if (maxPixels < 1 || maxPixels > ImageDecoder.MAX_PIXELS) {
            throw wrong("maxPixels", "from 1 to " + ImageDecoder.MAX_PIXELS, maxPixels);
        }
        if (depth.value() != 1 && depth.value() != 3) {
            throw depth.wrong("1 or 3");
        }
        if (!isNumeric(type)) {
            throw wrong("dtype", "a numeric one", type);
        }
        long elements = (long) columns.value() * rows.value() * depth.value();
        if (elements * type.byteSize() > Integer.MAX_VALUE) {
            throw columns.wrong("such that the tensor has 2 GiB at most");
        }
        double factor = scale != null ? scale : NormalizationTable.isInteger(type) ? 1 : 1 / 255.0;
        if (!Double.isFinite(factor)) {
            throw wrong("scale", "a finite number", factor);
        }
        double[] deviations = numbers("std", std, depth.value());
        for (double deviation : deviations) {
            if (deviation == 0) {
                throw wrong("std", "other than 0, which it divides by", std);
            }
        }
        NormalizationTable table =
                NormalizationTable.of(
                        type, factor, numbers("mean", mean, depth.value()), deviations);
        return new Plan(
                columns.value(),
                rows.value(),
                depth.value(),
                resampling,
                table,
                channelOrder,
                layout);
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

    private static void size(PropertyValue<Integer> side) {
        if (side.value() < 1 || side.value() > ImageDecoder.MAX_SIDE) {
            throw side.wrong("from 1 to " + ImageDecoder.MAX_SIDE);
        }
    }

    private static PipelineFaultException wrong(String property, String expected, Object value) {
        return PipelineFaultException.property(property, expected, value);
    }
}
