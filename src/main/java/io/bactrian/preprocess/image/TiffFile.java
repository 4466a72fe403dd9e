package io.bactrian.preprocess.image;

import com.twelvemonkeys.imageio.metadata.tiff.TIFF;
import com.twelvemonkeys.imageio.plugins.tiff.TIFFImageReaderSpi;
import io.bactrian.limit.Deadline;
import java.awt.image.Raster;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.jspecify.annotations.Nullable;

/**
 * A TIFF, of which only the first page is decoded. TwelveMonkeys decompresses it, or {@link
 * TiffJpeg} if it is JPEG-compressed; the samples are converted to RGB here, by the tags, as in
 * Pillow. {@link #decode} applies the orientation, as Pillow does for this format only
 * (src/PIL/TiffImagePlugin.py).
 *
 * <p>TwelveMonkeys does not get the file's own directories but a new one of the tags that it needs,
 * which have been validated. So it does not follow chains of pages, parse color profiles, or
 * allocate memory for data that is not in the file.
 */
final class TiffFile extends EncodedImage {

    private static final int NO_COMPRESSION = 1;
    private static final int LZW = 5;
    private static final int JPEG = 7;
    private static final int DEFLATE = 8;
    private static final int OLD_DEFLATE = 32946;

    private static final int UNSIGNED = 1;
    private static final int PREMULTIPLIED = 1;
    private static final int PLANAR = 2;
    private static final int HORIZONTAL_PREDICTOR = 2;

    static final int WHITE_IS_ZERO = 0;
    static final int BLACK_IS_ZERO = 1;
    static final int RGB = 2;
    static final int PALETTE = 3;
    static final int SEPARATED = 5;
    static final int YCBCR = 6;

    /** Pillow's limit: four colors and two extra samples. */
    private static final int MAX_SAMPLES = 6;

    /** The maximum ratio of pixels including the tiles' padding to pixels of the image. */
    private static final int MAX_PADDING = 16;

    /** The pixels including padding that are allowed whatever the ratio. */
    private static final int MAX_PADDED_PIXELS = 1 << 22;

    /** The maximum ratio of the total size of the strips or tiles to the file's size. */
    private static final long MAX_OVERLAP = 4;

    /** The minimum of the TIFF specification, 16x16. */
    private static final int MIN_TILE_PIXELS = 256;

    private final ByteReader in;
    private final TiffDirectory directory;
    private final int storedWidth;
    private final int storedHeight;
    private final int bits;
    private final int compression;
    private final int photometric;
    private final int samplesPerPixel;
    private final boolean planar;
    private final boolean premultiplied;
    private final int orientationTag;

    private final boolean tiled;
    private final int segmentWidth;
    private final int segmentHeight;

    /** The offsets of the segments, that is strips or tiles. */
    private final long[] offsets;

    /** The sizes of the segments in bytes; null if the file has none. */
    private final long @Nullable [] counts;

    TiffFile(byte[] bytes) {
        super(ImageFormat.TIFF, bytes);
        in = new ByteReader(bytes, format(), bytes[0] == 'M');
        directory = new TiffDirectory(in, format(), in.u32(4));
        long imageWidth = directory.first(TIFF.TAG_IMAGE_WIDTH, 0);
        long imageHeight = directory.first(TIFF.TAG_IMAGE_HEIGHT, 0);
        setSize(imageWidth, imageHeight);
        storedWidth = width;
        storedHeight = height;
        orientationTag = (int) directory.first(TIFF.TAG_ORIENTATION, Orientation.UPRIGHT);
        if (orientationTag >= 5 && orientationTag <= 8) {
            setSize(imageHeight, imageWidth);
        }
        bits = (int) directory.first(TIFF.TAG_BITS_PER_SAMPLE, 1);
        compression = (int) directory.first(TIFF.TAG_COMPRESSION, NO_COMPRESSION);
        photometric = (int) directory.first(TIFF.TAG_PHOTOMETRIC_INTERPRETATION, WHITE_IS_ZERO);
        samplesPerPixel = (int) directory.first(TIFF.TAG_SAMPLES_PER_PIXEL, 1);
        planar = directory.first(TIFF.TAG_PLANAR_CONFIGURATION, 1) == PLANAR;
        premultiplied = directory.first(TIFF.TAG_EXTRA_SAMPLES, 0) == PREMULTIPLIED;
        checkEncoding();
        tiled = directory.count(TIFF.TAG_TILE_OFFSETS) > 0;
        segmentWidth = tiled ? tileSide(TIFF.TAG_TILE_WIDTH) : storedWidth;
        segmentHeight =
                tiled
                        ? tileSide(TIFF.TAG_TILE_HEIGTH)
                        : (int) Math.min(rowsPerStrip(), storedHeight);
        int segments = segmentCount();
        offsets =
                directory.values(tiled ? TIFF.TAG_TILE_OFFSETS : TIFF.TAG_STRIP_OFFSETS, segments);
        int countsTag = tiled ? TIFF.TAG_TILE_BYTE_COUNTS : TIFF.TAG_STRIP_BYTE_COUNTS;
        counts = directory.count(countsTag) > 0 ? directory.values(countsTag, segments) : null;
        checkSegments();
    }

