package io.bactrian.postprocess.mask;

import java.util.Locale;

/** How JSON has the pixels of a mask. */
public enum MaskEncoding {
    /** COCO's compressed run lengths for each class: {@code {"size": [h, w], "counts": "…"}}. */
    RLE,
    /** The same with the lengths as numbers. */
    COUNTS,
    /** The outer contours of each class: lists of x, y, x, y, … */
    POLYGONS,
    /** The whole mask as a PNG image in base64. */
    PNG,
    /** The class number of each pixel, in lists of rows. */
    CLASSES,
    /** Not at all: the answer has areas and boxes only. */
    NONE;

    /** {@return the name in lower case, such as {@code rle}} */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
