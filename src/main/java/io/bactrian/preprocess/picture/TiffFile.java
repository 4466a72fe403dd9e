package io.bactrian.preprocess.picture;

import com.twelvemonkeys.imageio.plugins.tiff.TIFFImageReaderSpi;
import io.bactrian.limit.Deadline;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import javax.imageio.ImageReader;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * The first page of a TIFF: TwelveMonkeys undoes the compression, the colours are made here as
 * Pillow makes them, from the tags. The orientation is applied at once, as Pillow does with this
 * format only (src/PIL/TiffImagePlugin.py).
 */
final class TiffFile extends PictureFile {

    private static final int ENTRY_BYTES = 12;

    private static final int JPEG_COMPRESSION = 7;
    private static final int UNSIGNED = 1;
    private static final int PREMULTIPLIED = 1;

    private static final int WHITE_IS_ZERO = 0;
    private static final int BLACK_IS_ZERO = 1;
    private static final int RGB = 2;
    private static final int PALETTE = 3;
    private static final int INKS = 5;
    private static final int YCBCR = 6;

    private final ByteReader in;
    private final long directory;
    private final int storedWidth;
    private final int storedHeight;
    private final int bits;
    private final int photometric;
    private final int samplesPerPixel;
    private final boolean premultiplied;
    private final int turn;

    TiffFile(byte[] bytes) {
        super(PictureFormat.TIFF, bytes);
        in = new ByteReader(bytes, format(), bytes[0] == 'M');
        directory = in.u32(4);
        in.check(directory, 2 + (long) in.u16(directory) * ENTRY_BYTES);
        long wide = first(256, 0);
        long high = first(257, 0);
        size(wide, high);
        storedWidth = width;
        storedHeight = height;
        turn = (int) first(274, Orientation.UPRIGHT);
        if (turn >= 5 && turn <= 8) {
            size(high, wide);
        }
        bits = (int) first(258, 1);
        long compression = first(259, 1);
        photometric = (int) first(262, WHITE_IS_ZERO);
        samplesPerPixel = (int) first(277, 1);
        premultiplied = first(338, 0) == PREMULTIPLIED;
        if (first(339, UNSIGNED) != UNSIGNED || bits > 16) {
            throw format().unsupported("samples that are not unsigned integers of up to 16 bits");
        }
        int least =
                switch (photometric) {
                    case WHITE_IS_ZERO, BLACK_IS_ZERO, PALETTE -> 1;
                    case RGB -> 3;
                    case INKS -> 4;
                    case YCBCR -> {
                        if (compression != JPEG_COMPRESSION) {
                            throw format().unsupported("YCbCr that is not JPEG-compressed");
                        }
                        yield 3;
                    }
                    default ->
                            throw format().unsupported("photometric interpretation " + photometric);
                };
        if (samplesPerPixel < least || (photometric == PALETTE && bits > 8)) {
            throw format().unsupported(samplesPerPixel + " samples a pixel of " + bits + " bits");
        }
        checkData(273, 279);
        checkData(324, 325);
    }

    /** Checks that the strips or tiles are in the file, before memory is taken for them. */
    private void checkData(int offsetsTag, int countsTag) {
        long offsets = entry(offsetsTag);
        long counts = entry(countsTag);
        if (offsets < 0 || counts < 0) {
            return;
        }
        long parts = Math.min(in.u32(offsets + 4), in.u32(counts + 4));
        for (long i = 0; i < parts; i++) {
            in.check(value(offsets, i), value(counts, i));
        }
    }

    /**
     * @return the place of a tag's entry, or -1
     */
    private long entry(int tag) {
        int entries = in.u16(directory);
        for (int i = 0; i < entries; i++) {
            long at = directory + 2 + (long) i * ENTRY_BYTES;
            if (in.u16(at) == tag) {
                return at;
            }
        }
        return -1;
    }

    private long first(int tag, long otherwise) {
        long entry = entry(tag);
        return entry < 0 || in.u32(entry + 4) == 0 ? otherwise : value(entry, 0);
    }

