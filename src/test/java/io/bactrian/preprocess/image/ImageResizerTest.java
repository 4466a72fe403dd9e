package io.bactrian.preprocess.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.EnumSet;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The resizer compared with simple loops like those of Pillow's C code. */
class ImageResizerTest {

    static Stream<Arguments> sizes() {
        return Stream.of(
                // width and height, those of the result
                Arguments.of(1, 1, 3, 5),
                Arguments.of(1, 7, 1, 3),
                Arguments.of(7, 1, 3, 1),
                Arguments.of(13, 17, 224, 31),
                Arguments.of(61, 15, 20, 9),
                Arguments.of(61, 16, 61, 9),
                Arguments.of(61, 33, 20, 33),
                Arguments.of(451, 300, 224, 224),
                Arguments.of(37, 701, 19, 702),
                Arguments.of(1900, 131, 7, 90),
                Arguments.of(20011, 35, 33, 12),
                Arguments.of(3, 301, 5, 11));
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void everyFilterAgreesWithTheReference(int width, int height, int toWidth, int toHeight) {
        for (Resampling filter : EnumSet.complementOf(EnumSet.of(Resampling.AREA))) {
            for (int channels : new int[] {1, 3}) {
                byte[] pixels = noise(width * height * channels);
                DecodedImage image = new InterleavedImage(width, height, channels, pixels);

                assertArrayEquals(
                        reference(pixels, width, height, channels, toWidth, toHeight, filter),
                        resize(image, toWidth, toHeight, filter),
                        () -> filter + ", channels: " + channels);
            }
        }
    }

    /** Sharp edges, where the weighted sums are below 0 or above 255. */
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AREA")
    void overshootAtEdgesIsClipped(Resampling filter) {
        byte[] pixels = noise(97 * 83 * 3);
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) (pixels[i] >> 7);
        }
        DecodedImage image = new InterleavedImage(97, 83, 3, pixels);

        assertArrayEquals(
                reference(pixels, 97, 83, 3, 211, 190, filter), resize(image, 211, 190, filter));
        assertArrayEquals(
                reference(pixels, 97, 83, 3, 41, 30, filter), resize(image, 41, 30, filter));
    }

    private static byte[] noise(int length) {
        byte[] noise = new byte[length];
        new Random(length).nextBytes(noise);
        return noise;
    }

    private static byte[] resize(DecodedImage image, int width, int height, Resampling filter) {
        int length = width * image.channels();
        byte[] pixels = new byte[length * height];
        int[] rows = new int[1];
        ImageResizer.resize(
                image,
                width,
                height,
                filter,
                (y, samples) -> {
                    assertEquals(rows[0]++, y);
                    for (int i = 0; i < length; i++) {
                        pixels[y * length + i] = (byte) samples[i];
                    }
                });
        assertEquals(height, rows[0]);
        return pixels;
    }

    private static byte[] reference(
            byte[] pixels,
            int width,
            int height,
            int channels,
            int toWidth,
            int toHeight,
            Resampling filter) {
        if (filter == Resampling.NEAREST) {
            return nearest(pixels, width, height, channels, toWidth, toHeight);
        }
        boolean verticalFirst = height > width * 100 && toHeight < height;
        byte[] first =
                verticalFirst
                        ? resizeVertically(pixels, width, height, channels, toHeight, filter)
                        : resizeHorizontally(pixels, width, height, channels, toWidth, filter);
        return verticalFirst
                ? resizeHorizontally(first, width, toHeight, channels, toWidth, filter)
                : resizeVertically(first, toWidth, height, channels, toHeight, filter);
    }

    private static byte[] resizeHorizontally(
            byte[] pixels, int width, int height, int channels, int to, Resampling filter) {
        if (width == to) {
            return pixels;
        }
        Coefficients coefficients = Coefficients.of(width, to, filter);
        byte[] out = new byte[to * height * channels];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < to; x++) {
                for (int c = 0; c < channels; c++) {
                    int from = (y * width + coefficients.first[x]) * channels + c;
                    out[(y * to + x) * channels + c] =
                            sample(pixels, from, channels, coefficients, x);
                }
            }
        }
        return out;
    }

    private static byte[] resizeVertically(
            byte[] pixels, int width, int height, int channels, int to, Resampling filter) {
        if (height == to) {
            return pixels;
        }
        Coefficients coefficients = Coefficients.of(height, to, filter);
        int length = width * channels;
        byte[] out = new byte[to * length];
        for (int y = 0; y < to; y++) {
            for (int i = 0; i < length; i++) {
                int from = coefficients.first[y] * length + i;
                out[y * length + i] = sample(pixels, from, length, coefficients, y);
            }
        }
        return out;
    }

    private static byte sample(
            byte[] pixels, int from, int step, Coefficients coefficients, int at) {
        int sum = 1 << (Coefficients.PRECISION_BITS - 1);
        for (int i = 0; i < coefficients.count[at]; i++) {
            int weight = coefficients.weights[at * coefficients.stride + i];
            sum += (pixels[from + i * step] & 0xFF) * weight;
        }
        return (byte) Math.max(0, Math.min(255, sum >> Coefficients.PRECISION_BITS));
    }

    private static byte[] nearest(
            byte[] pixels, int width, int height, int channels, int toWidth, int toHeight) {
        byte[] out = new byte[toWidth * toHeight * channels];
        double positionY = (double) height / toHeight * 0.5;
        for (int y = 0; y < toHeight; y++, positionY += (double) height / toHeight) {
            double positionX = (double) width / toWidth * 0.5;
            for (int x = 0; x < toWidth; x++, positionX += (double) width / toWidth) {
                int from = ((int) positionY * width + (int) positionX) * channels;
                System.arraycopy(pixels, from, out, (y * toWidth + x) * channels, channels);
            }
        }
        return out;
    }
}
