package io.bactrian.preprocess;

import io.bactrian.limit.Deadline;
import io.bactrian.limit.DeadlineExceededException;
import io.bactrian.limit.InsufficientMemoryException;
import io.bactrian.limit.MemoryBudget;
import io.bactrian.limit.OverloadedException;
import io.bactrian.pipeline.ExchangeDeadline;
import io.bactrian.pipeline.ExchangeMemory;
import io.bactrian.pipeline.ExchangeTensors;
import io.bactrian.pipeline.InputBound;
import io.bactrian.pipeline.PipelineConstants;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.pipeline.SignatureTensors;
import io.bactrian.preprocess.image.DecodedImage;
import io.bactrian.preprocess.image.EncodedImage;
import io.bactrian.preprocess.image.GrayscaleImage;
import io.bactrian.preprocess.image.ImageDecoder;
import io.bactrian.preprocess.image.ImageResizer;
import io.bactrian.preprocess.image.NormalizationTable;
import io.bactrian.preprocess.image.Resampling;
import io.bactrian.preprocess.image.TensorPixelWriter;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.support.service.ServiceSupport;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.family.TType;

/**
 * An encoded image to a tensor, pixel for pixel what Python makes with {@code
 * Image.open(f).convert("RGB").resize((width, height))} of Pillow and {@code (pixel * scale - mean)
 * / std} of numpy.
 *
 * <p>Body in: the bytes of a JPEG, PNG, GIF (first frame), BMP, TIFF (first page) or WebP file, as
 * {@code byte[]}, {@link ByteBuffer}, {@code InputStream} or anything else Camel makes bytes of.
 * Body out: {@link NamedTensors} with one tensor [1, height, width, channels], which the exchange
 * owns.
 *
 * <p>A bean for a pipeline in YAML: every setting is a property with a default, checked when the
 * route starts. An {@link IllegalArgumentException} names the property that is wrong; a {@link
 * BadInputException} says what is wrong with an image.
 */
public final class ImagePreprocessor extends ServiceSupport implements Processor, InputBound {

    /**
     * The size from which Pillow warns of decompression bombs (it refuses at twice that): a GiB at
     * four bytes a pixel, divided by three.
     */
    public static final long DEFAULT_MAX_PIXELS = 89_478_485;

    private int width = 224;
    private int height = 224;
    private boolean resize = true;
    private String resampling = "bicubic";
    private int channels = 3;
    private String channelOrder = "RGB";
    private String layout = "NHWC";
    private String dtype = "float32";
    private Double scale;
    private String mean = "0";
    private String std = "1";
    private String input = NamedTensors.UNNAMED;
    private long maxPixels = DEFAULT_MAX_PIXELS;
    private boolean exifOrientation;

    private volatile Plan plan;

    /** What the properties come to, once checked. */
    private record Plan(Resampling filter, NormalizationTable table, boolean bgr, boolean planar) {}

    /**
     * @param width pixels a row of the tensor; 224 by default
     */
    public void setWidth(int width) {
        this.width = width;
        plan = null;
    }

    /**
     * @param height rows of the tensor; 224 by default
     */
    public void setHeight(int height) {
        this.height = height;
        plan = null;
    }

    /**
     * @param resize false to keep each image's own size, for models that take any; true by default
     */
    public void setResize(boolean resize) {
        this.resize = resize;
        plan = null;
    }

    /**
     * @param resampling the filter: nearest, box, bilinear, hamming, bicubic (the default) or
     *     lanczos, antialiased as Pillow's
     */
    public void setResampling(String resampling) {
        this.resampling = resampling;
        plan = null;
    }

    /**
     * @param channels 3 (the default), or 1 for gray as Pillow's {@code convert("L")}
     */
    public void setChannels(int channels) {
        this.channels = channels;
        plan = null;
    }

    /**
     * @param channelOrder RGB (the default) or BGR
     */
    public void setChannelOrder(String channelOrder) {
        this.channelOrder = channelOrder;
        plan = null;
    }

    /**
     * @param layout NHWC for [1, height, width, channels] (the default), or NCHW for [1, channels,
     *     height, width]
     */
    public void setLayout(String layout) {
        this.layout = layout;
        plan = null;
    }

    /**
     * @param dtype of the tensor, any numeric one: float32 by default. An integer dtype takes only
     *     a scale, mean and std whose values are whole numbers in its range.
     */
    public void setDtype(String dtype) {
        this.dtype = dtype;
        plan = null;
    }

    /**
     * @param scale what a pixel of 0 to 255 is multiplied by, before the mean is subtracted; by
     *     default 1/255, for an integer dtype 1
     */
    public void setScale(double scale) {
        this.scale = scale;
        plan = null;
    }

