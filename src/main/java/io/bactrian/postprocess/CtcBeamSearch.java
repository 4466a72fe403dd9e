package io.bactrian.postprocess;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * CTC's prefix beam search: the most probable text of classes, over all alignments that lead to it.
 * It is the algorithm of {@code tf.nn.ctc_beam_search_decoder} (Graves 2006; one path).
 */
final class CtcBeamSearch {

    private static final double IMPOSSIBLE = Double.NEGATIVE_INFINITY;

    private final int blank;
    private final int width;

    /** The prefixes that are kept, the least probable first. */
    private final PriorityQueue<Prefix> beams =
            new PriorityQueue<>(Comparator.comparingDouble(each -> each.newTotal));

    /** The classes of a text so far, with the log probabilities of its alignments. */
    private static final class Prefix {

        private final @Nullable Prefix parent;
        private final int classId;
        private final Map<Integer, Prefix> children = new HashMap<>();

        /** Of the alignments that end with a blank, and with the class, before the current step. */
        private double oldBlank = IMPOSSIBLE;

        private double oldTotal = IMPOSSIBLE;

        /** The same after the current step. */
        private double newBlank = IMPOSSIBLE;

        private double newClass = IMPOSSIBLE;
        private double newTotal = IMPOSSIBLE;

        Prefix(@Nullable Prefix parent, int classId) {
            this.parent = parent;
            this.classId = classId;
        }

        /** Whether it is one of those that are kept. */
        boolean isActive() {
            return newTotal != IMPOSSIBLE;
        }

        /** The log probability of the alignments before this step that a class can follow. */
        double before(int next) {
            return next == classId ? oldBlank : oldTotal;
        }

        void keep(double logOfBlank, double logOfClass) {
            if (parent != null) {
                double added = parent.isActive() ? parent.before(classId) : IMPOSSIBLE;
                newClass = sum(newClass, added) + logOfClass;
            }
            newBlank = oldTotal + logOfBlank;
            newTotal = sum(newBlank, newClass);
        }

        void begin(double logProbability) {
            newBlank = IMPOSSIBLE;
            newClass = logProbability;
            newTotal = logProbability;
        }

        void drop() {
            newBlank = IMPOSSIBLE;
            newClass = IMPOSSIBLE;
            newTotal = IMPOSSIBLE;
        }

        void forget() {
            oldBlank = IMPOSSIBLE;
            oldTotal = IMPOSSIBLE;
        }

        void advance() {
            oldBlank = newBlank;
            oldTotal = newTotal;
        }
    }

    /**
     * The text that was found.
     *
     * @param classes its classes
     * @param logProbability the natural logarithm of its probability
     */
    record Path(List<Integer> classes, double logProbability) {}

    /**
     * @param blank the class that stands for no class
     * @param width the number of prefixes that are kept at each step
     */
    CtcBeamSearch(int blank, int width) {
        this.blank = blank;
        this.width = width;
        Prefix root = new Prefix(null, -1);
        root.newBlank = 0;
        root.newTotal = 0;
        beams.add(root);
    }

    /**
     * Takes the next step.
     *
     * @param logs the log probability of each class
     */
    void step(double[] logs) {
        List<Prefix> before = mostProbableFirst();
        before.forEach(Prefix::advance);
        beams.clear();
        for (Prefix each : before) {
            each.keep(logs[blank], each.parent == null ? IMPOSSIBLE : logs[each.classId]);
            beams.add(each);
        }
        for (Prefix each : before) {
            boolean isExtended = isCandidate(each.oldTotal);
            for (int next = 0; isExtended && next < logs.length; next++) {
                if (next != blank) {
                    extend(each, next, logs[next]);
                }
            }
        }
    }

    private void extend(Prefix prefix, int next, double logOfClass) {
        double probability = logOfClass + prefix.before(next);
        Prefix known = prefix.children.get(next);
        if (known != null && known.isActive()) {
            return;
        }
        if (!isCandidate(probability)) {
            if (known != null) {
                // As TensorFlow has it: one that was dropped in this step is not extended either.
                known.forget();
            }
            return;
        }
        Prefix child = known == null ? new Prefix(prefix, next) : known;
        prefix.children.put(next, child);
        child.begin(probability);
        if (beams.size() == width) {
            beams.remove().drop();
        }
        beams.add(child);
    }

    private boolean isCandidate(double probability) {
        return probability != IMPOSSIBLE
                && (beams.size() < width || probability > beams.element().newTotal);
    }

    private List<Prefix> mostProbableFirst() {
        List<Prefix> sorted = new ArrayList<>(beams);
        sorted.sort(Comparator.comparingDouble((Prefix each) -> -each.newTotal));
        return sorted;
    }

    /** {@return the most probable text of the steps so far} */
    Path best() {
        Prefix best = mostProbableFirst().get(0);
        List<Integer> classes = new ArrayList<>();
        for (Prefix each = best; each.parent != null; each = each.parent) {
            classes.add(each.classId);
        }
        Collections.reverse(classes);
        return new Path(List.copyOf(classes), best.newTotal);
    }

    /** The log of the sum of two probabilities. */
    private static double sum(double one, double other) {
        double more = Math.max(one, other);
        double less = Math.min(one, other);
        return less == IMPOSSIBLE ? more : more + Math.log1p(Math.exp(less - more));
    }
}
