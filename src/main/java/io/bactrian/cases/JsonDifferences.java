package io.bactrian.cases;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The differences between two JSON documents, each by its path, such as {@code $.scores[1]:
 * expected 0.5, was 0.25}.
 *
 * <p>A number may differ from the expected one, e, by {@code tolerance × max(1, |e|)}; whole
 * numbers must be equal, since they are classes, ids and counts, and infinities and NaN are equal
 * to themselves only. The order of an object's members does not matter.
 */
public final class JsonDifferences {

    /** The tolerance where none is given. */
    public static final double DEFAULT_TOLERANCE = 1e-5;

    /** Enough to see what is wrong. */
    private static final int MAX_DIFFERENCES = 10;

    private static final int MAX_SHOWN = 120;

    private static final Pattern PLAIN_NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

    private final double tolerance;
    private final List<String> found = new ArrayList<>();
    private int more;

    private JsonDifferences(double tolerance) {
        this.tolerance = tolerance;
    }

    /**
     * {@return the differences, none if the documents are equal; the last may be "and 5 more"}
     *
     * @param expected the document, or the value in it, that should be
     * @param actual the document, or the value in it, that is
     * @param tolerance a number may differ from the expected one, e, by {@code tolerance × max(1,
     *     |e|)}
     */
    public static List<String> between(JsonNode expected, JsonNode actual, double tolerance) {
        return between("$", expected, actual, tolerance);
    }

    /**
     * {@return the differences between values in documents}
     *
     * @param path where they are
     * @param expected the document, or the value in it, that should be
     * @param actual the document, or the value in it, that is
     * @param tolerance a number may differ from the expected one, e, by {@code tolerance × max(1,
     *     |e|)}
     */
    public static List<String> between(
            String path, JsonNode expected, JsonNode actual, double tolerance) {
        JsonDifferences differences = new JsonDifferences(tolerance);
        differences.compare(path, expected, actual);
        if (differences.more > 0) {
            differences.found.add("and " + differences.more + " more");
        }
        return differences.found;
    }

    private void compare(String path, JsonNode expected, JsonNode actual) {
        if (expected.isObject() && actual.isObject()) {
            compareObjects(path, expected, actual);
        } else if (expected.isArray() && actual.isArray()) {
            compareArrays(path, expected, actual);
        } else if (!isEqual(expected, actual)) {
            add(path + ": expected " + show(expected) + ", was " + show(actual));
        }
    }

    private void compareObjects(String path, JsonNode expected, JsonNode actual) {
        for (Iterator<String> names = expected.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            JsonNode member = actual.get(name);
            if (member == null) {
                add(member(path, name) + ": missing, expected " + show(expected.get(name)));
            } else {
                compare(member(path, name), expected.get(name), member);
            }
        }
        for (Iterator<String> names = actual.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (!expected.has(name)) {
                add(member(path, name) + ": not expected, was " + show(actual.get(name)));
            }
        }
    }

    private void compareArrays(String path, JsonNode expected, JsonNode actual) {
        if (expected.size() != actual.size()) {
            add(
                    path
                            + ": expected "
                            + elements(expected.size())
                            + ", was "
                            + elements(actual.size()));
        }
        for (int i = 0; i < Math.min(expected.size(), actual.size()); i++) {
            compare(path + "[" + i + "]", expected.get(i), actual.get(i));
        }
    }

    private static String elements(int count) {
        return count + (count == 1 ? " element" : " elements");
    }

    private boolean isEqual(JsonNode expected, JsonNode actual) {
        if (!expected.isNumber() || !actual.isNumber()) {
            return expected.equals(actual);
        }
        double wanted = expected.doubleValue();
        double got = actual.doubleValue();
        // Of an infinity, any number would be within the tolerance.
        if (!Double.isFinite(wanted) || !Double.isFinite(got)) {
            return Double.compare(wanted, got) == 0;
        }
        // A class may be written as 7.0, and is not 8.
        boolean isInteger = expected.isIntegralNumber() || actual.isIntegralNumber();
        if (isInteger && isWhole(expected) && isWhole(actual)) {
            return expected.decimalValue().compareTo(actual.decimalValue()) == 0;
        }
        return Math.abs(wanted - got) <= tolerance * Math.max(1, Math.abs(wanted));
    }

    private static boolean isWhole(JsonNode number) {
        return number.isIntegralNumber() || number.doubleValue() == Math.rint(number.doubleValue());
    }

    private void add(String difference) {
        if (found.size() < MAX_DIFFERENCES) {
            found.add(difference);
        } else {
            more++;
        }
    }

    private static String member(String path, String name) {
        return PLAIN_NAME.matcher(name).matches() ? path + "." + name : path + "['" + name + "']";
    }

    private static String show(JsonNode value) {
        // Of NaN, Jackson's own text is in quotes.
        String text = value.isNumber() ? value.asText() : value.toString();
        return text.length() <= MAX_SHOWN ? text : text.substring(0, MAX_SHOWN) + "…";
    }
}
