package io.bactrian.postprocess;

import io.bactrian.pipeline.ImageGeometry;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/**
 * The keypoints of one person or thing.
 *
 * @param score the mean of the keypoints' scores
 * @param points the keypoints that are not left out
 */
record Pose(float score, List<Point> points) {

    /**
     * A keypoint.
     *
     * @param index its index among the model's
     * @param x its column
     * @param y its row
     * @param score its score
     */
    record Point(int index, float x, float y, float score) {}

    /** {@return the pose of points, at least one} */
    static Pose of(List<Point> points) {
        float sum = 0;
        for (Point point : points) {
            sum += point.score();
        }
        return new Pose(sum / points.size(), points);
    }

    /** {@return the same in pixels of the image that was sent} */
    Pose original(BoxCoordinates coordinates, ImageGeometry image) {
        double width = coordinates == BoxCoordinates.PIXELS ? 1 : image.inputWidth();
        double height = coordinates == BoxCoordinates.PIXELS ? 1 : image.inputHeight();
        return moved(x -> image.originalX(x * width), y -> image.originalY(y * height));
    }

    /** {@return the same with columns and rows divided by a size} */
    Pose dividedBy(float width, float height) {
        return moved(x -> (float) x / width, y -> (float) y / height);
    }

    private Pose moved(DoubleUnaryOperator column, DoubleUnaryOperator row) {
        return new Pose(
                score,
                points.stream()
                        .map(
                                each ->
                                        new Point(
                                                each.index(),
                                                (float) column.applyAsDouble(each.x()),
                                                (float) row.applyAsDouble(each.y()),
                                                each.score()))
                        .toList());
    }

    /** {@return the box around the points, enlarged by a margin on all sides} */
    DetectionsPostprocessor.Box box(float margin) {
        float left = Float.POSITIVE_INFINITY;
        float top = Float.POSITIVE_INFINITY;
        float right = Float.NEGATIVE_INFINITY;
        float bottom = Float.NEGATIVE_INFINITY;
        for (Point point : points) {
            left = Math.min(left, point.x());
            top = Math.min(top, point.y());
            right = Math.max(right, point.x());
            bottom = Math.max(bottom, point.y());
        }
        return new DetectionsPostprocessor.Box(
                0, score, left - margin, top - margin, right + margin, bottom + margin);
    }
}