    /**
     * @param mean what is subtracted from the scaled pixel: one number, or one a channel with
     *     commas between, always red, green, blue, such as {@code 0.485, 0.456, 0.406}; 0 by
     *     default (text, since Camel's YAML takes no lists as properties)
     */
    public void setMean(String mean) {
        this.mean = mean;
        plan = null;
    }

    /**
     * @param std what the difference is divided by, one number or one a channel, always in the
     *     order red, green, blue; 1 by default
     */
    public void setStd(String std) {
        this.std = std;
        plan = null;
    }

    /**
     * @param input the model's input to name the tensor by; by default none, which fits a model of
     *     one input
     */
    public void setInput(String input) {
        this.input = input;
    }

    /**
     * @param maxPixels the most pixels (width × height by the file's header) that are decoded;
     *     {@value #DEFAULT_MAX_PIXELS} by default
     */
    public void setMaxPixels(long maxPixels) {
        this.maxPixels = maxPixels;
        plan = null;
    }

    /**
     * @param exifOrientation true to turn an image upright by its EXIF tag, as Pillow's {@code
     *     ImageOps.exif_transpose}; false by default, as {@code convert} and {@code resize} ignore
     *     it
     */
    public void setExifOrientation(boolean exifOrientation) {
        this.exifOrientation = exifOrientation;
    }

    @Override
    protected void doInit() {
        plan();
        ImageDecoder.loadLibraries();
    }

    @Override
    public void bindInputs(SignatureTensors inputs) {
        Plan current = plan();
        TensorSpec spec = inputs.single(input, current.table().dtype());
        Shape shape = spec.shape();
        if (shape.isUnknown()) {
            return;
        }
        if (shape.numDimensions() != 4) {
            throw new PipelineFaultException(
                    "makes images of 4 dimensions, " + layout + ", but " + inputs.describe(spec));
        }
        String wrong = mismatch(shape, current.planar());
        if (wrong != null) {
            boolean transposed = mismatch(shape, !current.planar()) == null;
            throw new PipelineFaultException(
                    (transposed ? "layout is " + layout : wrong)
                            + ", but "
                            + inputs.describe(spec)
                            + (transposed
                                    ? ": set layout: " + (current.planar() ? "NHWC" : "NCHW")
                                    : ""));
        }
    }

    @Override
    public Shape shapeOfOne() {
        if (!resize) {
            return Shape.unknown();
        }
        return plan().planar()
                ? Shape.of(1, channels, height, width)
                : Shape.of(1, height, width, channels);
    }

    /** The properties that differ from an input's sizes, such as "width is 224"; null if none. */
    private String mismatch(Shape shape, boolean planar) {
        List<String> wrong = new ArrayList<>();
        int first = planar ? 2 : 1;
        if (resize) {
            compare("width", width, shape.get(first + 1), wrong);
            compare("height", height, shape.get(first), wrong);
        }
        compare("channels", channels, shape.get(planar ? 1 : 3), wrong);
        return wrong.isEmpty() ? null : String.join(" and ", wrong);
    }

    private static void compare(String property, int value, long size, List<String> wrong) {
        if (size != Shape.UNKNOWN_SIZE && size != value) {
            wrong.add(property + " is " + value);
        }
    }

    /**
     * Replaces the body by the tensor. What decoding takes by the file's header is {@linkplain
     * ExchangeMemory reserved} first, and the tensor's part of it until the exchange is done.
     *
     * @throws BadInputException if the body is no image that can be decoded
     * @throws PipelineFaultException if the body is nothing that bytes can be made of
     * @throws DeadlineExceededException if the exchange's {@link PipelineConstants#DEADLINE} passed
     * @throws OverloadedException if other requests hold too much of the memory now
     * @throws InsufficientMemoryException if the image takes more memory than there is
     */
    @Override
    public void process(Exchange exchange) {
        Deadline deadline = ExchangeDeadline.of(exchange);
        Plan current = plan();
        EncodedImage file = ImageDecoder.open(bytes(exchange.getMessage()), maxPixels);
        long tensorBytes = tensorBytes(file, current);
        MemoryBudget.Reservation reservation =
                ExchangeMemory.reserve(
                        exchange, "decoding " + file, workBytes(file, current) + tensorBytes);
        try {
            TType tensor = tensor(file, current, deadline);
            reservation.shrinkTo(tensorBytes);
            ExchangeTensors.setBody(exchange, NamedTensors.of(input, tensor));
        } catch (RuntimeException | Error e) {
            reservation.close();
            throw e;
        }
    }

