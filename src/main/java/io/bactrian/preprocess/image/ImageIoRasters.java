package io.bactrian.preprocess.image;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;

/**
 * Conversion of ImageIO's images to {@link DecodedImage}s, without color management: unlike Pillow,
 * {@code BufferedImage.getRGB} applies a gamma to gray images and a color profile where there is
 * one.
 */
final class ImageIoRasters {

    private ImageIoRasters() {}

    /**
     * {@return the pixels of an image with a palette or with 1 to 8 bits per sample; one or two
     * bands are gray, of more bands the first three are RGB and the others are dropped}
     */
    static DecodedImage image(BufferedImage image) {
        if (image.getColorModel() instanceof IndexColorModel palette) {
            return indexed(image.getRaster(), palette);
        }
        Raster raster = image.getRaster();
        int width = raster.getWidth();
        int height = raster.getHeight();
        int bands = raster.getNumBands();
        int channels = bands < 3 ? 1 : 3;
        int[] max = new int[channels];
        for (int c = 0; c < channels; c++) {
            max[c] = (1 << Math.min(raster.getSampleModel().getSampleSize(c), 8)) - 1;
        }
        byte[] pixels = new byte[width * height * channels];
        int[] row = new int[width * bands];
        for (int y = 0; y < height; y++) {
            raster.getPixels(raster.getMinX(), raster.getMinY() + y, width, 1, row);
            int to = y * width * channels;
            for (int x = 0; x < width; x++) {
                for (int c = 0; c < channels; c++) {
                    pixels[to++] = (byte) (row[x * bands + c] * 255 / max[c]);
                }
            }
        }
        return new InterleavedImage(width, height, channels, pixels);
    }

    private static DecodedImage indexed(Raster raster, IndexColorModel model) {
        byte[] palette = new byte[3 * 256];
        for (int i = 0; i < Math.min(model.getMapSize(), 256); i++) {
            palette[3 * i] = (byte) model.getRed(i);
            palette[3 * i + 1] = (byte) model.getGreen(i);
            palette[3 * i + 2] = (byte) model.getBlue(i);
        }
        int width = raster.getWidth();
        int height = raster.getHeight();
        byte[] indices = new byte[width * height];
        int[] row = new int[width];
        for (int y = 0; y < height; y++) {
            raster.getSamples(raster.getMinX(), raster.getMinY() + y, width, 1, 0, row);
            for (int x = 0; x < width; x++) {
                indices[y * width + x] = (byte) row[x];
            }
        }
        return new PaletteImage(width, height, indices, palette);
    }
}
