package io.bactrian.postprocess;

import io.bactrian.pipeline.PipelineFaultException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The names of a model's keypoints, by the property {@code keypoints}.
 *
 * @param names one for each keypoint, in the model's order; {@code _} for one that is left out
 */
record KeypointNames(List<String> names) {

    /** COCO's, as MoveNet and PoseNet have them. */
    static final String COCO =
            "nose, left_eye, right_eye, left_ear, right_ear, left_shoulder, right_shoulder,"
                    + " left_elbow, right_elbow, left_wrist, right_wrist, left_hip, right_hip,"
                    + " left_knee, right_knee, left_ankle, right_ankle";

    private static final String IGNORED = "_";

    /** The pairs of COCO's keypoints with a line between them. */
    private static final List<List<String>> EDGES =
            List.of(
                    List.of("nose", "left_eye"),
                    List.of("nose", "right_eye"),
                    List.of("left_eye", "left_ear"),
                    List.of("right_eye", "right_ear"),
                    List.of("left_shoulder", "right_shoulder"),
                    List.of("left_shoulder", "left_elbow"),
                    List.of("left_elbow", "left_wrist"),
                    List.of("right_shoulder", "right_elbow"),
                    List.of("right_elbow", "right_wrist"),
                    List.of("left_shoulder", "left_hip"),
                    List.of("right_shoulder", "right_hip"),
                    List.of("left_hip", "right_hip"),
                    List.of("left_hip", "left_knee"),
                    List.of("left_knee", "left_ankle"),
                    List.of("right_hip", "right_knee"),
                    List.of("right_knee", "right_ankle"));

    /** Two keypoints with a line between them. */
    record Edge(int from, int to) {}

    /**
     * {@return the names of a property}
     *
     * @param text names with commas between
     * @throws PipelineFaultException if one is empty or twice, or all are left out
     */
    static KeypointNames parse(String text) {
        List<String> names = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (String each : text.split(",", -1)) {
            String name = each.strip();
            if (name.isEmpty() || (!name.equals(IGNORED) && !seen.add(name))) {
                throw new PipelineFaultException(
                        "keypoints has "
                                + (name.isEmpty() ? "an empty name" : "\"" + name + "\" twice")
                                + ": "
                                + text);
            }
            names.add(name);
        }
        if (seen.isEmpty()) {
            throw new PipelineFaultException("keypoints names none: " + text);
        }
        return new KeypointNames(names);
    }

    /** {@return how many keypoints the model has} */
    int count() {
        return names.size();
    }

    /** {@return the indices of those that are not left out} */
    List<Integer> used() {
        List<Integer> used = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            if (!names.get(i).equals(IGNORED)) {
                used.add(i);
            }
        }
        return used;
    }

    /** {@return the lines between keypoints that there are} */
    List<Edge> edges() {
        List<Edge> edges = new ArrayList<>();
        for (List<String> pair : EDGES) {
            int from = names.indexOf(pair.get(0));
            int to = names.indexOf(pair.get(1));
            if (from >= 0 && to >= 0) {
                edges.add(new Edge(from, to));
            }
        }
        return edges;
    }
}
