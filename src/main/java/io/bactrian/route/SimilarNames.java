package io.bactrian.route;

import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** Suggestions for misspelled names, by edit distance. */
public final class SimilarNames {

    /** Enough for a missing short word, as in {@code SAGEMAKER_BIND_PORT}. */
    private static final int MAX_DISTANCE = 3;

    /**
     * The maximum distance relative to the name's length, since short names differ little. It
     * allows swapping two of three characters.
     */
    private static final double MAX_RELATIVE_DISTANCE = 0.6;

    private SimilarNames() {}

    /**
     * {@return the most similar of the names if it is similar enough, else null}
     *
     * @param name the name that does not exist
     * @param names the existing names; of equally similar ones the first is returned
     */
    public static @Nullable String of(String name, Collection<String> names) {
        String nearest = null;
        int limit =
                Math.min(MAX_DISTANCE, (int) Math.round(name.length() * MAX_RELATIVE_DISTANCE)) + 1;
        for (String candidate : names) {
            int distance = distance(name, candidate);
            if (distance < limit) {
                nearest = candidate;
                limit = distance;
            }
        }
        return nearest;
    }

    /**
     * {@return a message with a "did you mean" suggestion}
     *
     * @param message the message without suggestion
     * @param similar null if there is nothing to suggest
     */
    public static String withSuggestion(String message, @Nullable String similar) {
        return similar == null ? message : message + "; did you mean '" + similar + "'?";
    }

    /** {@return the Levenshtein distance: insertions, deletions and substitutions} */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int substituted = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(substituted, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.length()];
    }
}