    /**
     * Checks that all segments are within the file and do not overlap much, since each may be read
     * to its end without yielding a pixel.
     */
    private void checkSegments() {
        long total = 0;
        for (int i = 0; i < offsets.length; i++) {
            in.check(offsets[i], counts == null ? 1 : counts[i]);
            long length = counts == null ? in.length() - offsets[i] : counts[i];
            total += length;
            // the reader takes 0 for unknown
            if (compression != NO_COMPRESSION
                    && (length == 0 || total > MAX_OVERLAP * in.length())) {
                throw format().corrupt("its strips or tiles are empty or overlap");
            }
        }
    }

    private void checkEncoding() {
        if (directory.first(TIFF.TAG_SAMPLE_FORMAT, UNSIGNED) != UNSIGNED
                || bits < 1
                || bits > 16) {
            throw format().unsupported("samples that are not unsigned integers of up to 16 bits");
        }
        switch (compression) {
            // 2, 3 and 4 are fax encodings, 32773 is PackBits
            case NO_COMPRESSION, LZW, DEFLATE, OLD_DEFLATE, 2, 3, 4, 32773 -> {}
            case JPEG -> TiffJpeg.check(photometric, samplesPerPixel, bits, planar);
            default -> throw format().unsupported("compression " + compression);
        }
        int minSamples =
                switch (photometric) {
                    case WHITE_IS_ZERO, BLACK_IS_ZERO, PALETTE -> 1;
                    case RGB -> 3;
                    case SEPARATED -> 4;
                    case YCBCR -> {
                        if (compression != JPEG) {
                            throw format().unsupported("YCbCr that is not JPEG-compressed");
                        }
                        yield 3;
                    }
                    default ->
                            throw format().unsupported("photometric interpretation " + photometric);
                };
        if (samplesPerPixel < minSamples
                || samplesPerPixel > MAX_SAMPLES
                || (photometric == PALETTE && bits > 8)) {
            throw format().unsupported(samplesPerPixel + " samples per pixel of " + bits + " bits");
        }
        if (hasPredictor() && directory.first(TIFF.TAG_PREDICTOR, 1) != HORIZONTAL_PREDICTOR) {
            throw format().unsupported("predictor " + directory.first(TIFF.TAG_PREDICTOR, 1));
        }
    }

    /** {@return whether a predictor is applied, which only these compressions support} */
    private boolean hasPredictor() {
        return (compression == LZW || compression == DEFLATE || compression == OLD_DEFLATE)
                && directory.first(TIFF.TAG_PREDICTOR, 1) != 1;
    }

    private int tileSide(int tag) {
        long side = directory.first(tag, 0);
        if (side < 1 || side > ImageDecoder.MAX_SIDE) {
            throw format().corrupt("its tiles have a side of " + side + " pixels");
        }
        return (int) side;
    }

    private long rowsPerStrip() {
        long rows = directory.first(TIFF.TAG_ROWS_PER_STRIP, Integer.MAX_VALUE);
        if (rows < 1) {
            throw format().corrupt("its strips have no rows");
        }
        return rows;
    }

