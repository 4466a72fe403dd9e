package io.bactrian.preprocess.image;

import static io.bactrian.preprocess.image.EncodedImages.ascii;
import static io.bactrian.preprocess.image.EncodedImages.chunk;
import static io.bactrian.preprocess.image.EncodedImages.concat;
import static io.bactrian.preprocess.image.EncodedImages.deflated;
import static io.bactrian.preprocess.image.EncodedImages.jpegWithEmptyScans;
import static io.bactrian.preprocess.image.EncodedImages.oracle;
import static io.bactrian.preprocess.image.EncodedImages.png;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.tensor.BadInputException;
import io.bactrian.testing.Fixtures;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Small files that would take excessive time or memory to decode. */
@Timeout(60)
class HostileImagesTest {

    private static final long MAX_PIXELS = 89_478_485;

    private static DecodedImage decode(byte[] bytes) {
        return ImageDecoder.decode(bytes, MAX_PIXELS, true);
    }

    private static String decodingError(byte[] bytes) {
        return assertThrows(BadInputException.class, () -> decode(bytes).close()).getMessage();
    }

    @Test
    void pngChunkOfNegativeLengthAfterTheEndIsIgnored() {
        byte[] png = oracle("png-1x1.png");
        // -12: a loop over the chunks would never advance
        byte[] trailer = {-1, -1, -1, -12, 't', 'E', 'X', 't', 0, 0, 0, 0, 0, 0, 0, 0};
        try (DecodedImage image = decode(concat(png, trailer))) {
            assertEquals(1, image.width());
        }
    }

    @Test
    void fixtureWithAnEndlessTrailerIsDecoded() throws IOException {
        byte[] png = Files.readAllBytes(Fixtures.path("hostile/png-trailer-endless.png"));
        try (DecodedImage image = decode(png)) {
            assertEquals(20, image.width());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0x7FFFFFFF, -1, -12, -0x80000000})
    void pngChunkLongerThanTheFileIsRejected(int length) {
        byte[] png = oracle("png-rgb.png");
        for (int at : new int[] {8, 33}) {
            byte[] broken = png.clone();
            ByteBuffer.wrap(broken).putInt(at, length);
            String message = decodingError(broken);
            assertTrue(message.startsWith("the PNG image is "), message);
        }
    }

    @Test
    void pngDataAfterThePixelsIsNotInflated() {
        byte[] pixels = new byte[20 * 21 + 100_000];
        Arrays.fill(pixels, 1, 21, (byte) 7);
        byte[] noDeflate = new byte[1000];
        Arrays.fill(noDeflate, (byte) 0xFF);
        byte[] data = concat(deflated(pixels, false), noDeflate);
        try (DecodedImage image = decode(png(20, 20, 0, data))) {
            byte[] row = new byte[20];
            image.row(0, row);
            assertEquals(7, row[0]);
        }
    }

    @Test
    void pngWithLessDataThanPixelsIsRejected() {
        byte[] short1 = deflated(new byte[20 * 21 - 1], true);
        assertEquals(
                "the PNG image is corrupt: it has less data than pixels",
                decodingError(png(20, 20, 0, short1)));
        byte[] open = deflated(new byte[20 * 21 - 1], false);
        assertEquals(
                "the PNG image is corrupt: it has less data than pixels",
                decodingError(png(20, 20, 0, open)));
    }

    @Test
    void pngWithManyEmptyChunksIsDecoded() {
        byte[] empty = chunk("IDAT", new byte[0]);
        byte[][] many = new byte[100_000][];
        Arrays.fill(many, empty);
        try (DecodedImage image = decode(png(20, 20, 0, deflated(new byte[20 * 21], true), many))) {
            assertEquals(20, image.height());
        }
    }

