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
 * Windows bitmaps by the JDK's reader. TensorFlow's knows no palettes: it would take the indices
 * for grays.
 */
final class BmpFile extends EncodedImage {

    private static final int FILE_HEADER_BYTES = 14;
    private static final int CORE_HEADER_BYTES = 12;
    private static final int INFO_HEADER_BYTES = 40;

    /** From this version on the header says a color space, and the next one may have a profile. */
    private static final int V4_HEADER_BYTES = 108;

    private static final int V5_HEADER_BYTES = 124;

    private static final int FILE_SIZE_AT = 2;
    private static final int COLOR_SPACE_AT = FILE_HEADER_BYTES + 56;
    private static final int PROFILE_AT = FILE_HEADER_BYTES + 112;

    private static final int RLE8 = 1;
    private static final int RLE4 = 2;
    private static final int BITFIELDS = 3;

    private final ByteReader in;
    private final long headerBytes;
    private final int bits;
    private final long pixelsEnd;

    BmpFile(byte[] bytes) {
        super(ImageFormat.BMP, bytes);
        in = new ByteReader(bytes, format(), false);
        long pixelsAt = in.u32(10);
        headerBytes = in.u32(FILE_HEADER_BYTES);
        long compression = 0;
        if (headerBytes == CORE_HEADER_BYTES) {
            size(in.u16(18), in.u16(20));
            bits = in.u16(24);
        } else if (headerBytes >= INFO_HEADER_BYTES && headerBytes <= V5_HEADER_BYTES) {
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
        if (compression == RLE8 || compression == RLE4) {
            pixelsEnd = pixelsAt + in.u32(34);
        } else {
            long rowBytes = ((long) width * bits + 31) / 32 * 4;
            in.check(pixelsAt, rowBytes * height);
            pixelsEnd = pixelsAt + rowBytes * height;
        }
    }

    @Override
    int endOfImage() {
        long end = Math.max(pixelsEnd, FILE_HEADER_BYTES + headerBytes);
        if (headerBytes == V5_HEADER_BYTES) {
            end = Math.max(end, FILE_HEADER_BYTES + in.u32(PROFILE_AT) + in.u32(PROFILE_AT + 4));
        }
        long said = in.u32(FILE_SIZE_AT);
        if (said <= in.length()) {
            end = Math.max(end, said);
        }
        return end <= in.length() ? (int) end : -1;
    }

    /** The reader's copy of the file, its image, which has whole bytes a pixel, and ours. */
    @Override
    long decodingBytes() {
        return bytes.length + (long) width * height * (Math.max(bits, 8) / 8 + (bits > 8 ? 3 : 1));
    }

    @Override
    DecodedImage decode(Deadline deadline) {
        ImageReader reader = ImageIO.getImageReadersByFormatName("bmp").next();
        try (MemoryCacheImageInputStream stream = new MemoryCacheImageInputStream(plain())) {
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
     * The file with its true size, since many writers leave it at 0, and without color profile: the
     * reader would parse it, only to put colors in the image that are not read.
     */
    private InputStream plain() {
        int length = (int) Math.min(FILE_HEADER_BYTES + headerBytes, bytes.length);
        byte[] header = Arrays.copyOf(bytes, length);
        ByteBuffer patched = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN);
        patched.putInt(FILE_SIZE_AT, bytes.length);
        if (headerBytes >= V4_HEADER_BYTES) {
            patched.putInt(COLOR_SPACE_AT, 0);
        }
        return new SequenceInputStream(
                new ByteArrayInputStream(header),
                new ByteArrayInputStream(bytes, length, bytes.length - length));
    }
}
