package io.bactrian.postprocess;

import io.bactrian.postprocess.DetectionsPostprocessor.Box;
import java.util.ArrayList;
import java.util.List;

/**
 * The suppression of boxes that overlap better ones.
 *
 * @param among the boxes that suppress each other
 * @param iouThreshold the intersection over union above which a box is suppressed
 * @param sigma if above 0, overlapping boxes get a lower confidence in place of being suppressed
 * @param threshold a box whose confidence a sigma lowers to this or less is dropped
 */
record BoxSuppression(Suppression among, double iouThreshold, double sigma, double threshold) {

    /**
     * {@return the boxes that are kept, the best first; all in their order if none suppress each
     * other}
     *
     * @param found boxes whose classes are whole numbers
     * @param max the most to keep
     * @param deadline called every some boxes, to end at a deadline
     */
    List<Box> suppress(List<Box> found, int max, Runnable deadline) {
        if (among == Suppression.NONE) {
            return found;
        }
        float[] corners = new float[4 * found.size()];
        float[] scores = new float[found.size()];
        int[] classes = new int[found.size()];
        for (int i = 0; i < scores.length; i++) {
            Box box = found.get(i);
            corners[4 * i] = box.xmin();
            corners[4 * i + 1] = box.ymin();
            corners[4 * i + 2] = box.xmax();
            corners[4 * i + 3] = box.ymax();
            scores[i] = box.confidence();
            classes[i] = (int) box.classId();
        }
        NonMaximumSuppression.Selection selection =
                new NonMaximumSuppression(
                                (float) iouThreshold, (float) sigma, among == Suppression.PER_CLASS)
                        .select(corners, scores, classes, max, (float) threshold, deadline);
        List<Box> kept = new ArrayList<>();
        for (int i = 0; i < selection.indices().length; i++) {
            kept.add(found.get(selection.indices()[i]).with(selection.scores()[i]));
        }
        return kept;
    }
}
