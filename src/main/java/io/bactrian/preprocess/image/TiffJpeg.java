package io.bactrian.preprocess.image;

import com.twelvemonkeys.imageio.metadata.tiff.TIFF;
import io.bactrian.limit.Deadline;
import java.util.Arrays;

/**
 * The decoder of JPEG-compressed TIFFs, whose strips or tiles are JPEG files that may share their
 * tables. As in libtiff, the color space is that of the TIFF's tags, whatever the JPEG markers say.
 */
final class TiffJpeg {

    private static final byte[] START = {(byte) 0xFF, (byte) 0xD8};
    private static final byte[] END = {(byte) 0xFF, (byte) 0xD9};

    /** The maximum size of the shared tables, which are copied for each strip or tile. */
    private static final int MAX_TABLE_BYTES = 1 << 14;

    // Values of the Adobe segment's color transform.
    private static final int NO_TRANSFORM = 0;

    private static final int YCBCR_TRANSFORM = 1;

    private final TiffFile file;
    private final Deadline deadline;
    private final byte[] tables;
    private final int components;
    private final int channels;
    private final byte[] pixels;

    TiffJpeg(TiffFile file, Deadline deadline) {
        this.file = file;
        this.deadline = deadline;
        tables = tables(file);
        components = components(file.photometric());
        channels = components == 1 ? 1 : 3;
        pixels = new byte[file.storedWidth() * file.storedHeight() * channels];
    }

    /**
     * Checks that libtiff decodes such an image to one of Pillow's modes.
     *
     * @throws io.bactrian.tensor.BadInputException if it does not
     */
    static void check(int photometric, int samples, int bits, boolean planar) {
        if (photometric == TiffFile.PALETTE
                || samples != components(photometric)
                || bits != 8
                || planar) {
            throw ImageFormat.TIFF.unsupported(
                    "JPEG compression of "
                            + samples
                            + " samples per pixel of "
                            + bits
                            + " bits, photometric interpretation "
                            + photometric
                            + (planar ? ", in planes" : ""));
        }
    }

    private static int components(int photometric) {
        return switch (photometric) {
            case TiffFile.RGB, TiffFile.YCBCR -> 3;
            case TiffFile.SEPARATED -> 4;
            default -> 1;
        };
    }

    private static byte[] tables(TiffFile file) {
        long entry = file.directory().find(TIFF.TAG_JPEG_TABLES);
        if (entry >= 0 && file.directory().dataBytes(entry) > MAX_TABLE_BYTES) {
            throw file.format().corrupt("its JPEG tables are too large");
        }
        return entry < 0 ? new byte[0] : withoutStartAndEnd(file.directory().bytes(entry));
    }

    /** {@return a JPEG without its start and end markers} */
    private static byte[] withoutStartAndEnd(byte[] jpeg) {
        int from = startsWith(jpeg, 0, START) ? 2 : 0;
        int to = jpeg.length - 2 >= from && startsWith(jpeg, jpeg.length - 2, END) ? 2 : 0;
        return Arrays.copyOfRange(jpeg, from, jpeg.length - to);
    }

    private static boolean startsWith(byte[] bytes, int at, byte[] with) {
        return bytes.length >= at + 2 && bytes[at] == with[0] && bytes[at + 1] == with[1];
    }

    DecodedImage decode() {
        int columns = (file.storedWidth() - 1) / file.segmentWidth() + 1;
        int rows = (file.storedHeight() - 1) / file.segmentHeight() + 1;
        for (int y = 0; y < rows; y++) {
            for (int x = 0; x < columns; x++) {
                file.check(deadline);
                decode(segment(y * columns + x), x * file.segmentWidth(), y * file.segmentHeight());
            }
        }
        return new InterleavedImage(file.storedWidth(), file.storedHeight(), channels, pixels);
    }

    private JpegFile segment(int index) {
        byte[] data = withoutStartAndEnd(file.segment(index));
        byte[] all = new byte[2 + tables.length + data.length + 2];
        System.arraycopy(START, 0, all, 0, 2);
        System.arraycopy(tables, 0, all, 2, tables.length);
        System.arraycopy(data, 0, all, 2 + tables.length, data.length);
        System.arraycopy(END, 0, all, all.length - 2, 2);
        int transform = file.photometric() == TiffFile.YCBCR ? YCBCR_TRANSFORM : NO_TRANSFORM;
        JpegFile jpeg = new JpegFile(new JpegFile(all).withoutMetadata(transform));
        if (jpeg.components() != components
                || (long) jpeg.width() * jpeg.height()
                        > (long) file.segmentWidth() * file.segmentHeight()) {
            throw file.format().corrupt("the size of a strip or tile differs from its header");
        }
        jpeg.endOfImage();
        return jpeg;
    }

    private void decode(JpegFile jpeg, int left, int top) {
        int width = Math.min(file.segmentWidth(), file.storedWidth() - left);
        int height = Math.min(file.segmentHeight(), file.storedHeight() - top);
        if (jpeg.width() < width || jpeg.height() < height) {
            throw file.format().corrupt("the size of a strip or tile differs from its header");
        }
        try (DecodedImage image =
                components == 4 ? CmykJpeg.decodeInTiff(jpeg, deadline) : jpeg.decode(deadline)) {
            byte[] row = new byte[image.width() * channels];
            for (int y = 0; y < height; y++) {
                image.row(y, row);
                int at = ((top + y) * file.storedWidth() + left) * channels;
                if (file.photometric() == TiffFile.WHITE_IS_ZERO) {
                    invert(row);
                }
                System.arraycopy(row, 0, pixels, at, width * channels);
            }
        }
    }

    private static void invert(byte[] row) {
        for (int i = 0; i < row.length; i++) {
            row[i] = (byte) ~row[i];
        }
    }
}
