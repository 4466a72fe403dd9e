package io.bactrian.postprocess;

import io.bactrian.pipeline.ExchangeDeadline;
import io.bactrian.pipeline.ExchangeMemory;
import io.bactrian.pipeline.ImageGeometry;
import io.bactrian.pipeline.ModelTensor;
import io.bactrian.pipeline.NotAcceptableException;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.pipeline.SignatureTensors;
import io.bactrian.postprocess.image.ImageType;
import io.bactrian.postprocess.mask.ClassMap;
import io.bactrian.postprocess.mask.ClassRegion;
import io.bactrian.postprocess.mask.Contours;
import io.bactrian.postprocess.mask.MaskEncoding;
import io.bactrian.postprocess.mask.MaskImage;
import io.bactrian.postprocess.mask.MaskPng;
import io.bactrian.postprocess.mask.MaskScaler;
import io.bactrian.postprocess.mask.MaskSize;
import io.bactrian.postprocess.mask.Palette;
import io.bactrian.postprocess.mask.RunLengths;
import io.bactrian.preprocess.image.ImageLayout;
import io.bactrian.tensor.NamedTensors;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.spi.Metadata;
import org.jspecify.annotations.Nullable;

/**
 * The postprocessor of a segmentation model, which has scores of classes, or a class, for each
 * pixel: {@code {"width": 640, "height": 480, "classes": [{"class_id": 15, "label": "person",
 * "area": 1234, "bbox": [x, y, width, height], "segmentation": …}]}}, or the mask as a PNG image
 * where the request accepts {@code image/png} rather than JSON.
 *
 * <p>Boxes are pixels, as COCO has them: the left upper corner, and the size. After an image the
 * body is bytes with its {@code Content-Type}, which {@code marshal: json} leaves as they are.
 */
@Metadata(
        label = "bean",
        description =
                "Makes a mask of the scores or the class that a segmentation model has for each pixel,"
                        + " in the size of the image that was sent: areas, boxes and run lengths or"
                        + " polygons of the classes in it, or a PNG image where the request accepts"
                        + " image/png. A list of that for several images.",
        annotations = {"interfaceName=org.apache.camel.Processor"})
public final class MaskPostprocessor extends LabelledPostprocessor {

    /** A run length, a contour's point, and the copies of them in a list that grows. */
    private static final int BYTES_PER_EDGE = 48;

    private static final int BYTES_PER_PIXEL = 3;

    @Metadata(
            description =
                    "The order of the output's dimensions: NHWC, with the channels last, or NCHW")
    private ImageLayout layout = ImageLayout.NHWC;

    @Metadata(
            description =
                    "The function that makes scores of the model's logits: none if they are scores"
                            + " already, softmax, or sigmoid. Only the threshold needs them")
    private Activation activation = Activation.NONE;

    @Metadata(
            description =
                    "The least score of a pixel's class; below it the pixel is of class 0. Not set:"
                            + " 0.5 if there is one score for each pixel, else there is none")
    private @Nullable Double threshold;

    @Metadata(
            description =
                    "The class that is not listed in the answer, and black in a binary image;"
                            + " -1: all classes are listed")
    private int background;

    @Metadata(
            description =
                    "The size of the mask: that of the original image, which ImagePreprocessor keeps,"
                            + " or of the model's output")
    private MaskSize size = MaskSize.ORIGINAL;

    @Metadata(
            description =
                    "How JSON has the pixels: rle, COCO's compressed run lengths of each class;"
                            + " counts, the same as numbers; polygons, the outer contours of each"
                            + " class as OpenCV finds them; png, the whole mask as an image in base64;"
                            + " classes, the class of each pixel; or none")
    private MaskEncoding encoding = MaskEncoding.RLE;

    @Metadata(
            description =
                    "How a PNG image has the classes: palette, in colors; classes, as gray levels that"
                            + " are the class numbers; or binary, black for the background and white for all else")
    private MaskImage image = MaskImage.PALETTE;

    @Metadata(
            description =
                    "The colors of a PNG image with a palette, such as #000000, #ff8000, that of class"
                            + " 0 first. Not set: those of PASCAL VOC's label maps, with black for"
                            + " class 0")
    private @Nullable String palette;

    private Palette colors = Palette.pascalVoc();

    /** Creates a postprocessor with default properties. */
    public MaskPostprocessor() {
        super("classes");
    }

    /** {@return the order of the output's dimensions} */
    public ImageLayout getLayout() {
        return layout;
    }

