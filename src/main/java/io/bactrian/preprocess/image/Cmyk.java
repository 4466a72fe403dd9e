package io.bactrian.preprocess.image;

/** Conversion of CMYK to RGB, rounded as Pillow's cmyk2rgb does (src/libImaging/Convert.c). */
final class Cmyk {

    private Cmyk() {}

    /**
     * {@return the RGB sample of the ink's complementary color, 0 to 255}
     *
     * @param ink the cyan, magenta or yellow sample, 0 to 255
     * @param white 255 minus the black sample
     */
    static int toRgb(int ink, int white) {
        int product = ink * white + 128;
        return Math.max(white - (((product >> 8) + product) >> 8), 0);
    }
}
