package io.bactrian.postprocess;

import io.bactrian.tensor.NumericElements;
import org.jspecify.annotations.Nullable;

/**
 * The boxes of several images in columns.
 *
 * @param columns what they hold
 * @param transposed whether all of a column comes before the next one
 * @param boxes the number of boxes of each image
 * @param width the number of columns
 * @param numbers the elements
 * @param scores the scores of each box that are not among the columns, or null
 * @param perBox how many they are
 * @param classes the class of each box that is not among the columns, or null
 */
record BoxTable(
        BoxColumns columns,
        boolean transposed,
        int boxes,
        int width,
        NumericElements numbers,
        @Nullable NumericElements scores,
        int perBox,
        @Nullable NumericElements classes) {

    /** {@return the boxes of an image} */
    DetectionsPostprocessor.Boxes image(int image) {
        return new Image(this, image);
    }

    private float at(int image, int box, int column) {
        int first = image * boxes * width;
        return (float)
                numbers.get(first + (transposed ? column * boxes + box : box * width + column));
    }

    private float score(int image, int box, int classId) {
        return scores == null
                ? at(image, box, columns.leading() + classId)
                : (float) scores.get((image * boxes + box) * perBox + classId);
    }

    private int scoreCount() {
        return scores == null ? width - columns.leading() : perBox;
    }

    /** The boxes of one image. */
    private record Image(BoxTable table, int image) implements DetectionsPostprocessor.Boxes {

        @Override
        public int count() {
            return table.boxes;
        }

        @Override
        public float confidence(int index) {
            int column = table.columns.confidenceColumn();
            float confidence =
                    column >= 0
                            ? table.at(image, index, column)
                            : table.score(image, index, best(index));
            int objectness = table.columns.objectnessColumn();
            return objectness < 0 ? confidence : confidence * table.at(image, index, objectness);
        }

        /** {@return the class with the highest score, the first of equal ones} */
        private int best(int index) {
            int best = 0;
            float highest = table.score(image, index, 0);
            for (int i = 1; i < table.scoreCount(); i++) {
                float score = table.score(image, index, i);
                if (score > highest) {
                    best = i;
                    highest = score;
                }
            }
            return best;
        }

        private double classId(int index) {
            int column = table.columns.classColumn();
            if (column >= 0) {
                return table.at(image, index, column);
            }
            return table.classes == null
                    ? best(index)
                    : table.classes.get(image * table.boxes + index);
        }

        @Override
        public DetectionsPostprocessor.Box get(int index) {
            float[] row = new float[table.columns.leading()];
            for (int i = 0; i < row.length; i++) {
                row[i] = table.at(image, index, i);
            }
            return table.columns.box(classId(index), confidence(index), row);
        }
    }
}
