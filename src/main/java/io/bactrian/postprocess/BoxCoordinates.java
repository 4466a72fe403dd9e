package io.bactrian.postprocess;

import io.bactrian.pipeline.ImageGeometry;
import java.util.Locale;

/** The units of a model's boxes. */
public enum BoxCoordinates {
    /** From 0 to 1, of the model's input. */
    NORMALIZED,
    /** Pixels of the model's input. */
    PIXELS;

    /** {@return a box in pixels of the image that was sent} */
    DetectionsPostprocessor.Box original(DetectionsPostprocessor.Box box, ImageGeometry image) {
        double width = this == PIXELS ? 1 : image.inputWidth();
        double height = this == PIXELS ? 1 : image.inputHeight();
        return box.at(
                (float) image.originalX(box.xmin() * width),
                (float) image.originalY(box.ymin() * height),
                (float) image.originalX(box.xmax() * width),
                (float) image.originalY(box.ymax() * height));
    }

    /** {@return the name in lower case, such as {@code pixels}} */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
