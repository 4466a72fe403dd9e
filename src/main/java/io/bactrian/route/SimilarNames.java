package io.bactrian.route;

import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** Finds the name that somebody who misspelled one is likely to have meant. */
public final class SimilarNames {

    /** Enough for a word left out, as in {@code SAGEMAKER_BIND_PORT}. */
    private static final int MAX_DISTANCE = 3;

    /** Of a name's characters: short names are near to each other. Two of three are a swap. */
    private static final double MAX_SHARE = 0.6;

    private SimilarNames() {}

    /** {@return the nearest of the names if it is near, else null} */
    public static @Nullable String of(String name, Collection<String> names) {
        String nearest = null;
        int least = Math.min(MAX_DISTANCE, (int) Math.round(name.length() * MAX_SHARE)) + 1;
        for (String candidate : names) {
            int distance = distance(name, candidate);
            if (distance < least) {
                nearest = candidate;
                least = distance;
            }
        }
        return nearest;
    }

    /**
     * {@return a message, with the question whether a name was meant}
     *
     * @param similar null if there is nothing to suggest
     */
    public static String withSuggestion(String message, @Nullable String similar) {
        return similar == null ? message : message + "; did you mean '" + similar + "'?";
    }

    /** Levenshtein's: insertions, deletions and substitutions. */
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
