package io.bactrian.cases;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class PngDifferencesTest {

    private static byte[] png(int type, int width, int... colors) throws IOException {
        BufferedImage image = new BufferedImage(width, colors.length / width, type);
        for (int i = 0; i < colors.length; i++) {
            image.setRGB(i % width, i / width, colors[i]);
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(image, "png", out);
        return out.toByteArray();
    }

    @Test
    void samePixelsInAnotherEncodingAreEqual() throws IOException {
        byte[] rgb = png(BufferedImage.TYPE_INT_RGB, 2, 0xff000000, 0xffffffff);
        byte[] oneBit = png(BufferedImage.TYPE_BYTE_BINARY, 2, 0xff000000, 0xffffffff);
        assertFalse(Arrays.equals(rgb, oneBit));
        assertEquals(List.of(), PngDifferences.between(rgb, oneBit));
        BufferedImage gray = new BufferedImage(1, 1, BufferedImage.TYPE_BYTE_GRAY);
        gray.getRaster().setSample(0, 0, 0, 100);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(gray, "png", out);
        assertEquals(
                List.of(),
                PngDifferences.between(
                        png(BufferedImage.TYPE_INT_RGB, 1, 0x646464), out.toByteArray()));
    }

    @Test
    void differentPixelsAreCountedAndTheFirstIsShown() throws IOException {
        byte[] expected = png(BufferedImage.TYPE_INT_RGB, 2, 0, 1, 2, 3);
        assertEquals(
                List.of(
                        "2 pixels differ, the first at (1, 0): expected #ff000001, was #ff000009"
                                + " (alpha, red, green, blue)"),
                PngDifferences.between(expected, png(BufferedImage.TYPE_INT_RGB, 2, 0, 9, 2, 8)));
        assertEquals(
                List.of(
                        "a pixel differs, the first at (0, 0): expected #ff000000, was #00000000"
                                + " (alpha, red, green, blue)"),
                PngDifferences.between(
                        png(BufferedImage.TYPE_INT_RGB, 1, 0),
                        png(BufferedImage.TYPE_INT_ARGB, 1, 0)));
        assertEquals(
                List.of("expected 2x2 pixels, was 4x1"),
                PngDifferences.between(expected, png(BufferedImage.TYPE_INT_RGB, 4, 0, 1, 2, 3)));
        assertEquals(
                List.of("the body is not a PNG image"),
                PngDifferences.between(expected, "abc".getBytes(StandardCharsets.UTF_8)));
    }
}
