package io.bactrian.preprocess.image;

import static io.bactrian.preprocess.image.EncodedImages.ascii;
import static io.bactrian.preprocess.image.EncodedImages.concat;
import static io.bactrian.preprocess.image.EncodedImages.oracle;
import static io.bactrian.preprocess.image.EncodedImages.segment;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.tensor.BadInputException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrailingBytesTest {

    private static final String[] FILES = {
        "jpeg-420.jpg",
        "jpeg-progressive.jpg",
        "jpeg-restart.jpg",
        "jpeg-cmyk.jpg",
        "png-rgb.png",
        "png-animated.png",
        "gif-still.gif",
        "gif-animated.gif",
        "gif-interlaced.gif",
        "bmp-24bit.bmp",
        "bmp-palette.bmp",
        "bmp-rle8.bmp",
        "webp-lossy.webp",
        "webp-lossless.webp",
        "webp-animated.webp",
        "tiff-none.tiff",
        "tiff-lzw.tiff",
        "tiff-jpeg.tiff",
        "tiff-pages.tiff",
        "tiff-big-endian.tiff",
        "tiff-tiled.tiff"
    };

    private static byte[] pixels(byte[] bytes) {
        try (DecodedImage image = ImageDecoder.decode(bytes, 1_000_000, false)) {
            int rowBytes = image.width() * image.channels();
            byte[] pixels = new byte[rowBytes * image.height()];
            byte[] row = new byte[rowBytes];
            for (int y = 0; y < image.height(); y++) {
                image.row(y, row);
                System.arraycopy(row, 0, pixels, y * rowBytes, rowBytes);
            }
            return pixels;
        }
    }

    private static String decodingError(byte[]... parts) {
        byte[] bytes = concat(parts);
        return assertThrows(
                        BadInputException.class,
                        () -> ImageDecoder.decode(bytes, 1_000_000, false).close())
                .getMessage();
    }

    /** Tests each format after each format. */
    @Test
    void secondImageIsRejected() {
        for (String first : FILES) {
            for (String second : FILES) {
                String message = decodingError(oracle(first), oracle(second));
                assertTrue(
                        message.startsWith("the body holds more than one image: after a "),
                        first + " " + second + ": " + message);
                assertTrue(message.endsWith(": send one image per request"), message);
            }
        }
        byte[] jpeg = oracle("jpeg-420.jpg");
        assertEquals(
                "the body holds more than one image: after a JPEG of "
                        + jpeg.length
                        + " bytes comes a PNG: send one image per request",
                decodingError(jpeg, oracle("png-rgb.png")));
    }

    /** Such as curl's separator of two files, line breaks, and padding to a block size. */
    @ParameterizedTest
    @ValueSource(strings = {"&", "\r\n", "\n", "\0\0\0\0\0", "\u00FF", "\u00FF\u00FF\0", "  "})
    void paddingBetweenTwoImagesIsSkipped(String padding) {
        for (String first : FILES) {
            assertTrue(
                    decodingError(oracle(first), ascii(padding), oracle("jpeg-small.jpg"))
                            .contains("comes a JPEG"),
                    first);
        }
    }

    @Test
    void trailingBytesThatAreNoImageAreSkipped() {
        byte[] noise = new byte[5000];
        new Random(3).nextBytes(noise);
        byte[] video = concat(new byte[] {0, 0, 0, 24}, ascii("ftypmp42"), noise);
        byte[] jpeg = oracle("jpeg-420.jpg");
        byte[][] trailers = {
            new byte[10_000],
            ascii("\r\n"),
            ascii("garbage garbage"),
            noise,
            video,
            ascii("SEFH"),
            {(byte) 0xFF},
            {(byte) 0xFF, (byte) 0xD8},
            // the truncated head of a JPEG, as some editors leave it
            Arrays.copyOf(jpeg, 300),
            ascii("BM"),
            ascii("GIF89a"),
            ascii("RIFF\4\0\0\0WEBP"),
            {'I', 'I', '*', 0, 8, 0, 0, 0}
        };
        for (String file : FILES) {
            byte[] expected = pixels(oracle(file));
            for (byte[] trailer : trailers) {
                assertArrayEquals(expected, pixels(concat(oracle(file), trailer)), file);
            }
        }
    }

    /** In an MPF segment cameras announce further images, such as a stereo image or a gain map. */
    @Test
    void announcedImagesAreSkipped() {
        byte[] jpeg = oracle("jpeg-420.jpg");
        byte[] expected = pixels(jpeg);
        byte[] start = {(byte) 0xFF, (byte) 0xD8};
        byte[] rest = Arrays.copyOfRange(jpeg, 2, jpeg.length);
        byte[] mpf = segment(0xE2, ascii("MPF\0MM\0*\0\0\0\10\0\0"));
        assertArrayEquals(expected, pixels(concat(start, mpf, rest, jpeg, jpeg)));
        byte[] container =
                segment(
                        0xE1,
                        ascii(
                                "http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:Container="
                                        + "\"http://ns.google.com/photos/1.0/container/\"/>"));
        assertArrayEquals(expected, pixels(concat(start, container, rest, jpeg)));
        byte[] otherXmp = segment(0xE1, ascii("http://ns.adobe.com/xap/1.0/\0<x:xmpmeta/>"));
        assertTrue(decodingError(start, otherXmp, rest, jpeg).contains("comes a JPEG"));
        byte[] profile = segment(0xE2, ascii("ICC_PROFILE\0\1\1MPF\0"));
        assertTrue(decodingError(start, profile, rest, jpeg).contains("comes a JPEG"));
    }

    /** An EXIF thumbnail is a complete JPEG in a segment. */
    @Test
    void thumbnailIsNotASecondImage() {
        byte[] jpeg = oracle("jpeg-420.jpg");
        byte[] thumbnail = segment(0xE1, concat(ascii("Exif\0\0"), oracle("jpeg-small.jpg")));
        byte[] start = {(byte) 0xFF, (byte) 0xD8};
        byte[] rest = Arrays.copyOfRange(jpeg, 2, jpeg.length);
        assertArrayEquals(pixels(jpeg), pixels(concat(start, thumbnail, rest)));
    }

    @ParameterizedTest
    @CsvSource({"jpeg-420.jpg", "png-rgb.png", "gif-animated.gif", "webp-animated.webp"})
    void endOfImageIsTheEndOfTheFile(String file) {
        byte[] bytes = oracle(file);
        int end = ImageFormat.sniff(bytes).open(concat(bytes, new byte[99])).endOfImage();
        assertEquals(bytes.length, end);
    }
}
