package io.bactrian.postprocess;

import io.bactrian.pipeline.ExchangeDeadline;
import io.bactrian.pipeline.ExchangeMemory;
import io.bactrian.pipeline.ModelTensor;
import io.bactrian.pipeline.NotAcceptableException;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.pipeline.SignatureTensors;
import io.bactrian.postprocess.image.ImageEncoder;
import io.bactrian.postprocess.image.ImageType;
import io.bactrian.postprocess.image.PixelRounding;
import io.bactrian.postprocess.image.RasterImage;
import io.bactrian.preprocess.image.ChannelOrder;
import io.bactrian.preprocess.image.ImageDecoder;
import io.bactrian.preprocess.image.ImageLayout;
import io.bactrian.tensor.NamedTensors;
import java.util.Base64;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.spi.Metadata;
import org.jspecify.annotations.Nullable;

/**
 * The postprocessor of models that make images: the image as a file where the request accepts
 * {@code image/png}, {@code image/jpeg} or {@code image/webp} rather than JSON; else {@code
 * {"image": "…base64…"}}, and a list of these for several images.
 *
 * <p>After an image the body is bytes with its {@code Content-Type}, which {@code marshal: json}
 * leaves as they are.
 */
@Metadata(
        label = "bean",
        description =
                "Encodes the images that a model makes: as a PNG, JPEG or WebP file where the request"
                        + " accepts one, else in base64 in JSON.",
        annotations = {"interfaceName=org.apache.camel.Processor"})
public final class ImagePostprocessor extends Postprocessor {

    private static final int MIN_QUALITY = 1;
    private static final int MAX_QUALITY = 100;

    /** Base64, as a text and as the JSON that it is written to, beside the encoded image. */
    private static final int JSON_COPIES = 3;

    @Metadata(
            description =
                    "The order of the output's dimensions: NHWC, with the channels last, or NCHW")
    private ImageLayout layout = ImageLayout.NHWC;

    @Metadata(description = "The order of the output's colors: RGB or BGR")
    private ChannelOrder channelOrder = ChannelOrder.RGB;

    @Metadata(
            description =
                    "The model's numbers of black and white, with a comma between, such as -1, 1; what"
                            + " is outside becomes black or white. Not set: 0, 1 in floating point,"
                            + " 0, 255 in integers, and a number far outside is an error")
    private @Nullable String range;

    @Metadata(
            description =
                    "How a number from 0 to 255 becomes a whole one: nearest, or down, as NumPy's"
                            + " astype(\"uint8\")")
    private PixelRounding rounding = PixelRounding.NEAREST;

    @Metadata(description = "The format of images in JSON: png, jpeg or webp")
    private ImageType type = ImageType.PNG;

    @Metadata(description = "The quality of JPEG and WebP, 1 to 100, as Pillow counts it")
    private int quality = ImageEncoder.DEFAULT_QUALITY;

    @Metadata(
            description =
                    "Whether an image in JSON is a data URI, such as data:image/png;base64,…, in place"
                            + " of base64 alone")
    private boolean dataUri;

    private PixelReader.@Nullable Range parsedRange;

