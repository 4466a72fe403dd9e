package io.bactrian.postprocess.mask;

import io.bactrian.pipeline.ImageGeometry;

/**
 * The scaling of a mask from the model's size to that of the image that was sent: each pixel of the
 * image gets the class at its center, as Pillow's {@code NEAREST} does it. What was padded is left
 * out; what was cropped has the class of the nearest pixel.
 */
public final class MaskScaler {

    private MaskScaler() {}

    /**
     * {@return the mask in the size of the image}
     *
     * @param map the mask, of the model's input or of a part of its resolution
     * @param image where the image is in the model's input
     * @param deadline called at each row
     */
    public static ClassMap toOriginal(ClassMap map, ImageGeometry image, Runnable deadline) {
        int width = image.originalWidth();
        int height = image.originalHeight();
        int[] columns = new int[width];
        double perInputX = (double) map.width() / image.inputWidth();
        double perInputY = (double) map.height() / image.inputHeight();
        for (int x = 0; x < width; x++) {
            double inputX = (x + 0.5) * image.scaleX() + image.offsetX();
            columns[x] = index(inputX * perInputX, map.width());
        }
        byte[] pixels = new byte[Math.multiplyExact(width, height)];
        for (int y = 0; y < height; y++) {
            deadline.run();
            double inputY = (y + 0.5) * image.scaleY() + image.offsetY();
            int row = index(inputY * perInputY, map.height()) * map.width();
            for (int x = 0; x < width; x++) {
                pixels[y * width + x] = map.pixels()[row + columns[x]];
            }
        }
        return new ClassMap(width, height, pixels);
    }

    private static int index(double position, int size) {
        return Math.max(0, Math.min(size - 1, (int) Math.floor(position)));
    }
}
