package io.bactrian.format;

import io.bactrian.tensor.TensorFlowStatus;

/**
 * The rules for reading requests and answering failures, where Bactrian's and TensorFlow Serving's
 * differ.
 *
 * <table>
 * <caption>All differences</caption>
 * <tr><th></th><th>{@link #BACTRIAN}</th><th>{@link #TENSORFLOW_SERVING}</th></tr>
 * <tr><td>text after the JSON document</td><td>rejected</td><td>ignored</td></tr>
 * <tr><td>tokens in addition to JSON's numbers</td><td>NaN, Infinity, -Infinity, as Python's json</td>
 *   <td>those, Inf, -Inf and -NaN, as RapidJSON</td></tr>
 * <tr><td>a name in "inputs" that is no input's</td><td>rejected</td><td>ignored</td></tr>
 * <tr><td>nesting</td><td>at most {@value #MAX_DEPTH} levels</td><td>any</td></tr>
 * <tr><td>HTTP statuses of TensorFlow's</td><td>by {@link TensorFlowStatus#kind}</td>
 *   <td>{@link TensorFlowServingStatus#of}</td></tr>
 * </table>
 *
 * <p>In both, white space may follow the document, a byte order mark may come before it, and of
 * members with one name the first counts where TensorFlow Serving's requests are read. (Where a
 * pipeline reads JSON of its own, the last one counts, as in Python and Jackson.)
 */
public enum Dialect {
    /** The rules of Bactrian's own endpoints and of pipelines. */
    BACTRIAN,

    /** The rules of TensorFlow Serving's endpoints ({@code /v1/models/…}). */
    TENSORFLOW_SERVING;

    /** Jackson's default, which is also its writer's limit. */
    private static final int MAX_DEPTH = 1000;

    /** {@return whether text after the document is ignored} */
    boolean ignoresTrailingText() {
        return this == TENSORFLOW_SERVING;
    }

    /** {@return whether Inf, -Inf and -NaN are numbers; NaN and Infinity always are} */
    boolean readsShortInfinity() {
        return this == TENSORFLOW_SERVING;
    }

    /** {@return whether names that are no input's are ignored in column layout} */
    boolean ignoresUnknownInputs() {
        return this == TENSORFLOW_SERVING;
    }

    /** {@return how many lists and objects may be nested in each other} */
    int maxDepth() {
        return this == TENSORFLOW_SERVING ? Integer.MAX_VALUE : MAX_DEPTH;
    }
}