    @Test
    void totalSizeOfPngTextsIsLimited() {
        byte[] text = deflated(new byte[1 << 20], true);
        byte[] broken = concat(deflated(new byte[(1 << 20) - 9], false), new byte[] {-1, -1, -1});
        for (byte[] compressed : new byte[][] {text, broken}) {
            byte[][] texts = new byte[65][];
            Arrays.fill(texts, chunk("zTXt", concat(ascii("k\0\0"), compressed)));
            byte[] pixels = deflated(new byte[20 * 21], true);
            assertEquals(
                    "the PNG image is corrupt: its texts are larger than 67108864 bytes",
                    decodingError(png(20, 20, 0, pixels, texts)));
            try (DecodedImage image = decode(png(20, 20, 0, pixels, Arrays.copyOf(texts, 64)))) {
                assertEquals(20, image.height());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 5, 200})
    void unknownPngFilterIsRejected(int filter) {
        byte[] pixels = new byte[20 * 21];
        pixels[21] = (byte) filter;
        byte[] png = png(20, 20, 0, deflated(pixels, true));
        if (filter == 0) {
            decode(png).close();
        } else {
            assertEquals(
                    "the PNG image is corrupt: a row has filter " + filter, decodingError(png));
        }
    }

    @Test
    void fixtureWith500ScansIsRejected() throws IOException {
        byte[] jpeg = Files.readAllBytes(Fixtures.path("hostile/jpeg-500-scans.jpg"));
        assertTrue(
                decodingError(jpeg)
                        .endsWith("506 scans of 9400x9400 pixels, which take too long to decode"));
    }

    @Test
    void numberOfJpegScansIsLimitedByTheImageSize() {
        assertEquals(
                "the JPEG image is not supported: 101 scans of 16x16 pixels, which take too long"
                        + " to decode",
                decodingError(jpegWithEmptyScans(0xC2, 16, 16, 101)));
        decode(jpegWithEmptyScans(0xC2, 16, 16, 100)).close();
        // the first scan, sequential or progressive, counts as well
        assertTrue(
                decodingError(jpegWithEmptyScans(0xC0, 9400, 9400, 21))
                        .contains("21 scans of 9400x9400"));
        assertTrue(
                decodingError(jpegWithEmptyScans(0xC2, 9400, 9400, 21))
                        .contains("21 scans of 9400x9400"));
        // an arithmetic decoder continues after the end of the data
        assertTrue(
                decodingError(jpegWithEmptyScans(0xCA, 4000, 4000, 6))
                        .contains("6 scans of 4000x4000"));
        decode(jpegWithEmptyScans(0xCA, 400, 400, 6)).close();
    }

    @Test
    void scansAfterMarkersWithoutLengthAreCounted() {
        byte[] jpeg = jpegWithEmptyScans(0xC2, 16, 16, 101);
        byte[] end = Arrays.copyOfRange(jpeg, jpeg.length - 2, jpeg.length);
        byte[] scan = Arrays.copyOfRange(jpeg, jpeg.length - 12, jpeg.length - 2);
        byte[] head = Arrays.copyOf(jpeg, jpeg.length - 2 - 101 * 10);
        // reserved markers, restart markers and fill bytes, which libjpeg skips
        for (byte[] between :
                new byte[][] {
                    {-1, 2, -1, -1}, {-1, (byte) 0xD0}, {-1, -1, -1}, {-1, 0, 9}, {-1, 1, 0, 40}
                }) {
            byte[][] scans = new byte[101][];
            Arrays.fill(scans, concat(scan, between));
            assertTrue(
                    decodingError(concat(head, concat(scans), end)).contains("101 scans"),
                    Arrays.toString(between));
        }
    }

    /**
     * A reserved marker: with or without a length, the first scan would be at different offsets.
     */
    @Test
    void reservedJpegSegmentIsRejected() {
        for (String file : new String[] {"jpeg-420.jpg", "jpeg-cmyk.jpg"}) {
            byte[] jpeg = oracle(file);
            byte[] start = {(byte) 0xFF, (byte) 0xD8, (byte) 0xFF, 0x42, 0, 4};
            byte[] scan = {(byte) 0xFF, (byte) 0xDA};
            assertEquals(
                    "the JPEG image is corrupt: it has a reserved segment",
                    decodingError(concat(start, scan, Arrays.copyOfRange(jpeg, 2, jpeg.length))));
        }
    }

    /**
     * The reader of a CMYK JPEG gets a copy without application segments. Bytes between segments
     * must not change where the copy ends.
     */
    @ParameterizedTest
    @ValueSource(strings = {"ff01", "ff00", "ffd0", "ffd8", "00", "ffff", "0102ff01ff"})
    void bytesBetweenSegmentsOfACmykJpegAreSkipped(String between) {
        byte[] jpeg = oracle("jpeg-cmyk.jpg");
        try (DecodedImage image = decode(insertAfterFirstSegment(jpeg, between));
                DecodedImage original = decode(jpeg)) {
            assertEquals(original.width(), image.width());
        }
    }

    private static byte[] insertAfterFirstSegment(byte[] jpeg, String hex) {
        int second = 4 + (jpeg[4] << 8 | jpeg[5] & 0xFF);
        return concat(
                Arrays.copyOf(jpeg, second),
                HexFormat.of().parseHex(hex),
                Arrays.copyOfRange(jpeg, second, jpeg.length));
    }

    @Test
    void jpegInsideAJpegIsRejected() {
        byte[] jpeg = oracle("jpeg-420.jpg");
        byte[] cut = Arrays.copyOf(jpeg, jpeg.length - 2);
        assertEquals(
                "the JPEG image is corrupt: another image starts before its end",
                decodingError(concat(cut, jpeg)));
    }

    /** {@return the tags of an 8-bit gray TIFF} */
    private static Map<Integer, long[]> grayTiff(int width, int height, int compression) {
        Map<Integer, long[]> tags = new HashMap<>();
        tags.put(256, new long[] {width});
        tags.put(257, new long[] {height});
        tags.put(258, new long[] {8});
        tags.put(259, new long[] {compression});
        tags.put(262, new long[] {1});
        tags.put(277, new long[] {1});
        return tags;
    }

    @Test
    void cyclicTiffDirectoriesAreNotFollowed() {
        byte[] tiff = EncodedImages.tiff(grayTiff(4, 4, 1), new byte[16]);
        ByteBuffer bytes = ByteBuffer.wrap(tiff).order(ByteOrder.LITTLE_ENDIAN);
        int directory = bytes.getInt(4);
        bytes.putInt(directory + 2 + 12 * bytes.getShort(directory), directory);
        try (DecodedImage image = decode(tiff)) {
            assertEquals(4, image.width());
        }
    }

    @Test
    void tiffTagWithTooManyValuesAllocatesNoMemory() {
        for (int tag : new int[] {258, 273, 279, 338}) {
            Map<Integer, long[]> tags = grayTiff(4, 4, 8);
            tags.put(338, new long[] {0});
            byte[] tiff = EncodedImages.tiff(tags, deflated(new byte[16], true));
            ByteBuffer bytes = ByteBuffer.wrap(tiff).order(ByteOrder.LITTLE_ENDIAN);
            int entry = bytes.getInt(4) + 2;
            while (bytes.getShort(entry) != tag) {
                entry += 12;
            }
            // the entry's value becomes the offset of its 2e9 values
            bytes.putInt(entry + 4, 2_000_000_000);
            try (DecodedImage image = decode(tiff)) {
                assertEquals(4, image.width());
            } catch (BadInputException e) {
                assertTrue(e.getMessage().startsWith("the TIFF image is "), e.getMessage());
            }
        }
    }

    @Test
    void overlappingOrEmptyTiffStripsAreRejected() {
        Map<Integer, long[]> tags = grayTiff(1, 1000, 8);
        tags.put(278, new long[] {1});
        byte[] strip = concat(deflated(new byte[1], true), new byte[10_000]);
        long[] offsets = new long[1000];
        long[] counts = new long[1000];
        Arrays.fill(offsets, 8);
        Arrays.fill(counts, strip.length);
        tags.put(273, offsets);
        tags.put(279, counts);
        assertEquals(
                "the TIFF image is corrupt: its strips or tiles are empty or overlap",
                decodingError(EncodedImages.tiff(tags, strip)));
        Arrays.fill(counts, 9);
        decode(EncodedImages.tiff(tags, strip)).close();
        Arrays.fill(counts, 0);
        assertEquals(
                "the TIFF image is corrupt: its strips or tiles are empty or overlap",
                decodingError(EncodedImages.tiff(tags, strip)));
    }

    @Test
    void tiffTilesThatDoNotFitTheImageSizeAreRejected() {
        Map<Integer, long[]> tags = grayTiff(1, 60_000, 8);
        tags.put(322, new long[] {65_520});
        tags.put(323, new long[] {16});
        assertEquals(
                "the TIFF image is corrupt: its tiles of 65520x16 pixels do not fit its size",
                decodingError(EncodedImages.tiff(tags, new byte[9])));
        tags.put(322, new long[] {1});
        tags.put(323, new long[] {1});
        assertEquals(
                "the TIFF image is corrupt: its tiles of 1x1 pixels do not fit its size",
                decodingError(EncodedImages.tiff(tags, new byte[9])));
        tags.put(322, new long[] {1 << 30});
        assertTrue(
                decodingError(EncodedImages.tiff(tags, new byte[9]))
                        .contains("a side of 1073741824"));
        tags.put(322, new long[] {0});
        assertTrue(
                decodingError(EncodedImages.tiff(tags, new byte[9]))
                        .contains("a side of 0 pixels"));
        Map<Integer, long[]> strips = grayTiff(4, 4, 8);
        strips.put(278, new long[] {0});
        assertEquals(
                "the TIFF image is corrupt: its strips have no rows",
                decodingError(EncodedImages.tiff(strips, new byte[9])));
    }

    @Test
    void numberOfTiffSamplesIsLimited() {
        Map<Integer, long[]> tags = grayTiff(4, 4, 8);
        tags.put(277, new long[] {60_000});
        tags.put(284, new long[] {2});
        assertEquals(
                "the TIFF image is not supported: 60000 samples per pixel of 8 bits",
                decodingError(EncodedImages.tiff(tags, new byte[9])));
    }

    /** JPEGs of other sizes, or with many scans, in a strip of 16x16 pixels. */
    @Test
    void jpegInATiffMustHaveTheSizeOfItsStrip() {
        byte[] large = jpegWithEmptyScans(0xC0, 9000, 9000, 1);
        assertEquals(
                "the TIFF image is corrupt: the size of a strip or tile differs from its header",
                decodingError(EncodedImages.tiff(grayTiff(16, 16, 7), large)));
        byte[] small = jpegWithEmptyScans(0xC0, 8, 8, 1);
        assertEquals(
                "the TIFF image is corrupt: the size of a strip or tile differs from its header",
                decodingError(EncodedImages.tiff(grayTiff(16, 16, 7), small)));
        byte[] many = jpegWithEmptyScans(0xC2, 16, 16, 101);
        assertTrue(
                decodingError(EncodedImages.tiff(grayTiff(16, 16, 7), many)).contains("101 scans"));
        byte[] one = jpegWithEmptyScans(0xC0, 16, 16, 1);
        decode(EncodedImages.tiff(grayTiff(16, 16, 7), one)).close();
        Map<Integer, long[]> tags = grayTiff(16, 16, 7);
        tags.put(347, new long[5000]);
        assertEquals(
                "the TIFF image is corrupt: its JPEG tables are too large",
                decodingError(EncodedImages.tiff(tags, one)));
    }

    /** An embedded profile, which the JDK's reader would parse, and a linked one. */
    @ParameterizedTest
    @ValueSource(strings = {"DEBM", "KNIL", "BGRs"})
    void bmpColorProfileIsNotRead(String colorSpace) {
        byte[] bmp = oracle("bmp-24bit.bmp");
        byte[] pixels = Arrays.copyOfRange(bmp, 54, bmp.length);
        ByteBuffer v5 = ByteBuffer.allocate(14 + 124).order(ByteOrder.LITTLE_ENDIAN);
        v5.put(bmp, 0, 54).putInt(10, 14 + 124).putInt(14, 124);
        v5.position(70).put(ascii(colorSpace));
        v5.putInt(14 + 112, 124 + pixels.length).putInt(14 + 116, 5);
        byte[] file = concat(v5.array(), pixels, ascii("/etc\0"));
        try (DecodedImage expected = decode(bmp);
                DecodedImage image = decode(file)) {
            byte[] row = new byte[3 * image.width()];
            byte[] expectedRow = new byte[row.length];
            for (int y = 0; y < image.height(); y++) {
                image.row(y, row);
                expected.row(y, expectedRow);
                assertArrayEquals(expectedRow, row);
            }
        }
    }

    /** Many writers leave the file size at 0. */
    @Test
    void bmpWithFileSizeZeroIsDecoded() {
        byte[] bmp = oracle("bmp-24bit.bmp").clone();
        Arrays.fill(bmp, 2, 6, (byte) 0);
        decode(bmp).close();
    }

    /** 256 groups of prefix codes, whose tables take 12 KB each in libwebp. */
    @Test
    void memoryOfLosslessWebpTablesIsCounted() {
        byte[] webp = oracle("webp-many-groups.webp");
        EncodedImage file = ImageDecoder.open(webp, MAX_PIXELS);
        int tables = 256 * 12_392;
        assertEquals(tables + 64 * 64 * 8 + 3 * (webp.length - 20), file.decodingBytes(false));
        for (int length = 20; length < webp.length; length++) {
            // truncated data must not fail here; libwebp refuses it
            Vp8lGroups.tableBytes(webp, 20, length, 64, 64);
        }
        long ordinary =
                ImageDecoder.open(oracle("webp-lossless.webp"), MAX_PIXELS).decodingBytes(false);
        assertTrue(ordinary < 200_000, "" + ordinary);
    }

    /** A malformed EXIF block may cost an exception, so only the first block is read. */
    @Test
    void onlyTheFirstExifBlockIsRead() {
        byte[] exif = ascii("EXIF\14\0\0\0II*\0\377\377\377\177\0\0\0\0");
        byte[] webp = oracle("webp-lossy.webp");
        byte[][] many = new byte[100_000][];
        Arrays.fill(many, exif);
        byte[] all = concat(webp, concat(many));
        ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN).putInt(4, all.length - 8);
        decode(all).close();
    }
}