    /**
     * Sets the order of the output's dimensions.
     *
     * @param layout {@link ImageLayout#NHWC} by default
     */
    public void setLayout(ImageLayout layout) {
        this.layout = layout;
    }

    /** {@return the function that makes scores of the model's logits} */
    public Activation getActivation() {
        return activation;
    }

    /**
     * Sets the function that makes scores of the model's logits, for the threshold.
     *
     * @param activation {@link Activation#NONE} by default
     */
    public void setActivation(Activation activation) {
        this.activation = activation;
    }

    /** {@return the least score of a pixel's class; null for 0.5 of a single score, else none} */
    public @Nullable Double getThreshold() {
        return threshold;
    }

    /**
     * Sets the least score of a pixel's class, below which the pixel is of class 0.
     *
     * @param threshold null, as by default, for 0.5 of a single score, else none
     * @throws PipelineFaultException if it is not finite
     */
    public void setThreshold(@Nullable Double threshold) {
        if (threshold != null) {
            Thresholds.finite(threshold);
        }
        this.threshold = threshold;
    }

    /** {@return the class that is not listed in the answer; -1 if all are} */
    public int getBackground() {
        return background;
    }

    /**
     * Sets the class that is not listed in the answer.
     *
     * @param background 0 by default; -1 to list all
     */
    public void setBackground(int background) {
        this.background = background;
    }

    /** {@return the size of the mask} */
    public MaskSize getSize() {
        return size;
    }

    /**
     * Sets the size of the mask.
     *
     * @param size {@link MaskSize#ORIGINAL} by default
     */
    public void setSize(MaskSize size) {
        this.size = size;
    }

    /** {@return how JSON has the pixels} */
    public MaskEncoding getEncoding() {
        return encoding;
    }

    /**
     * Sets how JSON has the pixels.
     *
     * @param encoding {@link MaskEncoding#RLE} by default
     */
    public void setEncoding(MaskEncoding encoding) {
        this.encoding = encoding;
    }

    /** {@return how a PNG image has the classes} */
    public MaskImage getImage() {
        return image;
    }

    /**
     * Sets how a PNG image has the classes.
     *
     * @param image {@link MaskImage#PALETTE} by default
     */
    public void setImage(MaskImage image) {
        this.image = image;
    }

    /** {@return the colors of a PNG image with a palette; null for PASCAL VOC's} */
    public @Nullable String getPalette() {
        return palette;
    }

    /**
     * Sets the colors of a PNG image with a palette.
     *
     * @param palette colors such as {@code #ff8000} with commas between, that of class 0 first;
     *     null for PASCAL VOC's, as by default
     * @throws PipelineFaultException if it is not that
     */
    public void setPalette(@Nullable String palette) {
        this.colors = palette == null ? Palette.pascalVoc() : Palette.parse(palette);
        this.palette = palette;
    }

    @Override
    void check(SignatureTensors outputs, Labels labels) {
        ModelTensor declared = numeric(outputs, getOutput());
        if (!declared.shape().isUnknown()) {
            checkClasses(reader().size(declared.shape(), declared.toString()), declared, labels);
        }
    }

    private void checkClasses(MaskReader.Size found, ModelTensor declared, Labels labels) {
        if (found.channels() > 1) {
            int classes = (int) found.channels();
            labels.checkCount(classes, declared.toString());
            if (image == MaskImage.PALETTE && colors.size() < classes) {
                throw new PipelineFaultException(
                        "palette has "
                                + colors.size()
                                + " colors for "
                                + classes
                                + " classes: "
                                + declared);
            }
        }
    }

    private MaskReader reader() {
        return new MaskReader(layout, activation, threshold);
    }

    /**
     * {@inheritDoc}
     *
     * @throws NotAcceptableException if the request accepts an image only, but has several
     */
    @Override
    protected Object answer(Exchange exchange, NamedTensors.Reference outputs) {
        ModelOutput read = read(outputs);
        MaskReader reader = reader();
        int images = Math.toIntExact(reader.size(read.shape(), read.toString()).images());
        if (read.shape().size() == 0) {
            throw new PipelineFaultException("expected scores of pixels, but " + read);
        }
        List<ImageGeometry> geometries =
                size == MaskSize.MODEL ? List.of() : geometries(exchange, images);
        if (ImageType.accepted(exchange) != ImageType.PNG) {
            return perRow(
                    exchange,
                    images,
                    row -> describe(exchange, mask(exchange, reader, read, row, geometries)));
        }
        ImageType.requireOne(exchange, images, "masks");
        ClassMap mask = mask(exchange, reader, read, 0, geometries);
        exchange.getMessage().setHeader(Exchange.CONTENT_TYPE, ImageType.PNG.mediaType());
        return png(mask);
    }

