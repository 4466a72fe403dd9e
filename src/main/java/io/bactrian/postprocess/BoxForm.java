package io.bactrian.postprocess;

import java.util.List;
import java.util.Locale;

/** How an answer describes a box. */
public enum BoxForm {
    /** By xmin, ymin, xmax and ymax. */
    CORNERS,
    /** By its upper left corner x, y, and by width and height. */
    CORNER_SIZE,
    /** By its center x, y, and by width and height. */
    CENTER_SIZE;

    /** {@return the names of the four numbers} */
    List<String> names() {
        return this == CORNERS
                ? List.of("xmin", "ymin", "xmax", "ymax")
                : List.of("x", "y", "width", "height");
    }

    /** {@return the four numbers of a box} */
    float[] numbers(DetectionsPostprocessor.Box box) {
        float width = box.xmax() - box.xmin();
        float height = box.ymax() - box.ymin();
        return switch (this) {
            case CORNERS -> new float[] {box.xmin(), box.ymin(), box.xmax(), box.ymax()};
            case CORNER_SIZE -> new float[] {box.xmin(), box.ymin(), width, height};
            case CENTER_SIZE ->
                    new float[] {box.xmin() + width / 2, box.ymin() + height / 2, width, height};
        };
    }

    /** {@return the name in lower case, such as {@code corners}} */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
