package io.bactrian.postprocess;

import io.bactrian.pipeline.PipelineFaultException;
import java.util.ArrayList;
import java.util.List;

/** What the columns of a detector's output hold, by the names of the property {@code columns}. */
final class BoxColumns {

    private static final String IGNORED = "_";
    private static final String CLASS = "class";
    private static final String CONFIDENCE = "confidence";
    private static final String OBJECTNESS = "objectness";
    private static final String SCORES = "scores";

    private static final List<String> NAMES =
            List.of(
                    CLASS,
                    CONFIDENCE,
                    OBJECTNESS,
                    SCORES,
                    "xmin",
                    "ymin",
                    "xmax",
                    "ymax",
                    "xcenter",
                    "ycenter",
                    "width",
                    "height",
                    IGNORED);

    private final List<String> names = new ArrayList<>();
    private final Side horizontal;
    private final Side vertical;

    /** The columns of one side of a box: its beginning or center, and its end or size. */
    private record Side(int first, boolean center, int second, boolean size) {

        float min(float[] row) {
            return center ? row[first] - row[second] / 2 : row[first];
        }

        float max(float[] row) {
            if (center) {
                return row[first] + row[second] / 2;
            }
            return size ? row[first] + row[second] : row[second];
        }
    }

    /**
     * Parses the property {@code columns}.
     *
     * @param text names with commas between
     * @throws PipelineFaultException if they don't make a box
     */
    BoxColumns(String text) {
        for (String each : text.split(",", -1)) {
            String name = each.strip();
            if (!NAMES.contains(name)) {
                throw new PipelineFaultException(
                        "columns has \""
                                + name
                                + "\", expected some of "
                                + String.join(", ", NAMES));
            }
            if (!name.equals(IGNORED) && names.contains(name)) {
                throw new PipelineFaultException("columns has \"" + name + "\" twice");
            }
            names.add(name);
        }
        if (has(SCORES) && names.indexOf(SCORES) != names.size() - 1) {
            throw new PipelineFaultException(
                    "columns must end with scores, the columns of all classes, got " + text);
        }
        if (has(SCORES) && (has(CLASS) || has(CONFIDENCE))) {
            throw new PipelineFaultException(
                    "columns has scores, which give the class and the confidence, and another of"
                            + " these: "
                            + text);
        }
        horizontal = side("x", "width", text);
        vertical = side("y", "height", text);
    }

    private Side side(String axis, String size, String text) {
        int min = names.indexOf(axis + "min");
        int max = names.indexOf(axis + "max");
        int center = names.indexOf(axis + "center");
        int length = names.indexOf(size);
        boolean corners = min >= 0 && max >= 0 && center < 0 && length < 0;
        boolean sized = length >= 0 && max < 0 && (min >= 0) != (center >= 0);
        if (!corners && !sized) {
            throw new PipelineFaultException(
                    "columns must have "
                            + axis
                            + "min and "
                            + axis
                            + "max, "
                            + axis
                            + "min and "
                            + size
                            + ", or "
                            + axis
                            + "center and "
                            + size
                            + ", got "
                            + text);
        }
        return new Side(center >= 0 ? center : min, center >= 0, corners ? max : length, sized);
    }

    private boolean has(String name) {
        return names.contains(name);
    }

    /** {@return whether the confidences are among the columns} */
    boolean haveConfidence() {
        return has(CONFIDENCE) || has(SCORES);
    }

    /** {@return whether the classes are among the columns} */
    boolean haveClass() {
        return has(CLASS) || has(SCORES);
    }

    /** {@return whether an output can have as many columns} */
    boolean fit(long columns) {
        return has(SCORES) ? columns >= names.size() : columns == names.size();
    }

    /** {@return how many columns an output has, for messages} */
    String count() {
        return has(SCORES) ? names.size() + " or more" : String.valueOf(names.size());
    }

    /** {@return the column of the class, or -1} */
    int classColumn() {
        return names.indexOf(CLASS);
    }

    /** {@return the column of the confidence, or -1} */
    int confidenceColumn() {
        return names.indexOf(CONFIDENCE);
    }

    /** {@return the column of what the scores are multiplied by, or -1} */
    int objectnessColumn() {
        return names.indexOf(OBJECTNESS);
    }

    /** {@return the number of columns before those of the classes' scores} */
    int leading() {
        return has(SCORES) ? names.size() - 1 : names.size();
    }

    /** {@return a box} */
    DetectionsPostprocessor.Box box(double classId, float confidence, float[] row) {
        return new DetectionsPostprocessor.Box(
                classId,
                confidence,
                horizontal.min(row),
                vertical.min(row),
                horizontal.max(row),
                vertical.max(row));
    }

    /** {@return such as {@code xmin, ymin, xmax, ymax}} */
    @Override
    public String toString() {
        return String.join(", ", names);
    }
}
