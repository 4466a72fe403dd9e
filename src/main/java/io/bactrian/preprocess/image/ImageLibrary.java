package io.bactrian.preprocess.image;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/** A Python library whose resizing is computed. */
public enum ImageLibrary {
    /** {@code Image.resize} of Pillow: every filter but the nearest neighbor is antialiased. */
    PILLOW(Resampling.BICUBIC, EnumSet.complementOf(EnumSet.of(Resampling.AREA))),
    /** {@code tf.image.resize}, whose results are not rounded to whole numbers. */
    TENSORFLOW(
            Resampling.BILINEAR,
            EnumSet.of(
                    Resampling.NEAREST,
                    Resampling.BILINEAR,
                    Resampling.BICUBIC,
                    Resampling.AREA,
                    Resampling.LANCZOS)),
    /** {@code cv2.resize} of OpenCV, never antialiased but by {@link Resampling#AREA}. */
    OPENCV(
            Resampling.BILINEAR,
            EnumSet.of(
                    Resampling.NEAREST, Resampling.BILINEAR, Resampling.BICUBIC, Resampling.AREA));

    private final Resampling defaultResampling;

    @SuppressWarnings("ImmutableEnumChecker") // A copy.
    private final Set<Resampling> resamplings;

    ImageLibrary(Resampling defaultResampling, Set<Resampling> resamplings) {
        this.defaultResampling = defaultResampling;
        this.resamplings = Set.copyOf(resamplings);
    }

    /** {@return the resampling of the library's function where none is named} */
    public Resampling defaultResampling() {
        return defaultResampling;
    }

    /**
     * {@return whether the library has a resampling}
     *
     * @param resampling any
     */
    public boolean has(Resampling resampling) {
        return resamplings.contains(resampling);
    }

    /** {@return the name in lower case} */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
