package io.bactrian.postprocess;

import java.util.Arrays;

/**
 * Greedy non-maximum suppression, which keeps the best of the boxes that overlap: in the order of
 * {@code tf.image.non_max_suppression} and, with a sigma, of {@code
 * tf.image.non_max_suppression_with_scores}, all in float32. Of equal scores the first is the
 * better.
 *
 * @param iouThreshold a box is suppressed if its intersection with a better one, divided by their
 *     union, is larger; not used with a sigma
 * @param sigma if above 0, overlapping boxes are given lower scores in place of being suppressed
 * @param perClass whether only boxes of one class suppress each other
 */
public record NonMaximumSuppression(float iouThreshold, float sigma, boolean perClass) {

    private static final int BOXES_PER_CHECK = 64;

    /**
     * The boxes that are kept, the best first.
     *
     * @param indices their indices
     * @param scores their scores, lowered if there is a sigma
     */
    @SuppressWarnings("ArrayRecordComponent") // Read once, by the caller who asked for it.
    public record Selection(int[] indices, float[] scores) {}

    /**
     * {@return the boxes that are kept}
     *
     * @param corners xmin, ymin, xmax, ymax of each box, in any unit
     * @param scores the score of each
     * @param classes the class of each; read if boxes are suppressed per class
     * @param max the most boxes to keep
     * @param threshold a box whose score a sigma lowers to this or less is dropped
     * @param deadline called every some boxes, to end at a deadline
     */
    public Selection select(
            float[] corners,
            float[] scores,
            int[] classes,
            int max,
            float threshold,
            Runnable deadline) {
        Candidates candidates = new Candidates(scores);
        Kept kept = new Kept(Math.min(max, scores.length));
        float[] lowered = sigma > 0 ? scores.clone() : scores;
        int[] compared = sigma > 0 ? new int[scores.length] : new int[0];
        for (int i = 0; kept.count < kept.indices.length && candidates.size > 0; i++) {
            if (i % BOXES_PER_CHECK == 0) {
                deadline.run();
            }
            int box = candidates.remove();
            kept.setCandidate(corners, box);
            int group = perClass ? classes[box] : 0;
            if (sigma > 0) {
                float before = lowered[box];
                float after = kept.lower(before, group, compared[box], -0.5f / sigma, threshold);
                compared[box] = kept.count;
                lowered[box] = after;
                if (after == before) {
                    kept.add(box, after, group);
                } else if (after > threshold) {
                    candidates.add(box, after);
                }
            } else if (!kept.suppresses(group, iouThreshold)) {
                kept.add(box, scores[box], group);
            }
        }
        return new Selection(
                Arrays.copyOf(kept.indices, kept.count), Arrays.copyOf(kept.scores, kept.count));
    }

    /** A heap of boxes by score and index, each a long of both. */
    private static final class Candidates {

        private final long[] heap;
        int size;

        Candidates(float[] scores) {
            heap = new long[scores.length];
            for (int i = 0; i < scores.length; i++) {
                heap[i] = key(i, scores[i]);
            }
            size = scores.length;
            for (int i = size / 2 - 1; i >= 0; i--) {
                sink(i, heap[i]);
            }
        }

        /** {@return a number that is lower for a higher score, and for an earlier box of equals} */
        private static long key(int box, float score) {
            // The sum makes both zeros equal.
            int bits = Float.floatToIntBits(score + 0f);
            int ascending = bits ^ (bits >> 31 & Integer.MAX_VALUE);
            return (long) ~ascending << Integer.SIZE | box;
        }

        int remove() {
            int first = (int) heap[0];
            size--;
            if (size > 0) {
                sink(0, heap[size]);
            }
            return first;
        }

        void add(int box, float score) {
            long key = key(box, score);
            int hole = size++;
            while (hole > 0 && heap[(hole - 1) / 2] > key) {
                heap[hole] = heap[(hole - 1) / 2];
                hole = (hole - 1) / 2;
            }
            heap[hole] = key;
        }

        private void sink(int from, long key) {
            int hole = from;
            for (int child = 2 * hole + 1; child < size; child = 2 * hole + 1) {
                if (child + 1 < size && heap[child + 1] < heap[child]) {
                    child++;
                }
                if (heap[child] >= key) {
                    break;
                }
                heap[hole] = heap[child];
                hole = child;
            }
            heap[hole] = key;
        }
    }

    /** The boxes that are kept so far, and the candidate that is compared with them. */
    private static final class Kept {

        final int[] indices;
        final float[] scores;
        private final int[] groups;
        private final float[] xmin;
        private final float[] ymin;
        private final float[] xmax;
        private final float[] ymax;
        private final float[] areas;
        private float left;
        private float top;
        private float right;
        private float bottom;
        private float area;
        int count;

        Kept(int max) {
            indices = new int[max];
            scores = new float[max];
            groups = new int[max];
            xmin = new float[max];
            ymin = new float[max];
            xmax = new float[max];
            ymax = new float[max];
            areas = new float[max];
        }

        /** Sets the candidate, whose corners may be in either order. */
        void setCandidate(float[] corners, int box) {
            int first = 4 * box;
            left = Math.min(corners[first], corners[first + 2]);
            top = Math.min(corners[first + 1], corners[first + 3]);
            right = Math.max(corners[first], corners[first + 2]);
            bottom = Math.max(corners[first + 1], corners[first + 3]);
            area = (bottom - top) * (right - left);
        }

        boolean suppresses(int group, float iouThreshold) {
            // Neighbors in the order of scores overlap most often.
            for (int i = count - 1; i >= 0; i--) {
                if (groups[i] == group && iou(i) > iouThreshold) {
                    return true;
                }
            }
            return false;
        }

        float lower(float score, int group, int from, float scale, float threshold) {
            float lowered = score;
            for (int i = count - 1; i >= from && lowered > threshold; i--) {
                if (groups[i] == group) {
                    float iou = iou(i);
                    lowered *= (float) Math.exp(scale * iou * iou);
                }
            }
            return lowered;
        }

        private float iou(int i) {
            float width = Math.min(right, xmax[i]) - Math.max(left, xmin[i]);
            float height = Math.min(bottom, ymax[i]) - Math.max(top, ymin[i]);
            if (!(width > 0 && height > 0 && area > 0 && areas[i] > 0)) {
                return 0;
            }
            float intersection = height * width;
            return intersection / (area + areas[i] - intersection);
        }

        void add(int box, float score, int group) {
            indices[count] = box;
            scores[count] = score;
            groups[count] = group;
            xmin[count] = left;
            ymin[count] = top;
            xmax[count] = right;
            ymax[count] = bottom;
            areas[count] = area;
            count++;
        }
    }
}