    private List<ImageGeometry> geometries(Exchange exchange, int images) {
        List<ImageGeometry> kept = ImageGeometry.of(exchange);
        if (kept.size() != images) {
            throw new PipelineFaultException(
                    "size is original, but the steps before kept the sizes of "
                            + kept.size()
                            + " images, and the model gave the masks of "
                            + images
                            + "; set size: model for masks of the model's size");
        }
        return kept;
    }

    private ClassMap mask(
            Exchange exchange,
            MaskReader reader,
            ModelOutput output,
            int row,
            List<ImageGeometry> geometries) {
        MaskReader.Size input = reader.size(output.shape(), output.toString());
        ImageGeometry geometry = geometries.isEmpty() ? null : geometries.get(row);
        long pixels = input.width() * input.height();
        if (geometry != null) {
            pixels += (long) geometry.originalWidth() * geometry.originalHeight();
        }
        ExchangeMemory.reserve(exchange, "the mask of an image", pixels * BYTES_PER_PIXEL);
        Runnable check = ExchangeDeadline.check(exchange, "the mask was made");
        ClassMap mask = reader.read(output, row, check);
        return geometry == null ? mask : MaskScaler.toOriginal(mask, geometry, check);
    }

    private byte[] png(ClassMap mask) {
        return switch (image) {
            case CLASSES -> MaskPng.gray(mask);
            case BINARY -> MaskPng.gray(mask.binary(background));
            case PALETTE -> {
                int highest = mask.highest();
                if (highest >= colors.size()) {
                    throw new PipelineFaultException(
                            "palette has "
                                    + colors.size()
                                    + " colors, but the model gave class "
                                    + highest);
                }
                yield MaskPng.indexed(mask, colors);
            }
        };
    }

    private Map<String, Object> describe(Exchange exchange, ClassMap mask) {
        reserveAnswer(exchange, mask);
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("width", mask.width());
        answer.put("height", mask.height());
        if (encoding == MaskEncoding.PNG) {
            answer.put("mask", Base64.getEncoder().encodeToString(png(mask)));
        } else if (encoding == MaskEncoding.CLASSES) {
            answer.put("mask", mask.rows());
        }
        if (!getField().isEmpty()) {
            answer.put(getField(), classes(exchange, mask));
        }
        return answer;
    }

    private void reserveAnswer(Exchange exchange, ClassMap mask) {
        long bytes =
                switch (encoding) {
                    case RLE, COUNTS, POLYGONS -> BYTES_PER_EDGE * mask.edges();
                    case CLASSES -> (long) Integer.BYTES * mask.pixels().length;
                    case PNG, NONE -> 0;
                };
        ExchangeMemory.reserve(exchange, "the answer's mask", bytes);
    }

    private List<Map<String, Object>> classes(Exchange exchange, ClassMap mask) {
        List<Map<String, Object>> classes = new ArrayList<>();
        Runnable check = ExchangeDeadline.check(exchange, "the mask was described");
        for (ClassRegion region : ClassRegion.of(mask)) {
            if (region.classId() != background) {
                check.run();
                Map<String, Object> members = new LinkedHashMap<>();
                members.put("class_id", region.classId());
                addLabel(members, region.classId());
                members.put("area", region.area());
                members.put(
                        "bbox", List.of(region.x(), region.y(), region.width(), region.height()));
                Object segmentation = segmentation(mask, region.classId());
                if (segmentation != null) {
                    members.put("segmentation", segmentation);
                }
                classes.add(members);
            }
        }
        return classes;
    }

    private @Nullable Object segmentation(ClassMap mask, int classId) {
        return switch (encoding) {
            case RLE -> runLengths(mask, RunLengths.of(mask, classId).compressed());
            case COUNTS -> runLengths(mask, RunLengths.of(mask, classId).counts());
            case POLYGONS -> Contours.of(mask, classId);
            case PNG, CLASSES, NONE -> null;
        };
    }

    private static Map<String, Object> runLengths(ClassMap mask, Object counts) {
        Map<String, Object> lengths = new LinkedHashMap<>();
        lengths.put("size", List.of(mask.height(), mask.width()));
        lengths.put("counts", counts);
        return lengths;
    }
}