    /** A value of an entry of bytes, shorts or longs, which lie in the entry if they fit. */
    private long value(long entry, long index) {
        int type = in.u16(entry + 2);
        int size =
                switch (type) {
                    case 1 -> 1;
                    case 3 -> 2;
                    case 4 -> 4;
                    default -> throw format().corrupt("a tag has type " + type);
                };
        long count = in.u32(entry + 4);
        long at = (count * size <= 4 ? entry + 8 : in.u32(entry + 8)) + index * size;
        return switch (size) {
            case 1 -> in.u8(at);
            case 2 -> in.u16(at);
            default -> in.u32(at);
        };
    }

    @Override
    int endOfImage() {
        return -1;
    }

    @Override
    long decodingBytes() {
        return 0;
    }

    @Override
    Picture decode(Deadline deadline) {
        return Orientation.upright(stored(), turn);
    }

    private Picture stored() {
        Raster raster = raster();
        if (raster.getWidth() != storedWidth || raster.getHeight() != storedHeight) {
            throw format().corrupt("it is not of the size its header says");
        }
        int bands = raster.getNumBands();
        int channels = photometric < RGB ? 1 : 3;
        if (photometric == PALETTE) {
            return new IndexedPicture(
                    storedWidth, storedHeight, pixels(raster, bands, 1), palette());
        }
        if (bands < (photometric == INKS ? 4 : channels)) {
            throw format().unsupported(bands + " samples a pixel");
        }
        return new PixelPicture(
                storedWidth, storedHeight, channels, pixels(raster, bands, channels));
    }

    private byte[] pixels(Raster raster, int bands, int channels) {
        byte[] pixels = new byte[storedWidth * storedHeight * channels];
        int[] row = new int[storedWidth * bands];
        for (int y = 0; y < storedHeight; y++) {
            raster.getPixels(raster.getMinX(), raster.getMinY() + y, storedWidth, 1, row);
            int to = y * storedWidth * channels;
            for (int from = 0; from < row.length; from += bands) {
                for (int c = 0; c < channels; c++) {
                    pixels[to++] = (byte) sample(row, from, bands, c);
                }
            }
        }
        return pixels;
    }

    private int sample(int[] row, int from, int bands, int channel) {
        int value = row[from + channel];
        return switch (photometric) {
            case PALETTE -> value;
            case WHITE_IS_ZERO, BLACK_IS_ZERO -> grey(value);
            case INKS -> Cmyk.light(eight(value), 255 - eight(row[from + 3]));
            default ->
                    premultiplied && bands > 3
                            ? divided(eight(value), eight(row[from + 3]))
                            : eight(value);
        };
    }

    /** 16-bit grey is cut off at 255 and never inverted, as Pillow's mode I;16. */
    private int grey(int value) {
        if (bits == 16) {
            return Math.min(value, 255);
        }
        int most = (1 << bits) - 1;
        int light = value * 255 / most;
        return photometric == WHITE_IS_ZERO ? 255 - light : light;
    }

    private int eight(int value) {
        return bits == 16 ? value >> 8 : value * 255 / ((1 << bits) - 1);
    }

    private static int divided(int value, int alpha) {
        return alpha == 0 || alpha == 255 ? value : Math.min(255 * value / alpha, 255);
    }

    /** The colour map: all reds, all greens, all blues, 16 bits each. */
    private byte[] palette() {
        long entry = entry(320);
        int colours = 1 << bits;
        if (entry < 0 || in.u32(entry + 4) < 3L * colours) {
            throw format().corrupt("it has no palette");
        }
        byte[] palette = new byte[3 * 256];
        for (int i = 0; i < colours; i++) {
            for (int c = 0; c < 3; c++) {
                palette[3 * i + c] = (byte) (value(entry, (long) c * colours + i) >> 8);
            }
        }
        return palette;
    }

    private Raster raster() {
        ImageReader reader = new TIFFImageReaderSpi().createReaderInstance(null);
        try (MemoryCacheImageInputStream stream =
                new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
            reader.setInput(stream, true, true);
            return reader.readRaster(0, null);
        } catch (IOException | RuntimeException e) {
            throw format().corrupt();
        } finally {
            reader.dispose();
        }
    }
}
