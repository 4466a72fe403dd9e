package io.bactrian.postprocess.image;

import com.luciad.imageio.webp.CompressionType;
import com.luciad.imageio.webp.WebPImageWriterSpi;
import com.luciad.imageio.webp.WebPWriteParam;
import io.bactrian.limit.Deadline;
import io.bactrian.limit.DeadlineExceededException;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.preprocess.image.WebpLibrary;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/**
 * The encoder of images, by Java's ImageIO and libwebp.
 *
 * @param type the format
 * @param quality of lossy formats, from 1 to 100, as Pillow and libjpeg count it
 */
public record ImageEncoder(ImageType type, int quality) {

    /** Pillow's. */
    public static final int DEFAULT_QUALITY = 75;

    /** The image, its encoded bytes while they grow, and a copy of them, at most. */
    private static final int COPIES = 4;

    private static final float MAX_QUALITY = 100;

    /**
     * {@return about the most bytes that are allocated while an image is encoded, with the result}
     *
     * @param width pixels per row
     * @param height rows
     * @param channels 1 or 3
     */
    public static long workBytes(long width, long height, int channels) {
        return COPIES * width * height * channels;
    }

    /**
     * {@return the encoded image}
     *
     * @param image the image
     * @param deadline checked while PNG and JPEG are written, and before WebP is
     * @throws PipelineFaultException if the format has no images as large, or WebP's library is
     *     missing
     * @throws DeadlineExceededException if the deadline passed
     */
    public byte[] encode(RasterImage image, Deadline deadline) {
        if (Math.max(image.width(), image.height()) > type.maxSide()) {
            throw new PipelineFaultException(
                    "the answer's image is "
                            + image.width()
                            + "x"
                            + image.height()
                            + " pixels: a side of "
                            + type.mediaType()
                            + " may have "
                            + type.maxSide()
                            + " at most");
        }
        check(deadline);
        ImageWriter writer = writer();
        writer.addIIOWriteProgressListener(new AbortWritingAtDeadline(deadline));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        // Without a cache file, for which there may be no place.
        try (MemoryCacheImageOutputStream stream = new MemoryCacheImageOutputStream(out)) {
            writer.setOutput(stream);
            writer.write(null, new IIOImage(buffered(image), null, null), parameters(writer));
        } catch (IOException e) {
            throw new UncheckedIOException("an image could not be written as " + type, e);
        } finally {
            writer.dispose();
        }
        check(deadline);
        return out.toByteArray();
    }

    private static void check(Deadline deadline) {
        if (deadline.isPassed()) {
            throw new DeadlineExceededException(
                    "deadline exceeded while the answer's image was encoded");
        }
    }

    private ImageWriter writer() {
        if (type != ImageType.WEBP) {
            return ImageIO.getImageWritersByFormatName(type.toString()).next();
        }
        if (!WebpLibrary.isLoaded()) {
            throw new PipelineFaultException(
                    "WebP's library is not available here: answer with image/png or image/jpeg");
        }
        return new WebPImageWriterSpi().createWriterInstance(null);
    }

    private ImageWriteParam parameters(ImageWriter writer) {
        ImageWriteParam parameters = writer.getDefaultWriteParam();
        if (type == ImageType.PNG) {
            return parameters;
        }
        parameters.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
        if (parameters instanceof WebPWriteParam webp) {
            webp.setCompressionType(CompressionType.Lossy);
        }
        parameters.setCompressionQuality(quality / MAX_QUALITY);
        return parameters;
    }

    /** {@return a view of the image} */
    private static BufferedImage buffered(RasterImage image) {
        byte[] samples = image.samples();
        int channels = image.channels();
        if (channels == 1) {
            BufferedImage gray =
                    new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_BYTE_GRAY);
            gray.getRaster().setDataElements(0, 0, image.width(), image.height(), samples);
            return gray;
        }
        WritableRaster raster =
                Raster.createInterleavedRaster(
                        new DataBufferByte(samples, samples.length),
                        image.width(),
                        image.height(),
                        image.width() * channels,
                        channels,
                        new int[] {0, 1, 2},
                        null);
        ComponentColorModel rgb =
                new ComponentColorModel(
                        ColorSpace.getInstance(ColorSpace.CS_sRGB),
                        false,
                        false,
                        ComponentColorModel.OPAQUE,
                        DataBuffer.TYPE_BYTE);
        return new BufferedImage(rgb, raster, false, null);
    }
}