    /** Creates a postprocessor with the default properties. */
    public ImagePostprocessor() {
        super("image");
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

    /** {@return the order of the output's colors} */
    public ChannelOrder getChannelOrder() {
        return channelOrder;
    }

    /**
     * Sets the order of the output's colors.
     *
     * @param channelOrder {@link ChannelOrder#RGB} by default
     */
    public void setChannelOrder(ChannelOrder channelOrder) {
        this.channelOrder = channelOrder;
    }

    /** {@return the model's numbers of black and white; null for 0, 1 or 0, 255 by the dtype} */
    public @Nullable String getRange() {
        return range;
    }

    /**
     * Sets the model's numbers of black and white, with a comma between, such as {@code -1, 1}.
     *
     * @param range null, as by default, for 0 and 1 in floating point, 0 and 255 in integers
     * @throws PipelineFaultException if it is not two different finite numbers
     */
    public void setRange(@Nullable String range) {
        this.parsedRange = range == null ? null : parse(range);
        this.range = range;
    }

    private static PixelReader.Range parse(String text) {
        try {
            String[] parts = text.split(",", -1);
            if (parts.length == 2) {
                double black = Double.parseDouble(parts[0].strip());
                double white = Double.parseDouble(parts[1].strip());
                if (Double.isFinite(black) && Double.isFinite(white) && black != white) {
                    return new PixelReader.Range(black, white);
                }
            }
        } catch (NumberFormatException e) {
            // Told below.
        }
        throw PipelineFaultException.property(
                "range", "two different numbers with a comma between, such as -1, 1", text);
    }

    /** {@return how a number from 0 to 255 becomes a whole one} */
    public PixelRounding getRounding() {
        return rounding;
    }

    /**
     * Sets how a number from 0 to 255 becomes a whole one.
     *
     * @param rounding {@link PixelRounding#NEAREST} by default
     */
    public void setRounding(PixelRounding rounding) {
        this.rounding = rounding;
    }

    /** {@return the format of images in JSON} */
    public ImageType getType() {
        return type;
    }

    /**
     * Sets the format of images in JSON.
     *
     * @param type {@link ImageType#PNG} by default
     */
    public void setType(ImageType type) {
        this.type = type;
    }

    /** {@return the quality of JPEG and WebP} */
    public int getQuality() {
        return quality;
    }

    /**
     * Sets the quality of JPEG and WebP.
     *
     * @param quality 1 to 100, 75 by default
     * @throws PipelineFaultException if it is not that
     */
    public void setQuality(int quality) {
        if (quality < MIN_QUALITY || quality > MAX_QUALITY) {
            throw PipelineFaultException.property("quality", "from 1 to 100", quality);
        }
        this.quality = quality;
    }

    /** {@return whether an image in JSON is a data URI} */
    public boolean isDataUri() {
        return dataUri;
    }

    /**
     * Sets whether an image in JSON is a data URI.
     *
     * @param dataUri false, as by default, for base64 alone
     */
    public void setDataUri(boolean dataUri) {
        this.dataUri = dataUri;
    }

    @Override
    protected void doInit() throws Exception {
        super.doInit();
        ImageDecoder.loadLibraries();
    }

    @Override
    protected void configure(List<SignatureTensors> outputs) {
        for (SignatureTensors each : outputs) {
            ModelTensor declared = numeric(each, getOutput());
            if (!declared.shape().isUnknown()) {
                reader().size(declared.shape(), declared.toString());
            }
        }
    }

    private PixelReader reader() {
        return new PixelReader(layout, channelOrder, parsedRange, rounding);
    }

    /**
     * {@inheritDoc}
     *
     * @throws NotAcceptableException if the request accepts an image only, but has several
     */
    @Override
    protected Object answer(Exchange exchange, NamedTensors.Reference outputs) {
        ModelOutput read = read(outputs);
        PixelReader.Size size = reader().size(read.shape(), read.toString());
        if (read.shape().size() == 0) {
            throw new PipelineFaultException("expected images, but " + read);
        }
        int images = Math.toIntExact(size.images());
        ImageType accepted = ImageType.accepted(exchange);
        if (accepted == null) {
            return perRow(exchange, images, row -> inField(base64(exchange, read, row, size)));
        }
        ImageType.requireOne(exchange, images, "answers");
        byte[] encoded = encode(exchange, read, 0, size, accepted, 1);
        exchange.getMessage().setHeader(Exchange.CONTENT_TYPE, accepted.mediaType());
        return encoded;
    }

    private String base64(Exchange exchange, ModelOutput output, int index, PixelReader.Size size) {
        byte[] encoded = encode(exchange, output, index, size, type, JSON_COPIES);
        String text = Base64.getEncoder().encodeToString(encoded);
        return dataUri ? "data:" + type.mediaType() + ";base64," + text : text;
    }

    private byte[] encode(
            Exchange exchange,
            ModelOutput output,
            int index,
            PixelReader.Size size,
            ImageType format,
            int copies) {
        int channels = (int) size.channels();
        ExchangeMemory.reserve(
                exchange,
                "an image of the answer",
                copies * ImageEncoder.workBytes(size.width(), size.height(), channels));
        Runnable check = ExchangeDeadline.check(exchange, "the answer's image was made");
        RasterImage image = reader().read(output, index, check);
        return new ImageEncoder(format, quality).encode(image, ExchangeDeadline.of(exchange));
    }
}
