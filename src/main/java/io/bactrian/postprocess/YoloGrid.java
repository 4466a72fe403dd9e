package io.bactrian.postprocess;

import io.bactrian.tensor.NumericElements;

/**
 * A grid of YOLO: each cell has a box for each of its anchors, with logits of x, y, width, height,
 * objectness and the classes.
 *
 * @param numbers the output
 * @param rows the rows of cells
 * @param columns the cells of a row
 * @param anchors width and height of each anchor, in pixels of the input
 * @param classes the number of classes
 * @param stride the pixels of the input per cell
 * @param decoding how the logits become boxes
 */
@SuppressWarnings("ArrayRecordComponent") // Read by this class alone.
record YoloGrid(
        NumericElements numbers,
        int rows,
        int columns,
        double[] anchors,
        int classes,
        double stride,
        YoloDecoding decoding) {

    /** x, y, width, height and objectness. */
    static final int LEADING = 5;

    private static final int OBJECTNESS = 4;

    int anchorCount() {
        return anchors.length / 2;
    }

    /** {@return the number of boxes in each image} */
    int boxes() {
        return rows * columns * anchorCount();
    }

    private double at(int image, int box, int column) {
        return numbers.get((image * boxes() + box) * (LEADING + classes) + column);
    }

    /** {@return the score of a class} */
    float score(int image, int box, int classId) {
        return (float)
                (YoloDecoding.sigmoid(at(image, box, OBJECTNESS))
                        * YoloDecoding.sigmoid(at(image, box, LEADING + classId)));
    }

    /** {@return the class with the highest score, the first of equal ones} */
    int best(int image, int box) {
        int first = (image * boxes() + box) * (LEADING + classes) + LEADING;
        return numbers.argMax(first, classes);
    }

    /** {@return a box in pixels of the input} */
    DetectionsPostprocessor.Box box(int image, int box, int classId) {
        int anchor = box % anchorCount();
        int cell = box / anchorCount();
        double x = (cell % columns + decoding.center(at(image, box, 0))) * stride;
        int row = cell / columns;
        double y = (row + decoding.center(at(image, box, 1))) * stride;
        double halfWidth = decoding.size(at(image, box, 2)) * anchors[2 * anchor] / 2;
        double halfHeight = decoding.size(at(image, box, 3)) * anchors[2 * anchor + 1] / 2;
        return new DetectionsPostprocessor.Box(
                classId,
                score(image, box, classId),
                (float) (x - halfWidth),
                (float) (y - halfHeight),
                (float) (x + halfWidth),
                (float) (y + halfHeight));
    }
}
