package io.bactrian.preprocess.image;

import io.bactrian.limit.Deadline;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * A Windows bitmap (BMP), decoded by the JDK's reader. TensorFlow's decoder ignores palettes and
 * would return the indices as gray values.
 */
final class BmpFile extends EncodedImage {

    private static final int FILE_HEADER_BYTES = 14;
    private static final int CORE_HEADER_BYTES = 12;
    private static final int INFO_HEADER_BYTES = 40;

    /** Headers from this version on declare a color space; V5 headers may refer to a profile. */
    private static final int V4_HEADER_BYTES = 108;

    private static final int V5_HEADER_BYTES = 124;

    private static final int FILE_SIZE_OFFSET = 2;
    private static final int COLOR_SPACE_OFFSET = FILE_HEADER_BYTES + 56;
    private static final int PROFILE_OFFSET = FILE_HEADER_BYTES + 112;

    private static final int RLE8 = 1;
    private static final int RLE4 = 2;
    private static final int BITFIELDS = 3;

    private final ByteReader in;
    private final long headerBytes;
    private final int bitsPerPixel;
    private final long pixelsEnd;

    BmpFile(byte[] bytes) {
        super(ImageFormat.BMP, bytes);
        in = new ByteReader(bytes, format(), false);
        long pixelsOffset = in.u32(10);
        headerBytes = in.u32(FILE_HEADER_BYTES);
        long compression = 0;
        if (headerBytes == CORE_HEADER_BYTES) {
            setSize(in.u16(18), in.u16(20));
            bitsPerPixel = in.u16(24);
        } else if (headerBytes >= INFO_HEADER_BYTES && headerBytes <= V5_HEADER_BYTES) {
            // a negative height means that the top row comes first
            setSize(in.i32(18), Math.abs((long) in.i32(22)));
            bitsPerPixel = in.u16(28);
            compression = in.u32(30);
        } else {
            throw format().unsupported("a header of " + headerBytes + " bytes");
        }
        if (compression > BITFIELDS) {
            throw format().unsupported("compression " + compression);
        }
        if (compression == RLE8 || compression == RLE4) {
            pixelsEnd = pixelsOffset + in.u32(34);
        } else {
            long rowBytes = ((long) width * bitsPerPixel + 31) / 32 * 4;
            in.check(pixelsOffset, rowBytes * height);
            pixelsEnd = pixelsOffset + rowBytes * height;
        }
    }

    @Override
    int endOfImage() {
        long end = Math.max(pixelsEnd, FILE_HEADER_BYTES + headerBytes);
        if (headerBytes == V5_HEADER_BYTES) {
            end =
                    Math.max(
                            end,
                            FILE_HEADER_BYTES
                                    + in.u32(PROFILE_OFFSET)
                                    + in.u32(PROFILE_OFFSET + 4));
        }
        long declaredSize = in.u32(FILE_SIZE_OFFSET);
        if (declaredSize <= in.length()) {
            end = Math.max(end, declaredSize);
        }
        return end <= in.length() ? (int) end : -1;
    }

    /** The reader's copy of the file, its image of whole bytes per pixel, and the result. */
    @Override
    long decodingBytes() {
        return bytes.length
                + (long) width
                        * height
                        * (Math.max(bitsPerPixel, 8) / 8 + (bitsPerPixel > 8 ? 3 : 1));
    }

    @Override
    DecodedImage decode(Deadline deadline) {
        ImageReader reader = ImageIO.getImageReadersByFormatName("bmp").next();
        try (MemoryCacheImageInputStream stream = new MemoryCacheImageInputStream(sanitized())) {
            reader.setInput(stream, true, true);
            reader.addIIOReadProgressListener(new AbortAtDeadline(deadline));
            BufferedImage image = reader.read(0);
            check(deadline);
            return ImageIoRasters.image(image);
        } catch (IOException | RuntimeException e) {
            check(deadline);
            throw format().corrupt();
        } finally {
            reader.dispose();
        }
    }

    /**
     * {@return the file with its actual size in the header, where many writers leave 0, and without
     * its color profile, which the reader would parse although Pillow ignores it}
     */
    private InputStream sanitized() {
        int length = (int) Math.min(FILE_HEADER_BYTES + headerBytes, bytes.length);
        byte[] header = Arrays.copyOf(bytes, length);
        ByteBuffer patched = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN);
        patched.putInt(FILE_SIZE_OFFSET, bytes.length);
        if (headerBytes >= V4_HEADER_BYTES) {
            patched.putInt(COLOR_SPACE_OFFSET, 0);
        }
        return new SequenceInputStream(
                new ByteArrayInputStream(header),
                new ByteArrayInputStream(bytes, length, bytes.length - length));
    }
}
