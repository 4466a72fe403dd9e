package io.bactrian.cases;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;

/** Compares PNG images by their pixels: how they are compressed does not count. */
final class PngDifferences {

    private PngDifferences() {}

    /** {@return the differences, none if there are none} */
    static List<String> between(byte[] expected, byte[] actual) {
        BufferedImage wanted = read(expected);
        if (wanted == null) {
            return List.of("the expected body is not a PNG image");
        }
        BufferedImage got = read(actual);
        if (got == null) {
            return List.of("the body is not a PNG image");
        }
        if (wanted.getWidth() != got.getWidth() || wanted.getHeight() != got.getHeight()) {
            return List.of("expected " + size(wanted) + " pixels, was " + size(got));
        }
        return differingPixels(wanted, got);
    }

    private static @Nullable BufferedImage read(byte[] png) {
        try {
            return ImageIO.read(new ByteArrayInputStream(png));
        } catch (IOException e) {
            return null;
        }
    }

    private static String size(BufferedImage image) {
        return image.getWidth() + "x" + image.getHeight();
    }

    private static List<String> differingPixels(BufferedImage wanted, BufferedImage got) {
        int differing = 0;
        String first = "";
        for (int y = 0; y < wanted.getHeight(); y++) {
            for (int x = 0; x < wanted.getWidth(); x++) {
                int expected = color(wanted, x, y);
                int actual = color(got, x, y);
                if (expected != actual && differing++ == 0) {
                    first = "(%d, %d): expected #%08x, was #%08x".formatted(x, y, expected, actual);
                }
            }
        }
        return differing == 0
                ? List.of()
                : List.of(
                        (differing == 1 ? "a pixel differs" : differing + " pixels differ")
                                + ", the first at "
                                + first
                                + " (alpha, red, green, blue)");
    }

    /**
     * {@return alpha, red, green and blue; of gray the level itself, which getRGB makes lighter}
     */
    private static int color(BufferedImage image, int x, int y) {
        Raster raster = image.getRaster();
        if (raster.getNumBands() > 2 || image.getColorModel() instanceof IndexColorModel) {
            return image.getRGB(x, y);
        }
        int gray = level(raster, x, y, 0);
        int alpha = raster.getNumBands() == 2 ? level(raster, x, y, 1) : 0xff;
        return alpha << 24 | gray << 16 | gray << 8 | gray;
    }

    private static int level(Raster raster, int x, int y, int band) {
        int bits = raster.getSampleModel().getSampleSize(band);
        return raster.getSample(x, y, band) >> (bits - Byte.SIZE);
    }
}
