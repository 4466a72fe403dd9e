package io.bactrian.preprocess.image;

/** Inks to light, as Pillow's cmyk2rgb rounds (src/libImaging/Convert.c). */
final class Cmyk {

    private Cmyk() {}

    /**
     * {@return the light of the ink's complementary color, 0 to 255}
     *
     * @param ink of one color, 0 none to 255 full
     * @param white what the black ink leaves: 255 less it
     */
    static int light(int ink, int white) {
        int product = ink * white + 128;
        return Math.max(white - (((product >> 8) + product) >> 8), 0);
    }
}
