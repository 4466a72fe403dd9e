package io.bactrian.preprocess.picture;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Windows bitmaps by the JDK's reader. TensorFlow's knows no palettes: it would take the indices
 * for greys.
 */
final class BmpFile extends PictureFile {

    private static final int FILE_HEADER_BYTES = 14;
    private static final int CORE_HEADER_BYTES = 12;
    private static final int RLE8 = 1;
    private static final int RLE4 = 2;
    private static final int BITFIELDS = 3;

    BmpFile(byte[] bytes) {
        super(PictureFormat.BMP, bytes);
        ByteReader in = new ByteReader(bytes, format(), false);
        long pixelsAt = in.u32(10);
        long headerBytes = in.u32(FILE_HEADER_BYTES);
        int bits;
        long compression = 0;
        if (headerBytes == CORE_HEADER_BYTES) {
            size(in.u16(18), in.u16(20));
            bits = in.u16(24);
        } else if (headerBytes >= 40 && headerBytes <= 124) {
            // a negative height means rows from the top
            size(in.i32(18), Math.abs((long) in.i32(22)));
            bits = in.u16(28);
            compression = in.u32(30);
        } else {
            throw format().unsupported("a header of " + headerBytes + " bytes");
        }
        if (compression > BITFIELDS) {
            throw format().unsupported("compression " + compression);
        }
        if (compression != RLE8 && compression != RLE4) {
            long rowBytes = ((long) width * bits + 31) / 32 * 4;
            in.check(pixelsAt, rowBytes * height);
        }
    }

    @Override
    Picture decode() {
        ImageReader reader = ImageIO.getImageReadersByFormatName("bmp").next();
        try (MemoryCacheImageInputStream in =
                new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
            reader.setInput(in, true, true);
            BufferedImage image = reader.read(0);
            return Rasters.picture(image);
        } catch (IOException | RuntimeException e) {
            throw format().corrupt();
        } finally {
            reader.dispose();
        }
    }
}