    /** {@return the number of strips or tiles} */
    private int segmentCount() {
        long columns = (storedWidth + (long) segmentWidth - 1) / segmentWidth;
        long rows = (storedHeight + (long) segmentHeight - 1) / segmentHeight;
        long pixels = (long) storedWidth * storedHeight;
        long padded = columns * segmentWidth * (tiled ? rows * segmentHeight : storedHeight);
        long segments = columns * rows * (planar ? samplesPerPixel : 1);
        if (padded > Math.max(MAX_PADDING * pixels, MAX_PADDED_PIXELS)
                || (tiled && segments > samplesPerPixel * (1 + padded / MIN_TILE_PIXELS))
                || segments > in.length()) {
            throw format().corrupt(
                            "its tiles of "
                                    + segmentWidth
                                    + "x"
                                    + segmentHeight
                                    + " pixels do not fit its size");
        }
        return (int) segments;
    }

    @Override
    int endOfImage() {
        return TiffExtent.end(in);
    }

    /**
     * TwelveMonkeys' input and output, or a decoded segment; and the result and its rotated copy.
     */
    @Override
    long decodingBytes() {
        long pixels = (long) storedWidth * storedHeight;
        long result = (photometric < RGB || photometric == PALETTE ? 1 : 3) * pixels;
        long rotated = orientationTag == Orientation.UPRIGHT ? 0 : 3 * pixels;
        if (compression == JPEG) {
            // a decoded segment, its coefficients, and two copies of its encoded bytes
            long segment = (long) segmentWidth * segmentHeight * samplesPerPixel;
            return 2L * bytes.length + 3 * segment + result + rotated;
        }
        long decompressed = pixels * samplesPerPixel * (bits > 8 ? 2 : 1) + 16L * offsets.length;
        return Math.max(decompressed + Math.max(bytes.length, result), result + rotated);
    }

    @Override
    DecodedImage decode(Deadline deadline) {
        return Orientation.upright(
                compression == JPEG
                        ? new TiffJpeg(this, deadline).decode()
                        : toImage(raster(deadline)),
                orientationTag);
    }

    private DecodedImage toImage(Raster raster) {
        if (raster.getWidth() != storedWidth || raster.getHeight() != storedHeight) {
            throw format().corrupt("its size differs from its header");
        }
        int bands = raster.getNumBands();
        int channels = photometric < RGB ? 1 : 3;
        if (photometric == PALETTE) {
            return new PaletteImage(storedWidth, storedHeight, pixels(raster, bands, 1), palette());
        }
        if (bands < (photometric == SEPARATED ? 4 : channels)) {
            throw format().unsupported(bands + " samples per pixel");
        }
        return new InterleavedImage(
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
            case WHITE_IS_ZERO, BLACK_IS_ZERO -> toGray(value);
            case SEPARATED -> Cmyk.toRgb(toEightBits(value), 255 - toEightBits(row[from + 3]));
            default ->
                    premultiplied && bands > 3
                            ? unpremultiplied(toEightBits(value), toEightBits(row[from + 3]))
                            : toEightBits(value);
        };
    }

    /** Clips 16-bit gray to 255 and never inverts it, as Pillow does for its mode I;16. */
    private int toGray(int value) {
        if (bits == 16) {
            return Math.min(value, 255);
        }
        int max = (1 << bits) - 1;
        int sample = value * 255 / max;
        return photometric == WHITE_IS_ZERO ? 255 - sample : sample;
    }

    private int toEightBits(int value) {
        return bits == 16 ? value >> 8 : value * 255 / ((1 << bits) - 1);
    }

    private static int unpremultiplied(int value, int alpha) {
        return alpha == 0 || alpha == 255 ? value : Math.min(255 * value / alpha, 255);
    }

    /** {@return the color map, which is stored as all reds, all greens, all blues of 16 bits} */
    private byte[] palette() {
        int colors = 1 << bits;
        long[] map = directory.values(TIFF.TAG_COLOR_MAP, 3 * colors);
        byte[] palette = new byte[3 * 256];
        for (int i = 0; i < colors; i++) {
            for (int c = 0; c < 3; c++) {
                palette[3 * i + c] = (byte) (map[c * colors + i] >> 8);
            }
        }
        return palette;
    }

