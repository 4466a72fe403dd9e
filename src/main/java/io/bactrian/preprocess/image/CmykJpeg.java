package io.bactrian.preprocess.image;

import io.bactrian.limit.Deadline;
import java.awt.image.DataBufferByte;
import java.awt.image.PixelInterleavedSampleModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * The decoder of JPEGs with four components (CMYK, YCCK). The JDK's libjpeg decodes the raw
 * samples, which are converted to RGB here with Pillow's rounding. Like Pillow, it takes the
 * samples of every such file as inverted, whether or not it has an Adobe segment
 * (src/PIL/JpegImagePlugin.py).
 */
final class CmykJpeg {

    private static final int CHROMA_BITS = 16;
    private static final int CHROMA_HALF = 1 << (CHROMA_BITS - 1);

    private CmykJpeg() {}

    /** {@return the RGB pixels of a JPEG file} */
    static DecodedImage decode(JpegFile jpeg, Deadline deadline) {
        byte[] samples = samples(jpeg, deadline);
        byte[] pixels = new byte[samples.length / 4 * 3];
        boolean ycck = jpeg.adobeTransform() != 0;
        for (int from = 0, to = 0; from < samples.length; from += 4, to += 3) {
            int cyan = samples[from] & 0xFF;
            int magenta = samples[from + 1] & 0xFF;
            int yellow = samples[from + 2] & 0xFF;
            int black = samples[from + 3] & 0xFF;
            if (ycck) {
                // ycck_cmyk_convert of libjpeg's jdcolor.c
                int luma = cyan;
                int blue = magenta - 128;
                int red = yellow - 128;
                cyan = clip(255 - luma - ((91881 * red + CHROMA_HALF) >> CHROMA_BITS));
                magenta =
                        clip(
                                255
                                        - luma
                                        - ((-22554 * blue - 46802 * red + CHROMA_HALF)
                                                >> CHROMA_BITS));
                yellow = clip(255 - luma - ((116130 * blue + CHROMA_HALF) >> CHROMA_BITS));
            }
            pixels[to] = (byte) Cmyk.toRgb(255 - cyan, black);
            pixels[to + 1] = (byte) Cmyk.toRgb(255 - magenta, black);
            pixels[to + 2] = (byte) Cmyk.toRgb(255 - yellow, black);
        }
        return new InterleavedImage(jpeg.width(), jpeg.height(), 3, pixels);
    }

    /** {@return the RGB pixels of a strip or tile of a TIFF, whose samples are not inverted} */
    static DecodedImage decodeInTiff(JpegFile jpeg, Deadline deadline) {
        byte[] samples = samples(jpeg, deadline);
        byte[] pixels = new byte[samples.length / 4 * 3];
        for (int from = 0, to = 0; from < samples.length; from += 4, to += 3) {
            int white = 255 - (samples[from + 3] & 0xFF);
            for (int c = 0; c < 3; c++) {
                pixels[to + c] = (byte) Cmyk.toRgb(samples[from + c] & 0xFF, white);
            }
        }
        return new InterleavedImage(jpeg.width(), jpeg.height(), 3, pixels);
    }

    private static int clip(int value) {
        return Math.max(Math.min(value, 255), 0);
    }

    /**
     * {@return the raw samples, four per pixel}
     *
     * <p>The reader gets a copy of the file without metadata, since it would parse color profiles.
     */
    private static byte[] samples(JpegFile jpeg, Deadline deadline) {
        byte[] bytes = jpeg.withoutMetadata(jpeg.isAdobe() ? jpeg.adobeTransform() : -1);
        ImageReader reader = ImageIO.getImageReadersByFormatName("jpeg").next();
        try (MemoryCacheImageInputStream in =
                new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
            reader.setInput(in, true, true);
            reader.addIIOReadProgressListener(new AbortAtDeadline(deadline));
            Raster raster = reader.readRaster(0, null);
            jpeg.check(deadline);
            if (raster.getNumBands() == 4
                    && raster.getWidth() == jpeg.width()
                    && raster.getHeight() == jpeg.height()
                    && raster.getDataBuffer() instanceof DataBufferByte buffer
                    && raster.getSampleModel() instanceof PixelInterleavedSampleModel model
                    && model.getScanlineStride() == 4 * jpeg.width()) {
                return buffer.getData();
            }
            throw ImageFormat.JPEG.unsupported("the layout of its components is unknown");
        } catch (IOException | IndexOutOfBoundsException | IllegalArgumentException e) {
            jpeg.check(deadline);
            throw ImageFormat.JPEG.corrupt();
        } finally {
            reader.dispose();
        }
    }
}
