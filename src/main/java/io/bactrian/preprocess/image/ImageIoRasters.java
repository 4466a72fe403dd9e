package io.bactrian.preprocess.image;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;

/**
 * Samples of ImageIO's readers without ImageIO's ideas of color: {@code BufferedImage.getRGB} puts
 * a gamma on gray and a profile on everything that has one, which Pillow does not.
 */
final class ImageIoRasters {

    private ImageIoRasters() {}

    /**
     * {@return the image of an image with a palette or with 1 to 8 bits a sample: 1 or 2 bands are
     * gray, more are red, green, blue and what is dropped}
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
        int[] most = new int[channels];
        for (int c = 0; c < channels; c++) {
            most[c] = (1 << Math.min(raster.getSampleModel().getSampleSize(c), 8)) - 1;
        }
        byte[] pixels = new byte[width * height * channels];
        int[] row = new int[width * bands];
        for (int y = 0; y < height; y++) {
            raster.getPixels(raster.getMinX(), raster.getMinY() + y, width, 1, row);
            int to = y * width * channels;
            for (int x = 0; x < width; x++) {
                for (int c = 0; c < channels; c++) {
                    pixels[to++] = (byte) (row[x * bands + c] * 255 / most[c]);
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