    /** What the tensor takes, which is as large as the image if that is not resized. */
    private long tensorBytes(EncodedImage file, Plan current) {
        long rows = resize ? height : file.height();
        long columns = resize ? width : file.width();
        long bytes = rows * columns * channels * current.table().dtype().byteSize();
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
                                file.width(), file.height(), 3, width, height, current.filter())
                : decoding;
    }

    private static byte[] bytes(Message message) {
        Object body = message.getBody();
        if (body == null) {
            return new byte[0];
        }
        if (body instanceof byte[] array) {
            return array;
        }
        if (body instanceof ByteBuffer buffer) {
            byte[] copy = new byte[buffer.remaining()];
            buffer.duplicate().get(copy);
            return copy;
        }
        byte[] converted = message.getBody(byte[].class);
        if (converted == null) {
            throw new PipelineFaultException(
                    "ImagePreprocessor: expected the bytes of an image as the message body, got "
                            + body.getClass().getName()
                            + ": a step before must not change them");
        }
        return converted;
    }

    private TType tensor(EncodedImage file, Plan current, Deadline deadline) {
        try (DecodedImage decoded = ImageDecoder.decode(file, exifOrientation, deadline)) {
            DecodedImage image = channels == 1 ? GrayscaleImage.of(decoded) : decoded;
            int rows = resize ? height : image.height();
            int columns = resize ? width : image.width();
            TType tensor =
                    current.table()
                            .dtype()
                            .allocate(
                                    current.planar()
                                            ? Shape.of(1, channels, rows, columns)
                                            : Shape.of(1, rows, columns, channels));
            try {
                TensorPixelWriter writer =
                        TensorPixelWriter.of(
                                tensor,
                                current.table(),
                                columns,
                                rows,
                                image.channels(),
                                current.bgr(),
                                current.planar());
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

    private Plan plan() {
        Plan current = plan;
        if (current == null) {
            current = check();
            plan = current;
        }
        return current;
    }

    private Plan check() {
        range("width", width, 1, ImageDecoder.MAX_SIDE);
        range("height", height, 1, ImageDecoder.MAX_SIDE);
        range("maxPixels", maxPixels, 1, ImageDecoder.MAX_PIXELS);
        if (channels != 1 && channels != 3) {
            throw wrong("channels", "1 or 3, not " + channels);
        }
        boolean bgr = either("channelOrder", channelOrder, "RGB", "BGR");
        boolean planar = either("layout", layout, "NHWC", "NCHW");
        DType type = named("dtype", () -> DType.named(dtype));
        if (type == DType.STRING || type == DType.BOOL) {
            throw wrong("dtype", "a numeric one, not " + dtype);
        }
        if ((long) width * height * channels * type.byteSize() > Integer.MAX_VALUE) {
            throw wrong("width", "such that the tensor has 2 GiB at most");
        }
        double factor = scale != null ? scale : NormalizationTable.isInteger(type) ? 1 : 1 / 255.0;
        if (!Double.isFinite(factor)) {
            throw wrong("scale", "a finite number, not " + factor);
        }
        double[] deviations = numbers("std", std);
        for (double deviation : deviations) {
            if (deviation == 0) {
                throw wrong("std", "other than 0, which it divides by");
            }
        }
        NormalizationTable table = NormalizationTable.of(type, factor, means(), deviations);
        return new Plan(
                named("resampling", () -> Resampling.named(resampling)), table, bgr, planar);
    }

    /** What is subtracted, a channel. */
    double[] means() {
        return numbers("mean", mean);
    }

    private double[] numbers(String property, String list) {
        String[] numbers = list == null ? new String[0] : list.strip().split("\\s*,\\s*");
        if (numbers.length != 1 && numbers.length != channels) {
            throw wrong(
                    property,
                    "one number or "
                            + channels
                            + " with commas between, one a channel, not "
                            + list);
        }
        double[] channelwise = new double[channels];
        for (int c = 0; c < channels; c++) {
            String number = numbers[numbers.length == 1 ? 0 : c];
            try {
                channelwise[c] = Double.parseDouble(number);
            } catch (NumberFormatException e) {
                throw wrong(property, "numbers, not \"" + number + "\"");
            }
            if (!Double.isFinite(channelwise[c])) {
                throw wrong(property, "finite, not " + number);
            }
        }
        return channelwise;
    }

    private static void range(String property, long value, long least, long most) {
        if (value < least || value > most) {
            throw wrong(property, "from " + least + " to " + most + ", not " + value);
        }
    }

    private static boolean either(String property, String value, String usual, String other) {
        if (!usual.equalsIgnoreCase(value) && !other.equalsIgnoreCase(value)) {
            throw wrong(property, usual + " or " + other + ", not " + value);
        }
        return other.equalsIgnoreCase(value);
    }

    private interface Lookup<T> {
        T find();
    }

    private static <T> T named(String property, Lookup<T> lookup) {
        try {
            return lookup.find();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "ImagePreprocessor: " + property + ": " + e.getMessage(), e);
        }
    }

    private static IllegalArgumentException wrong(String property, String what) {
        return new IllegalArgumentException("ImagePreprocessor: " + property + " must be " + what);
    }
}