    private Raster raster(Deadline deadline) {
        ImageReader reader = new TIFFImageReaderSpi().createReaderInstance(null);
        try (MemoryCacheImageInputStream stream =
                new MemoryCacheImageInputStream(withMinimalDirectory())) {
            reader.setInput(stream, true, true);
            reader.addIIOReadProgressListener(new AbortAtDeadline(deadline));
            // by default the reader would reverse the channels of each pixel
            ImageReadParam asStored = reader.getDefaultReadParam();
            asStored.setDestinationType(reader.getRawImageType(0));
            Raster raster = reader.readRaster(0, asStored);
            check(deadline);
            return raster;
        } catch (IOException | RuntimeException e) {
            check(deadline);
            throw format().corrupt();
        } finally {
            reader.dispose();
        }
    }

    /** {@return the file with a directory of only the tags that the reader needs} */
    private InputStream withMinimalDirectory() {
        TiffRewriter tags = new TiffRewriter();
        tags.put(TIFF.TAG_IMAGE_WIDTH, storedWidth);
        tags.put(TIFF.TAG_IMAGE_HEIGHT, storedHeight);
        putFirst(tags, TIFF.TAG_BITS_PER_SAMPLE);
        tags.put(TIFF.TAG_COMPRESSION, compression);
        tags.put(TIFF.TAG_PHOTOMETRIC_INTERPRETATION, photometric);
        tags.put(TIFF.TAG_FILL_ORDER, directory.first(TIFF.TAG_FILL_ORDER, 1));
        tags.put(TIFF.TAG_SAMPLES_PER_PIXEL, samplesPerPixel);
        tags.put(TIFF.TAG_PLANAR_CONFIGURATION, planar ? PLANAR : 1);
        tags.put(TIFF.TAG_GROUP3OPTIONS, directory.first(TIFF.TAG_GROUP3OPTIONS, 0));
        tags.put(TIFF.TAG_GROUP4OPTIONS, directory.first(TIFF.TAG_GROUP4OPTIONS, 0));
        tags.put(TIFF.TAG_PREDICTOR, hasPredictor() ? HORIZONTAL_PREDICTOR : 1);
        tags.put(tiled ? TIFF.TAG_TILE_OFFSETS : TIFF.TAG_STRIP_OFFSETS, offsets);
        if (counts != null) {
            tags.put(tiled ? TIFF.TAG_TILE_BYTE_COUNTS : TIFF.TAG_STRIP_BYTE_COUNTS, counts);
        }
        if (tiled) {
            tags.put(TIFF.TAG_TILE_WIDTH, segmentWidth);
            tags.put(TIFF.TAG_TILE_HEIGTH, segmentHeight);
        } else {
            tags.put(TIFF.TAG_ROWS_PER_STRIP, segmentHeight);
        }
        if (photometric == PALETTE) {
            tags.put(TIFF.TAG_COLOR_MAP, directory.values(TIFF.TAG_COLOR_MAP, 3 << bits));
        }
        putFirst(tags, TIFF.TAG_EXTRA_SAMPLES);
        return tags.rewritten(bytes, in.order());
    }

    /** Copies a tag that has up to one value per sample. */
    private void putFirst(TiffRewriter tags, int tag) {
        int count = (int) Math.min(directory.count(tag), samplesPerPixel);
        if (count > 0) {
            tags.put(tag, directory.values(tag, count));
        }
    }

    TiffDirectory directory() {
        return directory;
    }

    byte[] bytes() {
        return bytes;
    }

    int photometric() {
        return photometric;
    }

    int storedWidth() {
        return storedWidth;
    }

    int storedHeight() {
        return storedHeight;
    }

    int segmentWidth() {
        return segmentWidth;
    }

    int segmentHeight() {
        return segmentHeight;
    }

    /**
     * {@return the encoded bytes of a strip or tile, up to the file's end if their number is
     * unknown}
     */
    byte[] segment(int index) {
        int from = (int) offsets[index];
        int to = counts == null ? bytes.length : from + (int) counts[index];
        return Arrays.copyOfRange(bytes, from, to);
    }
}
